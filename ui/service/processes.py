"""Processes that work for the service, and the pipes to them: work goes one way; what is told on the way, and
what comes of it, the other.

Knows processes, and that work has an owner and an end: it stops when its owner has gone or its time is up, by
itself or with the process. Does not know what is done there.
"""

from __future__ import annotations

import logging
import queue
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from kgrag.errors import KgragError, ServiceUnavailable, Stopped, TooLong
from kgrag.settings import Settings
from kgrag.system.processes import end_with_parent, without_main

logger = logging.getLogger(__name__)
LOOK_S = 0.2
"""How often it is looked whether the work was stopped."""
GRACE_S = 3.0
"""How long work may go on that was told to stop; then its process ends."""
PATIENCE_S = 5.0
STOP = "stop"
Told = Mapping[str, Callable[[Any], object]]
"""Who is told what a process tells on the way, by its kind."""
Target = Callable[[Connection, Settings], None]


class Processes:
    """Some processes of one kind; work goes to one that has nothing to do, or waits for it.

    Safe to share between threads.

    Args:
        target: what each runs (``served``), with its end of the pipe and the settings.
        settings: of the library.
        n: how many; they start at ``warm_up`` or with the first work.
    """

    def __init__(self, target: Target, settings: Settings, n: int) -> None:
        self.longest_s = settings.longest_s
        self._all = [_Process(target, settings) for _ in range(n)]
        self._idle: queue.LifoQueue[_Process] = queue.LifoQueue()
        for one in self._all:
            self._idle.put(one)

    def warm_up(self) -> None:
        """Start them all, with their models."""
        with ThreadPoolExecutor(len(self._all)) as pool:
            list(pool.map(lambda one: one.start(), self._all))

    def done(
        self,
        work: tuple[Any, ...],
        told: Mapping[str, Callable[[Any], object]],
        stopped: Callable[[], bool] = lambda: False,
    ) -> Any:
        """What comes of work.

        Args:
            work: as the target takes it.
            told: who is told what on the way.
            stopped: whether its owner has gone.

        Raises:
            Stopped, TooLong: it was stopped, or took too long.
            ServiceUnavailable: the process ended; another is started for the next work.
        """
        one = self._idle.get()
        try:
            if stopped():
                raise Stopped("The question was stopped before its turn came.")
            return one.work(work, told, stopped, self.longest_s)
        finally:
            self._idle.put(one)

    def close(self) -> None:
        """End them; what is in hand fails."""
        for one in self._all:
            one.closing = True
        for one in self._all:
            one.end()


class _Process:
    """One process and the pipe to it, used by one thread at a time."""

    def __init__(self, target: Target, settings: Settings) -> None:
        self.target, self.settings = target, settings
        self.closing = False
        self._process: Any = None
        self._pipe: Connection | None = None

    def start(self) -> Connection:
        """The pipe to the process, which is started where none runs; returns when its models are loaded."""
        if self.closing:
            raise ServiceUnavailable("The service is ending. Ask again when it runs.")
        if self._pipe is None:
            context = get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(
                target=self.target, args=(theirs, self.settings), daemon=True, name="worker"
            )
            with without_main():
                self._process.start()
            theirs.close()
            self._wait({}, lambda: False, None)
        return self._pipe

    def work(self, asked: tuple[Any, ...], told: Told, stopped: Callable[[], bool], longest_s: float) -> Any:
        """One piece of work; what is told on the way goes to the functions."""
        self.start().send(asked)
        return self._wait(told, stopped, longest_s)

    def end(self) -> None:
        """No process and no pipe any more."""
        process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.terminate()
            process.join(timeout=PATIENCE_S)
            process.kill()

    def _wait(self, told: Told, stopped: Callable[[], bool], longest_s: float | None) -> Any:
        """What the process gives in the end, or its error."""
        pipe, began = self._pipe, time.monotonic()
        ended: float | None = None
        late = False
        try:
            while pipe is not None and not self.closing:
                now = time.monotonic()
                if ended is None:
                    late = longest_s is not None and now - began > longest_s
                    if late or stopped():
                        ended = now
                        pipe.send(STOP)
                elif now - ended > GRACE_S:
                    self.end()
                    raise _why(late, longest_s)
                if not pipe.poll(LOOK_S):
                    continue
                kind, value = pipe.recv()
                if kind == "done":
                    return value
                if kind == "error":
                    error = read_error(value)
                    raise _why(late, longest_s) if late and isinstance(error, Stopped) else error
                told[kind](value)
        except (OSError, EOFError) as error:
            logger.warning("a process of the service ended: %s", error or "closed")
        self.end()
        raise ServiceUnavailable(
            "The process that worked on the question ended (out of memory, or a fault in a library). Ask"
            " again."
        )


def _why(late: bool, longest_s: float | None) -> KgragError:
    return TooLong(longest_s or 0.0) if late else Stopped("The question was stopped; nothing was kept.")


def served(pipe: Connection, done: Callable[..., Any]) -> None:
    """The other end: do what comes, one after another, until the service ends or closes the pipe.

    Args:
        pipe: to the service.
        done: does one piece of work, given its parts.
    """
    pipe.send(("done", None))
    while True:
        if (asked := pipe.recv()) != STOP:  # a stop that came after the work was done
            pipe.send(_outcome(done, asked))


def begin() -> None:
    """For the first line of a target: the service ends this process, and its end is this one's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


def _outcome(done: Callable[..., Any], asked: tuple[Any, ...]) -> tuple[str, Any]:
    # a fault of any kind must reach the one who asked, and must not cost the next one its process
    try:
        return "done", done(*asked)
    except KgragError as error:
        return "error", sent_error(error)
    except (ConnectionError, EOFError):  # the service has ended
        raise
    except Exception as error:  # whatever it is, the one who asked must hear of it
        logger.exception("work for the service failed")
        return "error", (RuntimeError, (repr(error),), {})


def sent_error(error: KgragError) -> tuple[type[Exception], Sequence[Any], dict[str, Any]]:
    """An error in parts, since one with a constructor of its own cannot be pickled whole."""
    return type(error), error.args, error.__dict__


def read_error(parts: tuple[type[Exception], Sequence[Any], dict[str, Any]]) -> Exception:
    """The error of its parts."""
    kind, args, fields = parts
    error = kind.__new__(kind, *args)
    error.args = tuple(args)
    error.__dict__.update(fields)
    return error
