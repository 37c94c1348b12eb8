"""One work in every format: each reader recognises its file by content and gives the same record."""

from __future__ import annotations

import shutil
import unicodedata
import zipfile
from pathlib import Path

import pytest

from ingest.readers import BrokenRecord, read_file, reader_for
from kgrag.types import Record

FORMATS = Path(__file__).parents[3] / "data" / "formats"
TITLE = (
    "Interactive Bin Packing: A Java Application for Learning Constructive Heuristics for Combinatorial"
    " Optimization"
)
READERS = {
    "one.atom.xml": "atom",
    "one.bib": "bibtex",
    "one.cochrane.txt": "cochrane",
    "one.crossref.json": "json",
    "one.csl.json": "json",
    "one.csv": "table",
    "one.endnote.xml": "endnote-xml",
    "one.datacite.json": "json",
    "one.enw": "refer",
    "one.europepmc.json": "json",
    "one.gbt.txt": "gbt-7714",
    "one.html": "html",
    "one.marc.json": "marc-json",
    "one.marcxml": "marcxml",
    "one.md": "text",
    "one.mods.xml": "mods",
    "one.mets.xml": "mets",
    "one.mrc": "marc",
    "one.mrk": "marc-text",
    "one.nbib": "nbib",
    "one.oai.xml": "dublin-core",
    "one.openalex.json": "json",
    "one.pubmed.xml": "pubmed-xml",
    "one.ris": "ris",
    "one.table.xls": "html-table",
    "one.tei.xml": "tei",
    "one.unimarc.mrc": "marc",
    "one.wos.txt": "wos",
    "one.zotero.json": "json",
    "one.zotero.rdf": "zotero-rdf",
}


def good(path: Path) -> list[Record]:
    """The records that are not broken."""
    return [record for record in read_file(path) if not isinstance(record, BrokenRecord)]


@pytest.mark.parametrize(("name", "reader"), READERS.items())
def test_every_format_gives_the_same_work(name: str, reader: str) -> None:
    """Title, author, year and DOI are equal whatever the format."""
    record = good(FORMATS / name)[0]
    assert reader_for(FORMATS / name).name == reader
    assert (record.title or "").rstrip(".") == TITLE
    assert [(author.family, (author.given or "").rstrip(".")) for author in record.authors] == [
        ("Cicirello", "Vincent A")
    ]
    assert record.year == 2022
    assert record.identifiers["doi"] == "10.21105/jose.00140"


@pytest.mark.parametrize(
    "name",
    [
        "one.bib",
        "one.cochrane.txt",
        "one.csl.json",
        "one.crossref.json",
        "one.csv",
        "one.endnote.xml",
        "one.datacite.json",
        "one.enw",
        "one.europepmc.json",
        "one.gbt.txt",
        "one.marcxml",
        "one.mods.xml",
        "one.mrk",
        "one.nbib",
        "one.openalex.json",
        "one.pubmed.xml",
        "one.ris",
        "one.table.xls",
        "one.tei.xml",
        "one.unimarc.mrc",
        "one.wos.txt",
        "one.zotero.json",
        "one.zotero.rdf",
    ],
)
def test_journal_volume_and_issue(name: str) -> None:
    """Formats that carry journal, volume and issue give them."""
    record = good(FORMATS / name)[0]
    assert (record.venue or "").lower() == "journal of open source education"
    assert (record.volume, record.issue) == ("5", "49")


@pytest.mark.parametrize("name", READERS)
def test_the_extension_decides_nothing(name: str, tmp_path: Path) -> None:
    """A file with a wrong extension is read by its content."""
    wrong = tmp_path / "wrong.pdf"
    shutil.copy(FORMATS / name, wrong)
    assert reader_for(wrong).name == READERS[name]


def test_a_broken_bibtex_entry_costs_only_itself() -> None:
    """Entries behind a broken one are read, their LaTeX accents composed."""
    found = list(read_file(FORMATS / "one.bib"))
    assert [isinstance(record, BrokenRecord) for record in found] == [False, True, False]
    last = found[2]
    assert isinstance(last, Record)
    assert last.title == "Entries behind a broken one are read: ß, naïve & more"
    assert [author.name for author in last.authors] == ["Józef Müller", "Pál Erdős"]


def test_marc_8_becomes_unicode() -> None:
    """A MARC record in MARC-8 gives composed letters."""
    assert unicodedata.normalize("NFC", good(FORMATS / "one.mrc")[1].headings[0]) == "éducatio--Methods"


def test_refworks_of_cnki() -> None:
    """Chinese names stay whole, brackets are full width, line ends inside an abstract add no space, a thesis
    has its university.
    """
    article, thesis = good(FORMATS / "one.refworks.txt")
    assert [author.name for author in article.authors] == ["王小明", "李华"]
    assert (article.venue, article.volume, article.issue, article.pages) == (
        "示例学报（社会科学版）",
        "12",
        "3",
        "15-22, 30",
    )
    assert article.abstract == "【目的】研究图书馆知识图谱的检索方法。【结果】该方法有效。"
    assert article.keywords == ("知识图谱", "图书馆", "检索")
    assert article.language == "zh"
    assert (thesis.kind, thesis.publisher) == ("thesis", "示例大学")


def test_note_express() -> None:
    """NoteExpress fields become the record's."""
    record = good(FORMATS / "one.noteexpress.txt")[0]
    assert (record.title, record.year, record.pages) == ("图书馆知识图谱检索研究", 2023, "15-22")
    assert record.identifiers == {"doi": "10.13207/j.example.2023.03.002", "issn": "1671-9387"}


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (
            "cnki-text",
            (
                "SrcDatabase-来源库: 期刊\nTitle-题名: 图书馆知识图谱检索研究\nAuthor-作者:"
                " 王小明;李华\nOrgan-单位: 示例大学\nSource-文献来源: 示例学报\nKeyword-关键词:"
                " 知识图谱;图书馆\nSummary-摘要: 研究图书馆知识图谱。\nPubTime-发表时间: 2023-05-01\nYear-年:"
                " 2023\nPeriod-期: 3\nPageCount-页码: 15-22\n\nSrcDatabase-来源库: 期刊\nTitle-题名:"
                " 第二篇\nAuthor-作者: 张三\n"
            ),
        ),
        (
            "chinese-labels",
            (
                "【题名】图书馆知识图谱检索研究\n【作者】王小明;李华\n【刊名】示例学报\n【年】2023\n【期】3\n"
                "【页码】15-22\n【关键词】知识图谱;图书馆\n【摘要】研究图书馆知识图谱。"
                "\n\n【题名】第二篇\n【作者】张三\n"
            ),
        ),
        (
            "chinese-labels",
            (
                "题名：图书馆知识图谱检索研究\n作者：王小明;李华\n刊名：示例学报\n年份：2023\n期：3\n页码：15-22\n关键词：知识图谱;图书馆\n摘要：研究图书馆知识图谱。"
                "\n\n题名：第二篇\n作者：张三\n"
            ),
        ),
    ],
)
def test_text_exports_with_chinese_labels(reader: str, text: str, tmp_path: Path) -> None:
    """CNKI's own text form and labelled text as WanFang and CQVIP give it: every field, every record."""
    path = tmp_path / "export.txt"
    path.write_text(text, "utf-8")
    first, second = good(path)
    assert first.source.reader == reader
    assert (first.title, first.venue, first.year, first.issue, first.pages) == (
        "图书馆知识图谱检索研究",
        "示例学报",
        2023,
        "3",
        "15-22",
    )
    assert [author.name for author in first.authors] == ["王小明", "李华"]
    assert (first.abstract, first.keywords) == ("研究图书馆知识图谱。", ("知识图谱", "图书馆"))
    assert (second.title, [author.name for author in second.authors]) == ("第二篇", ["张三"])


def test_lines_of_a_collection() -> None:
    """``_id`` becomes the local identifier; a broken line costs only itself."""
    found = list(read_file(FORMATS / "one.jsonl"))
    assert [isinstance(record, BrokenRecord) for record in found] == [False, False, True]
    assert isinstance(found[1], Record)
    assert (found[1].title, found[1].abstract, found[1].identifiers) == (
        None,
        "A passage without a title.",
        {"local": "141"},
    )


def test_a_page_without_its_menu() -> None:
    """HTML gives headings and paragraphs; menus, feet and scripts are left out."""
    record = good(FORMATS / "one.html")[0]
    text = " ".join(block.text for block in record.blocks)
    assert "Bin packing is a combinatorial optimization problem." in text
    assert not {"Menu", "Foot"} & set(text.split())
    assert "never text" not in text


def test_word_document(tmp_path: Path) -> None:
    """DOCX gives title, headings by the names of styles, and paragraphs."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    styles = (
        f'<w:styles xmlns:w="{word}"><w:style w:styleId="berschrift1"><w:name w:val="heading'
        ' 1"/></w:style><w:style w:styleId="Titel"><w:name w:val="Title"/></w:style></w:styles>'
    )
    rows = (("Titel", TITLE), ("berschrift1", "Summary"), ("", "A paragraph of text."))
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'
        for style, text in rows
    )
    path = tmp_path / "paper.docx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr(
            "word/document.xml", f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>'
        )
        packed.writestr("word/styles.xml", styles)
    record = good(path)[0]
    assert record.title == TITLE
    assert [(block.kind, block.section) for block in record.blocks] == [
        ("heading", ()),
        ("paragraph", ("Summary",)),
    ]


def test_members_of_an_archive(tmp_path: Path) -> None:
    """Every member of a zip is read by its own reader, and its path says where it was."""
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name in ("one.ris", "one.bib"):
            packed.write(FORMATS / name, f"folder/{name}")
    records = good(path)
    assert [record.source.path for record in records] == [f"{path}!folder/one.ris"] + [
        f"{path}!folder/one.bib"
    ] * 2


def test_chinese_encodings(tmp_path: Path) -> None:
    """An export in GB18030 or UTF-16 reads as its UTF-8 twin does."""
    text = (FORMATS / "one.refworks.txt").read_text("utf-8")
    for encoding in ("gb18030", "utf-16"):
        path = tmp_path / encoding
        path.write_text(text, encoding)
        assert good(path)[0].title == "图书馆知识图谱检索研究"
