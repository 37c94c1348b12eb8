"""An evaluation as one HTML page that needs nothing else: figures, then every wrong item by kind; no script,
nothing from outside. Pure: values in, text out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from kgrag.evaluate.report.compare import KINDS_OF_DATA

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
STYLE = """
:root{color-scheme:light dark;--ink:#1c1b1f;--soft:#5b5a60;--line:#d0cfd4;--ground:#fff;--mark:#8c1d18;--good:#1d6b3a}
@media(prefers-color-scheme:dark){:root{--ink:#eceaf0;--soft:#b4b2ba;--line:#46454b;--ground:#1c1b1f;--mark:#ffb4ab;--good:#8fd6a5}}
body{font:16px/1.55 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--ground)}
table{border-collapse:collapse;margin:.6rem 0}th,td{text-align:left;padding:.25rem .7rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}.soft{color:var(--soft)}.worse{color:var(--mark)}.better{color:var(--good)}
ol{padding-left:2.2rem}li{margin:.7rem 0;overflow-wrap:anywhere}li p{margin:.1rem 0}.scroll{overflow-x:auto}summary{cursor:pointer}code{font-size:.9em}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def report_html(report: Plain, differences: Plain | None = None) -> str:
    """The page.

    Args:
        report: as ``kgrag.evaluate.report.evaluation`` makes it.
        differences: to an older evaluation, as ``kgrag.evaluate.report.compare.compare`` makes them.
    """
    parts = "".join(_part(kind, part) for kind in KINDS_OF_DATA for part in report.get(kind, ()))
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta"
        f" http-equiv='Content-Security-Policy' content=\"{POLICY}\">"
        "<meta name='viewport' content='width=device-width'><title>Evaluation"
        f" {escape(report['created'])}</title><style>{STYLE}</style></head><body><main>"
        "<h1>Evaluation</h1><p"
        f" class='soft'>{escape(report['created'])}</p>{_differences(differences) if differences else ''}{parts}{_made_with(report)}</main></body></html>\n"
    )


def _part(kind: str, part: Plain) -> str:
    heads = [
        ("all", part["figures"]),
        *part.get("by_language", {}).items(),
        *part.get("by_length", {}).items(),
        *part.get("by_verifier", {}).items(),
    ]
    columns = [name for name in part["figures"] if any(name in figures for _, figures in heads)]
    table = _table(
        ["", *columns],
        [[name, *(_cell(figures.get(column)) for column in columns)] for name, figures in heads],
    )
    return (
        f"<section><h2>{TITLES[kind]}: {escape(part['name'])}</h2><p class='soft'>data"
        f" <code>{part['sha256']}</code></p>{table}{_wrong(kind, part)}</section>"
    )


def _wrong(kind: str, part: Plain) -> str:
    if "wrong" not in part:
        return ""
    counts = _table(["kind", "wrong"], [[name, str(n)] for name, n in part["wrong_by_kind"].items()])
    lists = "".join(
        _list(f"{name} ({n})", [item for item in part["wrong"] if item["kind"] == name])
        for name, n in part["wrong_by_kind"].items()
        if n
    )
    missed = (
        _list(f"Supported, and not called so ({len(part['missed'])})", part["missed"])
        if part.get("missed")
        else ""
    )
    return f"<h3>{WRONG[kind]}: {len(part['wrong'])}</h3>{counts}{lists}{missed}"


def _list(title: str, items: Sequence[Plain]) -> str:
    return f"<details><summary>{escape(title)}</summary><ol>{''.join(_item(item) for item in items)}</ol></details>"


def _item(item: Plain) -> str:
    told = {
        "claim": "",
        "question": "question: ",
        "evidence": "nearest sentence: ",
        "better": "people prefer: ",
        "worse": "to: ",
        "said": "said: ",
        "wanted": "wanted: ",
    }
    lines = "".join(
        f"<p>{label}{escape(str(item[name]))}</p>" for name, label in told.items() if item.get(name)
    )
    more = [
        f"{name} {_cell(item[name])}"
        for name in ("line", "label", "score", "right", "answer")
        if item.get(name) is not None
    ]
    more += [f"checks: {', '.join(item['checks'])}"] if item.get("checks") else []
    more += [f"shown at α = {', '.join(map(str, item['shown_at']))}"] if item.get("shown_at") else []
    more += [f"“{note}”" for note in item.get("notes", ())]
    return (
        f"<li id='i-{escape(item['id'])}'>{lines}<p"
        f" class='soft'>{escape(' · '.join([*more, item['id']]))}</p></li>"
    )


def _differences(found: Plain) -> str:
    rows = [
        [f"{TITLES[part['kind']]}: {part['name']}", name, _cell(row["old"]), _cell(row["new"])]
        for part in found["parts"]
        for name, row in part["figures"].items()
        if row["old"] != row["new"]
    ]
    lists = "".join(
        _list(f"{part['name']}: {word} ({len(part[word])})", part[word])
        for part in found["parts"]
        for word in ("better", "worse")
        if part[word]
    )
    other = [part["name"] for part in found["parts"] if not part["same_data"]]
    note = f"<p>Other data, so that items are not compared: {escape(', '.join(other))}</p>" if other else ""
    versions = _table(
        ["", "then", "now"],
        [[name, str(before), str(after)] for name, (before, after) in found["versions"].items()],
    )
    return (
        "<section><h2>Since"
        f" {escape(found['from'])}</h2>{versions}{_table(['', 'figure', 'then', 'now'], rows)}{note}{lists}</section>"
    )


def _made_with(report: Plain) -> str:
    rows = [
        *([name, value] for name, value in report["versions"].items()),
        *([f"threshold at α = {alpha}", _cell(value)] for alpha, value in report["thresholds"].items()),
    ]
    return f"<section><h2>Made with</h2>{_table(['', ''], rows)}</section>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = "".join(
        f"<tr><th scope='row'>{escape(row[0])}</th>{''.join(_td(value) for value in row[1:])}</tr>"
        for row in rows
    )
    titles = "".join(
        f"<th scope='col'>{escape(name.replace('_', ' '))}</th>" if name else "<td></td>" for name in head
    )
    return (
        "<div class='scroll' tabindex='0' role='region'"
        f" aria-label='{escape(' '.join(head).strip() or 'versions')}'><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"
        if body
        else ""
    )


def _td(value: str) -> str:
    return f"<td class='n'>{escape(value)}</td>" if value[:1].isdigit() else f"<td>{escape(value)}</td>"


def _cell(value: Any) -> str:
    return "–" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
