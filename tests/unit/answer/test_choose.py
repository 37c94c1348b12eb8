"""The learned choice of sentences: a finding before its background, a number where one is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kgrag.answer.choose import NAMES, chances, features
from kgrag.language.question_form import read_form
from kgrag.models.minilm import MiniLM
from kgrag.types import Evidence, Understood
from tests.unit.answer.test_by_record import hit


def quotes(*texts: str, title: str = "Stockings after stroke") -> list[Evidence]:
    """Sentences of one abstract as evidence, in their order."""
    whole = " ".join(texts)
    found = hit(title, "d-1")
    passage = replace(found.passage, text=whole, end=len(whole), kind="abstract", section=("Abstract",))
    starts = [whole.index(text) for text in texts]
    return [
        Evidence(passage, found.document, start, start + len(text), 0.8)
        for start, text in zip(starts, texts, strict=True)
    ]


def asked(question: str) -> Understood:
    """A question as it is understood."""
    return Understood(question, question, "en", form=read_form(question))


def chosen(question: str, *texts: str) -> str:
    """The likeliest sentence."""
    evidence = quotes(*texts)
    return evidence[int(np.argmax(chances(asked(question), evidence, MiniLM())))].quote


def test_a_finding_comes_before_its_background_and_aim() -> None:
    """The result answers; what is known and what was aimed at stand beside it."""
    said = (
        "Stockings are widely used to prevent thrombosis after stroke.",
        "We aimed to assess whether stockings prevent thrombosis after stroke.",
        "Stockings did not reduce thrombosis after stroke (10.0% versus 10.5%, P = 0.62).",
    )
    assert chosen("Do stockings prevent thrombosis after stroke?", *said) == said[2]


def test_a_number_asked_for_is_shown() -> None:
    """The sentence with the number of the thing comes first."""
    said = (
        "Patients with stroke were enrolled at many hospitals in several countries.",
        "We enrolled 2518 patients with stroke at 64 hospitals.",
    )
    assert chosen("How many patients with stroke were enrolled?", *said) == said[1]


def test_features_have_their_names() -> None:
    """A row a quote, a column a name; no evidence has no row."""
    question = asked("Do stockings prevent thrombosis?")
    evidence = quotes("Stockings do not help.", "They cost little.")
    rows = features(question, evidence, MiniLM())
    assert rows.shape == (2, len(NAMES))
    assert np.isfinite(rows).all()
    assert len(chances(question, [], MiniLM())) == 0
