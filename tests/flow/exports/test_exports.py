"""Every export is read back by a tool that is not ours, and says of quotes, chains and retractions what the
answer says.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from kgrag.errors import MissingExtra, NotFound, UsageError
from kgrag.export import FORMATS, export_answer, write
from kgrag.export.batch import export_answers
from kgrag.export.material import Material
from kgrag.library import Library
from kgrag.search import Retriever
from kgrag.search.record import replay
from kgrag.settings import Settings
from tests.flow.exports.given import NOTICE, quotes_of, retracted_since_answered


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_takes_every_answer(
    materials: dict[str, Material], own_papers: Library, format: str
) -> None:
    """Answers and abstentions export in every format, and twice the same bytes."""
    for material in materials.values():
        content = export_answer(own_papers, material.answer["id"], format)
        assert content or format in ("ris", "bibtex")
        if format not in ("docx", "prov-ttl", "nanopub"):
            assert content == export_answer(own_papers, material.answer["id"], format)


@pytest.mark.parametrize(
    "format", [name for name in FORMATS if name not in ("json", "ro-crate", "docx", "pdf")]
)
def test_retractions_learned_later_are_in_every_format(material: Material, format: str) -> None:
    """The notice stands in the file although the answer was given before it."""
    text = write(retracted_since_answered(material), format).decode()
    assert "RETRACTED" in text
    assert "10.1000/notice" in text.replace("\\", "")
    assert "RETRACTED" not in write(material, format).decode()


def test_retractions_in_crate_and_word(material: Material) -> None:
    """The packed formats carry the notice too."""
    import docx

    with zipfile.ZipFile(io.BytesIO(write(retracted_since_answered(material), "ro-crate"))) as crate:
        assert NOTICE in crate.read("ro-crate-metadata.json").decode()
        assert NOTICE in crate.read("records.json").decode()
    assert NOTICE in "\n".join(
        p.text
        for p in docx.Document(io.BytesIO(write(retracted_since_answered(material), "docx"))).paragraphs
    )


def test_unknown_formats_and_answers_are_named(own_papers: Library, material: Material) -> None:
    """An unknown format lists those there are, before anything else; an unknown answer is not found."""
    with pytest.raises(UsageError, match=r"'odt' \(found: json, prov, .*docx, pdf"):
        export_answer(own_papers, "a-none", "odt")
    with pytest.raises(NotFound, match="a-none"):
        export_answer(own_papers, "a-none", "prov")


@pytest.mark.parametrize(
    ("format", "package", "extra"),
    [
        ("prov-ttl", "rdflib", "export"),
        ("nanopub", "rdflib", "export"),
        ("docx", "docx", "export"),
        ("pdf", "weasyprint", "pdf"),
        ("apa", "citeproc", "styles"),
    ],
)
def test_missing_packages_are_told(
    material: Material, monkeypatch: pytest.MonkeyPatch, format: str, package: str, extra: str
) -> None:
    """A format whose packages are not installed names the extra that brings them; the others go on."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"The format '{format}' needs .* pip install 'kgrag\[{extra}\]'"):
        write(material, format)
    assert write(material, "ro-crate")


def test_references_are_read_by_others(material: Material) -> None:
    """rispy, bibtexparser and citeproc each give title, authors, year and DOI back."""
    import bibtexparser
    import rispy

    documents = list(material.documents.values())
    ris = rispy.loads(write(material, "ris").decode())
    bib = bibtexparser.parse_string(write(material, "bibtex").decode())
    csl = json.loads(write(material, "csl"))
    assert not bib.failed_blocks
    assert len(ris) == len(bib.entries) == len(csl) == len(documents)
    for document, r, b, c in zip(documents, ris, bib.entries, csl, strict=True):
        families = [a["family"] for a in document["authors"]]
        assert r["title"] == c["title"] == document["title"]
        assert b["title"].replace("\\", "") == document["title"]
        assert [name.split(",")[0] for name in r["authors"]] == [a["family"] for a in c["author"]] == families
        assert [name.split(",")[0] for name in b["author"].split(" and ")] == families
        assert int(r["year"]) == int(b["year"]) == c["issued"]["date-parts"][0][0] == document["year"]
        assert r["doi"] == b["doi"] == c["DOI"] == document["identifiers"]["doi"]


@pytest.mark.parametrize(
    ("style", "pattern"),
    [
        ("apa", r"^Hotez, P\. J\. \(2013\)\. NTDs V\.2\.0.*PLoS Neglected Tropical Diseases, 7\(11\)"),
        ("ieee", r"^\[1\] P\. J\. Hotez, “NTDs.*vol\. 7, no\. 11"),
        ("vancouver", r"^1\. Hotez PJ\. NTDs.*2013;7\(11\)"),
        ("gb-t-7714", r"^\[1\] HOTEZ P J\. NTDs.*\[J/OL\]"),
        ("chicago", r"^Hotez, P(eter)?[^“]*2013\. “NTDs"),
    ],
)
def test_bibliographies_follow_their_styles(materials: dict[str, Material], style: str, pattern: str) -> None:
    """One line a work, as the style's manual writes it; a work of which little is known, and Chinese names,
    are written too.
    """
    material = materials["jats"]
    lines = write(material, style).decode().splitlines()
    assert len(lines) == len(material.documents)
    assert re.match(pattern, lines[0])
    bare = {key: None for key in next(iter(material.documents.values()))} | {
        "authors": [],
        "identifiers": {},
        "retraction": None,
    }
    known = {"title": "结直肠癌研究", "authors": [{"literal": "王小明"}], "venue": "中华医学", "year": 2020}
    more = replace(
        material,
        documents={
            "a": bare | {"id": "a", "title": "Nothing known"},
            "b": bare | {"id": "b"} | known,
            "c": bare | {"id": "c", "kind": "dataset"},
        },
    )
    first, second, _ = write(more, style).decode().split("\n")[:3]
    assert "nothing known" in first.lower()
    assert "王小明" in second
    assert "结直肠癌研究" in second


def test_graphml_is_read_by_networkx(material: Material, own_papers: Library) -> None:
    """Every edge of every path is there, in the direction it has in the graph store."""
    import networkx as nx

    graph = nx.parse_graphml(write(material, "graphml").decode(), force_multigraph=True)
    edges = {(s, t, d["type"]) for s, t, d in graph.edges(data=True)}
    for claim in material.answer["claims"]:
        for here, there in zip(claim["path"], claim["path"][1:], strict=False):
            ends = (here["node"]["id"], there["node"]["id"])
            assert {(*ends, here["edge"]["type"]), (*reversed(ends), here["edge"]["type"])} & edges
    for source, target, kind in edges:
        assert any(
            (e.source, e.target, e.type) == (source, target, kind)
            for e in own_papers.graph.neighbours(source, limit=100_000)
        )


def test_cypher_holds_each_edge_and_quotes_text() -> None:
    """Quotes, backslashes and line breaks cannot end a literal, nor back quotes a label."""
    from kgrag.export.linked.cypher import literal, name

    assert literal("it's \\ a\nline") == "'it\\'s \\\\ a\\nline'"
    assert name("A`B") == "`A``B`"


def test_tables_are_read_back(material: Material) -> None:
    """One row a quote, under a header; no cell starts a formula."""
    text = write(material, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["quote"] for row in rows] == quotes_of(material)
    assert [row["claim_id"] for row in rows] == [q.claim["id"] for q in material.quotes()]
    hostile = json.loads(material.body) | {"question": "=HYPERLINK(1)"}
    assert "'=HYPERLINK(1)" in write(replace(material, answer=hostile), "csv").decode("utf-8-sig")


def test_pages_are_whole_and_offline(materials: dict[str, Material]) -> None:
    """An HTML5 parser finds no fault; every quote is marked; nothing is loaded; a PDF's page is in the file;
    hostile text stays text.
    """
    import html5lib

    for name, material in materials.items():
        parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False)
        tree = parser.parse(write(material, "html").decode())
        assert parser.errors == []
        assert ["".join(m.itertext()) for m in tree.iter("mark")] == quotes_of(material)
        assert not list(tree.iter("script", "link", "iframe"))
        sources = [image.get("src") for image in tree.iter("img")]
        assert all(source.startswith("data:image/png;base64,") for source in sources)
        assert bool(sources) == (name == "pdf")
        hostile = json.loads(material.body) | {"question": "<script>alert(1)</script>\x00"}
        assert "<script" not in write(replace(material, answer=hostile), "html").decode()


READ_BACK = {
    "rdflib": ("prov", "prov-ttl", "annotation", "nanopub"),
    "rocrate": ("ro-crate",),
    "rispy": ("ris",),
    "bibtexparser": ("bibtex",),
    "citeproc": ("csl", "apa", "ieee", "vancouver", "gb-t-7714", "chicago"),
    "networkx": ("graphml",),
    "neo4j": ("cypher",),
    "csv": ("csv", "search-csv"),
    "json": ("json", "search"),
    "html5lib": ("html",),
    "markdown_it": ("markdown",),
    "docx": ("docx",),
    "pypdfium2": ("pdf",),
    "plain text": ("methods", "methods-zh"),
}
"""By which tool each format is read back here (``cypher``: in tests/service)."""


def test_no_format_is_left_out() -> None:
    """A new format needs a tool that reads it back."""
    assert sorted(name for names in READ_BACK.values() for name in names) == sorted(FORMATS)


def test_markdown_is_read_by_a_commonmark_parser(material: Material) -> None:
    """Each quote is there word for word once the page is rendered, and each work has its address."""
    import html5lib
    from markdown_it import MarkdownIt

    tree = html5lib.parse(
        MarkdownIt("commonmark").render(write(material, "markdown").decode()),
        treebuilder="lxml",
        namespaceHTMLElements=False,
    )
    text = _letters("".join(tree.getroot().itertext()))
    for quote in quotes_of(material):
        assert _letters(quote) in text
    assert {link.get("href") for link in tree.iter("a")} >= {
        material.document_iri(name) for name in material.documents
    }


def test_word_files_are_read_back(material: Material) -> None:
    """python-docx finds question, quotes and works."""
    import docx

    lines = [p.text for p in docx.Document(io.BytesIO(write(material, "docx"))).paragraphs]
    assert lines[0] == material.answer["question"]
    assert [line for line in lines if line in quotes_of(material)] == quotes_of(material)


def test_a_deleted_document_leaves_itsquotes_of(
    materials: dict[str, Material], tmp_path: Path, own_papers: Library
) -> None:
    """After a document is deleted the answer still exports in every format, with the words it quoted."""
    folder = tmp_path / "library"
    shutil.copytree(own_papers.folder, folder)
    with Library(Settings(library=folder)) as copy:
        for document_id in materials["jats"].documents:
            copy.catalogue.delete(document_id)
        for format in FORMATS:
            content = export_answer(copy, materials["jats"].answer["id"], format)
            if format in ("markdown", "prov", "annotation"):
                assert quotes_of(materials["jats"])[0][:40] in content.decode().replace("\\", "")


def test_pdf(material: Material) -> None:
    """PDFium finds the question, every quote and the notice of a retraction in the text of the pages, word
    for word but for the ends of lines.
    """
    import pypdfium2

    def text(content: bytes) -> str:
        with pypdfium2.PdfDocument(content) as file:
            return _letters("".join(page.get_textpage().get_text_range() for page in file))

    written = text(write(material, "pdf"))
    for wanted in (material.answer["question"], *(quote.evidence["quote"] for quote in material.quotes())):
        assert _letters(wanted) in written
    assert _letters(NOTICE) in text(write(retracted_since_answered(material), "pdf"))


def _letters(text: str) -> str:
    """Letters and digits only: a line's end may hyphenate or drop a space."""
    return re.sub(r"[\W_]+", "", text)


def test_search_record(materials: dict[str, Material], own_papers: Library) -> None:
    """The record names the passages that the answer was found among, runs again, and is told in both
    languages.
    """
    material = materials["jats"]
    record = json.loads(write(material, "search"))
    assert [hit["passage_id"] for hit in record["hits"]] == [
        hit["passage_id"] for hit in material.answer["trace"]["retrieved"]
    ]
    assert not replay(Retriever(own_papers), record)[1]
    assert material.answer["question"] in write(material, "methods").decode()
    assert material.answer["question"] in write(material, "methods-zh").decode()
    assert len(list(csv.DictReader(io.StringIO(write(material, "search-csv").decode())))) == len(
        record["hits"]
    )
    with pytest.raises(NotFound, match="no search record"):
        write(replace(material, search=None), "methods")


def test_several_answers(materials: dict[str, Material], own_papers: Library) -> None:
    """An archive holds each answer once as its own export, and a list; the same answers give the same bytes;
    an unknown one gives nothing.
    """
    ids = [material.answer["id"] for material in materials.values()]
    content = export_answers(own_papers, [*ids, ids[0]], "markdown")
    assert content == export_answers(own_papers, ids, "markdown")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == [*(f"{identifier}.md" for identifier in ids), "answers.csv"]
        assert archive.read(f"{ids[0]}.md") == export_answer(own_papers, ids[0], "markdown")
        assert [
            row["answer"]
            for row in csv.DictReader(io.StringIO(archive.read("answers.csv").decode("utf-8-sig")))
        ] == ids
    with pytest.raises(NotFound):
        export_answers(own_papers, [*ids, "a-none"], "markdown")
