"""The dump is N-Triples that rdflib reads, with the numbers of the graph store, and SKOS that keeps SKOS's
own rules.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kgrag.catalogue import Catalogue
from kgrag.cli.main import app
from kgrag.export.linked.files import linked_data
from kgrag.library import Library
from kgrag.testing import random_parcel

SKOS, OWN = "http://www.w3.org/2004/02/skos/core#", "urn:kgrag:vocab#"


def _graph(catalogue: Catalogue) -> Any:
    import rdflib

    return rdflib.Graph().parse(data="".join(linked_data(catalogue)), format="nt")


def test_the_dump_has_the_numbers_of_the_graph(papers_library: Library) -> None:
    """Every node and edge once; every concept has one preferred label, which is none of its others."""
    from rdflib import RDF, URIRef

    graph, counts = _graph(papers_library.catalogue), papers_library.graph.counts()
    kinds = {
        name: len(set(graph.subjects(RDF.type, URIRef(OWN + name))))
        for name in ("Document", "Passage", "Statement")
    }
    assert kinds == {name: counts[name] for name in kinds}
    entities = set(graph.subjects(URIRef(SKOS + "inScheme"), None))
    assert len(entities) == counts["Concept"]
    for concept in graph.subjects(RDF.type, URIRef(SKOS + "Concept")):
        preferred = list(graph.objects(concept, URIRef(SKOS + "prefLabel")))
        assert len(preferred) == 1
        assert preferred[0] not in set(graph.objects(concept, URIRef(SKOS + "altLabel")))
    assert set(graph.objects(None, URIRef(OWN + "MENTIONS"))) <= entities


def test_statements_keep_their_ends(small_library: Library) -> None:
    """A statement leads to its two entities and to the passage that says it, as the store has them."""
    from rdflib import URIRef

    graph = _graph(small_library.catalogue)
    assert (
        len(list(graph.triples((None, URIRef(OWN + "SAID_IN"), None))))
        == small_library.graph.counts()["SAID_IN"]
        > 0
    )
    for name in ("SUBJECT", "OBJECT"):
        assert (
            len(list(graph.triples((None, URIRef(OWN + name), None)))) == small_library.graph.counts()[name]
        )


@pytest.mark.parametrize(
    "title", ['a "quoted" \\ title\nof two lines\t', "控制\x00字符\x7f", "<script> & é 𝔘"]
)
def test_any_title_comes_back(catalogue: Catalogue, title: str) -> None:
    """Quotes, backslashes, control characters and all of Unicode survive."""
    from rdflib import URIRef

    parcel = random_parcel(1)
    catalogue.put(
        replace(
            parcel, document=replace(parcel.document, record=replace(parcel.document.record, title=title))
        )
    )
    titles = {
        str(value) for value in _graph(catalogue).objects(None, URIRef("http://purl.org/dc/terms/title"))
    }
    assert title in titles


def test_the_command_writes_a_file(small_library: Library, tmp_path: Path) -> None:
    """Twice the same bytes."""
    for name in ("a.nt", "b.nt"):
        assert (
            CliRunner()
            .invoke(app, ["dump", "--library", str(small_library.folder), "-o", str(tmp_path / name)])
            .exit_code
            == 0
        )
    assert (tmp_path / "a.nt").read_bytes() == (tmp_path / "b.nt").read_bytes() != b""


def test_json_ld_says_the_same(papers_library: Library, small_library: Library) -> None:
    """Read back by rdflib, both syntaxes hold the same triples."""
    import rdflib
    from rdflib.compare import to_isomorphic

    for library in (small_library, papers_library):
        other = rdflib.Graph().parse(data="".join(linked_data(library.catalogue, "jsonld")), format="json-ld")
        assert len(other) > 100
        assert to_isomorphic(other) == to_isomorphic(_graph(library.catalogue))


def test_vocabularies_are_schemes_with_broader_terms(catalogue: Catalogue, tmp_path: Path) -> None:
    """SKOS comes back as SKOS; OBO's is_a, a table's parents and tree numbers of MeSH are broader terms; a
    removed vocabulary is gone.
    """
    from rdflib import URIRef

    from kgrag.holdings import vocabularies as vocabulary

    files = {
        "s.ttl": (
            '@prefix skos: <http://www.w3.org/2004/02/skos/core#> . <http://v/1> skos:prefLabel "library"@en,'
            ' "图书馆"@zh ; skos:narrower <http://v/2> . <http://v/2> skos:prefLabel "branch library"@en .'
        ),
        "o.obo": "[Term]\nid: X:1\nname: leaf\n\n[Term]\nid: X:2\nname: needle\nis_a: X:1 ! leaf\n",
        "c.csv": "id,name,parent\n1,Beer,\n2,Ale,1\n",
        "m.tsv": (
            "mesh_id\tmesh_name\tmesh_tree_number\nD1\tNeoplasms\tC04\nD2\tCysts\tC04.182\nD2\tCysts\tA01.2\n"
        ),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
        vocabulary.load(catalogue, tmp_path / name, "mesh" if name == "m.tsv" else None)
    graph, library = _graph(catalogue), catalogue.library_id
    own = f"urn:kgrag:{library}:concept:"
    wanted = {
        ("http://v/2", "http://v/1"),
        (own + "o%2FX%3A2", own + "o%2FX%3A1"),
        (own + "c%2F2", own + "c%2F1"),
        ("http://id.nlm.nih.gov/mesh/D2", "http://id.nlm.nih.gov/mesh/D1"),
    }
    assert {(str(a), str(b)) for a, b in graph.subject_objects(URIRef(SKOS + "broader"))} == wanted
    assert {(str(b), str(a)) for a, b in graph.subject_objects(URIRef(SKOS + "narrower"))} == wanted
    labels = {
        (str(label), label.language)
        for label in graph.objects(URIRef("http://v/1"), None)
        if getattr(label, "language", None)
    }
    assert labels == {("library", "en"), ("图书馆", "zh")}
    vocabulary.remove(catalogue, "c")
    assert len(list(_graph(catalogue).subject_objects(URIRef(SKOS + "broader")))) == 3


def test_an_unknown_format_is_refused(small_library: Library) -> None:
    """The error names those that exist."""
    done = CliRunner().invoke(app, ["dump", "--library", str(small_library.folder), "--format", "turtle"])
    assert "ntriples, jsonld" in str(done.exception)
