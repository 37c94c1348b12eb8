"""Acts of everybody who reads: ask, search, check, read and export answers, rank and judge them, and one's
own history.

What somebody asks or says of an answer leaves no line with their id: the line's time would join the person to
the question. Answers have the log of provenance, rankings and history their pseudonyms.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kgrag.catalogue.answers import answer_created, stored_text
from kgrag.desk.counter import Counter
from kgrag.errors import Stopped, UsageError
from kgrag.people.feedback import store_claim_verdict, store_ranking
from kgrag.people.history import Asked, asked, forget, named_asker, when_asked
from kgrag.people.pseudonyms import pseudonym
from kgrag.people.record_access import Records, answer_unplaced, sees_places
from kgrag.people.rights import may
from kgrag.types import Answer, Document, Filters
from kgrag.types.answer_json import AnswerJson

if TYPE_CHECKING:
    from kgrag.ask.deep import DeepSearch
    from kgrag.export.material import Material
    from kgrag.search.retriever import Found
    from kgrag.types import Understood

MOST_QUESTION, MOST_TEXT, MOST_NOTE = 2_000, 20_000, 2_000
"""Characters that one person may have worked on at a time; the pages tell the same numbers."""
NAMELESS = {"local": "staff", "anonymous": "anonymous", "open": "anonymous"}
"""Who ranks where nobody logs in."""


@dataclass(frozen=True, slots=True)
class Searched:
    """A search that was made: the question as it was understood, the id of its record, what was found."""

    understood: Understood
    record: str
    found: Found


class Asking(Counter):
    """See the module."""

    # -- asking -------------------------------------------------------------------------------------

    def check_ask(self) -> None:
        """Nothing, or Forbidden where the person may not ask, or answers are turned off for them."""
        self.require("ask")
        if not self.in_hand:
            self.rights.require_on(self.person, "answers")

    def asks(self) -> bool:
        """Whether the person may ask; where not, there is a search interface."""
        return may(self.person, "ask") and (self.in_hand or self.rights.switches(self.person).answers)

    def ask(self, question: str, filters: Filters = Filters(), **options: Any) -> Answer:
        """An answer from what the person may see; kept, and noted in their own history.

        Args:
            question: any text, English or Chinese.
            filters: limits to part of the library.
            options: those of ``Asker.ask``.
        """
        self.check_ask()
        answer: Answer = (self.answering or self.asker).ask(
            self.within(question, MOST_QUESTION, "question"),
            filters=self.filters(filters),
            person=None if self.in_hand else self.person,
            **options,
        )
        return answer

    def deep_search(self, question: str, filters: Filters = Filters(), **options: Any) -> DeepSearch:
        """Every document among what the person may see that answers; see ``kgrag.ask.deep``.

        Args:
            question: any text.
            filters: limits to part of the library.
            options: those of ``deep_search``.
        """
        from kgrag.ask.deep import deep_search

        self.require("read")
        return deep_search(self.asker, question, filters=self.filters(filters), **options)

    def replay_deep(self, steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Run kept steps again: ``{"identical", "steps": [true, …]}``."""
        from kgrag.ask.deep import Done, Step, replayed

        self.require("read")
        done = [
            Done(Step(kept["tool"], kept["arguments"]), tuple(kept["documents"]), (), 0, 0.0)
            for kept in steps
        ]
        same = replayed(self.asker, done, self.filters(Filters()))
        return {"identical": all(same), "steps": same}

    def search(
        self,
        question: str,
        filters: Filters = Filters(),
        *,
        top_k: int = 20,
        mode: str = "full",
        expand: bool | None = None,
    ) -> Searched:
        """Passages among what the person may see; the search's record is kept.

        Raises:
            UsageError: no such mode.
        """
        from kgrag.search import MODES
        from kgrag.search.record import kept_search
        from kgrag.search.understand import understand

        self.require("read")
        if mode not in MODES:
            raise UsageError(f"No mode '{mode}' (found: {', '.join(MODES)}).")
        self.within(question, MOST_QUESTION, "question")
        limits, retriever = self.filters(filters), self.asker.retriever
        understood = understand(question, self.library, limits.hidden, expand=expand)
        record, found = kept_search(retriever, understood, top_k, mode, limits)
        return Searched(understood, record, found)

    def check_claims(
        self,
        text: str,
        filters: Filters = Filters(),
        *,
        progress: Callable[[int, int], None] = lambda done, of: None,
        most: int | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> list[dict[str, Any]]:
        """Each claim of a text with what the documents that the person may see say of it; nothing is kept.

        Raises:
            UsageError: the text has more claims than ``most``, or is too long.
            Stopped: ``stopped`` said so.
        """
        from kgrag.check.claims import MOST_CLAIMS, check_claims

        self.require("read")
        limits = self.filters(filters)
        self.within(text, MOST_TEXT, "text")
        if self.answering:
            return self.answering.check(
                text, filters=limits, progress=progress, most=most or MOST_CLAIMS, stopped=stopped
            )

        def tell(done: int, of: int) -> None:
            if stopped():
                raise Stopped("The check was stopped; nothing of it is kept.")
            progress(done, of)

        return [item.as_json() for item in check_claims(text, self.asker, limits, tell, most)]

    def check_references(self, text: str) -> list[dict[str, Any]]:
        """Each reference of a text beside the records that the person may see."""
        from kgrag.check.references import ReferenceChecker

        self.require("read")
        self.within(text, MOST_TEXT, "text")
        if self.answering:
            return self.answering.check_references(text, filters=self.filters())
        checker = ReferenceChecker(self.library.catalogue, self.filters().hidden)
        return [item.as_json() for item in checker.check(text)]

    # -- answers and documents ----------------------------------------------------------------------

    def answer_text(self, answer_id: str) -> str:
        """A stored answer's JSON text, byte for byte.

        Raises:
            NotFound: no such answer, or not for them.
        """
        self.require("read")
        if self.in_hand:
            return stored_text(self.library.catalogue, answer_id)
        return self.rights.answer_text(self.person, answer_id)

    def answer(self, answer_id: str) -> AnswerJson:
        """A stored answer; errors as ``answer_text``."""
        plain: AnswerJson = json.loads(self.answer_text(answer_id))
        return plain

    def export(self, answer_id: str, format: str, *, asker: str = "anonymous") -> bytes:
        """A stored answer as a file; who asked is named only at their own wish.

        Args:
            answer_id: of the answer.
            format: of ``kgrag export``.
            asker: ``anonymous``, ``pseudonym`` or ``name``; only of one's own answers.

        Raises:
            UsageError: no such format.
            NotFound: no such answer, or not for them.
            MissingExtra: the format needs packages that are not installed.
        """
        from kgrag.export import export_answer, format_named

        self.require("export")
        format_named(format)
        self.answer_text(answer_id)
        named = named_asker(self.library, self.person, answer_id, asker)
        return export_answer(self.library, answer_id, format, named, self._as_told)

    def export_many(self, answer_ids: Sequence[str], format: str) -> bytes:
        """Several stored answers as a zip with a file each; errors as ``export``."""
        from kgrag.export import format_named
        from kgrag.export.batch import export_answers

        self.require("export")
        format_named(format)
        for answer_id in answer_ids:
            self.answer_text(answer_id)
        return export_answers(self.library, answer_ids, format, self._as_told)

    def created(self, answer_id: str) -> str:
        """When an answer was given, as far as the person is told: ``kgrag.people.history.when_asked``.

        Raises:
            NotFound: no such answer, or not for them.
        """
        self.answer_text(answer_id)
        first = answer_created(self.library.catalogue, answer_id)
        return first if self.in_hand else when_asked(self.library, self.person, answer_id, first)

    def told_text(self, answer_id: str) -> str:
        """A stored answer's JSON text as it goes out to the person: byte for byte, but that only an admin
        reads where the files of its documents lie. Errors as ``answer_text``.
        """
        text = self.answer_text(answer_id)
        return text if sees_places(self.person) else answer_unplaced(text)

    def _as_told(self, material: Material) -> Material:
        """What is exported, as far as the person is told it."""
        answer_id = material.answer["id"]
        return replace(material, body=self.told_text(answer_id), created=self.created(answer_id))

    def document(self, document_id: str) -> Document:
        """A document that the person may see.

        Raises:
            NotFound: none there, or none for them; the words are the same.
        """
        self.require("read")
        if self.in_hand:
            return self.library.catalogue.document(document_id)
        return self.rights.document(self.person, document_id)

    @property
    def records(self) -> Records:
        """Documents as the person sees them, those among them whose text they may not read."""
        return Records(self.rights, self.person, self.library.settings.openurl)

    # -- judging ------------------------------------------------------------------------------------

    @property
    def rater(self) -> str:
        """Under which name the person's rankings are kept: their pseudonym, which tells other staff
        nothing.
        """
        return NAMELESS.get(self.person.id.partition("-")[0]) or pseudonym(
            self.library.folder, self.person.id, "rater"
        )

    def rank(self, answer_id: str, ranks: Sequence[int], *, note: str = "") -> int:
        """Keep a ranking of an answer's candidates; returns its number. Errors as ``store_ranking``."""
        self._may_judge(answer_id)
        self.within(note, MOST_NOTE, "note")
        return store_ranking(self.library.catalogue, answer_id, ranks, self.rater, note)

    def judge(self, answer_id: str, claim_id: str, *, right: bool, note: str = "") -> int:
        """Keep a verdict on one claim; returns its number. Errors as ``store_claim_verdict``."""
        self._may_judge(answer_id)
        self.within(note, MOST_NOTE, "note")
        return store_claim_verdict(self.library.catalogue, answer_id, claim_id, right, self.rater, note)

    def _may_judge(self, answer_id: str) -> None:
        self.require("feedback")
        self.answer_text(answer_id)

    # -- one's own history --------------------------------------------------------------------------

    def history(self, containing: str = "", limit: int = 100) -> list[Asked]:
        """The person's own questions, newest first; only those that hold some words, where given."""
        self.require("history")
        self.within(containing, MOST_NOTE, "text to look for")
        return asked(self.library, self.person, containing, limit)

    def forget(self, answer_ids: Sequence[str] | None = None) -> int:
        """Forget what the person asked, or some of it, everywhere; returns how many questions those were."""
        return self._noted(
            "history",
            "history-forgotten",
            self.person.id,
            lambda: forget(self.library, self.person, answer_ids),
        )
