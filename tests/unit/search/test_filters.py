"""Filters act inside every channel: what they leave out is never found, and what they leave is found although
it ranks low elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kgrag.library import Library
from kgrag.search import MODES, Retriever
from kgrag.search.understand import understand
from kgrag.types import Document, Filters
from tests.conftest import opened_copy

LIMITS = (
    Filters(venues=("学报",)),
    Filters(authors=("A. Li",)),
    Filters(year_from=2000, year_to=2004),
    Filters(documents=("doi:10.1000/0.7",)),
    Filters(retracted=True),
    Filters(retracted=False, languages=("en",)),
    Filters(venues=("Nature",), authors=("A. Curie",)),
)


@pytest.fixture(scope="module")
def library(many_documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Thirty documents, one of them retracted."""
    with opened_copy(many_documents, tmp_path_factory.mktemp("filters")) as library:
        library.catalogue.set_retracted({"doi:10.1000/0.3": "withdrawn"})
        library.catch_up()
        yield library


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("filters", LIMITS)
def test_every_channel_keeps_to_the_filters(library: Library, mode: str, filters: Filters) -> None:
    """Each mode finds only passages of documents that pass, and finds some where one of them mentions the
    question's entities.
    """
    allowed = set(library.catalogue.filtered_ids(filters))
    hits = Retriever(library).search(
        understand("Was Radium studied with Polonium in Paris?", library), 50, mode, filters
    )
    assert {hit.document.id for hit in hits} <= allowed
    assert hits
    assert allowed == {d.id for d in library.catalogue.documents() if _passes(d, filters)}


def _passes(document: Document, filters: Filters) -> bool:
    """Whether a document passes, computed without SQL."""
    record = document.record
    year = record.year or 0
    checks = (
        (filters.venues, record.venue in filters.venues),
        (filters.authors, record.authors[0].name in filters.authors),
        (filters.documents, document.id in filters.documents),
        (filters.languages, document.language in filters.languages),
        (filters.year_from is not None, year >= (filters.year_from or 0)),
        (filters.year_to is not None, year <= (filters.year_to or 9999)),
        (filters.retracted is not None, (document.retracted is not None) == filters.retracted),
    )
    return all(holds for asked, holds in checks if asked)
