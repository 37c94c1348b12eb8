"""A claim beside the graph's statements: agrees, conflicts, unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kgrag.answer.statements import align
from kgrag.catalogue import Catalogue
from kgrag.language.names import entity_id
from kgrag.testing import random_parcel
from kgrag.types import Document, Entity, Extraction, Passage, Sentence, Statement

TEXT = "Radium increases the dose of Polonium in Paris."


@pytest.fixture
def stated(catalogue: Catalogue) -> Catalogue:
    """A catalogue with one statement: radium increases polonium."""
    parcel = random_parcel(1)
    passage = Passage("d#p0", "d", 0, TEXT, 0, len(TEXT), (), (Sentence(0, len(TEXT)),))
    entities = tuple(Entity(entity_id(name), name, "Name") for name in ("Radium", "Polonium"))
    statement = Statement("s:1", entities[0].id, "increases", entities[1].id, "d#p0", 0, len(TEXT))
    catalogue.put(
        replace(
            parcel,
            document=Document("d", parcel.document.record, TEXT, "en"),
            passages=(passage,),
            extraction=Extraction(entities, (), (statement,)),
        )
    )
    return catalogue


@pytest.mark.parametrize(
    ("claim", "relations"),
    [
        ("Radium increases Polonium.", ("agrees",)),
        ("Radium decreases Polonium.", ("conflicts",)),
        ("Radium never increases Polonium.", ("conflicts",)),
        ("Radium was sold with Polonium.", ("unknown",)),
        ("Polonium increases Radium.", ("unknown",)),
        ("Radium glows.", ()),
        ("", ()),
    ],
)
def test_polarity_and_direction_decide(stated: Catalogue, claim: str, relations: tuple[str, ...]) -> None:
    """The same relation agrees, its opposite or its denial conflicts, another relation or order is unknown;
    both ends must be named.
    """
    assert tuple(relation for _, relation in align(stated, claim)) == relations


def test_only_statements_of_the_documents_given(stated: Catalogue) -> None:
    """Who may not see a document is not told its statements."""
    assert align(stated, "Radium increases Polonium.", ["d"]) == (("s:1", "agrees"),)
    assert align(stated, "Radium increases Polonium.", ["another"]) == ()
