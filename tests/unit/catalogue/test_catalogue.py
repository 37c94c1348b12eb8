"""The catalogue: what is put is read back; the feed tells each change once; deletes leave nothing."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import write_transaction
from kgrag.catalogue.integrity import integrity_errors
from kgrag.errors import IndexMismatch, NotFound
from kgrag.testing import random_parcel
from kgrag.types import Change, Filters, Reference


def test_what_is_put_is_read_back(catalogue: Catalogue) -> None:
    """A document, its record and its passages come back equal; every passage is the document's text at its
    offsets.
    """
    parcel = random_parcel(1)
    catalogue.put(parcel)
    assert catalogue.document(parcel.document.id) == parcel.document
    assert tuple(catalogue.passages_of(parcel.document.id)) == parcel.passages
    for passage in catalogue.passages_of(parcel.document.id):
        assert passage.text == parcel.document.text[passage.start : passage.end]


def test_a_reference_without_text_is_read_back(catalogue: Catalogue) -> None:
    """A reference list's entry that holds identifiers only costs nothing but its text."""
    parcel = random_parcel(1)
    record = replace(parcel.document.record, references=(Reference("", {"doi": "10.1000/x"}),))
    catalogue.put(replace(parcel, document=replace(parcel.document, record=record)))
    assert catalogue.document(parcel.document.id).record.references == record.references


def test_put_twice_equals_once(catalogue: Catalogue) -> None:
    """A second put of the same document replaces the first: same rows, one newest change."""
    first = catalogue.put(random_parcel(1))
    counts = {
        table.name: catalogue.count(table)
        for table in (t.documents, t.passages, t.entities, t.forms, t.mentions, t.statements, t.links)
    }
    second = catalogue.put(random_parcel(1))
    assert counts == {
        table.name: catalogue.count(table)
        for table in (t.documents, t.passages, t.entities, t.forms, t.mentions, t.statements, t.links)
    }
    assert second > first
    assert catalogue.changes(0, 10) == [Change(second, "put", random_parcel(1).document.id)]


def test_delete_leaves_nothing(catalogue: Catalogue) -> None:
    """After the last document every table of content is empty; the feed still tells of the deletion."""
    parcel = random_parcel(1)
    catalogue.put(parcel)
    catalogue.delete(parcel.document.id)
    for table in (t.documents, t.passages, t.entities, t.forms, t.mentions, t.statements, t.objects, t.links):
        assert catalogue.count(table) == 0, table.name
    assert [change.kind for change in catalogue.changes(0, 10)] == ["delete"]
    with pytest.raises(NotFound, match="kgrag documents list"):
        catalogue.delete(parcel.document.id)


def test_keys_are_never_used_again(catalogue: Catalogue) -> None:
    """A document put again after a deletion has new integer keys, so no follower can mistake it."""
    parcel = random_parcel(1)
    catalogue.put(parcel)
    before = catalogue.passage_keys([parcel.passages[0].id])
    catalogue.delete(parcel.document.id)
    catalogue.put(parcel)
    assert catalogue.passage_keys([parcel.passages[0].id]) != before


def test_shared_entities_stay_until_the_last_document(catalogue: Catalogue) -> None:
    """Deleting one of many documents removes only the entities that no other names."""
    for number in range(10):
        catalogue.put(random_parcel(number))
    catalogue.delete(random_parcel(0).document.id)
    extractions = [random_parcel(number).extraction for number in range(1, 10)]
    named = {e.id for found in extractions for e in (*found.entities, *found.concepts)}
    assert {row.id for row in catalogue.rows(select(t.entities.c.id))} == named
    assert integrity_errors(catalogue) == []


def test_a_failed_put_changes_nothing(catalogue: Catalogue) -> None:
    """A parcel that breaks half-way leaves the earlier version and the feed as they were."""
    catalogue.put(random_parcel(1))
    parcel = random_parcel(1)
    broken = replace(parcel, passages=(*parcel.passages, parcel.passages[0]))
    with pytest.raises(Exception, match=r"(?i)unique"):
        catalogue.put(broken)
    assert catalogue.document(parcel.document.id) == parcel.document
    assert catalogue.head() == 1


def test_two_writers_take_turns(tmp_path: Path) -> None:
    """Two connections writing at once lose nothing and see each other's documents."""
    catalogues = [Catalogue(tmp_path / "library") for _ in range(2)]
    threads = [
        threading.Thread(target=lambda c=c, s=s: [c.put(random_parcel(n, seed=s)) for n in range(15)])
        for s, c in enumerate(catalogues)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert catalogues[0].count(t.documents) == 30
    assert catalogues[1].head() == 30
    for opened in catalogues:
        opened.close()


def test_a_newer_catalogue_is_refused(tmp_path: Path) -> None:
    """A catalogue of a later version is not touched; the error says what to do."""
    catalogue = Catalogue(tmp_path / "library")
    with write_transaction(catalogue.engine) as connection:
        connection.execute(text("UPDATE meta SET value = '999' WHERE name = 'version'"))
    catalogue.close()
    with pytest.raises(IndexMismatch, match="Install the newer kgrag"):
        Catalogue(tmp_path / "library")


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        (Filters(year_from=2000, year_to=2010), lambda r: 2000 <= r.year <= 2010),
        (Filters(venues=("学报",)), lambda r: r.venue == "学报"),
        (Filters(authors=("A. Li",)), lambda r: r.authors[0].family == "Li"),
        (Filters(venues=("Nature",), year_to=2005), lambda r: r.venue == "Nature" and r.year <= 2005),
        (Filters(languages=("zh",)), lambda r: False),
        (Filters(licences=("cc-by",)), lambda r: False),
        (Filters(retracted=False), lambda r: True),
    ],
)
def test_filters_hold_together(catalogue: Catalogue, filters: Filters, holds: object) -> None:
    """A filtered list holds exactly the passages of the documents for which every given field holds."""
    parcels = [random_parcel(number) for number in range(30)]
    for parcel in parcels:
        catalogue.put(parcel)
    wanted = [p.id for parcel in parcels if holds(parcel.document.record) for p in parcel.passages]
    assert sorted(catalogue.passage_keys(wanted).values()) == catalogue.filtered_passages(filters)


def test_retraction_is_a_change(catalogue: Catalogue) -> None:
    """A new retraction mark enters the feed once; the same mark again does not."""
    parcel = random_parcel(1)
    catalogue.put(parcel)
    assert catalogue.set_retracted({parcel.document.id: "Retracted 2020"}) == [parcel.document.id]
    assert catalogue.set_retracted({parcel.document.id: "Retracted 2020", "doi:none": "x"}) == []
    assert catalogue.document(parcel.document.id).retracted == "Retracted 2020"


def test_an_older_catalogue_gets_what_came_since(tmp_path: Path) -> None:
    """A library made before notices, broader terms and records without texts is brought forward on opening,
    with what it holds.
    """
    from kgrag.people.rights import Rights

    old = Catalogue(tmp_path)
    old.put(random_parcel(1))
    with old.engine.begin() as connection:
        for statement in (
            "DROP TABLE notices",
            "DROP TABLE vocabulary_broader",
            "ALTER TABLE documents DROP COLUMN notices",
            "ALTER TABLE collections DROP COLUMN shows_records",
            "UPDATE meta SET value = '6' WHERE name = 'version'",
        ):
            connection.execute(text(statement))
    old.close()
    catalogue = Catalogue(tmp_path)
    catalogue.put(random_parcel(2))
    assert [document.notices for document in catalogue.documents()] == [(), ()]
    assert (
        Rights(catalogue)
        .set_collection("A", documents=["doi:10.1000/0.1"], groups=["staff"], shows_records=True)
        .shows_records
    )
    catalogue.close()
