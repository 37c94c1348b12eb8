"""Which reader reads a file: the one that recognises its content best.

Knows the list of readers. Does not know formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from ingest.readers.base import BrokenRecord, FileReader, decoded_head, encoding_of_file, head_of
from ingest.readers.odd_letters import with_warning
from ingest.readers.unknown import looks_like_records, workbook
from ingest.readers.xml import root_name
from kgrag.errors import ReadError
from kgrag.types import Record

_READERS = (
    "papers.jats:JatsReader",
    "pdf.reader:PdfReader",
    "exports.ris:RisReader",
    "exports.crossref_xml:CrossrefXmlReader",
    "exports.medline:PubmedXmlReader",
    "exports.medline:NbibReader",
    "exports.tagged_formats:wos_reader",
    "exports.tagged_formats:refworks_reader",
    "exports.tagged_formats:refer_reader",
    "exports.tagged_formats:note_express_reader",
    "exports.tagged_formats:cnki_text_reader",
    "exports.tagged_formats:labelled_reader",
    "exports.tagged_formats:cochrane_reader",
    "exports.gbt:GbtReader",
    "exports.endnote_xml:EndNoteXmlReader",
    "bibtex.reader:BibtexReader",
    "services.reader:JsonReader",
    "exports.table:TableReader",
    "exports.table:HtmlTableReader",
    "catalogues.marc:MarcReader",
    "catalogues.marc_lines:MarcLinesReader",
    "catalogues.marc_json:MarcJsonReader",
    "catalogues.marc_xml:MarcXmlReader",
    "catalogues.dublin_core:DublinCoreReader",
    "catalogues.zotero_rdf:ZoteroRdfReader",
    "catalogues.mods:ModsReader",
    "catalogues.atom:AtomReader",
    "papers.tei:TeiReader",
    "papers.alto:AltoReader",
    "papers.mets:MetsReader",
    "papers.epub:EpubReader",
    "papers.html_text:HtmlReader",
    "papers.docx:DocxReader",
    "archive:ArchiveReader",
    "papers.plain:PlainReader",
)


@cache
def readers() -> tuple[FileReader, ...]:
    """All readers, in the order in which ties are decided."""
    found = []
    for line in _READERS:
        module, _, name = line.partition(":")
        found.append(getattr(import_module(f"ingest.readers.{module}"), name)())
    return tuple(found)


def reader_for(path: Path) -> FileReader:
    """The reader that recognises the file's content best; the extension alone decides nothing.

    Raises:
        ReadError: empty, unreadable, or of no known format.
    """
    if not path.is_file():
        raise ReadError(f"{path} is not a file.")
    head = head_of(path)
    if what := workbook(head):
        raise ReadError(f"{path.name} {what}, and ingest it again.")
    scores = [reader.sniff(path, head) for reader in readers()]
    best = max(range(len(scores)), key=lambda place: scores[place])
    if scores[best] <= 0:
        encoding_of_file(path)
        if root := root_name(decoded_head(head)):
            raise ReadError(_unknown_xml(path, root))
        raise ReadError(f"{path.name} is of no format that can be read (known: {_names()}).")
    chosen = readers()[best]
    root = root_name(decoded_head(head)) if chosen.name == "text" else ""
    if root and _ELEMENT.match(decoded_head(head)):
        raise ReadError(_unknown_xml(path, root))
    if chosen.name == "text" and (what := looks_like_records(decoded_head(head))):
        raise ReadError(f"{path.name} holds {what}, in a format that is not known. Known: {_names()}.")
    return chosen


_ELEMENT = re.compile(r"\s*<(?:[?!]|[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>)")


def _unknown_xml(path: Path, root: str) -> str:
    return (
        f"{path.name} is XML of a kind that is not known (its document element is {root!r})."
        f" Known: {_names()}."
    )


def _names() -> str:
    return ", ".join(reader.name for reader in readers())


def read_file(path: Path) -> Iterator[Record | BrokenRecord]:
    """The records of one file, streaming, in their order.

    Args:
        path: a file of any known format; it is recognised by its content.

    Raises:
        ReadError: the file cannot be read as a whole; the text says why and what to do. A file that breaks
            off behind good records ends with a ``BrokenRecord`` instead.
    """
    path = Path(path)
    number = 0
    try:
        for item in reader_for(path).read(path):
            number += 1
            yield with_warning(item) if isinstance(item, Record) else item
    except ReadError as error:
        if not number:
            raise
        yield BrokenRecord(path, number, str(error))
