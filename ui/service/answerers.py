"""Processes that answer questions, each with the library open and the models loaded, so that questions asked
at once do not wait for one interpreter's lock.

Knows what is sent to and fro: a question or a text with its options one way, steps, passages, and the answer
the other. Does not know how an answer is made (``kgrag.ask``) or a text checked (``kgrag.check``), nor who
may ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any

from kgrag.ask.asker import Asker, Progress
from kgrag.ask.look import Found
from kgrag.check.claims import check_claims
from kgrag.check.references import ReferenceChecker
from kgrag.errors import Stopped
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.types import Answer, Document, Filters
from ui.service.processes import Processes, begin, served


class Answerers(Processes):
    """See the module.

    Args:
        settings: of the library.
        n: how many processes.
    """

    def __init__(self, settings: Settings, n: int) -> None:
        super().__init__(_answer_all, settings, n)

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
        reads them, and they are most of what would be sent. Errors as ``Processes.done``.
        """
        answer: Answer = self.done(
            ("ask", question, filters, options), {"step": progress, "found": found}, stopped
        )
        return answer

    def check(
        self,
        text: str,
        *,
        filters: Filters,
        progress: Callable[[int, int], None],
        most: int,
        stopped: Callable[[], bool] = lambda: False,
    ) -> list[dict[str, Any]]:
        """As ``kgrag.check.claims.check_claims``, in plain values. Errors as ``Processes.done``."""
        found: list[dict[str, Any]] = self.done(
            ("check", text, filters, {"most": most}), {"step": lambda at: progress(*at)}, stopped
        )
        return found

    def check_references(self, text: str, *, filters: Filters) -> list[dict[str, Any]]:
        """As ``kgrag.check.references.ReferenceChecker``, in plain values. Errors as ``Processes.done``."""
        found: list[dict[str, Any]] = self.done(("references", text, filters, {}), {})
        return found


def _answer_all(pipe: Connection, settings: Settings) -> None:
    """The process: answer what comes until the service ends."""
    begin()
    ForkingPickler.register(Document, _without_text)
    try:
        with Library(settings) as library:
            asker = Asker(library)
            asker.warm_up()
            served(pipe, lambda *asked: _answered(pipe, asker, *asked))
    except (OSError, EOFError):
        return


def _answered(
    pipe: Connection, asker: Asker, work: str, text: str, filters: Filters, options: Mapping[str, Any]
) -> Any:
    if work == "references":
        checker = ReferenceChecker(asker.library.catalogue, filters.hidden)
        return [item.as_json() for item in checker.check(text)]
    if work == "check":

        def tell(done: int, of: int) -> None:
            if pipe.poll():
                raise Stopped("The check was stopped; nothing of it is kept.")
            pipe.send(("step", (done, of)))

        return [item.as_json() for item in check_claims(text, asker, filters, tell, **options)]
    return asker.ask(
        text,
        filters=filters,
        progress=lambda step: pipe.send(("step", step)),
        found=lambda hits: pipe.send(("found", hits)),
        stopped=pipe.poll,
        **options,
    )


def _without_text(document: Document) -> tuple[type[Document], tuple[Any, ...]]:
    """How a document is pickled on its way to the service."""
    light = replace(
        document, text="", record=replace(document.record, abstract=None, blocks=(), references=())
    )
    return Document, tuple(getattr(light, field.name) for field in fields(light))
