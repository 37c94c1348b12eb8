"""Concepts of a library, and the paths between two: a statement before a shared document."""

from __future__ import annotations

import pytest

from kgrag.catalogue import Catalogue
from kgrag.errors import NotFound
from kgrag.holdings.connections import connections
from kgrag.holdings.knowledge.concepts import asked, concepts, named
from kgrag.holdings.knowledge.statements import statements
from kgrag.types import (
    Document,
    Entity,
    Extraction,
    Mention,
    Parcel,
    Passage,
    Record,
    Sentence,
    Source,
    Statement,
)


def put(catalogue: Catalogue, number: int, text: str, said: tuple[str, str, str] | None, *names: str) -> None:
    """A document that names concepts, and states one thing of them."""
    key = f"d{number}"
    passage = Passage(f"{key}#p0", key, 0, text, 0, len(text), ("Results",), (Sentence(0, len(text)),))
    entities = tuple(Entity(f"c:{name}", name, "disease") for name in names)
    mentions = tuple(
        Mention(f"c:{n}", passage.id, text.index(n), text.index(n) + len(n), "concept") for n in names
    )
    made = (
        (
            Statement(
                f"s:{key}", f"c:{said[0]}", said[1], f"c:{said[2]}", passage.id, 0, len(text), score=0.85
            ),
        )
        if said
        else ()
    )
    record = Record(Source(f"{key}.txt", key, "test"), title=f"Paper {number}", year=2000 + number)
    found = Extraction(statements=made, concepts=entities, named=mentions)
    catalogue.put(Parcel(Document(key, record, text, "en"), (passage,), found))


@pytest.fixture
def held(catalogue: Catalogue) -> Catalogue:
    """Three papers: stress – obesity said, obesity – stroke said, stress and sleep named together."""
    put(catalogue, 1, "stress causes obesity", ("stress", "causes", "obesity"), "stress", "obesity")
    put(catalogue, 2, "obesity causes stroke", ("obesity", "causes", "stroke"), "obesity", "stroke")
    put(catalogue, 3, "stress and sleep", None, "stress", "sleep")
    return catalogue


def test_concepts_and_what_is_said(held: Catalogue) -> None:
    """Names, counts and statements with their sentence; an unknown name is told."""
    found = {c.name: (c.documents, c.mentions) for c in concepts(held)}
    assert found == {"stress": (2, 2), "obesity": (2, 2), "stroke": (1, 1), "sleep": (1, 1)}
    (said,) = statements(held, "d1")
    assert (said.subject.name, said.predicate, said.object.name, said.sentence) == (
        "stress",
        "causes",
        "obesity",
        "stress causes obesity",
    )
    assert [c.id for c in asked(held, "Does stress cause a stroke?")] == ["c:stroke", "c:stress"]
    with pytest.raises(NotFound, match="kgrag graph concepts"):
        named(held, "nothing")


def test_paths_tell_most_first(held: Catalogue) -> None:
    """A statement is the best path; two that meet join what no paper says; a shared passage is the least."""
    of = {name: named(held, name) for name in ("stress", "obesity", "stroke", "sleep")}
    direct = connections(held, of["stress"], of["obesity"])
    assert [p.kind for p in direct][:1] == ["statement"]
    over = connections(held, of["stress"], of["stroke"])[0]
    assert over.kind == "statements"
    assert [node.name for node in over.nodes] == ["stress", "obesity", "stroke"]
    assert {step.document_id for step in over.steps} == {"d1", "d2"}
    assert [p.kind for p in connections(held, of["stress"], of["sleep"])] == ["passage"]
    assert connections(held, of["stress"], of["stress"]) == []
