"""A chain of evidence as a picture: boxes from top to bottom, the edge's name between them.

Pure text, no scripts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, BOX, GAP, LINE = 420, 46, 30, 44
_FILL = {"Entity": "#fff3d6", "Passage": "#e8f1fb", "Document": "#e5f4e8", "Statement": "#f3e8fb"}


def chain_svg(path: Sequence[Mapping[str, Any]], words: Mapping[str, str] | None = None) -> str:
    """The path of a claim as SVG; each node carries ``data-node`` with its id.

    Args:
        path: of the answer's JSON.
        words: names of kinds and edges in the reader's language; with them the nodes can be chosen
            (``data-act``), else it is a still picture.
    """
    if not path:
        return ""
    height = len(path) * BOX + (len(path) - 1) * GAP + 4
    parts = [_step(step, number, words) for number, step in enumerate(path)]
    names = " → ".join(step["node"]["name"] for step in path)
    return (
        f"<svg class='kg-chain' role='{'group' if words else 'img'}' aria-label='{escape(names)}' viewBox='0"
        f" 0 {WIDTH} {height}' width='{WIDTH}' height='{height}' xmlns='http://www.w3.org/2000/svg'"
        f" font-family='system-ui,sans-serif'>{''.join(parts)}</svg>"
    )


def _step(step: Mapping[str, Any], number: int, words: Mapping[str, str] | None) -> str:
    node, edge = step["node"], step["edge"]
    named = words or {}
    kind = named.get(node["kind"], node["kind"])
    chosen = (
        f" data-act='node' data-kind='{escape(node['kind'])}' role='button' tabindex='0'"
        f" aria-label='{escape(kind)}: {escape(_short(node['name']))}'"
        if words
        else ""
    )
    top = 2 + number * (BOX + GAP)
    fill = _FILL.get(node["kind"], "#eeeeee")
    box = (
        f"<g data-node='{escape(node['id'])}'{chosen}><title>{escape(node['id'])}</title>"
        f"<rect x='2' y='{top}' width='{WIDTH - 4}' height='{BOX}' rx='7' fill='{fill}' stroke='#5c6773'/>"
        f"<text x='12' y='{top + 17}' font-size='11' fill='#45505c'>{escape(kind)}</text>"
        f"<text x='12' y='{top + 35}' font-size='13' fill='#14181d'>{escape(_short(node['name']))}</text></g>"
    )
    if not edge:
        return box
    middle, bottom = WIDTH // 2, top + BOX
    return (
        box + f"<line x1='{middle}' y1='{bottom}' x2='{middle}' y2='{bottom + GAP}' stroke='#5c6773'/><text"
        f" x='{middle + 8}' y='{bottom + GAP / 2 + 4}' font-size='11'"
        f" fill='currentColor'>{escape(named.get(edge['type'], edge['type']))}</text>"
    )


def _short(name: str) -> str:
    flat = " ".join(name.split())
    width = sum(2 if ord(char) > 0x2E80 else 1 for char in flat)
    return flat if width <= LINE + 8 else flat[: (LINE if width < 2 * len(flat) else LINE // 2)] + "…"
