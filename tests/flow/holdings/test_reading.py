"""What the library page is given: each paper with all that is known of it, doubtful pairs for whoever may
decide, nothing that is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.run import prepare
from kgrag.errors import Forbidden, NotFound
from kgrag.library import Library
from kgrag.people.rights import Person
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from tests.flow.holdings.test_duplicates import TITLE, record
from ui.service import finding, papers
from ui.service import library as reading
from ui.service.service import Service

READER = Person("r", "reader", "reader")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Thirty random papers, and two records that may be one work."""
    settings = Settings(library=tmp_path / "library", embedder="hash")
    with Library(settings, create=True) as library:
        for number in range(30):
            library.catalogue.put(random_parcel(number))
        for parcel in (
            prepare(record(1, identifiers={"doi": "10.1000/rooms"})),
            prepare(record(2, title=TITLE.replace("people", "peoples"))),
        ):
            library.catalogue.put(parcel)
        library.catch_up()
    opened = Service(settings)
    yield opened
    opened.close()


def test_a_doubtful_pair_is_decided(service: Service) -> None:
    """Who may curate sees the pair beside each of the two, and makes them one; a reader sees none and may
    not.
    """
    (doubt,) = reading.doubts(service, "doi:10.1000/rooms")
    assert reading.doubts(service, doubt["id"])[0]["id"] == "doi:10.1000/rooms"
    assert reading.doubts(service.of(READER), doubt["id"]) == []
    with pytest.raises(Forbidden):
        reading.decide(service.of(READER), doubt["first"], doubt["second"], same=True)
    assert reading.decide(service, doubt["first"], doubt["second"], same=True) == "doi:10.1000/rooms"
    assert papers.paper(service, "doi:10.1000/rooms")["duplicates"] == []
    with pytest.raises(NotFound):
        papers.paper(service, doubt["id"])


def test_a_union_is_taken_apart(service: Service) -> None:
    """The page tells the sources and who said what; who may curate takes them apart, a reader may not."""
    (doubt,) = reading.doubts(service, "doi:10.1000/rooms")
    assert papers.paper(service, "doi:10.1000/rooms")["union"] is None
    reading.decide(service, doubt["first"], doubt["second"], same=True)
    union = papers.paper(service, "doi:10.1000/rooms")["union"]
    assert [source["number"] for source in union["sources"]] == [1, 2]
    assert "title" in {field["field"] for field in union["fields"]}
    assert not papers.paper(service.of(READER), "doi:10.1000/rooms")["union"]["may_split"]
    with pytest.raises(Forbidden):
        reading.split(service.of(READER), "doi:10.1000/rooms", None)
    assert reading.split(service, "doi:10.1000/rooms", None) == "doi:10.1000/rooms"
    assert papers.paper(service, "doi:10.1000/rooms")["union"] is None
    assert papers.paper(service, doubt["id"])["duplicates"] == []


def test_what_is_hidden_is_nowhere(service: Service) -> None:
    """A paper of a closed collection is in no result, facet, count, list of authors, entity or tree of who
    may not see it.
    """
    secret = next(d for d in service.library.catalogue.documents() if d.record.source.path == "7.xml")
    service.rights.set_collection("closed", documents=[secret.id], groups=["board"])
    theirs = service.of(READER)
    assert reading.counts(theirs)["documents"] == reading.counts(service)["documents"] - 1
    for text in ("", "Radium Polonium Paris"):
        pages = [finding.find(theirs, text, {}, offset) for offset in (0, 20, 40)]
        assert secret.id not in [d["id"] for page in pages for d in page["documents"]]
    with pytest.raises(NotFound):
        papers.paper(theirs, secret.id)
    with pytest.raises(NotFound):
        reading.tree(theirs, secret.id, [])
    other = next(d for d in service.library.catalogue.documents() if d.id != secret.id)
    places = [child["place"] for child in reading.tree(theirs, other.id, [])["children"]]
    assert secret.id not in str(reading.tree(theirs, other.id, places))
    entity = service.library.graph.find(["radium"])[0]
    found = reading.entity(theirs, entity.id)
    assert found is not None
    assert secret.id not in str(found)


def test_a_tree_opens_where_it_is_told(service: Service) -> None:
    """Only the root and opened nodes have children, and no node stands twice on one path."""
    first = next(service.library.catalogue.documents())
    tree = reading.tree(service, first.id, ["0.0"])
    assert [child["children"] is not None for child in tree["children"]] == [
        child["place"] == "0.0" for child in tree["children"]
    ]
    assert first.id not in [node["id"] for node in tree["children"][0]["children"]]
