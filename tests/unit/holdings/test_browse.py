"""Looking around: counts are what a loop would count, citations go both ways, nothing that is filtered out is
seen.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from ingest.run import prepare
from kgrag.holdings import browse, facets
from kgrag.holdings.citations import cited_by, cited_in
from kgrag.library import Library
from kgrag.types import Filters, Record, Reference, Source


@pytest.mark.parametrize(
    "filters",
    [Filters(), Filters(venues=("学报",)), Filters(year_from=2000, year_to=2010), Filters(retracted=False)],
)
def test_facets_count_documents(small_library: Library, filters: Filters) -> None:
    """Each facet counts the documents that pass all other filters."""
    documents = list(small_library.catalogue.documents())
    found = facets.facets(small_library.catalogue, filters)
    in_years = [
        d for d in documents if (filters.year_from or 0) <= (d.year or 0) <= (filters.year_to or 9999)
    ]
    assert dict(found["venue"]) == Counter(d.record.venue for d in in_years)
    assert dict(found["year"]) == Counter(
        str(d.year) for d in documents if not filters.venues or d.record.venue in filters.venues
    )
    assert [year for year, _ in found["year"]] == sorted((year for year, _ in found["year"]), reverse=True)


def test_a_list_is_paged_without_loss(small_library: Library) -> None:
    """Pages of a list hold every document once, the newest year first."""
    pages = [browse.listed(small_library.catalogue, Filters(), offset, 7) for offset in range(0, 35, 7)]
    documents = [d for _, page in pages for d in page]
    assert {total for total, _ in pages} == {30}
    assert sorted(d.id for d in documents) == sorted(d.id for d in small_library.catalogue.documents())
    assert [d.year for d in documents] == sorted((d.year for d in documents), reverse=True)


def test_citations_go_both_ways(small_library: Library) -> None:
    """A cites B exactly where B is cited by A."""
    catalogue = small_library.catalogue
    documents = list(catalogue.documents())
    forward = {(d.id, other.id) for d in documents for other in cited_in(catalogue, d.id)}
    backward = {(other.id, d.id) for d in documents for other in cited_by(catalogue, d.id)}
    assert forward == backward
    assert forward


def test_a_citation_by_title_and_year_is_seen(small_library: Library) -> None:
    """A reference without a DOI counts as a citation wherever its title and year name a work, and filters
    hold.
    """
    catalogue, title = small_library.catalogue, "Reading rooms and the people who use them"
    plain = Record(Source("1.ris", "1", "ris"), title=title, year=1999, abstract="Shelves were counted.")
    citing = replace(
        plain,
        source=Source("2.ris", "1", "ris"),
        title="Another article on shelves",
        year=2004,
        references=(Reference("x", {}, title.upper(), 1999),),
    )
    parcels = [prepare(record) for record in (plain, citing)]
    for parcel in parcels:
        catalogue.put(parcel)
    cited_id, citing_id = (parcel.document.id for parcel in parcels)
    assert [
        beside.id for beside in browse.beside(catalogue, cited_id, "Document") if beside.edge == "CITED_BY"
    ] == [citing_id]
    assert [document.id for document in cited_in(catalogue, citing_id)] == [cited_id]
    assert cited_by(catalogue, cited_id, Filters(year_to=2000)) == []


def test_an_entity_is_shown_where_it_is_mentioned(small_library: Library) -> None:
    """Every span is one of its names; passages are spread over documents; hidden documents do not count."""
    entity = small_library.graph.find(["radium"])[0]
    found = browse.named(small_library.catalogue, entity.id)
    assert found is not None
    assert all(
        passage.text[start:end] == "Radium" for passage, _, spans in found.passages for start, end in spans
    )
    assert len({document.id for _, document, _ in found.passages}) == min(12, found.n_documents)
    some = Filters(venues=("学报",))
    limited = browse.named(small_library.catalogue, entity.id, some)
    assert limited is not None
    assert limited.n_documents < found.n_documents
    assert all(document.record.venue == "学报" for _, document, _ in limited.passages)
    assert browse.named(small_library.catalogue, "e:nothing") is None


def test_what_stands_beside_a_node(small_library: Library) -> None:
    """A document's neighbours lead back to it."""
    catalogue = small_library.catalogue
    document = next(catalogue.documents())
    beside = browse.beside(catalogue, document.id, "Document")
    assert {"BY", "IN", "ABOUT", "NAMES"} <= {node.edge for node in beside}
    for node in beside:
        back = browse.beside(catalogue, node.id, node.kind)
        assert back
        assert all(other.kind == "Document" for other in back if node.kind != "Document")
    assert browse.beside(catalogue, "p", "Passage") == []


def test_values_of_one_name_are_one(small_library: Library) -> None:
    """Two spellings are chosen together, and mean both."""
    joined = facets.merged([("PLOS ONE", 3), ("Nature", 4), ("PLoS ONE", 2)], str.casefold)
    assert joined == [(f"PLOS ONE{facets.ALSO}PLoS ONE", 5), ("Nature", 4)]
    assert facets.filters_of(
        {"venue": [joined[0][0]], "year": ["2001", "1999"], "retracted": ["no"]}
    ) == Filters(year_from=1999, year_to=2001, venues=("PLOS ONE", "PLoS ONE"), retracted=False)
    assert facets.filters_of({"retracted": ["yes", "no"], "other": ["x"]}) == Filters()
