"""What is said of a concept: sides, years, conflicts of comparable contexts; facts of papers."""

from __future__ import annotations

import itertools

import pytest

from kgrag.catalogue import Catalogue
from kgrag.holdings.knowledge.concepts import named
from kgrag.holdings.knowledge.conflicts import conflicts
from kgrag.holdings.knowledge.paper_facts import paper_facts
from kgrag.holdings.knowledge.said_of import said_of
from kgrag.holdings.knowledge.summaries import summaries
from kgrag.types import (
    Document,
    Entity,
    Extraction,
    Fact,
    Filters,
    KnowledgeObject,
    Mention,
    Parcel,
    Passage,
    Record,
    Sentence,
    Source,
    Statement,
    object_id,
)

NUMBERS = itertools.count(1)


def put(
    catalogue: Catalogue,
    predicate: str,
    polarity: str = "positive",
    modality: str = "asserted",
    *,
    year: int = 2010,
    ends: tuple[str, str] = ("salt", "stroke"),
    **context: str,
) -> str:
    """A paper that says one thing of salt and stroke; its id."""
    key = f"d{next(NUMBERS)}"
    text = "salt … stroke, said somehow"
    passage = Passage(f"{key}#p0", key, 0, text, 0, len(text), ("Results",), (Sentence(0, len(text)),))
    concepts = tuple(Entity(f"c:{name}", name, "disease") for name in ends)
    said = Statement(
        f"s:{key}",
        f"c:{ends[0]}",
        predicate,
        f"c:{ends[1]}",
        passage.id,
        0,
        len(text),
        polarity=polarity,
        modality=modality,
        score=0.85,
        context=context,  # type: ignore[arg-type]  # parametrised
    )
    finding = KnowledgeObject(passage.id, 0, len(text), "result")
    facts = (
        Fact("STUDIES", f"c:{ends[0]}", passage.id, 0, 4),
        Fact("FINDS", object_id(passage.id, 0, len(text), "result"), passage.id, 0, len(text)),
    )
    found = Extraction(
        statements=(said,),
        objects=(finding,),
        concepts=concepts,
        facts=facts,
        named=tuple(Mention(one.id, passage.id, 0, 4, "concept") for one in concepts),
    )
    catalogue.put(
        Parcel(
            Document(key, Record(Source(f"{key}.txt", key, "test"), year=year), text, "en"), (passage,), found
        )
    )
    return key


def test_sides_and_years(catalogue: Catalogue) -> None:
    """Documents for and against are told apart, what is only asked stands aside, years bound both."""
    first, second = put(catalogue, "causes", year=1999), put(catalogue, "causes", "negative", year=2015)
    asked = put(catalogue, "causes", modality="asked", year=1980)
    (relation,) = said_of(catalogue, named(catalogue, "salt")).relations
    assert relation.documents("for") == [first]
    assert relation.documents("against") == [second]
    assert relation.documents("asked") == [asked]
    assert (relation.since, relation.until, relation.inverse) == (1999, 2015, False)
    (other,) = said_of(catalogue, named(catalogue, "stroke"), Filters(year_from=2000)).relations
    assert (other.inverse, other.documents("for"), other.since) == (True, [], 2015)
    assert said_of(catalogue, named(catalogue, "salt"), kind="place").relations == ()
    (summary,) = summaries(catalogue)
    assert (summary.supporting, summary.against, summary.since) == ((first,), (second,), 1999)


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ({"predicate": "causes"}, {"predicate": "causes", "polarity": "negative"}, True),
        ({"predicate": "increases"}, {"predicate": "decreases"}, True),
        ({"predicate": "prevents"}, {"predicate": "predisposes"}, True),
        ({"predicate": "better_than"}, {"predicate": "better_than", "ends": ("stroke", "salt")}, True),
        ({"predicate": "causes"}, {"predicate": "associated_with"}, False),
        ({"predicate": "decreases"}, {"predicate": "affects", "polarity": "negative"}, True),
        ({"predicate": "affects"}, {"predicate": "decreases", "polarity": "negative"}, False),
        (
            {"predicate": "causes"},
            {"predicate": "causes", "polarity": "negative", "modality": "hedged"},
            False,
        ),
        (
            {"predicate": "causes"},
            {"predicate": "causes", "polarity": "negative", "modality": "of others"},
            False,
        ),
        (
            {"predicate": "causes", "population": "older adults"},
            {"predicate": "causes", "polarity": "negative", "population": "children"},
            False,
        ),
        (
            {"predicate": "causes", "population": "the patients"},
            {"predicate": "causes", "polarity": "negative", "population": "patients"},
            True,
        ),
        (
            {"predicate": "increases", "condition": "during exercise"},
            {"predicate": "decreases", "condition": "at rest"},
            False,
        ),
    ],
)
def test_conflicts_need_comparable_contexts(
    catalogue: Catalogue, one: dict[str, str], other: dict[str, str], is_one: bool
) -> None:
    """Two papers conflict where both assert, exclude each other, and name no other people or condition."""
    for said in (one, other):
        put(catalogue, **said)  # type: ignore[arg-type]  # the ends are a pair, the rest texts
    assert bool(conflicts(catalogue)) is is_one


def test_facts_with_their_targets(catalogue: Catalogue) -> None:
    """Facts of a document and about a concept; a finding is named by its words; they go with the paper."""
    key = put(catalogue, "causes")
    studies, finds = paper_facts(catalogue, key)
    assert (studies.type, studies.target.name, studies.kind) == ("STUDIES", "salt", "disease")
    assert (finds.type, finds.target.kind, finds.sentence) == ("FINDS", "KnowledgeObject", finds.target.name)
    assert [fact.document_id for fact in paper_facts(catalogue, concept="c:salt")] == [key]
    catalogue.delete(key)
    assert paper_facts(catalogue) == []
