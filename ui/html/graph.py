"""A paper's place in the graph as a picture: a tree from left to right, each node a box that can be chosen.

Pure text, no scripts.

Knows the tree that ``ui.service.library.tree`` gives, and how wide letters are about. Does not know stores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from ui.html.answer import act
from ui.words import Language, word

Plain = Mapping[str, Any]
BOX, HEIGHT, GAP, COLUMN = 230, 34, 8, 330
FILL = {
    "Entity": "#fff3d6",
    "Passage": "#e8f1fb",
    "Document": "#e5f4e8",
    "Statement": "#f3e8fb",
    "Person": "#fdecea",
    "Venue": "#eceff3",
    "Heading": "#eaf6f6",
}
EDGES = {
    "MENTIONS": "edge_mentions",
    "MENTIONED_BY": "mentioned_by",
    "BY": "edge_by",
    "IN": "edge_in",
    "ABOUT": "edge_about",
    "CITES": "cites",
    "CITED_BY": "cited_by",
}


def tree_svg(tree: Plain, language: Language) -> str:
    """The tree as SVG. A node carries ``data-act=graph`` with its place, id and kind, and whether it is open
    already.
    """
    rows: list[str] = []
    height = _place(tree, 0, 0.0, rows, language)
    depth = max((node["place"].count(".") for node in nodes(tree)), default=0)
    width = depth * COLUMN + BOX + 8
    return (
        f"<div class='kg-scroll' tabindex='0' role='region' aria-label='{word('in_graph', language)}'><svg"
        f" class='kg-graph' style='min-width:{min(width, 620)}px' role='group'"
        f" aria-label='{word('in_graph', language)}' viewBox='0 0 {width} {int(height) + 4}' width='{width}'"
        f" height='{int(height) + 4}' xmlns='http://www.w3.org/2000/svg'"
        f" font-family='system-ui,sans-serif'>{''.join(rows)}</svg></div>"
    )


def tree_list(tree: Plain, language: Language) -> str:
    """The same tree as nested lists, for screen readers and for copying."""
    inner = "".join(f"<li>{tree_list(child, language)}</li>" for child in tree["children"] or ())
    edge = f"<span class='kg-soft'>{edge_name(tree, language)}</span> " if tree["edge"] else ""
    name = (
        act("paper", tree["name"], "kg-link", document=tree["id"])
        if tree["kind"] == "Document"
        else escape(tree["name"])
    )
    return (
        f"{edge}{name} <span"
        f" class='kg-soft'>{kind_name(tree['kind'], language)}</span>{f'<ul>{inner}</ul>' if inner else ''}"
    )


def nodes(tree: Plain) -> Iterator[Plain]:
    """Every node, the root first."""
    yield tree
    for child in tree["children"] or ():
        yield from nodes(child)


def edge_name(node: Plain, language: Language) -> str:
    """What leads to a node: the edge, and how often where more than once."""
    name = word(EDGES[node["edge"]], language) if node["edge"] in EDGES else escape(node["edge"])
    return f"{name} ×{node['n']}" if node["n"] > 1 else name


def kind_name(kind: str, language: Language) -> str:
    """A kind of node in the interface's words."""
    key = f"node_{kind.lower()}"
    return word(key, language) if kind in FILL else escape(kind)


def _place(node: Plain, depth: int, top: float, rows: list[str], language: Language) -> float:
    """Draw a node and what hangs on it from ``top`` on; returns where the next may begin."""
    bottom = top
    for child in node["children"] or ():
        bottom = _place(child, depth + 1, bottom, rows, language)
    bottom = max(bottom, top + HEIGHT + GAP)
    x, y = depth * COLUMN + 2, (top + bottom - GAP - HEIGHT) / 2 if node["children"] else top
    lines = [_line(x + BOX, y + HEIGHT / 2, child, language) for child in _drawn(node, depth, top)]
    rows.extend([*lines, _box(node, x, y, language)])
    return bottom


def _drawn(node: Plain, depth: int, top: float) -> Iterator[tuple[float, float, Plain]]:
    """Where each child stands: its left edge, its middle, itself."""
    at = top
    for child in node["children"] or ():
        size = _size(child)
        y = (at + at + size - GAP - HEIGHT) / 2 if child["children"] else at
        yield ((depth + 1) * COLUMN + 2, y + HEIGHT / 2, child)
        at += size


def _size(node: Plain) -> float:
    return max(HEIGHT + GAP, sum(_size(child) for child in node["children"] or ()))


def _line(x: float, y: float, to: tuple[float, float, Plain], language: Language) -> str:
    left, middle, child = to
    half = (x + left) / 2
    return (
        f"<path d='M{x:.0f} {y:.0f} C{half:.0f} {y:.0f} {half:.0f} {middle:.0f} {left:.0f} {middle:.0f}'"
        f" fill='none' stroke='#7a8591'/><text x='{left - 6:.0f}' y='{middle - 4:.0f}' text-anchor='end'"
        f" font-size='10.5' fill='currentColor'>{edge_name(child, language)}</text>"
    )


def _box(node: Plain, x: float, y: float, language: Language) -> str:
    kind = kind_name(node["kind"], language)
    opened = node["children"] is not None
    label = f"{kind}: {escape(node['name'])}"
    return (
        f"<g data-act='graph' data-place='{node['place']}' data-node='{escape(node['id'])}'"
        f" data-kind='{escape(node['kind'])}' data-open='{int(opened)}' role='button' tabindex='0'"
        f" aria-expanded='{'true' if opened else 'false'}'"
        f" aria-label='{label}'><title>{escape(node['name'])}</title><rect x='{x:.0f}' y='{y:.0f}'"
        f" width='{BOX}' height='{HEIGHT}' rx='6' fill='{FILL.get(node['kind'], '#eeeeee')}'"
        f" stroke='#5c6773'/><text x='{x + 8:.0f}' y='{y + 12:.0f}' font-size='9.5'"
        f" fill='#45505c'>{kind}</text><text x='{x + 8:.0f}' y='{y + 27:.0f}' font-size='12.5'"
        f" fill='#14181d'>{escape(short(node['name'], 29))}</text></g>"
    )


def short(name: str, width: int) -> str:
    """The beginning of a name that fits; a Chinese character is as wide as two letters."""
    flat, used = " ".join(name.split()), 0
    for number, char in enumerate(flat):
        used += 2 if ord(char) > 0x2E80 else 1
        if used > width:
            return flat[:number].rstrip() + "…"
    return flat
