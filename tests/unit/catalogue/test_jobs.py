"""Jobs: each file is in one worker's hands at a time, a silent worker loses its files, and states change only
as they may.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.jobs import MAX_ATTEMPTS, Jobs
from kgrag.cli.upkeep.job_report import report_html
from kgrag.errors import NotFound, UsageError

FILES = [(f"/in/{n}.xml", 100) for n in range(10)]


def test_each_file_once(catalogue: Catalogue) -> None:
    """Four workers that claim at the same time get every file exactly once, and the job is done when the last
    is.
    """
    jobs = Jobs(catalogue)
    job = jobs.create(["/in"], FILES)
    got: list[str] = []

    def worker(name: str) -> None:
        while items := jobs.claim(job, name, 2):
            for item in items:
                got.append(item.path)
                assert jobs.finish(item, name, 1, 3, [], 0.1)

    threads = [threading.Thread(target=worker, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs.close(job)
    assert sorted(got) == sorted(path for path, _ in FILES)
    overview = jobs.overview(job)
    assert (overview.state, overview.documents, overview.passages, overview.left_s) == ("done", 10, 30, 0.0)


def test_a_silent_worker_loses_its_files(catalogue: Catalogue) -> None:
    """After its lease a file goes to another worker, and the first one's late outcome does not count; a
    renewed lease holds.
    """
    jobs = Jobs(catalogue)
    job = jobs.create(["/in"], FILES[:2])
    lost, held = jobs.claim(job, "a", 1)[0], jobs.claim(job, "b", 1)[0]
    with catalogue.writing() as connection:
        connection.execute(update(t.job_items).values(lease_until=0.0))
    assert jobs.renew(job, "b") == "running"
    taken = jobs.claim(job, "c")
    assert [item.path for item in taken] == [lost.path]
    assert not jobs.finish(lost, "a", 1, 1, [], 0.1)
    assert jobs.finish(taken[0], "c", 1, 1, [], 0.1)
    assert jobs.finish(held, "b", 1, 1, [], 0.1)


def test_a_file_that_ends_its_workers_is_given_up(catalogue: Catalogue) -> None:
    """After several workers ended with the file in hand it is failed with a reason, until someone asks to try
    again.
    """
    jobs = Jobs(catalogue, lease_s=0.01)
    job = jobs.create(["/in"], FILES[:1])
    for number in range(2 * MAX_ATTEMPTS):
        (item,) = jobs.claim(job, str(number))
        if number % 2:  # a file that only waited when its worker ended is not to blame
            jobs.begin(item, str(number))
        time.sleep(0.03)
    assert jobs.claim(job, "last") == []
    assert f"{MAX_ATTEMPTS} times" in jobs.failed(job)[0]["reason"]
    assert jobs.retry(job) == 1
    assert len(jobs.claim(job, "again")) == 1


def test_pause_resume_cancel(catalogue: Catalogue) -> None:
    """A paused job gives no files and takes back those of a worker that stops in order; a cancelled one is
    over.
    """
    jobs = Jobs(catalogue)
    job = jobs.create(["/in"], FILES)
    jobs.claim(job, "a")
    jobs.pause(job)
    assert jobs.renew(job, "a") == "paused"
    jobs.release(job, "a")
    assert jobs.claim(job, "b") == []
    jobs.resume(job)
    assert [item.path for item in jobs.claim(job, "b", 1)] == [FILES[0][0]]
    jobs.cancel(job, "wrong folder")
    assert jobs.overview(job).reason == "wrong folder"
    with pytest.raises(UsageError, match=r"Job 1 is cancelled.*kgrag jobs show 1"):
        jobs.resume(job)
    with pytest.raises(NotFound, match=r"newest: 1.*kgrag jobs list"):
        jobs.pause(7)


def test_a_dead_job_is_superseded(catalogue: Catalogue) -> None:
    """The same paths again: a job whose workers fell silent is closed, one that lives and one of other paths
    are not.
    """
    jobs = Jobs(catalogue)
    dead, other = jobs.create(["/in"], FILES), jobs.create(["/elsewhere"], FILES)
    with catalogue.writing() as connection:
        connection.execute(update(t.jobs).values(heartbeat=0.0))
    alive = jobs.create(["/in"], FILES)
    jobs.create(["/in"], FILES)
    assert [jobs.state(job) for job in (dead, other, alive)] == ["cancelled", "running", "running"]


def test_relative_paths_hold_in_their_folder(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job of relative paths is not worked on from another folder; one of absolute paths is."""
    jobs = Jobs(catalogue)
    relative, absolute = jobs.create(["in"], []), jobs.create(["/in"], [])
    jobs.check_folder(relative)
    monkeypatch.chdir(tmp_path)
    jobs.check_folder(absolute)
    with pytest.raises(UsageError, match="cd "):
        jobs.check_folder(relative)


def test_the_page_is_self_contained(catalogue: Catalogue) -> None:
    """The report names every file and reason, escaped, and loads nothing."""
    jobs = Jobs(catalogue)
    job = jobs.create(["/in"], FILES[:1], 3, [{"path": "/in/<b>.pdf", "reason": "broken & bad"}])
    page = report_html(jobs.overview(job), jobs.items(job))
    assert "&lt;b&gt;.pdf: broken &amp; bad" in page
    assert FILES[0][0] in page
    assert not any(word in page for word in ("<script", "http", "src=", "@import"))
