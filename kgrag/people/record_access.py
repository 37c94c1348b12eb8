"""Shows the record of documents whose text a person may not read: the record, a link to the full text
elsewhere, and not a word of the text.

Knows collections that show their records (``Collection.shows_records``) and which fields are text. Everything
that quotes, searches or exports texts leaves such documents out as hidden ones (``Rights.filters``); they are
found here, by what their records say alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from sqlalchemy import or_, select

from kgrag.catalogue import schema as t
from kgrag.catalogue.rows import document_from_row
from kgrag.catalogue.visible import is_visible
from kgrag.errors import NotFound
from kgrag.language.words import content_words
from kgrag.people.rights import Person, Rights, may
from kgrag.render.as_json import document_to_json
from kgrag.render.openurl import link_for
from kgrag.types import Document, Filters

N_LOOKED_AT = 2_000
MIN_SHARE = 0.5
"""Of a question's content words that a record must hold to be shown."""


class Records:
    """What one person sees of documents, text or not; made for one request, since rights may change.

    Args:
        rights: of the library.
        person: who looks.
        pattern: the admin's OpenURL pattern; empty for no links.
    """

    def __init__(self, rights: Rights, person: Person, pattern: str = "") -> None:
        self.rights, self.person, self.pattern = rights, person, pattern

    def filters(self, filters: Filters = Filters()) -> Filters:
        """Limits that leave out only documents whose very record the person may not see."""
        return replace(filters, hidden=tuple(key for key in self._hidden if key not in self._closed))

    @cached_property
    def _hidden(self) -> tuple[int, ...]:
        return self.rights.hidden(self.person)

    @cached_property
    def _closed(self) -> tuple[int, ...]:
        return self.rights.closed(self.person)

    def readable(self, document_id: str) -> bool:
        """Whether the person may read the document's text."""
        return is_visible(self.rights.catalogue, [document_id], self._hidden)

    def document(self, document_id: str) -> Document:
        """A document as the person may see it: whole, or without its text.

        Raises:
            NotFound: none there, or none for them; the words are the same.
        """
        try:
            return self.rights.document(self.person, document_id)
        except NotFound:
            if not is_visible(self.rights.catalogue, [document_id], self.filters().hidden):
                raise
            return bare(self.rights.catalogue.document(document_id))

    def link(self, document: Document) -> str | None:
        """Where the full text is elsewhere, by the admin's pattern."""
        return link_for(document.record, self.pattern)

    def as_json(self, document: Document, *, full: bool = False) -> dict[str, Any]:
        """A record with ``access`` (``text`` or ``record``) and ``link``; ``full`` gives the text only to who
        may read it.
        """
        readable = self.readable(document.id)
        shown = document if readable else bare(document)
        shown = shown if sees_places(self.person) else unplaced(shown)
        return document_to_json(shown, full=full) | {
            "access": "text" if readable else "record",
            "link": self.link(document),
        }

    def listed(self, after: str = "", limit: int | None = None) -> Iterator[Document]:
        """Documents in the order of their ids, those without text among them."""
        for document in self.rights.catalogue.documents(after, limit, self.filters().hidden):
            yield document if self.readable(document.id) else bare(document)

    def matching(self, question: str, filters: Filters = Filters(), limit: int = 5) -> list[Document]:
        """Documents that the person may not read whose records hold at least half of a question's content
        words, the most first, ties by id.

        Only titles, authors, venues and keywords are looked at, so that nothing can be asked out of the
        texts.
        """
        asked = set(content_words(question))
        if not self._closed or not asked:
            return []
        catalogue, d = self.rights.catalogue, t.documents.c
        chosen = catalogue.filtered_documents(
            replace(self.filters(filters), collections=filters.collections or self._closed)
        )
        named = or_(*(d.title.icontains(word, autoescape=True) for word in sorted(asked)))
        rows = catalogue.rows(
            select(t.documents).where(d.key.in_(chosen), named).order_by(d.id).limit(N_LOOKED_AT)
        )
        scored = [
            (len(asked & _words(document)), document)
            for document in map(document_from_row, rows)
            if not self.readable(document.id)
        ]
        best = sorted(
            (pair for pair in scored if pair[0] >= MIN_SHARE * len(asked)),
            key=lambda pair: (-pair[0], pair[1].id),
        )
        return [bare(document) for _, document in best[:limit]]


def sees_places(person: Person) -> bool:
    """Whether a person is told where on the service's machine a document's file lies."""
    return may(person, "keep")


def unplaced(document: Document) -> Document:
    """A document with the name of its file, and not where it lies."""
    source = replace(document.record.source, path=_name_of(document.record.source.path))
    return replace(document, record=replace(document.record, source=source))


def answer_unplaced(text: str) -> str:
    """A stored answer's JSON text with the names of files, and not where they lie."""
    plain = json.loads(text)
    for document in plain["documents"]:
        document["source"]["path"] = _name_of(document["source"]["path"])
    return json.dumps(plain, ensure_ascii=False)


def _name_of(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def bare(document: Document) -> Document:
    """A document without its text, its abstract, what was read from its text, and where its file lies."""
    document = unplaced(document)
    return replace(
        document,
        text="",
        record=replace(document.record, abstract=None, references=(), blocks=(), extra={}),
    )


def _words(document: Document) -> set[str]:
    record = document.record
    parts: Sequence[str] = (
        record.title or "",
        record.venue or "",
        *(author.name for author in record.authors),
        *record.keywords,
    )
    return set(content_words(" ".join(parts)))
