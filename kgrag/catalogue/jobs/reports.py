"""Reads jobs: their states, figures and files.

Knows the tables ``jobs`` and ``job_items``. Changes nothing.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.errors import NotFound, UsageError

LEASE_S = 30.0
RECORD_COUNTS = ("new", "united", "unchanged", "changed")
ITEM_STATES = ("pending", "leased", "done", "quarantined", "failed")

i, j = t.job_items.c, t.jobs.c


_PROBLEMS = select(i.problems).where(i.state.in_(("quarantined", "failed", "done")))


@dataclass(frozen=True, slots=True)
class Overview:
    """A job at a glance. ``left_s`` is None while nothing is known of the pace; ``records`` are counted by
    what became of them. A running job whose workers are all silent is ``interrupted``.
    """

    id: int
    state: str
    created: str
    paths: tuple[str, ...]
    items: dict[str, int]
    skipped: int
    documents: int
    passages: int
    seconds: float
    left_s: float | None
    workers: tuple[str, ...]
    reason: str | None
    records: dict[str, int]

    @property
    def rate(self) -> float:
        """Documents a minute."""
        return self.documents / max(self.seconds, 1e-6) * 60


class JobReports:
    """What a library's jobs are and how far they came.

    Args:
        catalogue: where they are kept.
        lease_s: a worker that is silent for so long has lost its items.
    """

    def __init__(self, catalogue: Catalogue, lease_s: float = LEASE_S) -> None:
        self.catalogue, self.lease_s = catalogue, lease_s

    def state(self, job: int) -> str:
        """running, paused, cancelled or done.

        Raises:
            NotFound: no such job.
        """
        rows = self.catalogue.rows(select(j.state).where(j.key == job))
        if not rows:
            held = [
                str(row.key) for row in self.catalogue.rows(select(j.key).order_by(j.key.desc()).limit(10))
            ]
            raise NotFound(
                f"No job {job} (newest: {', '.join(held) or 'none yet'}). List them: kgrag jobs list"
            )
        return str(rows[0].state)

    def others_work(self, job: int, worker: str) -> bool:
        """Whether files of a running job are in other workers' hands, so that there may be something to take
        over.
        """
        leased = select(func.count()).where(i.job_key == job, i.state == "leased", i.worker != worker)
        return self.state(job) == "running" and bool(self.catalogue.rows(leased)[0][0])

    def check_folder(self, job: int) -> None:
        """Refuse to work on relative paths from another folder than the one they were given in.

        Raises:
            UsageError: with the folder to go to.
        """
        self.state(job)
        request = self.catalogue.rows(select(j.request).where(j.key == job))[0].request
        if request["folder"] != os.getcwd() and not all(os.path.isabs(path) for path in request["paths"]):
            raise UsageError(
                f"Job {job} has paths relative to {request['folder']}. Go on there: cd {request['folder']}"
            )

    def n_open(self, job: int) -> int:
        """Files not finished."""
        return int(
            self.catalogue.rows(
                select(func.count()).where(i.job_key == job, i.state.in_(("pending", "leased")))
            )[0][0]
        )

    def failed(self, job: int) -> list[dict[str, str]]:
        """Path and reason of the files that ended their workers."""
        return [
            problem
            for row in self.catalogue.rows(
                select(i.problems).where(i.job_key == job, i.state == "failed").order_by(i.key)
            )
            for problem in row.problems
        ]

    def overviews(self) -> list[Overview]:
        """All jobs, newest first."""
        return [self.overview(row.key) for row in self.catalogue.rows(select(j.key).order_by(j.key.desc()))]

    def overview(self, job: int) -> Overview:
        """One job.

        Raises:
            NotFound: no such job.
        """
        self.state(job)
        row = self.catalogue.rows(select(t.jobs).where(j.key == job))[0]
        sums = (
            func.count(),
            func.coalesce(func.sum(i.size), 0),
            func.coalesce(func.sum(i.documents), 0),
            func.coalesce(func.sum(i.passages), 0),
        )
        groups = {
            g[0]: g[1:]
            for g in self.catalogue.rows(select(i.state, *sums).where(i.job_key == job).group_by(i.state))
        }
        alive = row.state == "running" and not self._is_silent(row)
        seconds = (row.ended or (time.time() if alive else row.heartbeat)) - row.started
        workers = self.catalogue.rows(
            select(i.worker)
            .where(i.job_key == job, i.state == "leased", i.lease_until >= time.time())
            .distinct()
            .order_by(i.worker)
        )
        return Overview(
            job,
            "interrupted" if self._is_silent(row) else row.state,
            row.created,
            tuple(row.request["paths"]),
            {state: int(groups[state][0]) if state in groups else 0 for state in ITEM_STATES},
            row.skipped,
            sum(int(g[2]) for g in groups.values()),
            sum(int(g[3]) for g in groups.values()),
            seconds,
            _left(groups, seconds),
            tuple(w.worker for w in workers),
            row.reason,
            self._records(job, row.unchanged),
        )

    def _is_silent(self, row: Any) -> bool:
        """Whether no worker of a running job has given a sign for as long as a lease lasts."""
        return bool(row.state == "running" and row.heartbeat < time.time() - self.lease_s)

    def _records(self, job: int, unchanged: int) -> dict[str, int]:
        """Records by what became of them; those of files that were not read again are unchanged."""
        sums = [func.coalesce(func.sum(i[name]), 0).label(name) for name in RECORD_COUNTS]
        row = self.catalogue.rows(select(*sums).where(i.job_key == job))[0]
        refused = sum(len(each.problems) for each in self.catalogue.rows(_PROBLEMS.where(i.job_key == job)))
        counted = {name: int(row._mapping[name]) for name in RECORD_COUNTS}
        return counted | {"unchanged": counted["unchanged"] + unchanged, "refused": refused}

    def items(self, job: int) -> list[dict[str, Any]]:
        """Every file of a job with its outcome, in order."""
        self.state(job)
        columns = (i.path, i.size, i.state, i.documents, i.passages, i.attempts, i.seconds, i.problems)
        return [
            dict(row._mapping)
            for row in self.catalogue.rows(select(*columns).where(i.job_key == job).order_by(i.key))
        ]


def _left(groups: dict[str, Any], seconds: float) -> float | None:
    """Seconds left by the bytes still to read."""
    done = sum(float(groups[state][1]) for state in ("done", "quarantined", "failed") if state in groups)
    to_do = sum(float(groups[state][1]) for state in ("pending", "leased") if state in groups)
    return to_do / done * seconds if done else (None if to_do else 0.0)
