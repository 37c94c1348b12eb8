"""Gives a library's state as Prometheus metrics: holdings, batches, followers, questions.

Counts only; nothing of a person or a question.

Knows the catalogue's figures and prometheus-client. Made anew at each look, so a look costs a handful of
counts and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kgrag.catalogue import schema as t
from kgrag.catalogue.jobs import Jobs
from kgrag.errors import ServiceUnavailable
from kgrag.library import FOLLOWERS, Library

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
RECENT_JOBS = 20


def metrics_text(library: Library) -> str:
    """The metrics in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Figures(library))
    return bytes(generate_latest(registry)).decode()


class _Figures:
    """What prometheus-client calls a collector."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def collect(self) -> Iterator[Any]:
        """Every metric family with its samples."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        catalogue = self.library.catalogue
        held = GaugeMetricFamily("kgrag_holdings", "Rows of the catalogue.", labels=["kind"])
        for name, table in (
            ("documents", t.documents),
            ("passages", t.passages),
            ("entities", t.entities),
            ("statements", t.statements),
            ("answers", t.answers),
            ("searches", t.searches),
        ):
            held.add_metric([name], catalogue.count(table))
        yield held
        head = catalogue.head()
        behind = GaugeMetricFamily(
            "kgrag_follower_lag_changes",
            "Changes of the catalogue that a follower has not applied; NaN where it does not answer.",
            labels=["follower"],
        )
        for name in FOLLOWERS:
            behind.add_metric([name], self._lag(name, head))
        yield behind
        states = GaugeMetricFamily("kgrag_jobs", "Ingest batches by state.", labels=["state"])
        files = GaugeMetricFamily(
            "kgrag_job_files", "Files of a recent batch by state.", labels=["job", "state"]
        )
        read = CounterMetricFamily(
            "kgrag_job_documents", "Documents that a recent batch read.", labels=["job"]
        )
        rate = GaugeMetricFamily("kgrag_job_documents_per_minute", "Pace of a running batch.", labels=["job"])
        overviews = Jobs(catalogue).overviews()
        for state in ("running", "paused", "cancelled", "done"):
            states.add_metric([state], sum(overview.state == state for overview in overviews))
        for overview in overviews[:RECENT_JOBS]:
            for state, n in overview.items.items():
                files.add_metric([str(overview.id), state], n)
            read.add_metric([str(overview.id)], overview.documents)
            if overview.state == "running":
                rate.add_metric([str(overview.id)], overview.rate)
        yield from (states, files, read, rate)

    def _lag(self, name: str, head: int) -> float:
        try:
            return float(head - getattr(self.library, name).applied_seq())
        except ServiceUnavailable:
            return float("nan")
