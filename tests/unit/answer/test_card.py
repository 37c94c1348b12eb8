"""The card of a paper: each part is its own sentence, or is not stated."""

from __future__ import annotations

from dataclasses import replace

from kgrag.answer.card import Card, card_of
from kgrag.answer.cues import has_cue, n_cues
from kgrag.language.sentences import split_sentences
from kgrag.types import Passage, Sentence
from kgrag.types.documents import BlockKind
from tests.unit.answer.test_by_record import hit

ABSTRACT = (
    "Stockings are widely used. We aimed to assess whether stockings prevent thrombosis."
    " We enrolled 2518 patients with stroke. Thrombosis occurred in 10.0% with and in 10.5% without."
    " Skin breaks were significantly more common with stockings (5%)."
    " We conclude that stockings should not be used after stroke."
)
LIMITS = (
    "Our trial has limitations. The sample was limited to hospitals, and caution is needed."
    " We did not follow patients beyond a month."
)


def passage(text: str, kind: BlockKind) -> Passage:
    """A passage cut into its sentences."""
    found = hit("Stockings", "d-1").passage
    sentences = tuple(Sentence(start, end) for start, end in split_sentences(text))
    return replace(found, id=f"p-{kind}", text=text, end=len(text), kind=kind, sentences=sentences)


def card(*passages: Passage) -> Card:
    """The card of a paper of these passages."""
    return card_of(hit("Stockings", "d-1").document, passages, {})


def told(card: Card) -> dict[str, list[str]]:
    """Each part's sentences."""
    parts = ("aim", "sample", "results", "conclusion", "limitations")
    return {part: [item.quote for item in getattr(card, part)] for part in parts}


def test_each_part_is_a_sentence_of_the_paper() -> None:
    """Aim, sample, results with figures, conclusion; limitations from where most are told."""
    parts = told(card(passage(ABSTRACT, "abstract"), passage(LIMITS, "paragraph")))
    assert parts["aim"] == ["We aimed to assess whether stockings prevent thrombosis."]
    assert parts["sample"] == ["We enrolled 2518 patients with stroke."]
    assert "Skin breaks were significantly more common with stockings (5%)." in parts["results"]
    assert parts["conclusion"] == ["We conclude that stockings should not be used after stroke."]
    assert parts["limitations"][0] == "Our trial has limitations."


def test_what_is_not_stated_is_named() -> None:
    """A part without a sentence is missing, and no other sentence stands in for it."""
    bare = card(passage("Stockings are liked by many. Nurses fold them.", "abstract"))
    assert {"aim", "sample", "result"} <= set(bare.missing())
    assert bare.limitations == ()


def test_cues_are_whole_words_in_their_place() -> None:
    """`*` is the rest of a word; an opener counts only where a sentence begins."""
    assert has_cue("aim", "We aimed to measure it.")
    assert not has_cue("aim", "The claimed effect")
    assert has_cue("opener", "However, it failed.")
    assert not has_cue("opener", "Nurses who had folded stockings all day found, however, that they failed.")
    assert n_cues("limitation", LIMITS) >= 2
