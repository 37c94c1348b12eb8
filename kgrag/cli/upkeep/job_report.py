"""Writes a batch's report as one HTML page without scripts or outside links. Pure: values in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from kgrag.catalogue.jobs import Overview

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1c1b1f;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc;vertical-align:top;overflow-wrap:anywhere}
td.n{text-align:right;font-variant-numeric:tabular-nums}.bad{color:#8c1d18;font-weight:600}
@media(prefers-color-scheme:dark){body{color:#eee;background:#1c1b1f}.bad{color:#ffb4ab}}
"""


def report_html(job: Overview, items: Sequence[dict[str, Any]]) -> str:
    """The page.

    Args:
        job: its figures.
        items: every file as ``Jobs.items`` gives it; those not read come first.
    """
    ordered = sorted(enumerate(items), key=lambda pair: (not pair[1]["problems"], pair[0]))
    rows = "".join(_row(item) for _, item in ordered)
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport'"
        " content='width=device-width'><title>Batch"
        f" {job.id}</title><style>{_STYLE}</style></head><body><h1>Batch {job.id}:"
        f" {escape(job.state)}</h1>{_figures(job)}<h2>Files</h2><table><thead><tr><th"
        " scope='col'>File</th><th scope='col'>Outcome</th><th scope='col'>Documents</th><th"
        " scope='col'>Passages</th><th scope='col'>Attempts</th><th"
        f" scope='col'>Seconds</th></tr></thead><tbody>{rows}</tbody></table></body></html>"
    )


def _figures(job: Overview) -> str:
    figures = [
        ("Started", job.created),
        ("Paths", ", ".join(job.paths)),
        ("Seconds", f"{job.seconds:.1f}"),
        ("Documents", str(job.documents)),
        ("Passages", str(job.passages)),
        ("Documents a minute", f"{job.rate:.0f}"),
        ("Unchanged files", str(job.skipped)),
        *((f"Files {state}", str(n)) for state, n in job.items.items() if n),
        *((("Reason", job.reason),) if job.reason else ()),
    ]
    return (
        "<table><tbody>"
        + "".join(
            f"<tr><th scope='row'>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in figures
        )
        + "</tbody></table>"
    )


def _row(item: dict[str, Any]) -> str:
    reasons = "".join(
        f"<br>{escape(problem['path'])}: {escape(problem['reason'])}" for problem in item["problems"]
    )
    mark = " class='bad'" if item["problems"] else ""
    seconds = "" if item["seconds"] is None else f"{item['seconds']:.2f}"
    numbers = "".join(
        f"<td class='n'>{value}</td>"
        for value in (item["documents"], item["passages"], item["attempts"], seconds)
    )
    return f"<tr><td>{escape(item['path'])}</td><td><span{mark}>{escape(item['state'])}</span>{reasons}</td>{numbers}</tr>"
