"""Defines a document as readers, the catalogue and the split see it.

All offsets are Python string indices, end exclusive.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

_SUFFIX = re.compile(r",?\s+((?:Jr|Sr|II|III|IV)\.?)$")
Box = tuple[float, float, float, float]
"""A rectangle on a page: x0, y0, x1, y1 in PDF points, origin at the bottom left."""

BlockKind = Literal["title", "abstract", "heading", "paragraph", "caption", "table", "reference"]


@dataclass(frozen=True, slots=True)
class Author:
    """A person or body that made a work; ``literal`` holds a name that has no family/given parts."""

    family: str | None = None
    given: str | None = None
    literal: str | None = None
    orcid: str | None = None
    affiliation: str | None = None

    @property
    def name(self) -> str:
        """The name as one reads it: ``Given Family Jr.``, or the literal."""
        given, suffix = self.given or "", ""
        if match := _SUFFIX.search(given):
            given, suffix = given[: match.start()], match[1]
        return self.literal or " ".join(part for part in (given, self.family, suffix) if part)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record came from: file, its digest, the reader, and the record's number in the file."""

    path: str
    sha256: str
    reader: str
    record_number: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A run of a block's text that stands on one line of a page: ``text[start:end]`` is inside ``box``."""

    start: int
    end: int
    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, caption … as a reader found it, in reading order."""

    text: str
    kind: BlockKind = "paragraph"
    section: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of a work's reference list; the raw text, and the fields that could be read from it."""

    text: str
    identifiers: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    year: int | None = None
    author: str | None = None


NoticeKind = Literal["retraction", "concern", "correction", "reinstatement"]


@dataclass(frozen=True, slots=True)
class RecordNotice:
    """What a record says of a work's standing.

    ``text`` is one line for people. ``about`` names the work as the mirror of notices does (``doi:…``,
    ``pmid:…``, ``title:…``); it is empty where the record speaks of its own work.
    """

    kind: NoticeKind
    text: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What a reader yields: one work as its file describes it. A field the file lacks is None or empty."""

    source: Source
    title: str | None = None
    abstract: str | None = None
    authors: tuple[Author, ...] = ()
    editors: tuple[Author, ...] = ()
    year: int | None = None
    venue: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    publisher: str | None = None
    identifiers: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    kind: str | None = None
    licence: str | None = None
    keywords: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    blocks: tuple[Block, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[RecordNotice, ...] = ()

    @property
    def makers(self) -> tuple[Author, ...]:
        """Whom the work is cited by: its authors, or the editors of a work that has none."""
        return self.authors or self.editors


@dataclass(frozen=True, slots=True)
class Document:
    """A work of the library. ``text`` is canonical: every offset of its passages points into it.

    ``record`` keeps the bibliographic fields (without blocks); ``retracted`` is a notice or None; ``notices``
    are expressions of ``concern`` and ``correction``s as (kind, text), which take nothing from what the
    document supports.
    """

    id: str
    record: Record
    text: str
    language: str | None = None
    retracted: str | None = None
    notices: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """The title, or the file's name where the record has none."""
        return self.record.title or self.record.source.path.rsplit("/", 1)[-1]

    @property
    def year(self) -> int | None:
        """The year of publication."""
        return self.record.year


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage: offsets in the *passage's* text; page and boxes where the file has pages."""

    start: int
    end: int
    page: int | None = None
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """About 180 tokens of one section. ``text == document.text[start:end]`` always."""

    id: str
    document_id: str
    ordinal: int
    text: str
    start: int
    end: int
    section: tuple[str, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    kind: BlockKind = "paragraph"

    @property
    def page(self) -> int | None:
        """The page its first sentence stands on."""
        return self.sentences[0].page if self.sentences else None
