"""From a reader's record to the canonical document: clean text, one string, every block at its place, a
stable id.

Knows records and blocks. Does not know formats, passages, or where documents are kept.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

from ingest.text.clean import clean, unescaped
from ingest.text.identifiers import document_id
from ingest.text.language import language_of
from ingest.text.parts import own_identifiers
from kgrag.types import Author, Block, BlockKind, Document, Line, Record, Reference

_WRAP = re.compile(r"(?<=[^\s.!?。！？:：;；)）\"”])[ \t]*\n[ \t]*(?=[a-z0-9(])")
"""A line break inside a sentence, as exports wrap lines: no sign before it, no capital after it."""
_INLINE = re.compile(r"</?(?:jats:)?(?:i|b|em|strong|sub|sup|p|sc|scp|italic|bold|u)>", re.I)


@dataclass(frozen=True, slots=True)
class Placed:
    """A block at ``document.text[start:end]``; the offsets of its lines point into the document's text
    too.
    """

    start: int
    end: int
    kind: BlockKind
    section: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Normalised:
    """A document and its blocks in reading order."""

    document: Document
    blocks: tuple[Placed, ...]


def to_document(record: Record) -> Document:
    """The canonical document of a record (see ``normalise``)."""
    return normalise(record).document


def normalise(record: Record) -> Normalised:
    """The canonical document of a record, and where each block stands in its text.

    Args:
        record: as a reader or ``deduplicate.merge`` gives it.

    Returns:
        The document (its record without blocks) whose text is title, abstract and blocks, joined by blank
        lines; without the reference list. Equal records give equal documents and ids.
    """
    cleaned = _clean_record(record)
    text, blocks = _place([block for block in _all_blocks(cleaned, record.blocks) if block.text])
    language = language_of(text[:4000], cleaned.language)
    document = Document(
        _id(cleaned, text),
        replace(cleaned, language=language),
        text,
        language,
        *_standing(record),
    )
    return Normalised(document, blocks)


def _standing(record: Record) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """What the record says of its own work: of a retraction, and of concerns and corrections."""
    own = [notice for notice in record.notices if not notice.about]
    retractions = [notice.text for notice in own if notice.kind == "retraction"]
    others = ((one.kind, one.text) for one in own if one.kind in ("concern", "correction"))
    return next(iter(retractions), record.extra.get("retraction")), tuple(dict.fromkeys(others))


def _all_blocks(record: Record, blocks: tuple[Block, ...]) -> list[Block]:
    """Title, abstract and body.

    Blocks of kind title or abstract stand for the record's own where they exist.
    """
    own = _floats_last([clean_block(block) for block in blocks if block.kind != "reference"])
    title = [block for block in own if block.kind == "title"][:1]
    if not title and record.title:
        title = [Block(record.title, "title")]
    abstract = [block for block in own if block.kind == "abstract"]
    if not abstract and record.abstract:
        parts = _WRAP.sub(" ", record.abstract).split("\n")
        abstract = [Block(clean(part), "abstract") for part in parts]
    headed = [block for block in own if block.kind not in ("title", "abstract")]
    if abstract and any(block.kind == "abstract" for block in own):
        return title + [block for block in own if block.kind != "title"]
    return title + abstract + headed


def _floats_last(blocks: list[Block]) -> list[Block]:
    """Captions and tables go behind the text of their section, so that they do not cut it."""
    out: list[Block] = []
    floats: list[Block] = []
    for block in blocks:
        if block.kind in ("caption", "table"):
            floats.append(block)
            continue
        if floats and (block.kind == "heading" or block.section != floats[0].section[: len(block.section)]):
            out += floats
            floats = []
        out.append(block)
    return out + floats


def _place(blocks: list[Block]) -> tuple[str, tuple[Placed, ...]]:
    parts: list[str] = []
    placed: list[Placed] = []
    at = 0
    for block in blocks:
        lines = tuple(Line(line.start + at, line.end + at, line.page, line.box) for line in block.lines)
        placed.append(Placed(at, at + len(block.text), block.kind, block.section, lines))
        parts.append(block.text)
        at += len(block.text) + 2
    return "\n\n".join(parts), tuple(placed)


def clean_block(block: Block) -> Block:
    """The block with clean text; the offsets of its lines follow."""
    section = tuple(clean(name) for name in block.section)
    if not block.lines:
        rows = (clean(row) for row in block.text.split("\n"))
        text = "\n".join(row for row in rows if row) if block.kind == "table" else clean(block.text)
        return replace(block, text=text, section=section)
    parts: list[str] = []
    lines: list[Line] = []
    at, before = 0, 0
    for line in block.lines:
        gap, piece = block.text[before : line.start], block.text[line.start : line.end]
        joint = (
            " "
            if at
            and (gap != gap.strip() or gap[:1].isspace() or piece[:1].isspace() or parts[-1][-1:].isspace())
            else ""
        )
        joint = "\n" if at and block.kind == "table" else joint
        cleaned = clean(piece)
        if cleaned:
            parts.append(joint + cleaned)
            lines.append(Line(at + len(joint), at + len(joint) + len(cleaned), line.page, line.box))
            at += len(joint) + len(cleaned)
        before = line.end
    return replace(block, text="".join(parts), section=section, lines=tuple(lines))


def _field(text: str | None) -> str | None:
    """Clean text of a bibliographic field; what was escaped twice is read, and the tags that come to light
    go.
    """
    if not text:
        return None
    read = unescaped(text)
    return clean(read if read == text else _INLINE.sub("", read)) or None


def _clean_record(record: Record) -> Record:
    abstract = "\n".join(filter(None, map(_field, record.abstract.split("\n")))) if record.abstract else None
    return replace(
        record,
        title=_field(record.title),
        abstract=abstract or None,
        venue=_field(record.venue),
        volume=_field(record.volume),
        issue=_field(record.issue),
        pages=_field(record.pages),
        publisher=_field(record.publisher),
        blocks=(),
        authors=tuple(map(_clean_author, record.authors)),
        editors=tuple(map(_clean_author, record.editors)),
        keywords=tuple(dict.fromkeys(filter(None, map(_field, record.keywords)))),
        headings=tuple(dict.fromkeys(filter(None, map(_field, record.headings)))),
        references=tuple(map(_clean_reference, record.references)),
    )


def _clean_author(author: Author) -> Author:
    return Author(
        _field(author.family),
        _field(author.given),
        _field(author.literal),
        author.orcid,
        _field(author.affiliation),
    )


def _clean_reference(reference: Reference) -> Reference:
    return replace(
        reference, text=clean(reference.text), title=clean(reference.title) if reference.title else None
    )


def _id(record: Record, text: str) -> str:
    if found := document_id(own_identifiers(record)):
        return found
    content = "\x1f".join([str(record.year), ";".join(author.name for author in record.authors), text])
    return "sha256:" + hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:24]
