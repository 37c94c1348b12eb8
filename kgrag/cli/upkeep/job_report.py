"""Writes a batch's report as one HTML page without scripts or outside links. Pure: values in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from kgrag.catalogue.jobs import Overview
from kgrag.render.templates import Templates, file_of

_TEMPLATES = Templates("kgrag.cli.upkeep")


def report_html(job: Overview, items: Sequence[dict[str, Any]]) -> Markup:
    """The page.

    Args:
        job: its figures.
        items: every file as ``Jobs.items`` gives it; those not read come first.
    """
    return _TEMPLATES.page(
        "job_report.html",
        job=job,
        figures=_figures(job),
        items=sorted(items, key=lambda item: not item["problems"]),
        style=file_of("kgrag.cli.upkeep", "templates/job_report.css"),
    )


def _figures(job: Overview) -> list[tuple[str, str]]:
    """The batch's figures, each with its name."""
    return [
        ("Started", job.created),
        ("Paths", ", ".join(job.paths)),
        ("Seconds", f"{job.seconds:.1f}"),
        ("Documents", str(job.documents)),
        ("Passages", str(job.passages)),
        ("Documents a minute", f"{job.rate:.0f}"),
        *((f"Records {name}", str(n)) for name, n in job.records.items() if n),
        ("Unchanged files", str(job.skipped)),
        *((f"Files {state}", str(n)) for state, n in job.items.items() if n),
        *((("Reason", job.reason),) if job.reason else ()),
    ]
