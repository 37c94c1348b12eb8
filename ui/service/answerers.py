"""Processes that answer questions, each with the library open and the models loaded, so that questions asked
at once do not wait for one interpreter's lock.

Knows processes and what is sent to and fro: a question or a text with its options one way, steps, passages,
and the answer or error the other. Does not know how an answer is made (``kgrag.ask``) or a text checked
(``kgrag.check.claims``), nor who may ask.
"""

from __future__ import annotations

import logging
import queue
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any

from kgrag.ask.asker import Asker, Progress
from kgrag.ask.look import Found
from kgrag.check.claims import check_claims
from kgrag.errors import KgragError, ServiceUnavailable
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.system.processes import without_main
from kgrag.types import Answer, Document, Filters

logger = logging.getLogger(__name__)
LOOK_S = 0.2
"""How often it is looked whether a question was stopped."""
PATIENCE_S = 5.0
STOP = "stop"
Told = Mapping[str, Callable[[Any], object]]
"""Who is told what a process tells on the way, by its kind."""


class Answerers:
    """Some processes over one library; a question goes to one that has nothing to do, or waits for it.

    Safe to share between threads.

    Args:
        settings: of the library.
        n: how many; they start at ``warm_up`` or with the first questions.
    """

    def __init__(self, settings: Settings, n: int) -> None:
        self._all = [_Answerer(settings) for _ in range(n)]
        self._idle: queue.LifoQueue[_Answerer] = queue.LifoQueue()
        for one in self._all:
            self._idle.put(one)

    def warm_up(self) -> None:
        """Start them all, with their models."""
        with ThreadPoolExecutor(len(self._all)) as pool:
            list(pool.map(lambda one: one.start(), self._all))

    def ask(
        self,
        question: str,
        *,
        filters: Filters = Filters(),
        progress: Progress = lambda step: None,
        found: Found = lambda hits: None,
        stopped: Callable[[], bool] = lambda: False,
        **options: Any,
    ) -> Answer:
        """As ``Asker.ask``, but documents come without text, abstract, blocks and references: nobody here
        reads them, and they are most of what would be sent.

        Raises:
            ServiceUnavailable: the process ended; another is started for the next question.
        """
        answer: Answer = self._done(
            ("ask", question, filters, options), {"step": progress, "found": found}, stopped
        )
        return answer

    def check(
        self, text: str, *, filters: Filters, progress: Callable[[int, int], None], most: int
    ) -> list[dict[str, Any]]:
        """As ``kgrag.check.claims.check_claims``, in plain values.

        Raises:
            ServiceUnavailable: the process ended; another is started for the next text.
        """
        found: list[dict[str, Any]] = self._done(
            ("check", text, filters, {"most": most}), {"step": lambda at: progress(*at)}, lambda: False
        )
        return found

    def _done(self, work: tuple[Any, ...], told: Told, stopped: Callable[[], bool]) -> Any:
        one = self._idle.get()
        try:
            return one.work(work, told, stopped)
        finally:
            self._idle.put(one)

    def close(self) -> None:
        """End them; a question in hand fails."""
        for one in self._all:
            one.end()


class _Answerer:
    """One process and the pipe to it, used by one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._process: Any = None
        self._pipe: Connection | None = None

    def start(self) -> Connection:
        """The pipe to the process, which is started where none runs; returns when its models are loaded."""
        if self._pipe is None:
            context = get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(
                target=_answer_all, args=(theirs, self.settings), daemon=True, name="answerer"
            )
            with without_main():
                self._process.start()
            theirs.close()
            self._wait({}, lambda: False)
        return self._pipe

    def work(self, asked: tuple[Any, ...], told: Told, stopped: Callable[[], bool]) -> Any:
        """One question or text; what is told on the way goes to the functions."""
        self.start().send(asked)
        return self._wait(told, stopped)

    def end(self) -> None:
        """No process and no pipe any more."""
        process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.join(timeout=PATIENCE_S)
            process.kill()

    def _wait(self, told: Told, stopped: Callable[[], bool]) -> Any:
        """What the process gives in the end, or its error."""
        pipe, is_stopped = self._pipe, False
        try:
            while pipe is not None:
                if not is_stopped and stopped():
                    pipe.send(STOP)
                    is_stopped = True
                if not pipe.poll(LOOK_S):
                    continue
                kind, value = pipe.recv()
                if kind == "done":
                    return value
                if kind == "error":
                    raise _read(value)
                told[kind](value)
        except (OSError, EOFError) as error:
            logger.warning("a process that answers questions ended: %s", error or "closed")
        self.end()
        raise ServiceUnavailable(
            "The process that worked on the question ended (out of memory, or a fault in a library). Ask"
            " again."
        )


def _answer_all(pipe: Connection, settings: Settings) -> None:
    """The process: answer what comes until the service ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service ends it
    ForkingPickler.register(Document, _without_text)
    try:
        with Library(settings) as library:
            asker = Asker(library)
            asker.warm_up()
            pipe.send(("done", None))
            while True:
                if (asked := pipe.recv()) != STOP:  # a stop that came after the answer
                    pipe.send(_answered(pipe, asker, *asked))
    except (OSError, EOFError):
        return


def _answered(
    pipe: Connection, asker: Asker, work: str, text: str, filters: Filters, options: Mapping[str, Any]
) -> tuple[str, Any]:
    # a fault of any kind must reach the one who asked, and must not cost the next question its process
    try:
        if work == "check":
            return "done", [
                item.as_json()
                for item in check_claims(
                    text, asker, filters, lambda done, of: pipe.send(("step", (done, of))), **options
                )
            ]
        return "done", asker.ask(
            text,
            filters=filters,
            progress=lambda step: pipe.send(("step", step)),
            found=lambda hits: pipe.send(("found", hits)),
            stopped=pipe.poll,
            **options,
        )
    except KgragError as error:
        return "error", _sent(error)
    except (ConnectionError, EOFError):  # the service has ended
        raise
    except Exception as error:
        logger.exception("a question failed")
        return "error", (RuntimeError, (repr(error),), {})


def _without_text(document: Document) -> tuple[type[Document], tuple[Any, ...]]:
    """How a document is pickled on its way to the service."""
    light = replace(
        document, text="", record=replace(document.record, abstract=None, blocks=(), references=())
    )
    return Document, tuple(getattr(light, field.name) for field in fields(light))


def _sent(error: KgragError) -> tuple[type[Exception], Sequence[Any], dict[str, Any]]:
    """An error in parts, since one with a constructor of its own cannot be pickled whole."""
    return type(error), error.args, error.__dict__


def _read(parts: tuple[type[Exception], Sequence[Any], dict[str, Any]]) -> Exception:
    kind, args, fields = parts
    error = kind.__new__(kind, *args)
    error.args = tuple(args)
    error.__dict__.update(fields)
    return error
