"""Answers questions about a work itself (who wrote it, when and where it appeared, its DOI) from its
catalogue record.

Knows how such questions are put in English and Chinese, and when a title is meant. The texts themselves are
bad witnesses for this: “I began writing …” is no author. What a record says is no claim and has no quote; it
is shown apart, with the work's title.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kgrag.language.names import plain
from kgrag.language.words import content_words, short_stem
from kgrag.render.as_text import author_names
from kgrag.types import Document, Hit, QuestionForm, Record, RecordFact

MOST = 3
"""Works that a name may mean; where more titles hold it, it is a subject and no work."""


SHORTEST = 4


_VALUES: Mapping[str, Callable[[Record], str]] = {
    "authors": lambda record: author_names(record),
    "year": lambda record: str(record.year or ""),
    "venue": lambda record: record.venue or "",
    "doi": lambda record: record.identifiers.get("doi", ""),
}


def record_facts(form: QuestionForm, works: Sequence[Document]) -> tuple[RecordFact, ...]:
    """What the records of the works that a question is about say; empty where it asks for something else, or
    no work found bears that title.

    Args:
        form: of the question.
        works: among which the one meant may be: those found, and those titled so.
    """
    if form.kind != "record":
        return ()
    field, name = form.field, form.thing
    facts = [
        RecordFact(
            document.id,
            document.record.title or "",
            field,
            _VALUES[field](document.record),
            document.retracted is not None,
        )
        for document in _meant(plain(name), works)
    ]
    return tuple(fact for fact in facts if fact.value)


def _meant(name: str, works: Sequence[Document]) -> list[Document]:
    """The works whose title is the name, or else begins with it or holds it word for word; none where that
    are too many to be meant.
    """
    titles = {work.id: (work, plain(work.record.title or "")) for work in works}
    if len(name.replace(" ", "")) < SHORTEST:
        return []
    same = [document for document, title in titles.values() if title == name]
    holding = [
        document
        for document, title in titles.values()
        if f" {name} " in f" {title} " or (name > "\u2e80" and name in title)
    ]
    found = same or holding
    return found if len(found) <= MOST else []


MOST_LISTED = 20


def works_on(form: QuestionForm, subject: str, hits: Sequence[Hit]) -> tuple[RecordFact, ...]:
    """The works found whose records hold all words of a subject: those that hold them in the title or the
    keywords first, then by the abstract, each in the order found.

    Args:
        form: of the question; where it asks for the newest, those come first.
        subject: the words, as they are searched.
        hits: what was found for it.
    """
    about = held_on(subject, list({hit.document.id: hit.document for hit in hits}.values()))
    if form.newest:
        about.sort(key=lambda document: -(document.record.year or 0))
    return tuple(work_fact(form.field, document) for document in about[:MOST_LISTED])


def held_on(subject: str, documents: Sequence[Document]) -> list[Document]:
    """The documents whose records hold all words of a subject: by title, keywords or headings first, then by
    the abstract, each in the given order.
    """
    wanted = set(map(short_stem, content_words(subject)))
    if not wanted:
        return []
    named, told = [], []
    for document in documents:
        record = document.record
        if wanted <= _stems(document.title, *record.keywords, *record.headings):
            named.append(document)
        elif wanted <= _stems(document.title, *record.keywords, record.abstract or ""):
            told.append(document)
    return named + told


def _stems(*texts: str) -> set[str]:
    return set(map(short_stem, content_words(" ".join(texts))))


def work_fact(field: str, document: Document) -> RecordFact:
    """A work with who wrote it (``authors``), or with first author, year and journal (``work``)."""
    value = author_names(document.record) if field == "authors" else _where(document.record)
    return RecordFact(
        document.id, document.title, field, value or document.title, document.retracted is not None
    )


def _where(record: Record) -> str:
    """First author, year and journal, as far as the record has them."""
    who = record.authors[0].name + (" et al." if len(record.authors) > 1 else "") if record.authors else ""
    return ", ".join(str(part) for part in (who, record.year, record.venue) if part)
