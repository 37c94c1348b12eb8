"""Holds a person at the desk: who they are, what they may do and see, and how an act is noted.

Knows rights and the log of security; no act. The acts are methods of the classes beside this one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kgrag.catalogue.audit import log_security
from kgrag.desk.refusals import refusals_of
from kgrag.errors import Forbidden, UsageError
from kgrag.library import Library
from kgrag.people.rights import Person, Rights, require
from kgrag.types import Answer, Filters

if TYPE_CHECKING:
    from kgrag.ask.asker import Asker

T = TypeVar("T")


class Answering(Protocol):
    """Who answers in the asker's place: a service's processes."""

    def ask(self, question: str, *, filters: Filters, **options: Any) -> Answer:
        """As ``Asker.ask``."""
        ...

    def check(
        self,
        text: str,
        *,
        filters: Filters,
        progress: Callable[[int, int], None],
        most: int,
        stopped: Callable[[], bool],
    ) -> list[dict[str, Any]]:
        """As ``kgrag.check.claims.check_claims``, in plain values."""
        ...

    def check_references(self, text: str, *, filters: Filters) -> list[dict[str, Any]]:
        """As ``kgrag.check.references.ReferenceChecker``, in plain values."""
        ...


class Counter:
    """See the module.

    Args:
        library: open.
        person: who acts.
        in_hand: whether they have the library's folder in hand, as the command line and Python do: then
            nothing is hidden from them, no switch holds for them, and no history of theirs is kept.
        asker: gives the asker whose models are warm; default: one is made at the first question.
        answering: who answers and checks in the asker's place; default: the asker.
    """

    def __init__(
        self,
        library: Library,
        person: Person,
        *,
        in_hand: bool = False,
        asker: Callable[[], Asker] | None = None,
        answering: Answering | None = None,
    ) -> None:
        self.library, self.person, self.in_hand = library, person, in_hand
        self.rights = Rights(library.catalogue)
        self.answering = answering
        self._given_asker = asker

    @cached_property
    def asker(self) -> Asker:
        """Who answers and searches; made on the first use, since its room is heavy."""
        if self._given_asker is not None:
            return self._given_asker()
        from kgrag.ask.asker import Asker

        return Asker(self.library)

    def require(self, right: str) -> None:
        """Nothing, or Forbidden with the roles that may (``kgrag.people.rights.ACTIONS``)."""
        try:
            require(self.person, right)
        except Forbidden:
            refusals_of(self.library.catalogue).note(self.person.id, right)
            raise

    def within(self, text: str, most: int, what: str) -> str:
        """A text that somebody gave, where it is not longer than what one person may have worked on; whoever
        has the library in hand may give any.

        Raises:
            UsageError: it is longer.
        """
        if self.in_hand or len(text) <= most:
            return text
        refusals_of(self.library.catalogue).note(self.person.id, f"too long: {what}")
        raise UsageError(
            f"The {what} has {len(text)} characters; at most {most} are taken here. Make it shorter."
        )

    def filters(self, filters: Filters = Filters()) -> Filters:
        """Limits that also leave out what the person may not see."""
        return filters if self.in_hand else self.rights.filters(self.person, filters)

    def _noted(self, right: str, action: str, target: str | Callable[[T], str], work: Callable[[], T]) -> T:
        """Do an act and write its line, both in one transaction.

        Args:
            right: that the act needs.
            action: as the log names it.
            target: what it is done to, or what tells that from what came of it. Where it is known before,
                the line comes before the work: what no transaction takes back (a file, a thread's work) is
                then not done where the line cannot be written.
            work: the act itself; short, since it holds the write lock.

        Returns:
            What came of the work.

        Raises:
            Forbidden: the person's role may not; nothing was done.
        """
        self.require(right)
        with self.library.catalogue.writing() as connection:
            if isinstance(target, str):
                log_security(connection, self.person.id, action, target)
                return work()
            done = work()
            log_security(connection, self.person.id, action, target(done))
            return done

    def _begun(self, right: str, action: str, target: str = "") -> None:
        """Write the line of an act that takes too long for a transaction, before it begins: nothing is done
        that no line tells of, and what fails on the way was begun.
        """
        self._noted(right, action, target, lambda: None)
