"""JATS and NLM XML: journal articles with full text, as PLOS, PubMed Central, JOSE and most publishers give
them.

Knows the elements of JATS 0.4–1.3 (and NLM 2–3). Does not know passages: it yields blocks in document order.
Source: NISO Z39.96.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, source, year_of
from ingest.readers.references import reference_of
from ingest.readers.tables import lines_of_table, rows_of_xml
from ingest.readers.xml import (
    Element,
    attribute,
    child,
    children,
    descendants,
    local,
    root_name,
    stream,
    text_of,
)
from ingest.text import identifiers
from kgrag.errors import ReadError
from kgrag.language.wordlists import word_list
from kgrag.types import Author, Block, BlockKind, Record, Reference

_OUTSIDE = word_list("jats_outside", __file__)
_NEVER = word_list("jats_never", __file__)
_APART = word_list("jats_apart", __file__)
_SKIP_IN_P = _OUTSIDE | _NEVER | {"label"}
_DATE_ORDER = ("collection", "ppub", "pub", "epub-ppub", "epub", "epreprint", "")
_SIDE_ABSTRACTS = word_list("jats_side_abstracts", __file__)


class JatsReader:
    """Articles in JATS or NLM XML, one or many in a file."""

    name = "jats"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the document element is an article with front matter, or a set of such."""
        text = decoded_head(head)
        root = root_name(text)
        if root == "article":
            return (
                1.0
                if re.search(r"<(?:[\w]+:)?(?:front|article-meta|journal-meta)\b", text)
                or "JATS" in text
                or "//NLM//" in text
                else 0.5
            )
        return 0.9 if root in {"pmc-articleset", "articles"} and re.search(r"<article[\s>]", text) else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each article of the file.

        Raises:
            ReadError: unsafe XML, not well-formed, or without any article.
        """
        number = -1
        for number, article in enumerate(stream(path, "article")):
            yield _record(article, path, number)
        if number < 0:
            raise ReadError(f"{path.name} holds no JATS article.")


def _record(article: Element, path: Path, number: int) -> Record:
    front = child(article, "front")
    meta = child(front, "article-meta") if front is not None else None
    journal = child(front, "journal-meta") if front is not None else None
    blocks = _Blocks()
    abstract = _abstracts(meta, blocks)
    for part in ("body", "back"):
        blocks.section(child(article, part), ())
    return Record(
        source=source(path, "jats", number),
        title=_title(meta),
        abstract=abstract,
        authors=tuple(_authors(meta)),
        year=_year(meta),
        venue=_venue(journal),
        volume=text_of(child(meta, "volume")) or None,
        issue=text_of(child(meta, "issue")) or None,
        pages=_pages(meta),
        publisher=text_of(child(journal, "publisher", "publisher-name")) or None,
        identifiers=_identifiers(meta, journal),
        language=(attribute(article, "lang") or "").lower()[:2] or None,
        kind=attribute(article, "article-type"),
        licence=_licence(meta),
        keywords=tuple(text_of(item) for item in descendants(meta, "kwd") if text_of(item)),
        headings=tuple(
            dict.fromkeys(
                text_of(item)
                for item in descendants(child(meta, "article-categories"), "subject")
                if text_of(item)
            )
        ),
        references=tuple(_references(article)),
        blocks=tuple(blocks.blocks),
    )


def _title(meta: Element | None) -> str | None:
    group = child(meta, "title-group")
    title = text_of(child(group, "article-title"), {"xref", "fn"})
    subtitle = text_of(child(group, "subtitle"), {"xref", "fn"})
    if subtitle:
        title = f"{title.rstrip(':')}: {subtitle}"
    return title or None


def _venue(journal: Element | None) -> str | None:
    found = child(journal, "journal-title-group", "journal-title")
    found = child(journal, "journal-title") if found is None else found
    short = [
        text_of(item)
        for item in children(journal, "journal-id")
        if item.get("journal-id-type") in {"nlm-ta", "iso-abbrev"}
    ]
    return text_of(found) or next(filter(None, short), None)


def _identifiers(meta: Element | None, journal: Element | None) -> dict[str, str]:
    kinds = {"doi": "doi", "pmid": "pmid", "pmc": "pmcid", "pmcid": "pmcid", "arxiv": "arxiv"}
    pairs = [
        (kinds[kind], text_of(item))
        for item in children(meta, "article-id")
        if (kind := item.get("pub-id-type") or "") in kinds
    ]
    pairs += [("issn", text_of(item)) for item in children(journal, "issn")]
    pairs += [("isbn", text_of(item)) for item in children(meta, "isbn")]
    return identifiers.normal(pairs)


def _year(meta: Element | None) -> int | None:
    dates: dict[str, int] = {}
    for date in children(meta, "pub-date"):
        year = year_of(
            text_of(child(date, "year")) or text_of(child(date, "string-date")) or date.get("iso-8601-date")
        )
        if year:
            dates.setdefault(date.get("pub-type") or date.get("date-type") or "", year)
    return next((dates[kind] for kind in _DATE_ORDER if kind in dates), min(dates.values(), default=None))


def _pages(meta: Element | None) -> str | None:
    first, last = text_of(child(meta, "fpage")), text_of(child(meta, "lpage"))
    if first:
        return f"{first}-{last}" if last and last != first else first
    return text_of(child(meta, "page-range")) or text_of(child(meta, "elocation-id")) or None


def _licence(meta: Element | None) -> str | None:
    for item in descendants(child(meta, "permissions"), "license_ref", "license", "ext-link"):
        address = (text_of(item) if local(item) == "license_ref" else None) or attribute(item, "href")
        if address and "creativecommons" in address:
            return address.strip()
    return (
        text_of(child(meta, "permissions", "license"))
        or text_of(child(meta, "permissions", "copyright-statement"))
        or None
    )


def _authors(meta: Element | None) -> Iterator[Author]:
    places = {
        item.get("id"): text_of(item, {"label", "sup"}) for item in descendants(meta, "aff") if item.get("id")
    }
    for group in children(meta, "contrib-group"):
        for contrib in children(group, "contrib"):
            if (contrib.get("contrib-type") or "author") in {"author", "collab"} and (
                author := _author(contrib, places)
            ):
                yield author


def _author(contrib: Element, places: dict[str | None, str]) -> Author | None:
    name = next(descendants(contrib, "name", "string-name"), None)
    collab = child(contrib, "collab")
    orcid = next(
        (
            found
            for item in children(contrib, "contrib-id") + children(contrib, "uri")
            if (found := identifiers.orcid(text_of(item) or attribute(item, "href")))
        ),
        None,
    )
    where = [places[item.get("rid")] for item in children(contrib, "xref") if item.get("rid") in places]
    where += [text_of(item, {"label"}) for item in children(contrib, "aff")]
    affiliation = "; ".join(filter(None, where)) or None
    if collab is not None:
        return Author(
            literal=text_of(collab, {"contrib-group", "contrib"}), orcid=orcid, affiliation=affiliation
        )
    if name is None:
        return None
    return _named(name, orcid, affiliation)


def _named(name: Element, orcid: str | None, affiliation: str | None) -> Author | None:
    family, given = text_of(child(name, "surname")), text_of(child(name, "given-names"))
    suffix = text_of(child(name, "suffix"))
    if not family:
        literal = given or text_of(name)
        return Author(literal=literal, orcid=orcid, affiliation=affiliation) if literal else None
    return Author(family, " ".join(filter(None, (given, suffix))) or None, None, orcid, affiliation)


def _abstracts(meta: Element | None, blocks: _Blocks) -> str | None:
    """The main abstract as text; every abstract becomes blocks of kind abstract."""
    found = children(meta, "abstract")
    found.sort(key=lambda item: (item.get("abstract-type") or "") in _SIDE_ABSTRACTS)
    main = None
    for item in found:
        first = len(blocks.blocks)
        side = item is not found[0]
        blocks.section(item, (), "abstract", () if not side else ("Summary",))
        paragraphs = [block.text for block in blocks.blocks[first:] if block.kind == "abstract"]
        if main is None and paragraphs:
            main = "\n".join(paragraphs)
    return main


@dataclass
class _Blocks:
    """Blocks gathered in document order."""

    blocks: list[Block] = field(default_factory=list)

    def add(self, text: str, kind: BlockKind, section: tuple[str, ...]) -> None:
        if text:
            self.blocks.append(Block(text, kind, section))

    def section(
        self,
        element: Element | None,
        path: tuple[str, ...],
        kind: BlockKind = "paragraph",
        root: tuple[str, ...] = (),
    ) -> None:
        """Walk body, back, sec, abstract and everything that only groups."""
        if element is None:
            return
        path = path or root
        title = text_of(child(element, "title"), _NEVER)
        if title:
            self.add(title, "heading", path)
            path = (*path, title)
        for item in element:
            self._item(item, path, kind)

    def _item(self, item: Element, path: tuple[str, ...], kind: BlockKind) -> None:
        name = local(item)
        if name == "p":
            self._paragraph(item, path, kind)
        elif name in {"fig", "table-wrap", "supplementary-material", "media"}:
            self._figure(item, path)
        elif not name or name in _APART:
            if name in {"notes", "glossary"}:
                self.section(item, path, kind)
        elif name == "disp-formula":
            self.add(text_of(item, _NEVER | {"label"}), kind, path)
        elif name == "list-item" or name == "def-item":
            self._list_item(item, path, kind)
        else:
            self.section(item, path, kind)

    def _list_item(self, item: Element, path: tuple[str, ...], kind: BlockKind) -> None:
        if any(local(part) == "p" for part in item):
            for part in item:
                self._item(part, path, kind)
        else:
            self.add(text_of(item, _NEVER), kind, path)

    def _paragraph(self, paragraph: Element, path: tuple[str, ...], kind: BlockKind) -> None:
        self.add(text_of(paragraph, _SKIP_IN_P), kind, path)
        for item in paragraph:
            if local(item) in _OUTSIDE:
                self._item(item, path, kind)

    def _figure(self, figure: Element, path: tuple[str, ...]) -> None:
        parts = [text_of(child(figure, "label")), text_of(child(figure, "caption", "title"), _NEVER)]
        caption = child(figure, "caption")
        parts += [
            text_of(item, _NEVER) for item in (caption if caption is not None else ()) if local(item) == "p"
        ]
        text = ""
        for part in filter(None, parts):
            text = f"{text}{'' if not text else ' ' if text[-1] in '.?!:' else '. '}{part}"
        self.add(text, "caption", path)
        for table in descendants(figure, "table"):
            if not any(local(parent) == "table" for parent in table.iterancestors()):
                lines = lines_of_table(*rows_of_xml(table, _NEVER))
                self.add("\n".join(lines), "table", (*path, text) if text else path)


def _references(article: Element) -> Iterator[Reference]:
    for ref in descendants(child(article, "back"), "ref"):
        citation = next(
            descendants(ref, "element-citation", "mixed-citation", "nlm-citation", "citation"), None
        )
        if citation is None:
            continue
        ids = [(item.get("pub-id-type") or "", text_of(item)) for item in descendants(citation, "pub-id")]
        ids += [
            ("doi", attribute(item, "href") or text_of(item))
            for item in descendants(citation, "ext-link", "uri")
        ]
        ids += [("doi", text_of(item)) for item in descendants(citation, "comment")]
        pairs = [(kind, value) for kind, value in ids if kind in {"doi", "pmid", "pmcid", "isbn", "arxiv"}]
        text = _citation_text(citation)
        read = reference_of(text)
        yield Reference(
            text=text,
            identifiers=identifiers.normal([*pairs, *read.identifiers.items()]),
            title=text_of(next(descendants(citation, "article-title", "chapter-title", "data-title"), None))
            or text_of(child(citation, "source"))
            or read.title,
            year=year_of(text_of(next(descendants(citation, "year"), None))) or read.year,
            author=text_of(next(descendants(citation, "surname", "collab"), None)) or read.author,
        )


def _citation_text(citation: Element) -> str:
    """The citation as it stands, or its parts joined where the file holds no punctuation between them."""
    if (local(citation) in {"mixed-citation", "citation"} and (citation.text or "").strip()) or any(
        (item.tail or "").strip(" \n.,;") for item in citation
    ):
        return text_of(citation)
    names = [
        f"{text_of(child(item, 'surname'))} {text_of(child(item, 'given-names'))}".strip()
        for item in descendants(citation, "name")
    ]
    rest = [
        text_of(item)
        for item in citation
        if local(item) not in {"person-group", "name", "pub-id", "year", "label", "string-name"}
    ]
    year = text_of(next(descendants(citation, "year"), None))
    return " ".join(
        filter(None, [", ".join(names), f"({year})" if year else "", ". ".join(filter(None, rest))])
    )
