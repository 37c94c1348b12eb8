"""Questions answered by processes beside the service: the same answers, told step by step, stopped, and
nothing lost when one ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from kgrag.ask.asker import Asker
from kgrag.errors import KgragError, MissingExtra, ServiceUnavailable, Stopped, TooLong, TooMany
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from kgrag.types import Filters, Hit
from ui.service import processes
from ui.service.answerers import Answerers
from ui.service.makers import Makers
from ui.service.processes import Processes, begin, read_error, sent_error, served
from ui.service.service import Service

QUESTION = "What is said about libraries?"
PDF = Path(__file__).parents[3] / "kgrag" / "demo" / "papers" / "10.21105.jose.00070.pdf"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of a library of six documents, with the hash embedder."""
    settings = Settings(library=tmp_path_factory.mktemp("answerers") / "library", embedder="hash")
    with Library(settings, create=True) as library:
        for number in range(6):
            library.catalogue.put(random_parcel(number))
        library.catch_up()
    return settings


@pytest.fixture(scope="module")
def answerers(settings: Settings) -> Iterator[Answerers]:
    """One process."""
    made = Answerers(settings, 1)
    yield made
    made.close()


def test_the_same_answer_told_step_by_step(answerers: Answerers, settings: Settings) -> None:
    """A process gives what the service itself would, with its steps and passages on the way."""
    steps: list[str] = []
    hits: list[Hit] = []
    answer = answerers.ask(QUESTION, filters=Filters(), progress=steps.append, found=hits.extend)
    with Library(settings) as library:
        own = Asker(library).ask(QUESTION)
    same = [{**answer_to_json(one), "trace": None} for one in (answer, own)]
    assert same[0] == same[1]
    assert [hit.passage for hit in answer.retrieved] == [hit.passage for hit in own.retrieved]
    assert steps[:3] == ["understand", "retrieve", "evidence"]
    assert tuple(hits) == answer.retrieved


def test_a_stop_reaches_the_process(answerers: Answerers) -> None:
    """A question that is stopped before it starts gives no answer, and the process takes the next one."""
    with pytest.raises(Stopped):
        answerers.ask(QUESTION, stopped=lambda: True, progress=lambda step: None)
    assert answerers.ask(QUESTION).question == QUESTION


def test_a_process_that_ends_costs_one_question(answerers: Answerers) -> None:
    """The question in hand fails with what to do; the next one finds a new process."""

    def end(_: str) -> None:
        process = answerers._all[0]._process
        os.kill(process.pid, signal.SIGKILL)
        process.join()

    with pytest.raises(ServiceUnavailable, match="Ask again"):
        answerers.ask(QUESTION, progress=end)
    assert answerers.ask(QUESTION).question == QUESTION


@pytest.mark.parametrize(
    "error", [TooMany("Too many.", 3.5), MissingExtra("PDF", "pdf"), ServiceUnavailable("down")]
)
def test_errors_stay_what_they_are(error: KgragError) -> None:
    """Class, text and fields come through the pipe, also where the class has a constructor of its own."""
    back = read_error(sent_error(error))
    assert (type(back), str(back), back.__dict__) == (type(error), str(error), error.__dict__)


def test_a_service_with_processes(settings: Settings, tmp_path: Path) -> None:
    """It answers as one without, and notes the question in the asker's history."""
    service = Service(settings, processes=1)
    try:
        told = list(service.steps(QUESTION, Filters()))
        assert [kind for kind, _ in told][-1] == "answer"
        assert service.answer(told[-1][1]["id"])["question"] == QUESTION
    finally:
        service.close()


def _sleepers(pipe: Connection, settings: Settings) -> None:
    """A process whose work looks at nothing and takes long."""
    begin()
    served(pipe, time.sleep)


@pytest.fixture
def sleepers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    """One process that sleeps; work may take a second."""
    monkeypatch.setattr(processes, "GRACE_S", 0.3)
    made = Processes(_sleepers, settings.model_copy(update={"longest_s": 1.0}), 1)
    yield made
    made.close()


def test_work_has_an_end(sleepers: Processes) -> None:
    """What takes too long, and what nobody waits for any more, ends with its process; the next one works."""
    began = time.monotonic()
    with pytest.raises(TooLong, match="longer than 1 seconds"):
        sleepers.done((600,), {})
    with pytest.raises(Stopped):
        sleepers.done((600,), {}, lambda: True)
    asked = iter((False, False, True))
    with pytest.raises(Stopped):
        sleepers.done((600,), {}, lambda: next(asked, True))
    assert sleepers.done((0,), {}) is None
    assert time.monotonic() - began < 300


def test_work_ends_with_the_service(settings: Settings, tmp_path: Path) -> None:
    """Also where the service is killed, and nobody tells its processes."""
    script = (
        "import sys; from pathlib import Path; from kgrag.settings import Settings;"
        " from tests.service.web.test_answerers import _sleepers; from ui.service.processes import Processes;"
        " p = Processes(_sleepers, Settings(library=Path(sys.argv[1]), embedder='hash'), 1); p.warm_up();"
        " print(p._all[0]._process.pid, flush=True); p.done((600,), {})"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(settings.library)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    until = time.monotonic() + 20
    while _runs(child) and time.monotonic() < until:
        time.sleep(0.1)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_pictures_are_made_elsewhere(settings: Settings) -> None:
    """A page of a PDF with boxes, its number of pages, and what is no PDF."""
    makers = Makers(settings)
    try:
        assert makers.page_count(PDF) > 1
        made = makers.page_png(PDF, 1, [[-1e9, -1e9, 1e9, 1e9]])
        assert made is not None
        assert made.startswith(b"\x89PNG")
        assert makers.page_png(PDF.with_suffix(".none"), 1, []) is None
    finally:
        makers.close()
