"""Digitised works (METS with ALTO) and EPUB: text in reading order, at its place."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from ingest.readers import read_file
from ingest.readers.walk import walk
from ingest.text.normalise import normalise
from ingest.text.split import split
from kgrag.errors import ReadError
from kgrag.types import Record

FORMATS = Path(__file__).parents[3] / "data" / "formats"
PACKED = "Bins are packed in the classroom by hand, and the heuristics follow."


def one(path: Path) -> Record:
    """The only record of a file."""
    (record,) = read_file(path)
    assert isinstance(record, Record)
    return record


def test_pages_come_in_the_order_of_the_work() -> None:
    """By the physical order, not the list of files; words parted at line ends are whole, margins left out."""
    record = one(FORMATS / "one.mets.xml")
    assert [block.text for block in record.blocks] == [PACKED, "Faint words end it."]
    assert [block.lines[0].page for block in record.blocks] == [1, 2]
    assert record.extra["warnings"] == "The OCR was unsure of most words of page 2."


def test_a_sentence_of_a_page_has_its_place() -> None:
    """Page and lines in points, whatever the file's unit."""
    found = normalise(one(FORMATS / "one.alto.xml"))
    (passage,) = split(found.document, found.blocks)
    (sentence,) = passage.sentences
    assert passage.text == PACKED
    assert sentence.page == 1
    assert len(sentence.boxes) == 3
    assert sentence.boxes[0] == (72.0, 144.0, 432.0, 155.34)


def test_pages_are_read_with_their_work(tmp_path: Path) -> None:
    """A folder gives the METS file alone; pages that no file names are documents, missing ones are told."""
    for name in ("one.mets.xml", "one.alto.xml", "two.alto.xml"):
        shutil.copy(FORMATS / name, tmp_path)
    assert list(walk([tmp_path])) == [tmp_path / "one.mets.xml"]
    (tmp_path / "two.alto.xml").unlink()
    assert one(tmp_path / "one.mets.xml").extra["warnings"] == "1 of 2 pages are not beside one.mets.xml."
    (tmp_path / "one.mets.xml").unlink()
    assert list(walk([tmp_path])) == [tmp_path / "one.alto.xml"]


def test_no_page_outside_the_folder_is_read(tmp_path: Path) -> None:
    """A path that leads out of the folder of the METS file is not followed."""
    folder = tmp_path / "work"
    folder.mkdir()
    shutil.copy(FORMATS / "one.alto.xml", tmp_path / "secret.xml")
    text = (FORMATS / "one.mets.xml").read_text().replace("file://./one.alto.xml", "../secret.xml")
    (folder / "mets.xml").write_text(text)
    assert one(folder / "mets.xml").blocks == ()


CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:opf="http://www.idpf.org/2007/opf"
xmlns:dc="http://purl.org/dc/elements/1.1/" version="3.0"><metadata>
<dc:title>The keeping of hedges</dc:title><dc:creator id="a">Thorn, Ada</dc:creator>
<dc:creator id="b">Quick, Ben</dc:creator><meta refines="#b" property="role">ill</meta>
<dc:identifier>urn:isbn:9780306406157</dc:identifier><dc:publisher>Ditch Press</dc:publisher>
<dc:language>en</dc:language><dc:date opf:event="conversion">2019-02-03</dc:date>
<dc:date opf:event="publication">1987</dc:date></metadata><manifest>
<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="c2" href="two%20.xhtml" media-type="application/xhtml+xml"/>
<item id="c1" href="one.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="n"/><itemref idref="c1"/><itemref idref="c2"/></spine></package>"""
PAGE = (
    '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{}'
    "</body></html>"
)
FIRST = "<h1>Laying</h1><p>A hedge is laid in winter.</p>"
SECOND = (
    "<h1>Trimming</h1><p>A hedge is trimmed late.</p><table><caption>Birds by month</caption>"
    "<tr><th>Month</th><th>Nests</th></tr><tr><td>May</td><td>14</td></tr></table>"
)
ENCRYPTION = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData '
    'xmlns="http://www.w3.org/2001/04/xmlenc#"><CipherData><CipherReference URI="OEBPS/{}"/></CipherData>'
    "</EncryptedData></encryption>"
)


def book(path: Path, locked: str = "", first: str = FIRST) -> Path:
    """A small EPUB; ``locked`` names a file that is encrypted."""
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/epub+zip")
        packed.writestr("META-INF/container.xml", CONTAINER)
        packed.writestr("OEBPS/book.opf", PACKAGE)
        packed.writestr("OEBPS/nav.xhtml", PAGE.format("<h1>Contents</h1><p>Laying, Trimming</p>"))
        packed.writestr("OEBPS/two .xhtml", PAGE.format(SECOND), zipfile.ZIP_DEFLATED)
        packed.writestr("OEBPS/one.xhtml", PAGE.format(first), zipfile.ZIP_DEFLATED)
        if locked:
            packed.writestr("META-INF/encryption.xml", ENCRYPTION.format(locked))
    return path


def test_an_epub_is_one_book(tmp_path: Path) -> None:
    """The chapters in the order of the spine, without the contents; what the package says of the book."""
    record = one(book(tmp_path / "hedges.epub"))
    assert [(block.kind, block.section, block.text) for block in record.blocks] == [
        ("heading", (), "Laying"),
        ("paragraph", ("Laying",), "A hedge is laid in winter."),
        ("heading", (), "Trimming"),
        ("paragraph", ("Trimming",), "A hedge is trimmed late."),
        ("caption", ("Trimming",), "Birds by month"),
        ("table", ("Trimming", "Birds by month"), "Month: May; Nests: 14"),
    ]
    assert (record.title, record.year, record.publisher) == ("The keeping of hedges", 1987, "Ditch Press")
    assert [author.name for author in record.authors] == ["Ada Thorn"]
    assert record.identifiers == {"isbn": "9780306406157"}
    assert record.kind == "book"


def test_a_locked_epub_is_refused(tmp_path: Path) -> None:
    """Encrypted pages cannot be read; encrypted fonts do not matter."""
    assert one(book(tmp_path / "font.epub", locked="font.otf")).title
    with pytest.raises(ReadError, match="is locked"):
        one(book(tmp_path / "locked.epub", locked="one.xhtml"))


def test_an_epub_that_unfolds_is_refused(tmp_path: Path) -> None:
    """A page that unpacks to far more than it holds is no page."""
    with pytest.raises(ReadError, match="bomb"):
        one(book(tmp_path / "bomb.epub", first="<p>" + "a" * 3_000_000 + "</p>"))


def test_a_broken_epub_is_refused(tmp_path: Path) -> None:
    """At any length: a reason, no traceback."""
    whole = book(tmp_path / "whole.epub").read_bytes()
    for length in range(80, len(whole) - 10, 97):
        (tmp_path / "cut.epub").write_bytes(whole[:length])
        with pytest.raises(ReadError):
            one(tmp_path / "cut.epub")
