"""A paper's place in the graph as a picture: a tree from left to right, each node a box that can be chosen.

Pure text, no scripts.

Knows the tree that ``ui.service.library.tree`` gives, and how wide letters are about. Does not know stores.
"""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from ui.html.parts import TEMPLATES, Plain
from ui.words import Language, word, words

BOX, HEIGHT, GAP, COLUMN = 230, 34, 8, 330
FILL = {
    "Concept": "#fff3d6",
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
    "NAMES": "edge_mentions",
    "MENTIONED_BY": "mentioned_by",
    "BY": "edge_by",
    "IN": "edge_in",
    "ABOUT": "edge_about",
    "CITES": "cites",
    "CITED_BY": "cited_by",
}


def graph_html(tree: Plain, language: Language) -> Markup:
    """The tree as a picture, and as a list that is folded."""
    return TEMPLATES.part(
        "graph.html", "both", tree_svg(tree, language), tree_list(tree, language), words(language)
    )


def tree_svg(tree: Plain, language: Language) -> Markup:
    """The tree as SVG. A node carries ``data-act=graph`` with its place, id and kind, and whether it is open
    already.
    """
    rows: list[Plain] = []
    height = _place(tree, 0, 0.0, rows, language)
    depth = max((node["place"].count(".") for node in nodes(tree)), default=0)
    width = depth * COLUMN + BOX + 8
    return TEMPLATES.part("graph.html", "tree", rows, width, int(height) + 4, words(language))


def tree_list(tree: Plain, language: Language) -> Markup:
    """The same tree as nested lists, for screen readers and for copying."""
    return TEMPLATES.part("graph.html", "listed", _listed(tree, language))


def _listed(node: Plain, language: Language) -> Plain:
    """A node in words, and all that hangs on it."""
    return {
        "edge": edge_name(node, language) if node["edge"] else "",
        "name": node["name"],
        "kind": kind_name(node["kind"], language),
        "paper": node["id"] if node["kind"] == "Document" else "",
        "children": [_listed(child, language) for child in node["children"] or ()],
    }


def nodes(tree: Plain) -> Iterator[Plain]:
    """Every node, the root first."""
    yield tree
    for child in tree["children"] or ():
        yield from nodes(child)


def edge_name(node: Plain, language: Language) -> str:
    """What leads to a node: the edge, and how often where more than once."""
    name = word(EDGES[node["edge"]], language) if node["edge"] in EDGES else str(node["edge"])
    return f"{name} ×{node['n']}" if node["n"] > 1 else name


def kind_name(kind: str, language: Language) -> str:
    """A kind of node in the interface's words."""
    return word(f"node_{kind.lower()}", language) if kind in FILL else kind


def _place(node: Plain, depth: int, top: float, rows: list[Plain], language: Language) -> float:
    """Add a node and what hangs on it to ``rows``, from ``top`` on; returns where the next may begin."""
    bottom = top
    for child in node["children"] or ():
        bottom = _place(child, depth + 1, bottom, rows, language)
    bottom = max(bottom, top + HEIGHT + GAP)
    x, y = depth * COLUMN + 2, (top + bottom - GAP - HEIGHT) / 2 if node["children"] else top
    lines = [_line(x + BOX, y + HEIGHT / 2, child, language) for child in _drawn(node, depth, top)]
    rows.append({**_box(node, x, y, language), "lines": lines})
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


def _line(x: float, y: float, to: tuple[float, float, Plain], language: Language) -> Plain:
    """The curve from a box to one that hangs on it, and the edge's name at its end."""
    left, middle, child = to
    half = (x + left) / 2
    return {
        "path": f"M{x:.0f} {y:.0f} C{half:.0f} {y:.0f} {half:.0f} {middle:.0f} {left:.0f} {middle:.0f}",
        "x": f"{left - 6:.0f}",
        "y": f"{middle - 4:.0f}",
        "name": edge_name(child, language),
    }


def _box(node: Plain, x: float, y: float, language: Language) -> Plain:
    """A node's box: where it stands and what is written in it."""
    return {
        "place": node["place"],
        "id": node["id"],
        "kind": node["kind"],
        "kind_name": kind_name(node["kind"], language),
        "name": node["name"],
        "short": short(node["name"], 29),
        "open": node["children"] is not None,
        "fill": FILL.get(node["kind"], "#eeeeee"),
        "width": BOX,
        "height": HEIGHT,
        "x": f"{x:.0f}",
        "y": f"{y:.0f}",
        "text_x": f"{x + 8:.0f}",
        "kind_y": f"{y + 12:.0f}",
        "name_y": f"{y + 27:.0f}",
    }


def short(name: str, width: int) -> str:
    """The beginning of a name that fits; a Chinese character is as wide as two letters."""
    flat, used = " ".join(name.split()), 0
    for number, char in enumerate(flat):
        used += 2 if ord(char) > 0x2E80 else 1
        if used > width:
            return flat[:number].rstrip() + "…"
    return flat
