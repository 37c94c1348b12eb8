"""A chain of evidence as a picture: boxes from top to bottom, the edge's name between them.

Pure text, no scripts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kgrag.render.templates import Templates

WIDTH, BOX, GAP, LINE = 420, 46, 30, 44
_FILL = {
    "Concept": "#fff3d6",
    "Entity": "#fff3d6",
    "Passage": "#e8f1fb",
    "Document": "#e5f4e8",
    "Statement": "#f3e8fb",
}
_TEMPLATES = Templates("kgrag.export.pages")


def chain_svg(path: Sequence[Mapping[str, Any]], words: Mapping[str, str] | None = None) -> Markup:
    """The path of a claim as SVG; each node carries ``data-node`` with its id.

    Args:
        path: of the answer's JSON.
        words: names of kinds and edges in the reader's language; with them the nodes can be chosen
            (``data-act``), else it is a still picture.
    """
    if not path:
        return Markup("")
    return _TEMPLATES.part(
        "chain.svg",
        "chain",
        steps=[_step(step, number, words or {}) for number, step in enumerate(path)],
        names=" → ".join(step["node"]["name"] for step in path),
        width=WIDTH,
        height=len(path) * BOX + (len(path) - 1) * GAP + 4,
        box=BOX,
        chosen=bool(words),
    )


def _step(step: Mapping[str, Any], number: int, named: Mapping[str, str]) -> dict[str, object]:
    """Where a node and the edge after it stand, and their names."""
    node, edge = step["node"], step["edge"]
    top = 2 + number * (BOX + GAP)
    return {
        "id": node["id"],
        "node_kind": node["kind"],
        "kind": named.get(node["kind"], node["kind"]),
        "name": _short(node["name"]),
        "fill": _FILL.get(node["kind"], "#eeeeee"),
        "edge": named.get(edge["type"], edge["type"]) if edge else None,
        "middle": WIDTH // 2,
        "top": top,
        "bottom": top + BOX,
        "next": top + BOX + GAP,
        "label_y": top + BOX + GAP / 2 + 4,
    }


def _short(name: str) -> str:
    flat = " ".join(name.split())
    width = sum(2 if ord(char) > 0x2E80 else 1 for char in flat)
    return flat if width <= LINE + 8 else flat[: (LINE if width < 2 * len(flat) else LINE // 2)] + "…"
