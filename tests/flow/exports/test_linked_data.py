"""PROV, annotations, nanopublications and crates are read back by tools that are not ours."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from kgrag.export import write
from kgrag.export.material import Material
from kgrag.library import Library
from tests.flow.exports.given import ANNO, SHAPES, quotes_of


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
    assert len(rows) == len(quotes_of(material))
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
    assert len(items) == plain["total"] == len(quotes_of(material))
    for item, quote in zip(items, quotes_of(material), strict=True):
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
