"""Statements and knowledge objects: said by their own sentence, with the right direction and polarity;
nothing from mere neighbourhood.
"""

from __future__ import annotations

import pytest

from ingest.extract.everything import DefaultExtractor
from ingest.extract.objects import find_objects
from kgrag.types import Document, Passage, Record, Sentence, Source


def passage_of(text: str, section: str = "Body") -> Passage:
    """A passage of one sentence."""
    return Passage("d#p0", "d", 0, text, 0, len(text), (section,), (Sentence(0, len(text)),))


def statements_of(text: str) -> list[tuple[str, str, str, str]]:
    """(subject, predicate, object, polarity) found in a sentence."""
    document = Document("d", Record(Source("x", "y", "z")), text)
    found = DefaultExtractor().extract(document, [passage_of(text)])
    for statement in found.statements:
        assert text[statement.start : statement.end] == text
    return [(s.subject, s.predicate, s.object, s.polarity) for s in found.statements]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "In mice, Losartan inhibits Angiotensin II.",
            ("e:losartan", "inhibits", "e:angiotensin ii", "positive"),
        ),
        (
            "In rats, Losartan does not reduce Fibrosis Score.",
            ("e:losartan", "reduces", "e:fibrosis score", "negative"),
        ),
        (
            "In mice, Malaria is caused by Plasmodium Falciparum.",
            ("e:plasmodium falciparum", "causes", "e:malaria", "positive"),
        ),
        (
            "In men, Smoking Cessation was associated with Weight Gain.",
            ("e:smoking cessation", "is associated with", "e:weight gain", "positive"),
        ),
        (
            "We saw Malaria caused by Plasmodium Falciparum.",
            ("e:plasmodium falciparum", "causes", "e:malaria", "positive"),
        ),
        (
            "We found an association between Smoking Cessation and Weight Gain.",
            ("e:smoking cessation", "is associated with", "e:weight gain", "positive"),
        ),
        ("We like free systems, such as Linux.", None),
        ("It runs on any Free System such as Linux.", None),
        (
            "We studied the treatment of Malaria with Artemisinin Tablets.",
            ("e:artemisinin tablets", "treats", "e:malaria", "positive"),
        ),
        (
            "People use Version Control such as Mercurial.",
            ("e:mercurial", "is a", "e:version control", "positive"),
        ),
        (
            "In men, Smoking Cessation is a risk factor for Weight Gain.",
            ("e:smoking cessation", "increases the risk of", "e:weight gain", "positive"),
        ),
    ],
)
def test_direction_and_polarity(text: str, expected: tuple[str, str, str, str] | None) -> None:
    """Active, passive, negated and nominal forms give subject, object and polarity as the sentence says;
    where a part is no name, nothing.
    """
    assert expected in statements_of(text) if expected else statements_of(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "We visited Paris and Berlin in May.",
        "In 1990 Marie Curie met Pierre Curie.",
        "Malaria, a disease that many fear, Plasmodium Falciparum.",
        "We asked whether there is an association between Smoking Cessation and Weight Gain.",
        "In rats, Losartan reduced mortality in Old Mice.",
        "Underlying causes of Weight Gain are many.",
    ],
)
def test_neighbours_are_no_statement(text: str) -> None:
    """Two names without a verb of relation between them say nothing."""
    assert statements_of(text) == []


@pytest.mark.parametrize(
    ("text", "section", "role"),
    [
        ("The aim of this study was to test X.", "Introduction", "question"),
        ("We found that X grows.", "Discussion", "result"),
        ("In conclusion, X is rare.", "Discussion", "conclusion"),
        ("We used a Bayesian model.", "Body", "method"),
        ("结果表明该方法有效。", "正文", "result"),
        ("It is rare.", "Conclusions", "conclusion"),
    ],
)
def test_roles_of_sentences(text: str, section: str, role: str) -> None:
    """Cues and section names tell what a sentence does in its paper."""
    assert [o.role for o in find_objects(passage_of(text, section))] == [role]


def test_plain_sentences_have_no_role() -> None:
    """A sentence without a cue in an ordinary section is no knowledge object."""
    assert list(find_objects(passage_of("The sea is blue.", "Introduction"))) == []
