"""Bad input ends with a reason, never with a crash, a hang, or a look outside the file."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
import zipfile
from pathlib import Path

import pytest

from ingest.readers import BrokenRecord, read_file, walk
from ingest.readers.pdf.ocr import ocr_installed
from ingest.readers.walk import Refused
from ingest.text.normalise import normalise
from ingest.text.split import split
from kgrag.errors import ReadError

DATA = Path(__file__).parents[3] / "data"
PDF = DATA / "papers" / "10.21105.jose.00140.pdf"


def refused(path: Path) -> str:
    """The reason for which the file is refused."""
    with pytest.raises(ReadError) as caught:
        list(read_file(path))
    return str(caught.value)


def test_empty_file(tmp_path: Path) -> None:
    """An empty file, or one of white space or zeros, says that it is empty."""
    for content in (b"", b" \n\n", b"\x00" * 100):
        path = tmp_path / "empty.pdf"
        path.write_bytes(content)
        assert "is empty" in refused(path)


def test_truncated_pdf(tmp_path: Path) -> None:
    """A PDF whose end is missing is refused rather than read in part."""
    path = tmp_path / "cut.pdf"
    path.write_bytes(PDF.read_bytes()[:60_000])
    assert "truncated" in refused(path)


def test_encrypted_pdf(tmp_path: Path) -> None:
    """A PDF that asks for a password says so."""
    pdfencrypt = pytest.importorskip(
        "reportlab.lib.pdfencrypt", reason="reportlab (extra dev) draws the test PDFs"
    )
    canvas = pytest.importorskip("reportlab.pdfgen.canvas")
    path = tmp_path / "locked.pdf"
    drawing = canvas.Canvas(str(path), encrypt=pdfencrypt.StandardEncryption("secret", canPrint=0))
    drawing.drawString(72, 700, "Nobody reads this.")
    drawing.save()
    assert "password" in refused(path)


def test_scanned_pdf(tmp_path: Path) -> None:
    """A PDF without a text layer is a scan, and the advice is to install OCR."""
    canvas = pytest.importorskip(
        "reportlab.pdfgen.canvas", reason="reportlab (extra dev) draws the test PDFs"
    )
    if ocr_installed():
        pytest.skip("the OCR extra is installed: a scan is read")
    path = tmp_path / "scan.pdf"
    drawing = canvas.Canvas(str(path))
    drawing.rect(50, 50, 400, 600, fill=1)
    drawing.save()
    assert "ocr" in refused(path)


@pytest.mark.parametrize(
    "declaration",
    [
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY % x SYSTEM "http://example.org/evil.dtd"> %x;',
        '<!ENTITY x PUBLIC "-//X//Y" "file:///etc/hostname">',
    ],
)
def test_entities_that_point_to_files(tmp_path: Path, declaration: str) -> None:
    """XML that declares external entities is refused before it is parsed."""
    path = tmp_path / "evil.xml"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE article'
        f" [{declaration}]><article><front><article-meta><title-group><article-title>&x;</article-title>"
        "</title-group></article-meta></front></article>"
    )
    assert "entities that point" in refused(path)


def test_entity_bomb(tmp_path: Path) -> None:
    """Entities that unfold into each other are refused."""
    bombs = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 10))
    path = tmp_path / "bomb.xml"
    path.write_text(
        f'<!DOCTYPE article [<!ENTITY b0 "ha">{bombs}]><article><front/><body><p>&b9;</p></body></article>'
    )
    assert "bomb" in refused(path)


def test_an_entity_that_never_ends(tmp_path: Path) -> None:
    """Thousands of entity references in one open value cost no time."""
    path = tmp_path / "open.xml"
    path.write_text('<!DOCTYPE article [<!ENTITY a "' + "&b;" * 50_000 + "><article/>")
    assert refused(path)


def test_a_file_that_breaks_off(tmp_path: Path) -> None:
    """Records in front of the break are kept; the rest is one broken record."""
    record = (
        "<PubmedArticle><MedlineCitation><PMID>{}</PMID>"
        "<Article><ArticleTitle>Title</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
    )
    path = tmp_path / "cut.xml"
    path.write_text("<PubmedArticleSet>" + record.format(1) + record.format(2) + record.format(3)[:60])
    assert [isinstance(item, BrokenRecord) for item in read_file(path)] == [False, False, True]


def test_unknown_xml(tmp_path: Path) -> None:
    """XML of another kind is no prose: it is refused, and its document element named."""
    path = tmp_path / "other.xml"
    path.write_text('<?xml version="1.0"?><invoice><sum>3</sum></invoice>')
    assert "'invoice'" in refused(path)


def test_one_endless_line(tmp_path: Path) -> None:
    """A line far longer than people write is refused without reading it all."""
    path = tmp_path / "line.txt"
    path.write_bytes(b"word " * (40 << 20 >> 3))
    assert "line longer" in refused(path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """Noise is refused as neither text nor a known format."""
    path = tmp_path / "noise.txt"
    path.write_bytes(random.Random(7).randbytes(5000))
    assert "neither text" in refused(path)


def test_latin_text_is_read(tmp_path: Path) -> None:
    """Text in another encoding than UTF-8 is recognised and read right."""
    path = tmp_path / "latin.ris"
    path.write_bytes(
        "TY  - JOUR\nTI  - Über die Größe älterer Bücher in französischen Bibliotheken à Genève\nAU  -"
        " Müller, Jürgen\nER  - \n".encode("cp1252")
        * 5
    )
    record = next(read_file(path))
    assert not isinstance(record, BrokenRecord)
    assert record.title == "Über die Größe älterer Bücher in französischen Bibliotheken à Genève"


def test_folders_that_loop(tmp_path: Path) -> None:
    """A link back up is reported once, a link out of the folder is not followed, and every file comes
    once.
    """
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.txt").write_text("A")
    (folder / "inner" / "loop").symlink_to(folder)
    (tmp_path / "secret.txt").write_text("outside")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "gone").symlink_to(tmp_path / "nowhere")
    found = list(walk([folder, folder / "a.txt", tmp_path / "missing"]))
    assert [item for item in found if isinstance(item, Path)] == [folder / "a.txt"]
    reasons = " ".join(item.reason for item in found if isinstance(item, Refused))
    assert all(
        words in reasons
        for words in ("back to itself", "out of the folder", "leads nowhere", "does not exist")
    )


def test_archives_with_evil_members(tmp_path: Path) -> None:
    """Names that leave the archive and links in it are refused one by one; good members are read."""
    path = tmp_path / "evil.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name in ("../escape.ris", "good.ris"):
            content = b"TY  - JOUR\nTI  - A title of a record\nER  - \n"
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("link.ris")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    found = list(read_file(path))
    assert [isinstance(item, BrokenRecord) for item in found] == [True, False, True]


def test_zip_bomb(tmp_path: Path) -> None:
    """An archive that unpacks to hundreds of times its size is refused unread."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zeros.txt", b"0" * (120 << 20))
    assert "bomb" in refused(path)


SEEDS = (
    sorted((DATA / "formats").glob("one.*"))
    + sorted((DATA / "exports").glob("*.ris"))
    + [DATA / "papers" / "journal.pbio.0020188.xml"]
)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.name)
def test_mutated_files(seed: Path, tmp_path: Path) -> None:
    """Flipped, cut and doubled bytes give records, broken records or a refusal; nothing else."""
    rng = random.Random(seed.name)
    for turn in range(12):
        content = bytearray(seed.read_bytes())
        if turn % 3 == 0:
            del content[rng.randrange(len(content)) :]
        for _ in range(rng.choice((1, 8, 60)) if content else 0):
            content[rng.randrange(len(content))] = rng.randrange(256)
        path = tmp_path / "mutated"
        path.write_bytes(bytes(content))
        try:
            for record in read_file(path):
                if not isinstance(record, BrokenRecord):
                    found = normalise(record)
                    split(found.document, found.blocks)
        except ReadError as error:
            assert str(error)  # noqa: PT017 - a refusal is one of the allowed ends


def test_damaged_gzip(tmp_path: Path) -> None:
    """A packed file whose inside is damaged says so, wherever the damage is."""
    packed = bytearray(gzip.compress((DATA / "formats" / "one.pubmed.xml").read_bytes()))
    refusals = 0
    for place in range(12, len(packed), 7):
        damaged = bytes(packed[:place]) + bytes([packed[place] ^ 0xFF]) + bytes(packed[place + 1 :])
        path = tmp_path / "one.xml.gz"
        path.write_bytes(damaged)
        try:
            list(read_file(path))
        except ReadError:
            refusals += 1
    assert refusals > 0
