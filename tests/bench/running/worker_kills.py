"""Issue B: three workers on one job, killed at random for some time; every record exactly once.

Run: ``python tests/bench/running/worker_kills.py [SECONDS]`` (default 600). Records are made so that there is
work for most of the time; each file also repeats a record of the one before, which must be united and not
doubled.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path

from ingest.run import work
from kgrag.catalogue.jobs import Jobs
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.upkeep.doctor import examine
from tests.flow.ingest.test_jobs import kill_at_random, make_records

FILES_A_SECOND = 4


def main() -> None:
    """Kill, finish, compare."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    n_files = max(24, int(FILES_A_SECOND * seconds))
    with tempfile.TemporaryDirectory() as place:
        ids, folder = make_records(Path(place) / "in", n_files), Path(place) / "library"
        files = sorted((Path(place) / "in").iterdir())
        with Library(Settings(library=folder, embedder="hash"), create=True) as library:
            job = Jobs(library.catalogue).create(
                [place], [(str(path), path.stat().st_size) for path in files]
            )
        kills = kill_at_random(folder, job, seconds, random.Random(5))
        with Library(Settings(library=folder, embedder="hash", lease_s=1.0)) as library:
            jobs = Jobs(library.catalogue, 1.0)
            given_up = jobs.retry(job) if jobs.failed(job) else 0
            work(library, job)
            found = [document.id for document in library.catalogue.documents()]
            united = sum(document.record.volume == "7" for document in library.catalogue.documents())
            wrong = [finding.what for finding in examine(library) if not finding.ok]
            print(
                json.dumps(
                    {
                        "seconds": seconds,
                        "kills": kills,
                        "records": len(ids),
                        "missing": len(ids - set(found)),
                        "too_many": len(found) - len(set(found) & ids),
                        "united": united,
                        "united_expected": n_files - 1,
                        "files_given_up_and_retried": given_up,
                        "job": jobs.state(job),
                        "doctor_finds_wrong": wrong,
                    }
                )
            )


if __name__ == "__main__":
    main()
