"""TEI as GROBID writes it, and TEI of editions: header, abstract, body, bibliography.

Knows TEI P5's elements for papers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, source, year_of
from ingest.readers.tables import lines_of_table, rows_of_xml
from ingest.readers.xml import Element, child, children, descendants, local, root_name, stream, text_of
from ingest.text import identifiers
from kgrag.errors import ReadError
from kgrag.types import Author, Block, Record, Reference

_IDENTIFIERS = {
    "doi": "doi",
    "pmid": "pmid",
    "pmcid": "pmcid",
    "arxiv": "arxiv",
    "issn": "issn",
    "eissn": "issn",
    "isbn": "isbn",
}
"""Our kinds by the types of TEI's ``idno``."""


class TeiReader:
    """Papers in TEI."""

    name = "tei"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the document element is TEI."""
        return 1.0 if root_name(decoded_head(head)) in {"TEI", "teiCorpus", "TEI.2"} else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each text of the file.

        Raises:
            ReadError: unsafe, not well-formed, or without a text.
        """
        number = -1
        for number, item in enumerate(stream(path, "TEI", "TEI.2")):
            yield _record(item, path, number)
        if number < 0:
            raise ReadError(f"{path.name} holds no TEI text.")


def _record(tei: Element, path: Path, number: int) -> Record:
    header = child(tei, "teiHeader")
    described = child(header, "fileDesc")
    work = child(described, "sourceDesc", "biblStruct")
    analytic, monograph = child(work, "analytic"), child(work, "monogr")
    blocks = _blocks(tei)
    scopes = {item.get("unit"): item for item in descendants(monograph, "biblScope")}
    dated = [*descendants(monograph, "date"), *descendants(child(described, "publicationStmt"), "date")]
    dates = [item.get("when") or text_of(item) for item in dated]
    return Record(
        source=source(path, "tei", number),
        title=text_of(child(described, "titleStmt", "title")) or text_of(child(analytic, "title")) or None,
        abstract="\n".join(block.text for block in blocks if block.kind == "abstract") or None,
        authors=tuple(
            filter(None, map(_author, children(analytic, "author") or children(monograph, "author")))
        ),
        year=next(filter(None, map(year_of, dates)), None),
        venue=text_of(child(monograph, "title")) or None,
        volume=text_of(scopes.get("volume")) or None,
        issue=text_of(scopes.get("issue")) or None,
        pages=_pages(scopes.get("page")),
        publisher=text_of(next(descendants(described, "publisher"), None)) or None,
        identifiers=_identifiers(work),
        language=tei.get("{http://www.w3.org/XML/1998/namespace}lang") or None,
        licence=next((item.get("target") for item in descendants(described, "licence")), None),
        keywords=tuple(
            filter(None, (text_of(item) for item in descendants(child(header, "profileDesc"), "term")))
        ),
        references=tuple(_reference(item) for item in descendants(child(tei, "text", "back"), "biblStruct")),
        blocks=tuple(blocks),
    )


def _blocks(tei: Element) -> list[Block]:
    """The abstract and the body."""
    blocks: list[Block] = []
    abstract = child(tei, "teiHeader", "profileDesc", "abstract")
    if abstract is not None:
        _walk(abstract, (), blocks, "abstract")
    _walk(child(tei, "text", "body"), (), blocks, "paragraph")
    return blocks


def _pages(scope: Element | None) -> str | None:
    if scope is None:
        return None
    return "-".join(filter(None, (scope.get("from"), scope.get("to")))) or text_of(scope) or None


def _identifiers(work: Element | None) -> dict[str, str]:
    named = [((item.get("type") or "").lower(), text_of(item)) for item in descendants(work, "idno")]
    return identifiers.normal([(_IDENTIFIERS[kind], value) for kind, value in named if kind in _IDENTIFIERS])


def _walk(element: Element | None, path: tuple[str, ...], blocks: list[Block], kind: str) -> None:
    head = text_of(child(element, "head"))
    if head:
        blocks.append(Block(head, "heading", path))
        path = (*path, head)
    for item in element if element is not None else ():
        name = local(item)
        if name in {"p", "item", "ab", "formula"} and text_of(item):
            blocks.append(Block(text_of(item), "abstract" if kind == "abstract" else "paragraph", path))
        elif name == "figure":
            parts = [text_of(child(item, "head")), text_of(child(item, "figDesc"))]
            caption = " ".join(filter(None, parts))
            if caption:
                blocks.append(Block(caption, "caption", path))
            for table in children(item, "table"):
                _table(table, (*path, caption) if caption else path, blocks)
        elif name == "table":
            _table(item, (*path, head) if (head := text_of(child(item, "head"))) else path, blocks)
        elif name in {"div", "div1", "div2", "div3", "list"}:
            _walk(item, path, blocks, kind)


def _table(table: Element, path: tuple[str, ...], blocks: list[Block]) -> None:
    if text := "\n".join(lines_of_table(*rows_of_xml(table))):
        blocks.append(Block(text, "table", path))


def _author(item: Element) -> Author | None:
    name = next(descendants(item, "persName"), item)
    family = text_of(child(name, "surname"))
    given = " ".join(filter(None, map(text_of, children(name, "forename"))))
    orcid = next(
        (found for one in descendants(item, "idno") if (found := identifiers.orcid(text_of(one)))), None
    )
    where = "; ".join(filter(None, (text_of(one) for one in descendants(item, "orgName")))) or None
    if family:
        return Author(family, given or None, None, orcid, where)
    literal = text_of(name)
    return Author(literal=literal, orcid=orcid) if literal and not where else None


def _reference(item: Element) -> Reference:
    raw = next(
        (text_of(note) for note in descendants(item, "note") if note.get("type") == "raw_reference"), ""
    )
    title = text_of(next(descendants(child(item, "analytic"), "title"), None)) or text_of(
        next(descendants(child(item, "monogr"), "title"), None)
    )
    date = next(descendants(item, "date"), None)
    year = year_of((date.get("when") or text_of(date)) if date is not None else None)
    author = text_of(next(descendants(item, "surname"), None)) or None
    pairs = [((one.get("type") or "").lower(), text_of(one)) for one in descendants(item, "idno")]
    text = raw or ". ".join(filter(None, (author, title, str(year) if year else "")))
    return Reference(
        text,
        identifiers.normal(
            [(kind, value) for kind, value in pairs if kind in {"doi", "pmid", "pmcid", "arxiv"}]
        ),
        title or None,
        year,
        author,
    )
