"""Books in EPUB: what the package says of the book, and its chapters in reading order.

Knows the container, the package document and the spine. Its pages are HTML, read as such; books that are
locked, and members that unpack to far more than they hold, are refused.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from ingest.readers.base import DAMAGED_ZIP, BrokenRecord, author_of, source, year_of
from ingest.readers.papers.html_text import blocks_of_page, page_tree
from ingest.readers.xml import Element, child, children, descendants, local, text_of
from ingest.text import identifiers
from kgrag.errors import ReadError
from kgrag.types import Author, Block, Record

MAX_PART, MAX_TOTAL, MAX_RATIO = 32 << 20, 512 << 20, 200
_MIMETYPE = b"application/epub+zip"
_ASIDE = ("toc", "lof", "lot", "landmarks", "page-list", "cover", "titlepage", "nav")


class EpubReader:
    """One book."""

    name = "epub"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the zip opens with EPUB's own mark."""
        return 1.0 if head.startswith(b"PK\x03\x04") and _MIMETYPE in head[:120] else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """One record of the book.

        Raises:
            ReadError: damaged, locked, too large, or without text.
        """
        try:
            with zipfile.ZipFile(path) as packed:
                record = _record(packed, path)
        except DAMAGED_ZIP as error:
            raise ReadError(f"{path.name} is a damaged EPUB: {error}.") from error
        if not record.blocks:
            raise ReadError(f"{path.name} holds no text.")
        yield record


def _record(packed: zipfile.ZipFile, path: Path) -> Record:
    infos = packed.infolist()
    if sum(info.file_size for info in infos) > max(MAX_TOTAL, MAX_RATIO * path.stat().st_size):
        raise ReadError(f"{path.name} unpacks to far more than it holds: refused as a possible bomb.")
    container = _xml(packed, "META-INF/container.xml", path)
    root = next(descendants(container, "rootfile"), None)
    name = (root.get("full-path") if root is not None else None) or ""
    package = _xml(packed, name, path)
    pages = list(_spine(package, str(PurePosixPath(name).parent)))
    _refuse_locked(packed, pages, path)
    blocks = [block for page in pages if page in packed.namelist() for block in _blocks(packed, page, path)]
    data = child(package, "metadata")
    title = text_of(child(data, "title")) or None
    return Record(
        source=source(path, "epub"),
        title=title,
        authors=tuple(filter(None, (_author(item, data) for item in children(data, "creator")))),
        year=_year(data),
        publisher=text_of(child(data, "publisher")) or None,
        identifiers=identifiers.normal(_identifiers(data)),
        language=text_of(child(data, "language")) or None,
        kind="book",
        licence=text_of(child(data, "rights")) or None,
        keywords=tuple(filter(None, map(text_of, children(data, "subject")))),
        blocks=tuple(block for block in blocks if block.kind != "heading" or block.text != title),
    )


def _part(packed: zipfile.ZipFile, name: str, path: Path) -> bytes:
    info = packed.getinfo(name)
    if info.file_size > MAX_PART or info.file_size > MAX_RATIO * max(1, info.compress_size) + (1 << 20):
        raise ReadError(f"{path.name} unpacks to {info.file_size:,} bytes: refused as a possible bomb.")
    with packed.open(info) as opened:
        return opened.read(MAX_PART)


def _xml(packed: zipfile.ZipFile, name: str, path: Path) -> Element:
    from lxml import etree

    content = _part(packed, name, path)
    if b"<!ENTITY" in content[:65536]:
        raise ReadError(f"{path.name} declares XML entities. They are never read.")
    try:
        return etree.fromstring(
            content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        )
    except etree.XMLSyntaxError as error:
        raise ReadError(f"{path.name} is a damaged EPUB: {error.msg}.") from error


def _spine(package: Element, folder: str) -> Iterator[str]:
    """The names of the pages in reading order, without the list of contents."""
    items = {item.get("id"): item for item in children(child(package, "manifest"), "item")}
    for reference in children(child(package, "spine"), "itemref"):
        item = items.get(reference.get("idref"))
        if item is None or "html" not in (item.get("media-type") or ""):
            continue
        if "nav" not in (item.get("properties") or "").split():
            yield str(PurePosixPath(folder) / unquote(item.get("href") or ""))


def _refuse_locked(packed: zipfile.ZipFile, pages: list[str], path: Path) -> None:
    """Refuse a book whose pages are encrypted; fonts alone may be."""
    if "META-INF/encryption.xml" not in packed.namelist():
        return
    for item in descendants(_xml(packed, "META-INF/encryption.xml", path), "EncryptedData"):
        locked = {unquote(place.get("URI") or "") for place in descendants(item, "CipherReference")}
        if locked & set(pages):
            raise ReadError(f"{path.name} is locked (its pages are encrypted): its text cannot be read.")


def _blocks(packed: zipfile.ZipFile, page: str, path: Path) -> list[Block]:
    content = re.sub(r"^\s*<\?xml[^>]*\?>", "", _part(packed, page, path).decode("utf-8-sig", "replace"))
    if not re.search(r"<\w", content):
        return []
    tree = page_tree(content, path)
    for item in list(tree.iter()):
        kind = (item.get("epub:type") or "") if local(item) else ""
        if set(kind.split()) & set(_ASIDE) and local(item) not in ("html", "body"):
            item.drop_tree()
    return list(blocks_of_page(tree))


def _author(item: Element, data: Element | None) -> Author | None:
    """A creator whose role, in either version, is that of an author or is not said."""
    role = next((value for key, value in item.attrib.items() if key.endswith("role")), None) or next(
        (
            text_of(meta)
            for meta in children(data, "meta")
            if meta.get("property") == "role" and meta.get("refines") == f"#{item.get('id')}"
        ),
        "aut",
    )
    return author_of(text_of(item)) if role == "aut" else None


def _year(data: Element | None) -> int | None:
    """The year of publication: not that of the digital file where both are said."""
    dated = [
        (next((value for key, value in item.attrib.items() if key.endswith("event")), ""), text_of(item))
        for item in children(data, "date")
    ]
    said = [text for event, text in dated if "publication" in event] or [t for e, t in dated if not e]
    return next(filter(None, map(year_of, said)), None)


def _identifiers(data: Element | None) -> list[tuple[str, str]]:
    found = []
    for item in children(data, "identifier"):
        text = text_of(item)
        scheme = next((value for key, value in item.attrib.items() if key.endswith("scheme")), "").lower()
        if match := re.match(r"(?:urn:)?(isbn|doi)[:\s]\s*(.+)", text, re.I):
            scheme, text = match.group(1).lower(), match.group(2)
        if scheme in ("isbn", "doi"):
            found.append((scheme, text))
        elif doi := identifiers.doi(text):
            found.append(("doi", doi))
    return found
