"""What a person may not see does not exist for them: not found, not counted, not suggested, not linked, not
exported, with the words of what never was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kgrag.ask.asker import Asker
from kgrag.catalogue.visible import documents_among, visible_entities
from kgrag.check.claims import check_claims
from kgrag.errors import Forbidden, NotFound, UsageError
from kgrag.language.sentences import split_sentences
from kgrag.library import Library
from kgrag.people.rights import LOCAL, Person, Rights, require
from kgrag.render.as_json import answer_to_json
from kgrag.search import MODES, Retriever
from kgrag.search.understand import understand
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from kgrag.types import Filters

ANNA = Person("u-a", "anna", "librarian", ("staff",))
RITA = Person("u-r", "rita", "reader")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Thirty documents, ten of them from a folder for staff only, one of these with a name of its own."""
    with Library(
        Settings(library=tmp_path_factory.mktemp("rights") / "library", embedder="hash"), create=True
    ) as opened:
        Rights(opened.catalogue).set_collection("Licensed", ["/licensed"], groups=["staff"])
        for number in range(30):
            parcel = random_parcel(number)
            folder = "/licensed" if number % 3 == 0 else "/open"
            source = replace(parcel.document.record.source, path=f"{folder}/{number}.xml")
            document = replace(parcel.document, record=replace(parcel.document.record, source=source))
            opened.catalogue.put(replace(parcel, document=document))
        opened.catch_up()
        yield opened


@pytest.fixture
def rights(library: Library) -> Rights:
    """Of that library."""
    return Rights(library.catalogue)


HIDDEN = {f"doi:10.1000/0.{number}" for number in range(0, 30, 3)}


@pytest.mark.parametrize("mode", MODES)
def test_no_channel_finds_what_is_hidden(library: Library, rights: Rights, mode: str) -> None:
    """Every channel finds hidden documents for staff, and none for a reader, however many are asked for."""
    question = understand("Marie Curie and Radium were studied with Polonium in Paris", library)
    seen = {}
    for person in (ANNA, RITA):
        hits = Retriever(library).search(question, 100, mode, rights.filters(person))
        seen[person.name] = {hit.document.id for hit in hits}
    assert seen["anna"] & HIDDEN
    assert seen["rita"]
    assert not seen["rita"] & HIDDEN


def test_a_text_is_checked_by_what_is_seen(library: Library, rights: Rights) -> None:
    """A sentence of a hidden document is supported for staff; a reader hears of no hidden document."""
    hidden = library.catalogue.document("doi:10.1000/0.0")
    text = " ".join(hidden.text[a:b] for a, b in split_sentences(hidden.text)[:3])
    seen = {
        person.name: check_claims(text, Asker(library), rights.filters(person)) for person in (ANNA, RITA)
    }
    documents = {
        name: {quote.document.id for item in found for quote in (item.nearest, item.against) if quote}
        for name, found in seen.items()
    }
    assert documents["anna"] & HIDDEN
    assert documents["rita"]
    assert not documents["rita"] & HIDDEN


def test_answers_rest_on_what_is_seen(library: Library, rights: Rights) -> None:
    """An answer for a reader shows, names, passes and was found among visible documents only; staff's answer
    is not there for the reader.
    """
    question = "What was studied with Marie Curie in Paris?"
    theirs = answer_to_json(Asker(library).ask(question, filters=rights.filters(RITA)))
    assert documents_among(library.catalogue, theirs)
    assert not set(documents_among(library.catalogue, theirs)) & HIDDEN
    ours = answer_to_json(Asker(library).ask(question, filters=rights.filters(ANNA)))
    assert set(documents_among(library.catalogue, ours)) & HIDDEN
    assert rights.answer_text(ANNA, ours["id"])
    assert rights.answer_text(RITA, theirs["id"])
    with pytest.raises(NotFound) as refused:
        rights.answer_text(RITA, ours["id"])
    with pytest.raises(NotFound) as unknown:
        rights.answer_text(RITA, "a-none")
    assert str(refused.value).replace(ours["id"], "a-none") == str(unknown.value)


def test_two_sights_are_two_answers(library: Library, rights: Rights) -> None:
    """The same words given to a reader and to staff are two answers: the later one does not take the reader's
    away.
    """
    question = "What does paper 4 say?"
    theirs = Asker(library).ask(question, filters=rights.filters(RITA))
    ours = Asker(library).ask(question, filters=rights.filters(ANNA))
    assert theirs.id != ours.id
    assert ours.id == Asker(library).ask(question).id
    assert rights.answer_text(RITA, theirs.id)
    assert json.loads(rights.answer_text(RITA, theirs.id))["trace"]["sight"].startswith("p-")
    assert "sight" not in answer_to_json(ours)["trace"]


def test_documents_that_are_hidden_are_not_there(library: Library, rights: Rights) -> None:
    """The same error as for one that never was; lists and counts leave them out."""
    hidden = sorted(HIDDEN)[0]
    assert rights.document(ANNA, hidden).id == hidden
    with pytest.raises(NotFound) as refused:
        rights.document(RITA, hidden)
    with pytest.raises(NotFound) as unknown:
        rights.document(RITA, "doi:none")
    assert str(refused.value).replace(hidden, "doi:none") == str(unknown.value)
    listed = {document.id for document in library.catalogue.documents(hidden=rights.hidden(RITA))}
    assert len(listed) == 20
    assert not listed & HIDDEN
    assert len(library.catalogue.filtered_passages(rights.filters(RITA))) < len(
        library.catalogue.filtered_passages(Filters())
    )


def test_names_that_only_hidden_documents_give_are_not_known(tmp_path: Path) -> None:
    """An entity of a hidden document alone is neither found in a question nor named otherwise than visible
    documents name it.
    """
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as library:
        rights = Rights(library.catalogue)
        parcels = [random_parcel(number) for number in range(2)]
        for parcel in parcels:
            library.catalogue.put(parcel)
        rights.set_collection("Secret", documents=[parcels[0].document.id], groups=["staff"])
        entities = library.graph.find([e.name for p in parcels for e in p.extraction.entities])
        seen = visible_entities(library.catalogue, entities, rights.hidden(RITA))
        assert {e.id for e in seen} == {e.id for e in parcels[1].extraction.entities}
        only = next(e for e in parcels[0].extraction.entities if e.id not in {x.id for x in seen})
        asked = f"Who knew {only.name}?"
        assert only.id in {e.id for e in understand(asked, library, rights.hidden(ANNA)).entities}
        assert only.id not in {e.id for e in understand(asked, library, rights.hidden(RITA)).entities}


def test_collections_follow_what_is_put_and_deleted(library: Library, rights: Rights) -> None:
    """A document deleted stays hidden in the answers that hold it; put again from elsewhere, it is where it
    is then.
    """
    parcel = random_parcel(33)
    inside = replace(
        parcel,
        document=replace(
            parcel.document,
            record=replace(
                parcel.document.record,
                source=replace(parcel.document.record.source, path="/licensed/a/33.xml"),
            ),
        ),
    )
    library.catalogue.put(inside)
    assert not rights.sees(RITA, parcel.document.id)
    library.catalogue.delete(parcel.document.id)
    assert not rights.sees(RITA, parcel.document.id)
    rights.set_collection("Licensed", ["/licensed/"], groups=["staff"])
    assert not rights.sees(RITA, parcel.document.id)
    library.catalogue.put(parcel)
    assert rights.sees(RITA, parcel.document.id)
    library.catalogue.delete(parcel.document.id)


def test_the_stricter_collection_holds(library: Library, rights: Rights) -> None:
    """A document in two collections is seen by who sees both; one turned off for a role is gone for that
    role, also for admins.
    """
    one = "doi:10.1000/0.1"
    rights.set_collection("Topic", documents=[one])
    assert rights.sees(RITA, one)
    rights.set_switch("collection:Topic", "admin", False)
    assert not rights.sees(LOCAL, one)
    assert rights.sees(RITA, one)
    rights.set_collection("Topic", documents=[one, "doi:10.1000/0.3"])
    rights.set_switch("collection:Topic", "admin", True)
    assert not rights.sees(RITA, "doi:10.1000/0.3")
    assert rights.sees(LOCAL, "doi:10.1000/0.3")
    rights.delete_collection("Topic")
    with pytest.raises(NotFound, match="found: Licensed"):
        rights.delete_collection("Topic")


def test_switches_turn_off_by_role(rights: Rights) -> None:
    """Answers off for readers alone; unknown switches are refused with those there are."""
    rights.set_switch("answers", "reader", False)
    assert not rights.switches(RITA).answers
    assert rights.switches(ANNA).answers
    with pytest.raises(Forbidden, match=r"turned off for the role 'reader'\. Search instead"):
        rights.require_on(RITA, "answers")
    rights.set_switch("answers", "reader", True)
    rights.require_on(RITA, "answers")
    with pytest.raises(UsageError, match="found: answers, extraction, feedback, collection:Licensed"):
        rights.set_switch("coffee", "reader", False)
    with pytest.raises(
        Forbidden, match=r"'reader' may not do this \(export\); these may: researcher, librarian, admin"
    ):
        require(RITA, "export")
