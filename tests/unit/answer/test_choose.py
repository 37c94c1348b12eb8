"""What the learned choice of sentences reads; how well it chooses is measured by ``kgrag.train.choosing``."""

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


def test_features_have_their_names() -> None:
    """A row a quote, a column a name; no evidence has no row."""
    question = asked("Do stockings prevent thrombosis?")
    evidence = quotes("Stockings do not help.", "They cost little.")
    rows = features(question, evidence, MiniLM())
    assert rows.shape == (2, len(NAMES))
    assert np.isfinite(rows).all()
    assert len(chances(question, [], MiniLM())) == 0
