"""Questions answered by processes beside the service: the same answers, told step by step, stopped, and
nothing lost when one ends.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgrag.ask.asker import Asker
from kgrag.errors import KgragError, MissingExtra, ServiceUnavailable, Stopped, TooMany
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from kgrag.types import Filters, Hit
from ui.service.answerers import Answerers, _read, _sent
from ui.service.service import Service

QUESTION = "What is said about libraries?"


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
    back = _read(_sent(error))
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
