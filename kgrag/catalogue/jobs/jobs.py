"""Makes jobs and changes what they are: running, paused, cancelled, tried again.

Knows the states that may follow one another. Does not know workers' leases.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import chunks
from kgrag.catalogue.jobs.queue import JobQueue
from kgrag.errors import UsageError
from kgrag.system.files import now

i, j = t.job_items.c, t.jobs.c


class Jobs(JobQueue):
    """The jobs of a library: made, changed, worked on and read."""

    def create(
        self,
        paths: Sequence[str],
        items: Iterable[tuple[str, int]],
        skipped: int = 0,
        refused: Sequence[dict[str, str]] = (),
        unchanged: int = 0,
    ) -> int:
        """A new running job.

        Args:
            paths: as the admin gave them; relative ones hold for the folder this process runs in.
            items: path and size of each file to read, in order.
            skipped: files that need no reading.
            refused: path and reason of what cannot be read.
            unchanged: records of the files that need no reading.
        """
        request = {"paths": list(paths), "folder": os.getcwd()}
        moment = time.time()
        with self.catalogue.writing() as connection:
            self._supersede(connection, request, moment)
            values = {
                "created": now(),
                "state": "running",
                "started": moment,
                "heartbeat": moment,
                "skipped": skipped,
                "unchanged": unchanged,
                "request": request,
            }
            key = connection.execute(insert(t.jobs).values(values)).inserted_primary_key
            assert key is not None
            rows = [_item_row(key[0], path, size) for path, size in items]
            rows += [
                _item_row(key[0], problem["path"], 0) | {"state": "quarantined", "problems": [problem]}
                for problem in refused
            ]
            for some in chunks(rows):
                connection.execute(insert(t.job_items), some)
        return int(key[0])

    def _supersede(self, connection: Connection, request: dict[str, Any], moment: float) -> None:
        """A dead job of the same paths is over: this one goes on where it stopped."""
        silent = and_(j.state == "running", j.heartbeat < moment - self.lease_s)
        for row in connection.execute(select(j.key, j.request).where(silent)).all():
            if row.request == request:
                connection.execute(
                    update(t.jobs)
                    .where(j.key == row.key)
                    .values(state="cancelled", ended=moment, reason="its workers ended; a later job went on")
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
