"""An evaluation as one HTML page that needs nothing else: figures, then every wrong item by kind; no script,
nothing from outside. Pure: values in, text out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kgrag.evaluate.report.compare import KINDS_OF_DATA
from kgrag.render.templates import Templates, file_of

Plain = Mapping[str, Any]
TITLES = {
    "claims": "Claims",
    "preferences": "Rankings by people",
    "qa": "Yes, no, maybe",
    "retrieval": "Retrieval",
    "library": "Verdicts of this library's people",
}
WRONG = {
    "claims": "Called supported, and not supported",
    "preferences": "Pairs ordered otherwise than people did",
    "qa": "Answered otherwise",
    "library": "Shown, and called wrong by people",
}
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
LINES = {
    "claim": "",
    "question": "question: ",
    "evidence": "nearest sentence: ",
    "better": "people prefer: ",
    "worse": "to: ",
    "said": "said: ",
    "wanted": "wanted: ",
}
_TEMPLATES = Templates("kgrag.evaluate.report")
Table = Mapping[str, Sequence[Any]]
"""``head`` and ``rows``, of text."""
Listed = tuple[str, list[Plain]]


def report_html(report: Plain, differences: Plain | None = None) -> Markup:
    """The page.

    Args:
        report: as ``kgrag.evaluate.report.evaluation`` makes it.
        differences: to an older evaluation, as ``kgrag.evaluate.report.compare.compare`` makes them.
    """
    return _TEMPLATES.page(
        "report.html",
        created=report["created"],
        policy=POLICY,
        style=file_of("kgrag.evaluate.report", "templates/report.css"),
        since=_differences(differences) if differences else None,
        parts=[_part(kind, part) for kind in KINDS_OF_DATA for part in report.get(kind, ())],
        made_with=_made_with(report),
    )


def _part(kind: str, part: Plain) -> Plain:
    heads = [
        ("all", part["figures"]),
        *part.get("by_language", {}).items(),
        *part.get("by_length", {}).items(),
        *part.get("by_verifier", {}).items(),
    ]
    columns = [name for name in part["figures"] if any(name in figures for _, figures in heads)]
    return {
        "title": f"{TITLES[kind]}: {part['name']}",
        "sha256": part["sha256"],
        "figures": _table(
            ["", *columns],
            [[name, *(_cell(figures.get(column)) for column in columns)] for name, figures in heads],
        ),
        "wrong": _wrong(kind, part) if "wrong" in part else None,
    }


def _wrong(kind: str, part: Plain) -> Plain:
    """How many are wrong, of which kinds, and each of them."""
    by_kind = part["wrong_by_kind"]
    lists = [
        _listed(f"{name} ({n})", (item for item in part["wrong"] if item["kind"] == name))
        for name, n in by_kind.items()
        if n
    ]
    if part.get("missed"):
        lists.append(_listed(f"Supported, and not called so ({len(part['missed'])})", part["missed"]))
    return {
        "title": f"{WRONG[kind]}: {len(part['wrong'])}",
        "counts": _table(["kind", "wrong"], [[name, str(n)] for name, n in by_kind.items()]),
        "lists": lists,
    }


def _listed(title: str, items: Iterable[Plain]) -> Listed:
    return title, [_item(item) for item in items]


def _item(item: Plain) -> Plain:
    more = [
        f"{name} {_cell(item[name])}"
        for name in ("line", "label", "score", "right", "answer")
        if item.get(name) is not None
    ]
    more += [f"checks: {', '.join(item['checks'])}"] if item.get("checks") else []
    more += [f"shown at α = {', '.join(map(str, item['shown_at']))}"] if item.get("shown_at") else []
    more += [f"“{note}”" for note in item.get("notes", ())]
    return {
        "id": item["id"],
        "lines": [f"{label}{item[name]}" for name, label in LINES.items() if item.get(name)],
        "more": " · ".join([*more, item["id"]]),
    }


def _differences(found: Plain) -> Plain:
    """What changed since another evaluation."""
    parts = found["parts"]
    figures = [
        [f"{TITLES[part['kind']]}: {part['name']}", name, _cell(row["old"]), _cell(row["new"])]
        for part in parts
        for name, row in part["figures"].items()
        if row["old"] != row["new"]
    ]
    versions = [[name, str(before), str(after)] for name, (before, after) in found["versions"].items()]
    return {
        "of": found["from"],
        "versions": _table(["", "then", "now"], versions),
        "figures": _table(["", "figure", "then", "now"], figures),
        "other_data": [part["name"] for part in parts if not part["same_data"]],
        "lists": [
            _listed(f"{part['name']}: {way} ({len(part[way])})", part[way])
            for part in parts
            for way in ("better", "worse")
            if part[way]
        ],
    }


def _made_with(report: Plain) -> Table:
    rows = [
        *([name, value] for name, value in report["versions"].items()),
        *([f"threshold at α = {alpha}", _cell(value)] for alpha, value in report["thresholds"].items()),
    ]
    return _table(["", ""], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    return {"head": head, "rows": rows}


def _cell(value: Any) -> str:
    return "–" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
