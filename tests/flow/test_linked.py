"""The dump is N-Triples that rdflib reads, with the numbers of the graph store, and SKOS that keeps SKOS's own rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kgrag.catalogue import Catalogue
from kgrag.cli import app
from kgrag.export.linked import n_triples
from kgrag.library import Library
from kgrag.testing import random_parcel

SKOS, OWN = "http://www.w3.org/2004/02/skos/core#", "urn:kgrag:vocab#"


def _graph(catalogue: Catalogue) -> Any:
    import rdflib

    return rdflib.Graph().parse(data="".join(n_triples(catalogue)), format="nt")


def test_the_dump_has_the_numbers_of_the_graph(papers_library: Library) -> None:
    """Every node and edge once; every concept has one preferred label, which is none of its others."""
    from rdflib import RDF, URIRef

    graph, counts = _graph(papers_library.catalogue), papers_library.graph.counts()
    kinds = {name: len(set(graph.subjects(RDF.type, URIRef(OWN + name)))) for name in ("Document", "Passage", "Statement")}
    assert kinds == {name: counts[name] for name in kinds}
    entities = set(graph.subjects(URIRef(SKOS + "inScheme"), None))
    assert len(entities) == counts["Entity"]
    for concept in graph.subjects(RDF.type, URIRef(SKOS + "Concept")):
        preferred = list(graph.objects(concept, URIRef(SKOS + "prefLabel")))
        assert len(preferred) == 1
        assert preferred[0] not in set(graph.objects(concept, URIRef(SKOS + "altLabel")))
    assert set(graph.objects(None, URIRef(OWN + "MENTIONS"))) <= entities


def test_statements_keep_their_ends(small_library: Library) -> None:
    """A statement leads to its two entities and to the passage that says it, as the store has them."""
    from rdflib import URIRef

    graph = _graph(small_library.catalogue)
    assert len(list(graph.triples((None, URIRef(OWN + "SAID_IN"), None)))) == small_library.graph.counts()["SAID_IN"] > 0
    for name in ("SUBJECT", "OBJECT"):
        assert len(list(graph.triples((None, URIRef(OWN + name), None)))) == small_library.graph.counts()[name]


@pytest.mark.parametrize("title", ['a "quoted" \\ title\nof two lines\t', "控制\x00字符\x7f", "<script> & é 𝔘"])
def test_any_title_comes_back(catalogue: Catalogue, title: str) -> None:
    """Quotes, backslashes, control characters and all of Unicode survive."""
    from rdflib import URIRef

    parcel = random_parcel(1)
    catalogue.put(replace(parcel, document=replace(parcel.document, record=replace(parcel.document.record, title=title))))
    titles = {str(value) for value in _graph(catalogue).objects(None, URIRef("http://purl.org/dc/terms/title"))}
    assert title in titles


def test_the_command_writes_a_file(small_library: Library, tmp_path: Path) -> None:
    """Twice the same bytes."""
    for name in ("a.nt", "b.nt"):
        assert CliRunner().invoke(app, ["dump", "--library", str(small_library.folder), "-o", str(tmp_path / name)]).exit_code == 0
    assert (tmp_path / "a.nt").read_bytes() == (tmp_path / "b.nt").read_bytes() != b""
