"""Leases a job's files to workers and notes what became of them.

Knows leases and attempts. Does not know how a job is made, nor how a file is read.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection, and_, func, or_, select, update

from kgrag.catalogue import schema as t
from kgrag.catalogue.jobs.reports import JobReports

MAX_ATTEMPTS = 5
ITEMS_A_CLAIM = 4

i, j = t.job_items.c, t.jobs.c


@dataclass(frozen=True, slots=True)
class Item:
    """A file of a job, leased to a worker."""

    key: int
    path: str
    size: int


def worker_name() -> str:
    """A name for this worker that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"


class JobQueue(JobReports):
    """The files of a job, in the hands of workers."""

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
        records: Mapping[str, int] | None = None,
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
            **(records or {}),
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
