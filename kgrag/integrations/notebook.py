"""Defines what ``kgrag.open`` returns, for notebooks and scripts. Small, typed, stable.

Knows which act of the desk each call is and how a notebook shows what comes of it. Does not know the web or
the command line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kgrag.desk import Desk, local_desk
from kgrag.errors import Forbidden, KgragError, UsageError
from kgrag.library import Library
from kgrag.people.rights import Person
from kgrag.people.users import Users
from kgrag.render.openurl import link_for
from kgrag.types import Filters

MAX_HITS = 1000


@dataclass(frozen=True, slots=True)
class QuoteResult:
    """A quote: the exact words, where they stand, and the characters of the passage's text that they are."""

    quote: str
    document_id: str
    passage_id: str
    span: tuple[int, int]
    page: int | None
    section: str | None


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """One sentence of an answer with its support (probability, 0 … 1), quotes, and chain as text."""

    id: str
    text: str
    score: float
    threshold: float
    quotes: tuple[QuoteResult, ...]
    chain: str


@dataclass(frozen=True, slots=True)
class AnswerResult:
    """An answer.

    ``json`` is the whole object of ``kgrag ask --json``; a notebook shows it with its quotes and chains.
    """

    id: str
    question: str
    status: str
    reason: str | None
    text: str
    claims: tuple[ClaimResult, ...]
    json: Mapping[str, Any]
    _library: OpenLibrary = field(repr=False, compare=False)

    def export(self, format: str, path: str | Path | None = None, *, asker: str = "anonymous") -> bytes:
        """The answer in a format of ``kgrag export``, also written to a file where one is given; ``asker`` as
        in ``OpenLibrary.export``.
        """
        return self._library.export(self.id, format, path, asker=asker)

    def __str__(self) -> str:
        from kgrag.render.as_text import answer_as_text

        return answer_as_text(self.json)

    def _repr_html_(self) -> str:
        from kgrag.export.material import gather
        from kgrag.export.pages import html

        return (
            "<div"
            f" class='kgrag-answer'>{html.body(gather(self._library.library, self.id), pictures=False)}</div>"
        )


@dataclass(frozen=True, slots=True)
class HitResult:
    """A passage that a search found; ``score`` is higher for better, ``retracted`` holds the notice."""

    passage_id: str
    document_id: str
    score: float
    text: str
    title: str
    year: int | None
    section: str
    page: int | None
    retracted: str | None
    notices: tuple[str, ...] = ()
    link: str | None = None


class HitResults(tuple[HitResult, ...]):
    """Hits, best first; a notebook shows them as a list.

    ``record`` is the id of the search's record; ``records`` are documents whose text the user may not read
    and whose records fit, as JSON with a link.
    """

    record: str = ""
    records: tuple[dict[str, Any], ...] = ()

    def _repr_html_(self) -> str:
        item = Markup("<li><strong>{}</strong>{}{} ({})<br>{}</li>")
        marked = Markup(" <em>RETRACTED: {}</em>")
        rows = Markup("").join(
            item.format(
                hit.title,
                marked.format(hit.retracted) if hit.retracted else "",
                " ".join(("", *hit.notices)),
                hit.year or "",
                hit.text,
            )
            for hit in self
        )
        return str(Markup("<ol class='kgrag-hits'>{}</ol>").format(rows))


class OpenLibrary:
    """An open library; see the module. Models are loaded on the first question and stay warm.

    Args:
        folder: of the library; default ``KGRAG_LIBRARY``, else ``./library``.
        as_user: name of a user within whose rights everything is done; None: all of the library, for whoever
            can read its folder.

    Raises:
        NotFound: no library there, or no such user.
        Forbidden: the user is disabled.
    """

    def __init__(self, folder: str | Path | None = None, as_user: str | None = None) -> None:
        self.library = Library.open(folder)
        self._user = as_user
        try:
            self._person()
        except KgragError:
            self.library.close()
            raise

    def __enter__(self) -> OpenLibrary:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give files and connections back."""
        self.library.close()

    @property
    def _desk(self) -> Desk:
        """The desk of whoever acts, as they are now; an admin may have changed their rights since."""
        person = self._person()
        if person is None:
            return local_desk(self.library, asker=lambda: self._asker)
        return Desk(self.library, person, asker=lambda: self._asker)

    def _person(self) -> Person | None:
        """Whoever acts; None for whoever runs the program.

        Raises:
            NotFound: no such user.
            Forbidden: the user is disabled.
        """
        if self._user is None:
            return None
        user = Users(self.library.catalogue).get(self._user)
        if user.disabled:
            raise Forbidden(
                f"'{user.name}' is let in no more. An admin can change that: kgrag users disable {user.name}"
                " --enable"
            )
        return user.person

    @cached_property
    def _asker(self) -> Any:
        from kgrag.ask.asker import Asker

        self.library.catch_up()
        return Asker(self.library)

    def ask(
        self,
        question: str,
        *,
        candidates: int | None = None,
        alpha: float | None = None,
        filters: Filters = Filters(),
    ) -> AnswerResult:
        """Answer a question, or abstain and say why; the answer is stored.

        Args:
            question: any text, English or Chinese.
            candidates: drafts compared, 1 … 9.
            alpha: share of unsupported claims tolerated, between 0 and 1.
            filters: limits to part of the library.

        Raises:
            UsageError: ``candidates`` or ``alpha`` outside its range.
        """
        answer = self._desk.ask(question, filters, candidates=candidates, alpha=alpha)
        return self.answer(answer.id)

    def search(
        self, question: str, *, top_k: int = 10, mode: str = "full", filters: Filters = Filters()
    ) -> HitResults:
        """Passages, best first, ties by passage id.

        Raises:
            UsageError: an unknown mode, or ``top_k`` outside 1 … 1000.
        """
        from kgrag.search import MODES

        if mode not in MODES:
            raise UsageError(f"No mode '{mode}' (found: {', '.join(MODES)}).")
        if not 1 <= top_k <= MAX_HITS:
            raise UsageError(f"top_k is {top_k}; it must be 1 to {MAX_HITS}.")
        desk = self._desk
        searched = desk.search(question, filters, top_k=top_k, mode=mode)
        results = HitResults(
            HitResult(
                h.passage.id,
                h.document.id,
                h.score,
                h.passage.text,
                h.document.title,
                h.document.year,
                " / ".join(h.passage.section),
                h.passage.page,
                h.document.retracted,
                tuple(text for _, text in h.document.notices),
                link_for(h.document.record, self.library.settings.openurl),
            )
            for h in searched.found.hits
        )
        seen = desk.records
        results.record = searched.record
        results.records = tuple(seen.as_json(document) for document in seen.matching(question, filters))
        return results

    def check_claims(
        self, text: str, *, most: int | None = None, filters: Filters = Filters()
    ) -> list[dict[str, Any]]:
        """Each claim of a text with what the library says of it: the ``claims`` of ``kgrag claims check
        --json``. Nothing is kept.

        Raises:
            UsageError: the text has more claims than ``most``.
        """
        return self._desk.check_claims(text, filters, most=most)

    def answer(self, answer_id: str) -> AnswerResult:
        """A stored answer.

        Raises:
            NotFound: no such answer.
        """
        plain = self._desk.answer(answer_id)
        return AnswerResult(
            plain["id"],
            plain["question"],
            plain["status"],
            plain["reason"],
            plain["text"],
            tuple(map(_claim, plain["claims"])),
            plain,
            self,
        )

    def export(
        self, answer_id: str, format: str, path: str | Path | None = None, *, asker: str = "anonymous"
    ) -> bytes:
        """A stored answer in a format of ``kgrag export``, also written to a file where one is given.

        Args:
            answer_id: of the answer.
            format: of ``kgrag export``.
            path: a file to write.
            asker: whether ``prov`` tells who asked: ``anonymous``, ``pseudonym`` or ``name``; only of one's
                own answers.

        Raises:
            UsageError: no such format.
            NotFound: no such answer.
            MissingExtra: the format needs packages that are not installed.
        """
        content = self._desk.export(answer_id, format, asker=asker)
        if path is not None:
            Path(path).write_bytes(content)
        return content

    def extract_with_model(
        self, document_ids: Sequence[str] | None = None, *, dry_run: bool = False
    ) -> dict[str, Any]:
        """Statements by the configured language model, as ``kgrag extract --with-model``; with ``dry_run``
        only what it would cost.

        Raises:
            UsageError: no model is configured.
            Forbidden: the user's role starts no batches, or extraction by a model is turned off for it.
        """
        return self._desk.extract_with_model(document_ids, dry_run=dry_run)

    def verify(self, path: str | Path) -> dict[str, Any]:
        """An exported file checked against itself and this library: the object of ``kgrag verify --json``.

        Raises:
            ReadError: the file is no export that can be checked.
        """
        from kgrag.export.recheck import report

        return report(Path(path), self.library)


def _claim(plain: Mapping[str, Any]) -> ClaimResult:
    from kgrag.render.as_text import chain_as_text

    quotes = tuple(
        QuoteResult(
            e["quote"],
            e["document_id"],
            e["passage_id"],
            (e["span"][0], e["span"][1]),
            e["page"],
            e["section"],
        )
        for e in plain["evidence"]
    )
    return ClaimResult(
        plain["id"],
        plain["text"],
        plain["support"]["score"],
        plain["support"]["threshold"],
        quotes,
        chain_as_text(plain["path"]),
    )
