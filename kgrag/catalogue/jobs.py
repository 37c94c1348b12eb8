"""Keeps ingest batches as jobs: files are items, leased to workers, and taken over when a worker falls
silent.

Knows states, leases and figures. Does not know how a file is read: that is ``ingest.run``'s. An item's life:
pending → leased → done | quarantined; a lease that ends unrenewed makes the item claimable again, and a file
that ended its worker too often is ``failed``. A job is running, paused, cancelled or done.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.errors import NotFound, UsageError

LEASE_S = 30.0
MAX_ATTEMPTS = 5
ITEMS_A_CLAIM = 4
ITEM_STATES = ("pending", "leased", "done", "quarantined", "failed")
_MANY = 1000

i, j = t.job_items.c, t.jobs.c


@dataclass(frozen=True, slots=True)
class Item:
    """A file of a job, leased to a worker."""

    key: int
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A job at a glance. ``left_s`` is None while nothing is known of the pace."""

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

    @property
    def rate(self) -> float:
        """Documents a minute."""
        return self.documents / max(self.seconds, 1e-6) * 60


def worker_name() -> str:
    """A name for this worker that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"


class Jobs:
    """The jobs of a library.

    Args:
        catalogue: where they are kept.
        lease_s: a worker that is silent for so long has lost its items.
    """

    def __init__(self, catalogue: Catalogue, lease_s: float = LEASE_S) -> None:
        self.catalogue, self.lease_s = catalogue, lease_s

    # -- making and changing -----------------------------------------------------------------------

    def create(
        self,
        paths: Sequence[str],
        items: Iterable[tuple[str, int]],
        skipped: int = 0,
        refused: Sequence[dict[str, str]] = (),
    ) -> int:
        """A new running job.

        Args:
            paths: as the admin gave them; relative ones hold for the folder this process runs in.
            items: path and size of each file to read, in order.
            skipped: files that need no reading.
            refused: path and reason of what cannot be read.
        """
        request = {"paths": list(paths), "folder": os.getcwd()}
        now = time.time()
        with self.catalogue.writing() as connection:
            self._supersede(connection, request, now)
            values = {
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "state": "running",
                "started": now,
                "heartbeat": now,
                "skipped": skipped,
                "request": request,
            }
            key = connection.execute(insert(t.jobs).values(values)).inserted_primary_key
            assert key is not None
            rows = [_item_row(key[0], path, size) for path, size in items]
            rows += [
                _item_row(key[0], problem["path"], 0) | {"state": "quarantined", "problems": [problem]}
                for problem in refused
            ]
            for start in range(0, len(rows), _MANY):
                connection.execute(insert(t.job_items), rows[start : start + _MANY])
        return int(key[0])

    def _supersede(self, connection: Connection, request: dict[str, Any], now: float) -> None:
        """A dead job of the same paths is over: this one goes on where it stopped."""
        silent = and_(j.state == "running", j.heartbeat < now - self.lease_s)
        for row in connection.execute(select(j.key, j.request).where(silent)).all():
            if row.request == request:
                connection.execute(
                    update(t.jobs)
                    .where(j.key == row.key)
                    .values(state="cancelled", ended=now, reason="its workers ended; a later job went on")
                )

    def pause(self, job: int) -> None:
        """Workers stop after the document in hand."""
        self._set_state(job, "paused", ("running",))

    def resume(self, job: int) -> None:
        """A paused job runs again; a running one stays so."""
        self._set_state(job, "running", ("paused", "running"))

    def cancel(self, job: int, reason: str = "cancelled by the admin") -> None:
        """Workers stop; what was read stays in the library."""
        self._set_state(job, "cancelled", ("running", "paused"), reason)

    def retry(self, job: int) -> int:
        """Quarantined and failed files are pending again; returns how many."""
        self.state(job)
        with self.catalogue.writing() as connection:
            lost = and_(i.job_key == job, i.state.in_(("quarantined", "failed")))
            done = connection.execute(
                update(t.job_items).where(lost).values(state="pending", attempts=0, problems=[])
            )
            connection.execute(
                update(t.jobs)
                .where(j.key == job)
                .values(state="running", ended=None, reason=None, heartbeat=time.time())
            )
        return int(done.rowcount)

    def _set_state(self, job: int, state: str, allowed: tuple[str, ...], reason: str | None = None) -> None:
        found = self.state(job)
        if found not in allowed:
            raise UsageError(
                f"Job {job} is {found}; only a job that is {' or '.join(allowed)} can become {state}. See:"
                f" kgrag jobs show {job}"
            )
        ended = time.time() if state == "cancelled" else None
        with self.catalogue.writing() as connection:
            connection.execute(
                update(t.jobs)
                .where(j.key == job)
                .values(state=state, reason=reason, ended=ended, heartbeat=time.time())
            )

    # -- working -----------------------------------------------------------------------------------

    def claim(self, job: int, worker: str, limit: int = ITEMS_A_CLAIM) -> list[Item]:
        """Up to ``limit`` files for a worker, in order; files of silent workers among them.

        Empty when none can be had now.
        """
        now = time.time()
        with self.catalogue.writing() as connection:
            if connection.execute(select(j.state).where(j.key == job)).scalar() != "running":
                return []
            self._give_up(connection, job, now)
            free = or_(i.state == "pending", and_(i.state == "leased", i.lease_until < now))
            rows = connection.execute(
                select(i.key, i.path, i.size).where(i.job_key == job, free).order_by(i.key).limit(limit)
            ).all()
            keys = [row.key for row in rows]
            connection.execute(
                update(t.job_items)
                .where(i.key.in_(keys))
                .values(state="leased", worker=worker, lease_until=now + self.lease_s)
            )
            connection.execute(update(t.jobs).where(j.key == job).values(heartbeat=now))
        return [Item(row.key, row.path, row.size) for row in rows]

    def begin(self, item: Item, worker: str) -> None:
        """Count an attempt: from now on the file is in hand, and not only waiting behind another."""
        with self.catalogue.writing() as connection:
            connection.execute(
                update(t.job_items)
                .where(i.key == item.key, i.worker == worker)
                .values(attempts=i.attempts + 1)
            )

    def _give_up(self, connection: Connection, job: int, now: float) -> None:
        """A file that was in hand each time its worker ended is not tried for ever."""
        hopeless = and_(
            i.job_key == job, i.state == "leased", i.lease_until < now, i.attempts >= MAX_ATTEMPTS
        )
        for row in connection.execute(select(i.key, i.path, i.attempts).where(hopeless)).all():
            problem = {
                "path": row.path,
                "reason": (
                    f"{row.path} was in hand {row.attempts} times when its worker ended. Read it alone: kgrag"
                    f" jobs retry {job}"
                ),
            }
            connection.execute(
                update(t.job_items)
                .where(i.key == row.key)
                .values(state="failed", problems=[problem], worker=None)
            )

    def renew(self, job: int, worker: str) -> str:
        """Say that a worker lives: its leases last longer; returns the job's state, which it should obey."""
        now = time.time()
        with self.catalogue.writing() as connection:
            mine = and_(i.job_key == job, i.state == "leased", i.worker == worker)
            connection.execute(update(t.job_items).where(mine).values(lease_until=now + self.lease_s))
            connection.execute(update(t.jobs).where(j.key == job).values(heartbeat=now))
            return str(connection.execute(select(j.state).where(j.key == job)).scalar())

    def finish(
        self,
        item: Item,
        worker: str,
        documents: int,
        passages: int,
        problems: Sequence[dict[str, str]],
        seconds: float,
    ) -> bool:
        """Note a file's outcome; False where the lease was lost to another worker, whose outcome counts."""
        state = "quarantined" if any(problem["path"] == item.path for problem in problems) else "done"
        values = {
            "state": state,
            "documents": documents,
            "passages": passages,
            "problems": list(problems),
            "seconds": seconds,
            "lease_until": None,
        }
        with self.catalogue.writing() as connection:
            done = connection.execute(
                update(t.job_items)
                .where(i.key == item.key, i.worker == worker, i.state == "leased")
                .values(values)
            )
        return bool(done.rowcount)

    def release(self, job: int, worker: str) -> None:
        """A worker that stops in order gives its files back at once."""
        mine = and_(i.job_key == job, i.state == "leased", i.worker == worker)
        with self.catalogue.writing() as connection:
            connection.execute(
                update(t.job_items)
                .where(mine)
                .values(state="pending", worker=None, lease_until=None, attempts=0)
            )

    def close(self, job: int) -> None:
        """A running job without open files is done."""
        with self.catalogue.writing() as connection:
            opened = select(func.count()).where(i.job_key == job, i.state.in_(("pending", "leased")))
            if connection.execute(opened).scalar() == 0:
                connection.execute(
                    update(t.jobs)
                    .where(j.key == job, j.state == "running")
                    .values(state="done", ended=time.time())
                )

    # -- reading -----------------------------------------------------------------------------------

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
        seconds = (row.ended or (row.heartbeat if row.state != "running" else time.time())) - row.started
        workers = self.catalogue.rows(
            select(i.worker)
            .where(i.job_key == job, i.state == "leased", i.lease_until >= time.time())
            .distinct()
            .order_by(i.worker)
        )
        return Overview(
            job,
            row.state,
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
        )

    def items(self, job: int) -> list[dict[str, Any]]:
        """Every file of a job with its outcome, in order."""
        self.state(job)
        columns = (i.path, i.size, i.state, i.documents, i.passages, i.attempts, i.seconds, i.problems)
        return [
            dict(row._mapping)
            for row in self.catalogue.rows(select(*columns).where(i.job_key == job).order_by(i.key))
        ]


def _item_row(job: int, path: str, size: int) -> dict[str, Any]:
    return {
        "job_key": job,
        "path": path,
        "size": size,
        "state": "pending",
        "attempts": 0,
        "documents": 0,
        "passages": 0,
        "problems": [],
    }


def _left(groups: dict[str, Any], seconds: float) -> float | None:
    """Seconds left by the bytes still to read."""
    done = sum(float(groups[state][1]) for state in ("done", "quarantined", "failed") if state in groups)
    to_do = sum(float(groups[state][1]) for state in ("pending", "leased") if state in groups)
    return to_do / done * seconds if done else (None if to_do else 0.0)
