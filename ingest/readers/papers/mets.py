"""Digitised works in METS: the pages it names, in their order, and what it says of the work (MODS, Dublin
Core).

Knows METS's files and its physical order; pages are ALTO files beside it. It follows no address, and no path
out of its folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from ingest.readers.base import BrokenRecord, author_of, decoded_head, head_of, source, year_of
from ingest.readers.papers.alto import Pages
from ingest.readers.xml import Element, attribute, child, children, descendants, root_name, stream, text_of
from ingest.text import identifiers
from kgrag.errors import ReadError
from kgrag.types import Author, Record


class MetsReader:
    """One digitised work."""

    name = "mets"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the document element is mets."""
        return 1.0 if root_name(decoded_head(head)) == "mets" else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """One record with the text of its pages.

        Raises:
            ReadError: unsafe, not well-formed, or with neither a title nor a page that is there.
        """
        tree = _tree(path)
        named = _pages(tree, path)
        pages, missing = Pages(), 0
        for page in named:
            if page.is_file() and root_name(decoded_head(head_of(page))) == "alto":
                pages.add(page)
            elif page.suffix.lower() == ".xml":
                missing += 1
        record = _described(tree, path, pages)
        if not record.title and not pages.blocks:
            raise ReadError(f"{path.name} names no work, and no page of ALTO that lies beside it.")
        extra = pages.extra()
        if missing:
            told = f"{missing} of {len(named)} pages are not beside {path.name}."
            extra["warnings"] = " ".join(filter(None, (extra.get("warnings"), told)))
        yield replace(record, extra={**record.extra, **extra})


def pages_named(path: Path) -> set[Path]:
    """The files beside a METS file that are its pages; none where it cannot be read."""
    try:
        return set(_pages(_tree(path), path)) if root_name(decoded_head(head_of(path))) == "mets" else set()
    except (ReadError, OSError):
        return set()


def _tree(path: Path) -> Element:
    tree = next(stream(path, "mets"), None)
    if tree is None:
        raise ReadError(f"{path.name} holds no METS.")
    return tree


def _pages(tree: Element, path: Path) -> list[Path]:
    """The XML files in the order of the pages; in that of the list of files where no order is given."""
    files: dict[str, Path] = {}
    for item in descendants(child(tree, "fileSec"), "file"):
        place = child(item, "FLocat")
        href = attribute(place, "href") if place is not None else None
        found = _beside(path, href or "")
        if found is not None and "xml" in f"{item.get('MIMETYPE')} {found.suffix}".lower():
            files[item.get("ID") or str(len(files))] = found
    maps = children(tree, "structMap")
    physical = next((m for m in maps if (m.get("TYPE") or "").upper() == "PHYSICAL"), None)
    order = [
        area.get("FILEID") or ""
        for pointer in descendants(physical, "fptr")
        for area in [pointer, *descendants(pointer, "area")]
    ]
    placed = [files[name] for name in order if name in files]
    return list(dict.fromkeys(placed or files.values()))


def _beside(path: Path, href: str) -> Path | None:
    """A file in the folder of a METS file or below it; None for addresses and whatever lies elsewhere."""
    bare = unquote(href.removeprefix("file://"))
    folder = path.resolve().parent
    if not bare or "://" in bare or "\x00" in bare:
        return None
    found = (folder / bare).resolve()
    return found if found.is_relative_to(folder) and found != path.resolve() else None


def _described(tree: Element, path: Path, pages: Pages) -> Record:
    """The record by the first description that has a title."""
    data = next((item for item in descendants(tree, "xmlData") if _title(item)), None)
    dates = [text_of(item) for item in descendants(data, "dateIssued", "date", "issued")]
    kinds = [(item.get("type") or "", text_of(item)) for item in descendants(data, "identifier")]
    return Record(
        source=source(path, "mets"),
        title=_title(data) or None,
        authors=tuple(filter(None, (_author(item) for item in descendants(data, "name", "creator")))),
        year=next(filter(None, map(year_of, dates)), None),
        publisher=text_of(next(descendants(data, "publisher"), None)) or None,
        identifiers=identifiers.normal(
            [(kind.lower(), value) for kind, value in kinds if kind.lower() in ("doi", "isbn", "issn")]
        ),
        language=text_of(next(descendants(data, "languageTerm", "language"), None)) or None,
        blocks=tuple(pages.blocks),
    )


def _title(data: Element | None) -> str:
    """The title; of MODS with its subtitle, without those of series and hosts."""
    info = next(
        (item for item in descendants(data, "titleInfo") if item.get("type") is None and not _is_part(item)),
        None,
    )
    if info is None:
        return text_of(next(descendants(data, "title"), None))
    parts = [text_of(child(info, name)) for name in ("nonSort", "title")]
    return ": ".join(filter(None, (" ".join(filter(None, parts)), text_of(child(info, "subTitle")))))


def _is_part(item: Element) -> bool:
    return any(str(parent.tag).endswith("}relatedItem") for parent in item.iterancestors())


def _author(item: Element) -> Author | None:
    if _is_part(item):
        return None
    parts = {part.get("type") or "": text_of(part) for part in children(item, "namePart")}
    if parts.get("family"):
        return Author(parts["family"], parts.get("given") or None)
    return author_of(parts.get("") or text_of(item))
