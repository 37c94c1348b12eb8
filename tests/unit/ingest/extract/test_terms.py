"""Entities found without a model: exact spans, both directions of abbreviations, one document at a time."""

from __future__ import annotations

import pickle

import pytest

from ingest.extract.proper_names import name_spans
from ingest.extract.terms import TermExtractor
from ingest.text.abbreviations import find_abbreviations
from kgrag.language.names import entity_id, normalise_name, without_qualifier
from kgrag.types import Document, Passage, Record, Source

TEXT = (
    "Forbidden Ground (film)\n\nForbidden Ground is a Hungarian film directed by Pál Gábor. It was released"
    " in 1968 at the University of Lagos."
)


def _extract(text: str, title: str | None, keywords: tuple[str, ...] = ()):  # type: ignore[no-untyped-def]
    document = Document("d", Record(Source("f", "s", "r"), title=title, keywords=keywords), text)
    return TermExtractor().extract(document, [Passage("d#p0", "d", 0, text, 0, len(text))])


def test_every_mention_is_an_exact_span_of_an_entity_that_exists() -> None:
    """``text[start:end]`` bears the entity's name or one of its aliases."""
    found = _extract(TEXT, "Forbidden Ground (film)")
    entities = {entity.id: entity for entity in found.entities}
    assert {"e:forbidden ground", "e:pal gabor", "e:lagos", "e:university of lagos"} <= set(entities)
    for mention in found.mentions:
        entity = entities[mention.entity_id]
        forms = {normalise_name(form) for form in (entity.name, *entity.aliases)}
        assert normalise_name(TEXT[mention.start : mention.end]) in forms


def test_a_qualified_title_is_an_alias_of_the_plain_name() -> None:
    """``Forbidden Ground (film)`` is found under both names."""
    plain = {entity.id: entity for entity in _extract(TEXT, "Forbidden Ground (film)").entities}[
        "e:forbidden ground"
    ]
    assert "Forbidden Ground (film)" in plain.aliases


def test_equal_input_gives_equal_output_also_after_pickling() -> None:
    """The extractor is pure and travels to other processes."""
    assert pickle.loads(pickle.dumps(TermExtractor())) == TermExtractor()
    assert _extract(TEXT, None) == _extract(TEXT, None)


def test_author_keywords_are_found_where_they_stand() -> None:
    """A keyword is an entity wherever the text has it as whole words, in any case."""
    found = _extract("We study Open access and openness.", None, ("open access",))
    assert [(m.start, m.end) for m in found.mentions if m.entity_id == "e:open access"] == [(9, 20)]


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("magnetic resonance imaging (MRI) was used", "MRI", "magnetic resonance imaging"),
        ("a CT (computed tomography) scan", "CT", "computed tomography"),
        ("采用支持向量机（SVM）分类", "SVM", "支持向量机"),
        ("developmental disorder (DD) cases", "DD", "developmental disorder"),
    ],
)
def test_abbreviations_in_both_directions_and_in_chinese_brackets(text: str, short: str, long: str) -> None:
    """Each form stands at its span."""
    (found,) = find_abbreviations(text)
    assert (found.short, found.long[-len(long) :]) == (short, long)
    assert text[slice(*found.short_span)] == found.short
    assert text[slice(*found.long_span)] == found.long


@pytest.mark.parametrize("text", ["", "the (see above) text", "no names here at all.", "(((", "数据（2020）"])
def test_text_without_names_gives_nothing(text: str) -> None:
    """No name is made up."""
    assert name_spans(text) == []
    assert find_abbreviations(text) == []


def test_names_are_equal_by_their_normal_form() -> None:
    """Accents, case, hyphens, possessives and a leading article do not tell names apart; brackets do."""
    assert entity_id("The Pál Gábor’s") == "e:pal gabor"
    assert normalise_name("SARS-CoV-2") == normalise_name("sars cov 2")
    assert without_qualifier("(2017 film)") == "(2017 film)"
