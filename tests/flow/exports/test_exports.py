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
from typing import Any

import pytest

from kgrag.ask.asker import Asker
from kgrag.errors import MissingExtra, NotFound, UsageError
from kgrag.export import FORMATS, export_answer, write
from kgrag.export.batch import export_answers
from kgrag.export.material import Material, gather
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from kgrag.search import Retriever
from kgrag.search.record import replay
from kgrag.settings import Settings

QUESTIONS = {
    "jats": "What is blue marble health?",
    "pdf": "How does DraggleSimulator teach genetic drift?",
    "none": "How do I bake sourdough bread at home?",
}
NOTICE = "Retraction: 10.1000/notice (2020-01-01)"
ANNO = {
    "oa": "http://www.w3.org/ns/oa#",
    "as": "http://www.w3.org/ns/activitystreams#",
    "dcterms": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "id": "@id",
    "type": "@type",
    "Annotation": "oa:Annotation",
    "AnnotationCollection": "as:OrderedCollection",
    "AnnotationPage": "as:OrderedCollectionPage",
    "SpecificResource": "oa:SpecificResource",
    "TextualBody": "oa:TextualBody",
    "TextQuoteSelector": "oa:TextQuoteSelector",
    "TextPositionSelector": "oa:TextPositionSelector",
    "FragmentSelector": "oa:FragmentSelector",
    "value": "rdf:value",
    "body": {"@id": "oa:hasBody", "@type": "@id"},
    "target": {"@id": "oa:hasTarget", "@type": "@id"},
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": {"@id": "oa:hasSelector", "@type": "@id"},
    "exact": "oa:exact",
    "prefix": "oa:prefix",
    "suffix": "oa:suffix",
    "start": "oa:start",
    "end": "oa:end",
    "items": {"@id": "as:items", "@type": "@id", "@container": "@list"},
    "first": {"@id": "as:first", "@type": "@id"},
    "conformsTo": {"@id": "dcterms:conformsTo", "@type": "@id"},
}
"""The terms of the Web Annotation context that are used, as its specification maps them (the context itself
lies on the network).
"""
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix k: <urn:kgrag:vocab#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
[] a sh:NodeShape ; sh:targetClass k:Answer ;
  sh:property [sh:path prov:wasGeneratedBy ; sh:minCount 1 ; sh:maxCount 1 ; sh:class prov:Activity],
    [sh:path prov:generatedAtTime ; sh:datatype xsd:dateTime ; sh:minCount 1],
    [sh:path prov:hadMember ; sh:class k:Claim] .
[] a sh:NodeShape ; sh:targetClass k:Claim ;
  sh:property [sh:path prov:wasDerivedFrom ; sh:minCount 1 ; sh:class k:Quote],
    [sh:path prov:value ; sh:minCount 1 ; sh:maxCount 1],
    [sh:path k:score ; sh:datatype xsd:double ; sh:minInclusive 0.0 ; sh:maxInclusive 1.0] .
[] a sh:NodeShape ; sh:targetClass k:Quote ;
  sh:property [sh:path prov:wasQuotedFrom ; sh:class k:Passage ; sh:minCount 1 ; sh:maxCount 1],
    [sh:path prov:hadPrimarySource ; sh:class k:Document ; sh:minCount 1],
    [sh:path k:start ; sh:datatype xsd:integer ; sh:minCount 1] .
[] a sh:NodeShape ; sh:targetClass prov:Activity ;
  sh:property [sh:path prov:startedAtTime ; sh:lessThanOrEquals prov:endedAtTime ; sh:minCount 1],
    [sh:path prov:wasAssociatedWith ; sh:class prov:SoftwareAgent ; sh:minCount 4] .
[] a sh:NodeShape ; sh:targetClass oa:Annotation ;
  sh:property [sh:path oa:hasTarget ; sh:minCount 1 ; sh:class oa:SpecificResource],
    [sh:path oa:hasBody ; sh:minCount 1] .
[] a sh:NodeShape ; sh:targetClass oa:SpecificResource ;
  sh:property [sh:path oa:hasSource ; sh:minCount 1 ; sh:maxCount 1],
    [sh:path oa:hasSelector ; sh:minCount 2] .
[] a sh:NodeShape ; sh:targetClass oa:TextPositionSelector ;
  sh:property [sh:path oa:start ; sh:datatype xsd:integer ; sh:minCount 1 ; sh:lessThan oa:end] .
[] a sh:NodeShape ; sh:targetClass oa:FragmentSelector ;
  sh:property [sh:path rdf:value ; sh:pattern "^page=[0-9]+" ; sh:minCount 1] .
"""


@pytest.fixture(scope="module")
def materials(own_papers: Library) -> dict[str, Material]:
    """The answers to the questions: from XML, from a PDF, and an abstention."""
    asker = Asker(own_papers)
    return {
        name: gather(own_papers, answer_to_json(asker.ask(question))["id"])
        for name, question in QUESTIONS.items()
    }


@pytest.fixture(scope="module", params=["jats", "pdf"])
def material(materials: dict[str, Material], request: pytest.FixtureRequest) -> Material:
    """Each answer that has claims."""
    found = materials[request.param]
    assert found.answer["claims"]
    return found


def _quotes(material: Material) -> list[str]:
    return [q.evidence["quote"] for q in material.quotes()]


def _retracted(material: Material) -> Material:
    """The same answer after one of its documents was retracted."""
    return replace(material, since={next(iter(material.documents)): NOTICE})


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
    text = write(_retracted(material), format).decode()
    assert "RETRACTED" in text
    assert "10.1000/notice" in text.replace("\\", "")
    assert "RETRACTED" not in write(material, format).decode()


def test_retractions_in_crate_and_word(material: Material) -> None:
    """The packed formats carry the notice too."""
    import docx

    with zipfile.ZipFile(io.BytesIO(write(_retracted(material), "ro-crate"))) as crate:
        assert NOTICE in crate.read("ro-crate-metadata.json").decode()
        assert NOTICE in crate.read("records.json").decode()
    assert NOTICE in "\n".join(
        p.text for p in docx.Document(io.BytesIO(write(_retracted(material), "docx"))).paragraphs
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


def _shacl(data: Any) -> None:
    import pyshacl
    import rdflib

    conforms, _, text = pyshacl.validate(data, shacl_graph=rdflib.Graph().parse(data=SHAPES, format="turtle"))
    assert conforms, text


def test_prov_is_read_by_rdflib(material: Material) -> None:
    """PROV keeps its shapes; each quote leads to its passage, which holds it at its span; Turtle says the
    same as JSON-LD.
    """
    import rdflib
    from rdflib.compare import isomorphic

    graph = rdflib.Graph().parse(data=write(material, "prov"), format="json-ld")
    _shacl(graph)
    rows = list(
        graph.query(
            """
            PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX k: <urn:kgrag:vocab#>
            SELECT ?quote ?start ?end ?text WHERE {
                ?q a k:Quote ; prov:value ?quote ; k:start ?start ; k:end ?end ;
                    prov:wasQuotedFrom/prov:value ?text
            }
            """
        )
    )
    assert len(rows) == len(_quotes(material))
    assert all(str(text)[int(start) : int(end)] == str(quote) for quote, start, end, text in rows)
    assert isomorphic(graph, rdflib.Graph().parse(data=write(material, "prov-ttl"), format="turtle"))


def test_annotations_resolve(material: Material, own_papers: Library) -> None:
    """Read by rdflib, each annotation keeps its shape; its position and its quote (with what stands around)
    find the same words, once.
    """
    import rdflib

    plain = json.loads(write(material, "annotation"))
    plain["@context"][0] = ANNO
    _shacl(rdflib.Graph().parse(data=json.dumps(plain), format="json-ld"))
    items = plain["first"]["items"]
    assert len(items) == plain["total"] == len(_quotes(material))
    for item, quote in zip(items, _quotes(material), strict=True):
        text = own_papers.catalogue.document(item["kgrag:document"]).text
        selectors = {s["type"]: s for s in item["target"]["selector"]}
        words, position = selectors["TextQuoteSelector"], selectors["TextPositionSelector"]
        assert words["exact"] == quote == text[position["start"] : position["end"]]
        assert (
            text.find(words["prefix"] + words["exact"] + words["suffix"]) + len(words["prefix"])
            == position["start"]
        )


def test_annotations_of_pdfs_name_page_and_box(materials: dict[str, Material]) -> None:
    """The fragment's rectangle, given to PDFium, holds words of the quote."""
    import pypdfium2

    material = materials["pdf"]
    for item, q in zip(
        json.loads(write(material, "annotation"))["first"]["items"], material.quotes(), strict=True
    ):
        values = [s["value"] for s in item["target"]["selector"] if s["type"] == "FragmentSelector"]
        assert len(values) == len(q.evidence["boxes"]) > 0
        with pypdfium2.PdfDocument(material.documents[q.evidence["document_id"]]["source"]["path"]) as pdf:
            page = pdf[q.evidence["page"] - 1]
            for value in values:
                left, top, width, height = map(float, value.split("viewrect=")[1].split(","))
                bottom = page.get_height() - top - height
                seen = (
                    page.get_textpage()
                    .get_text_bounded(left - 1, bottom - 1, left + width + 1, bottom + height + 1)
                    .split()
                )
                assert set(seen) & set(q.evidence["quote"].split())


def test_nanopublications_are_well_formed(material: Material) -> None:
    """One a claim; each head names three graphs, none empty; the assertion holds the claim's words."""
    import rdflib

    dataset = rdflib.Dataset()
    dataset.parse(data=write(material, "nanopub").decode(), format="trig")
    np = rdflib.Namespace("http://www.nanopub.org/nschema#")
    heads = [
        (graph, s) for graph in dataset.graphs() for s in graph.subjects(rdflib.RDF.type, np.Nanopublication)
    ]
    assert len(heads) == len(material.answer["claims"])
    said = set()
    for head, nanopub in heads:
        parts = [
            dataset.graph(head.value(nanopub, np[p]))
            for p in ("hasAssertion", "hasProvenance", "hasPublicationInfo")
        ]
        assert all(len(part) for part in parts)
        said |= {
            str(value) for value in parts[0].objects(None, rdflib.URIRef("http://www.w3.org/ns/prov#value"))
        }
    assert said == {claim["text"] for claim in material.answer["claims"]}


def test_crates_are_read_by_rocrate(material: Material, tmp_path: Path) -> None:
    """rocrate opens the zip; every file is described, the answer is the stored one, and each passage holds
    its quotes.
    """
    from rocrate.rocrate import ROCrate

    path = tmp_path / "answer.zip"
    path.write_bytes(write(material, "ro-crate"))
    crate = ROCrate(str(path))
    with zipfile.ZipFile(path) as zipped:
        assert {e.id for e in crate.data_entities} == set(zipped.namelist()) - {"ro-crate-metadata.json"}
        assert zipped.read("answer.json").decode() == material.body
        texts = {
            e["identifier"]: zipped.read(e.id).decode()
            for e in crate.data_entities
            if e.id.startswith("evidence/")
        }
    for q in material.quotes():
        assert texts[q.evidence["passage_id"]][slice(*q.evidence["span"])] == q.evidence["quote"]
    assert {e["identifier"] for e in crate.get_by_type("ScholarlyArticle")} == set(material.documents)
    assert all(e["author"] for e in crate.get_by_type("ScholarlyArticle"))


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
    assert [row["quote"] for row in rows] == _quotes(material)
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
        assert ["".join(m.itertext()) for m in tree.iter("mark")] == _quotes(material)
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
    for quote in _quotes(material):
        assert _letters(quote) in text
    assert {link.get("href") for link in tree.iter("a")} >= {
        material.document_iri(name) for name in material.documents
    }


def test_word_files_are_read_back(material: Material) -> None:
    """python-docx finds question, quotes and works."""
    import docx

    lines = [p.text for p in docx.Document(io.BytesIO(write(material, "docx"))).paragraphs]
    assert lines[0] == material.answer["question"]
    assert [line for line in lines if line in _quotes(material)] == _quotes(material)


def test_a_deleted_document_leaves_its_quotes(
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
                assert _quotes(materials["jats"])[0][:40] in content.decode().replace("\\", "")


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
    assert _letters(NOTICE) in text(write(_retracted(material), "pdf"))


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
