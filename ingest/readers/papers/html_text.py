"""Pages of HTML, and the text of fields that carry tags.

Knows the head's metadata (Highwire, Dublin Core, Open Graph) and the body's headings and paragraphs. Scripts,
menus and feet are left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import (
    BrokenRecord,
    author_of,
    decoded_head,
    encoding_of_file,
    open_binary,
    source,
    year_of,
)
from ingest.readers.tables import lines_of_table, rows_of_xml
from ingest.readers.xml import Element, local
from ingest.text import identifiers
from ingest.text.clean import clean
from kgrag.errors import ReadError
from kgrag.language.wordlists import word_list
from kgrag.types import Author, Block, BlockKind, Record

_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]*)(?:\s[^<>]*)?/?>")
_LEFT_OUT = word_list("html_left_out", __file__)
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_TEXTS = word_list("html_texts", __file__)
MAX_BYTES = 64 << 20


def strip_tags(text: str) -> str:
    """Text of a field without tags and character references; paragraphs and headings of JATS become lines."""
    if "<" not in text and "&" not in text:
        return text
    text = _TAG.sub(
        lambda found: (
            "\n" if found.group(2).rpartition(":")[2].lower() in {"p", "title", "sec", "br"} else ""
        ),
        text,
    )
    lines = (clean(line) for line in html.unescape(text).split("\n"))
    return "\n".join(line for line in lines if line and line.lower() != "abstract")


class HtmlReader:
    """One page of HTML."""

    name = "html"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where a document type or the element html opens the file."""
        text = decoded_head(head[:8192]).lstrip().lower()
        if re.match(r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype\s+html|<html[\s>])", text, re.S):
            return 0.95
        return 0.4 if re.search(r"<(?:body|div|p|h1)[\s>]", text[:2000]) and text.startswith("<") else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """One record of the page.

        Raises:
            ReadError: too large, or without any text.
        """
        if path.stat().st_size > MAX_BYTES:
            raise ReadError(f"{path.name} is larger than a page of HTML may be ({MAX_BYTES:,} bytes).")
        encoding = encoding_of_file(path)
        with open_binary(path) as stream:
            content = stream.read(MAX_BYTES).decode(encoding, "replace")
        record = _record(page_tree(content, path), path)
        if not record.blocks and not record.abstract:
            raise ReadError(f"{path.name} holds no text.")
        yield record


def page_tree(content: str, path: Path) -> Element:
    """The elements of a page.

    Raises:
        ReadError: no HTML at all.
    """
    from lxml import etree
    from lxml import html as lxml_html

    try:
        return lxml_html.document_fromstring(
            re.sub(r"^\s*<\?xml[^>]*\?>", "", content),
            parser=lxml_html.HTMLParser(no_network=True, huge_tree=False),
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise ReadError(f"{path.name} is no HTML that can be read: {error}.") from error


MAX_CELL = 600
"""Characters; a longer cell holds text, not data."""
_KINDS: dict[str, BlockKind] = {"figcaption": "caption", "caption": "caption", "table": "table"}


def _record(tree: Element, path: Path) -> Record:
    meta: dict[str, list[str]] = {}
    for item in tree.iter("meta"):
        name = (item.get("name") or item.get("property") or "").lower()
        if name and item.get("content"):
            meta.setdefault(name, []).append(clean(item.get("content")))

    def first(*names: str) -> str | None:
        return next((meta[name][0] for name in names if meta.get(name)), None)

    blocks = list(blocks_of_page(tree))
    title = (
        first("citation_title", "dc.title", "og:title")
        or clean(" ".join(tree.xpath("//title[1]//text()")))
        or None
    )
    heading = next((block.text for block in blocks if block.kind == "heading"), None)
    pages = [first("citation_firstpage"), first("citation_lastpage")]
    return Record(
        source=source(path, "html", 0),
        title=title or heading,
        abstract=strip_tags(first("citation_abstract", "dc.description.abstract") or "") or None,
        authors=tuple(_authors(meta)),
        year=year_of(
            first(
                "citation_publication_date",
                "citation_date",
                "dc.date",
                "citation_year",
                "article:published_time",
            )
        ),
        venue=first("citation_journal_title", "citation_conference_title", "dc.source"),
        volume=first("citation_volume"),
        issue=first("citation_issue"),
        pages="-".join(filter(None, pages)) or None,
        publisher=first("citation_publisher", "dc.publisher"),
        identifiers=identifiers.normal(
            [
                ("doi", first("citation_doi", "dc.identifier", "prism.doi")),
                ("pmid", first("citation_pmid")),
                ("issn", first("citation_issn")),
                ("isbn", first("citation_isbn")),
            ]
        ),
        language=(tree.get("lang") or first("citation_language", "dc.language") or "")[:2].lower() or None,
        keywords=tuple(
            word.strip()
            for value in meta.get("citation_keywords", meta.get("keywords", []))
            for word in re.split("[;,]", value)
            if word.strip()
        ),
        licence=first("dc.rights", "dc.license"),
        blocks=tuple(block for place, block in enumerate(blocks) if place or block.text != title),
    )


def _authors(meta: dict[str, list[str]]) -> Iterator[Author]:
    names = (
        meta.get("citation_author")
        or [name for value in meta.get("citation_authors", []) for name in value.split(";")]
        or meta.get("dc.creator")
        or meta.get("author")
        or []
    )
    orcids = meta.get("citation_author_orcid", [])
    for place, name in enumerate(names):
        orcid = identifiers.orcid(orcids[place]) if len(orcids) == len(names) else None
        if author := author_of(name, orcid):
            yield author


def blocks_of_page(tree: Element) -> Iterator[Block]:
    """Headings, paragraphs and captions; an element that only groups is walked through."""
    roots = tree.xpath("//main|//article|//*[@role='main']") or tree.xpath("//body") or [tree]
    path: list[tuple[int, str]] = []
    caption = ""
    for name, text in _walk(roots[0]):
        if name in _HEADINGS:
            while path and path[-1][0] >= _HEADINGS[name]:
                path.pop()
            yield Block(text, "heading", tuple(title for _, title in path))
            path.append((_HEADINGS[name], text))
        else:
            section = tuple(title for level, title in path if level > 1 or len(path) == 1)
            if name == "table" and caption:
                section = (*section, caption)
            yield Block(text, _KINDS.get(name, "paragraph"), section)
            caption = text if name == "caption" else ""


def _walk(root: Element) -> Iterator[tuple[str, str]]:
    """(element name, text) of everything that holds text of its own, without recursion: pages may be nested
    deeply.
    """
    stack: list[Element | tuple[str, str]] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            yield item
            continue
        name = local(item).lower()
        if not name or name in _LEFT_OUT:
            continue
        if name == "table" and (table := _table(item)):
            yield from table
            continue
        if (
            name in _HEADINGS
            or name in {"p", "li", "blockquote", "dd", "dt", "pre", "figcaption", "caption"}
            or not any(
                local(part).lower()
                in _TEXTS | set(_HEADINGS) | {"table", "ul", "ol", "dl", "tr", "tbody", "thead", "figure"}
                for part in item
            )
        ):
            text = _own_text(item)
        else:
            stack.extend(_parts(item))
            continue
        if text.strip(" |"):
            yield name, text


def _table(table: Element) -> list[tuple[str, str]]:
    """The caption and the rows of a table of data; nothing of one that only lays out a page."""
    if any(local(part).lower() in {"table", "form", *_HEADINGS} for part in table.iterdescendants()):
        return []
    rows, n_heads = rows_of_xml(table, text=_own_text)
    widest = max(map(len, rows), default=0)
    if len(rows) < 2 or widest < 2 or any(len(cell.text) > MAX_CELL for row in rows for cell in row):
        return []
    caption = next((_own_text(item) for item in table if local(item).lower() == "caption"), "")
    text = "\n".join(lines_of_table(rows, n_heads))
    return [(name, part) for name, part in (("caption", caption), ("table", text)) if part]


def _own_text(item: Element) -> str:
    return clean(" ".join(text for text in item.itertext() if not _inside_script(text)))


def _inside_script(text: object) -> bool:
    parent = getattr(text, "getparent", lambda: None)()
    return (
        parent is not None
        and not getattr(text, "is_tail", False)
        and local(parent).lower() in {"script", "style"}
    )


def _parts(item: Element) -> list[Element | tuple[str, str]]:
    """Children and loose text of a grouping element, in reverse order for a stack."""
    out: list[Element | tuple[str, str]] = []
    if clean(item.text or ""):
        out.append(("p", clean(item.text or "")))
    for part in item:
        out.append(part)
        if len(clean(part.tail or "")) > 1:
            out.append(("p", clean(part.tail or "")))
    return out[::-1]
