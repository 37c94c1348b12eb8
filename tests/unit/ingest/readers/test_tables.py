"""Tables become lines that can be quoted: each cell behind its column's head, the row's head first."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers import BrokenRecord, read_file
from ingest.readers.tables import Cell, lines_of_table
from ingest.text.normalise import normalise
from ingest.text.split import split
from kgrag.types import Passage, Record


def passages_of(path: Path) -> list[Passage]:
    """The passages of the file's one record, each the document's text at its place."""
    (record,) = read_file(path)
    assert isinstance(record, Record)
    assert not isinstance(record, BrokenRecord)
    found = normalise(record)
    passages = split(found.document, found.blocks)
    assert all(p.text == found.document.text[p.start : p.end] for p in passages)
    return list(passages)


def rows_in(path: Path) -> list[tuple[tuple[str, ...], list[str]]]:
    """Section and rows of each table, a row being a sentence of its passage."""
    return [
        (p.section, [p.text[s.start : s.end] for s in p.sentences])
        for p in passages_of(path)
        if p.kind == "table"
    ]


JATS = """<article><front><article-meta><title-group><article-title>Curlews and mowing on two
meadows</article-title> </title-group></article-meta></front><body><sec><title>Results</title><p>Mowing late
left more chicks alive.</p> <table-wrap><label>Table 2</label><caption><p>Chicks per pair</p></caption><table>
<thead><tr><th rowspan="2">Mowing</th><th colspan="2">Chicks</th></tr>
<tr><th>1998</th><th>1999</th></tr></thead>
<tbody><tr><td>Early</td><td>0.2</td><td>0.4</td></tr><tr><td>Late</td><td>1.1</td><td/></tr></tbody>
</table></table-wrap><p>No other bird was counted.</p></sec></body></article>"""


def test_a_row_of_jats_can_be_quoted(tmp_path: Path) -> None:
    """Heads over two lines and spanning cells are said in each cell; an empty cell is not."""
    path = tmp_path / "paper.xml"
    path.write_text(JATS, "utf-8")
    assert rows_in(path) == [
        (
            ("Results", "Table 2. Chicks per pair"),
            ["Mowing: Early; Chicks 1998: 0.2; Chicks 1999: 0.4", "Mowing: Late; Chicks 1998: 1.1"],
        )
    ]
    assert [p.kind for p in passages_of(path)] == ["paragraph", "caption", "table"]


HTML = """<html><head><title>Mowing</title></head><body><h2>Results</h2><p>Mowing late left more chicks
alive.</p> <table><caption>Chicks per pair</caption><tr><th>Mowing</th><th>1998</th></tr>
<tr><th>Early</th><td>0.2</td></tr></table></body></html>"""
TEI = """<TEI
xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title>Mowing</title></titleStmt>
</fileDesc></teiHeader><text><body><div><head>Results</head><p>Mowing late left more chicks alive.</p>
<figure type="table"><head>Chicks per pair</head><table><row><cell>Mowing</cell><cell>1998</cell></row>
<row><cell>Early</cell><cell>0.2</cell></row></table></figure></div></body></text></TEI>"""


@pytest.mark.parametrize(("name", "text"), [("page.html", HTML), ("paper.tei.xml", TEI)])
def test_tables_of_other_formats(tmp_path: Path, name: str, text: str) -> None:
    """HTML and TEI give the same row."""
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert rows_in(path) == [(("Results", "Chicks per pair"), ["Mowing: Early; 1998: 0.2"])]


def test_a_table_of_word(tmp_path: Path) -> None:
    """A table of a Word document has its caption in its section and the first row as heads."""
    from docx import Document

    document = Document()
    document.add_heading("Results", 1)
    document.add_paragraph("Mowing late left more chicks alive.")
    document.add_paragraph("Table 1. Chicks per pair", style="Caption")
    table = document.add_table(2, 2)
    for place, text in enumerate(("Mowing", "1998", "Early", "0.2")):
        table.cell(place // 2, place % 2).text = text
    document.save(str(tmp_path / "paper.docx"))
    (found,) = rows_in(tmp_path / "paper.docx")
    assert found[0][-1] == "Table 1. Chicks per pair"
    assert found[1] == ["Mowing: Early; 1998: 0.2"]


def line(*texts: str) -> list[Cell]:
    """A row of plain cells."""
    return [Cell(text) for text in texts]


def test_a_line_over_all_columns_heads_the_rows_below() -> None:
    """Rows are said with the group they stand in."""
    rows = [line("Bird", "Nests"), [Cell("Meadow", columns=2)], line("Curlew", "4"), line("Snipe", "2")]
    assert lines_of_table(rows) == ["Meadow; Bird: Curlew; Nests: 4", "Meadow; Bird: Snipe; Nests: 2"]


def test_words_over_words_are_no_heads() -> None:
    """Where nothing says that the first row is one of heads, no cell is said to be headed by it."""
    assert lines_of_table([line("curlew", "meadow"), line("snipe", "bog")]) == [
        "curlew; meadow",
        "snipe; bog",
    ]


def test_spans_are_bounded() -> None:
    """A cell that claims to fill a million columns fills a hundred."""
    assert len(lines_of_table([[Cell("a", columns=10**6)], line("b", "1")], 1)[0]) < 1000
