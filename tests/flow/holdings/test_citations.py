"""References are linked to the works of the library that they mean, whichever came first, in both stores'
common tables.
"""

from __future__ import annotations

from dataclasses import replace

from ingest.run import prepare
from ingest.works.unite import with_extraction
from kgrag.catalogue import Catalogue
from kgrag.holdings.citations import cited_by, cited_in
from kgrag.library import Library
from kgrag.types import Author, Record, Reference, Source

TITLE = "Reading rooms and the people who use them: a survey"


def record(number: int, **fields: object) -> Record:
    """A record of its own source."""
    return replace(
        Record(
            Source(f"{number}.ris", str(number), "ris"),
            title=f"An article on shelves, number {number}",
            year=2000 + number,
            authors=(Author("Doe", "J."),),
            abstract="Shelves were counted.",
        ),
        **fields,
    )


def test_by_doi_by_pubmed_id_and_by_title(catalogue: Catalogue) -> None:
    """A work that goes by its DOI is found by its PubMed id and by title and year too; case and punctuation
    do not matter.
    """
    cited = record(1, title=TITLE, year=1999, identifiers={"doi": "10.1000/rooms", "pmid": "123456"})
    references = (
        Reference("a", {"doi": "10.1000/rooms"}),
        Reference("b", {"pmid": "123456"}),
        Reference("c", {}, TITLE.upper().replace(":", " –"), 1999, "Nobody"),
        Reference("d", {}, TITLE, 1998),
        Reference("e", {}, "Short title", 1999),
    )
    for number, reference in enumerate(references, start=2):
        catalogue.put(prepare(record(number, references=(reference,))))
    catalogue.put(prepare(cited))
    assert [work.year for work in cited_by(catalogue, "doi:10.1000/rooms")] == [2004, 2003, 2002]
    citing = next(document.id for document in catalogue.documents() if document.year == 2003)
    assert [work.id for work in cited_in(catalogue, citing)] == ["doi:10.1000/rooms"]


def test_the_graph_has_one_edge_a_pair(small_library: Library) -> None:
    """Several keys of one reference, or a work that names itself, make no further edges."""
    catalogue = small_library.catalogue
    before = small_library.graph.counts()["CITES"]
    whole = Reference("x", {"doi": "10.1000/rooms", "pmid": "123456"}, TITLE, 1999)
    own = record(
        1, title=TITLE, year=1999, identifiers={"doi": "10.1000/rooms", "pmid": "123456"}, references=(whole,)
    )
    for parcel in (prepare(record(2, references=(whole, whole))), prepare(own)):
        catalogue.put(with_extraction(parcel.document, parcel.passages))
    small_library.catch_up()
    assert small_library.graph.counts()["CITES"] == before + 1
    edges = [edge for edge in small_library.graph.neighbours("doi:10.1000/rooms") if edge.type == "CITES"]
    assert [edge.target for edge in edges] == ["doi:10.1000/rooms"]
    catalogue.delete("doi:10.1000/rooms")
    small_library.catch_up()
    assert small_library.graph.counts()["CITES"] == before
