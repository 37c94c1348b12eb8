"""Yes, no or maybe: only where it is asked for, only from the evidence of claims that are shown, and never as
a claim.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kgrag.language.question_form import read_form
from kgrag.render.as_json import answer_to_json
from kgrag.render.as_text import answer_as_text, verdict_as_text
from kgrag.testing import asked
from kgrag.types import (
    Answer,
    Chain,
    Claim,
    Conclusion,
    Document,
    Evidence,
    Passage,
    Record,
    Sentence,
    Source,
    Verdict,
)
from kgrag.verify.yesno import conclude, decided


def claim(number: int, title: str, text: str) -> Claim:
    """A claim that quotes the only passage of a paper."""
    document = Document(f"d-{title}", Record(Source("a.txt", "0", "test"), title=title), text, "en")
    passage = Passage(f"p-{title}", document.id, 0, text, 0, len(text), (), (Sentence(0, len(text)),))
    return Claim(
        f"c{number}",
        text,
        0,
        len(text),
        Verdict("supported", 1.0),
        0.8,
        0.1,
        (Evidence(passage, document, 0, len(text), 0.9),),
        Chain((), ()),
    )


class ByWord:
    """Reads *no* where a text holds the word, *yes* elsewhere."""

    def __init__(self) -> None:
        self.read: list[list[str]] = []

    def answer(self, question: str, contexts: Sequence[str]) -> tuple[str, dict[str, float]]:
        self.read.append(list(contexts))
        said = "no" if any(" no " in text for text in contexts) else "yes"
        return said, {"yes": 0.0, "no": 0.0, "maybe": 0.1} | {said: 0.9}


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Does aspirin reduce stroke?", True),
        ("Is it so or not?", True),
        ("Aspirin in adults: is it safe?", True),
        ("And can they hunt?", True),
        ("Hepatorenal syndrome. Are there risks?", True),
        ("What does aspirin reduce?", False),
        ("Is it higher or lower?", False),
        ("Which drugs are safe?", False),
        ("阿司匹林是否有效？", False),
        ("", False),
        ("Canine teeth", False),
    ],
)
def test_only_some_questions_ask_for_a_verdict(question: str, asks: bool) -> None:
    """An auxiliary verb opens the question, also after a colon, and no choice is offered; Chinese questions
    get none.
    """
    assert read_form(question).verdict is asks


def test_each_document_counts_the_same() -> None:
    """Two claims from one paper are one voice; papers that disagree are told so."""
    reader = ByWord()
    claims = [
        claim(1, "a", "It helps."),
        claim(2, "a", "It helps."),
        claim(3, "b", "There is no effect."),
        claim(4, "c", "Of effect there is no sign."),
    ]
    found = conclude(asked("Does it help?"), claims, reader)
    assert found == Conclusion("mixed", pytest.approx(0.9), ("c1", "c2", "c3", "c4"))
    denied = [claim(5, "d", "It gives no help."), claim(6, "e", "There was no help.")]
    assert conclude(asked("Does it help?"), denied, ByWord()) == Conclusion(
        "no", pytest.approx(0.9), ("c5", "c6")
    )
    assert reader.read == [["It helps."], ["There is no effect."], ["Of effect there is no sign."]]
    assert conclude(asked("Does it help?"), [], reader) is None
    assert conclude(asked("What helps?"), claims, reader) is None


@pytest.mark.parametrize(
    ("shares", "label"),
    [
        ({"yes": 0.75, "no": 0.15, "maybe": 0.1}, "yes"),
        ({"yes": 0.6, "no": 0.3, "maybe": 0.1}, "unclear"),
        ({"yes": 0.3, "no": 0.55, "maybe": 0.15}, "no"),
        ({"yes": 0.0, "no": 0.0, "maybe": 1.0}, "unclear"),
    ],
)
def test_a_paper_answers_only_where_it_is_sure(shares: dict[str, float], label: str) -> None:
    """A yes needs more than a no: a wrong yes does more harm."""
    assert decided(shares) == label


def test_claims_about_something_else_give_no_verdict() -> None:
    """Where no claim, with its work's title, holds most of the question's words, nothing is concluded from
    it.
    """
    beside = [
        claim(1, "Tools", "Open access papers were accessed often."),
        claim(2, "Tools", "The number of abstracts increases."),
    ]
    assert conclude(asked("Does open access increase citations?"), beside, ByWord()) is None
    assert (
        conclude(
            asked("Does open access increase citations?"),
            [claim(1, "Citations of open access", "They increase.")],
            ByWord(),
        )
        is not None
    )


def test_a_verdict_is_shown_beside_the_claims_and_is_none() -> None:
    """The JSON has it apart; text, spans and claims are as without it; the line names the sentences."""
    answer = Answer(
        "a-1",
        "Does it help?",
        "en",
        "answered",
        None,
        "It helps.",
        (claim(1, "a", "It helps."),),
        (),
        (claim(1, "a", "It helps.").evidence[0].document,),
        (),
        {},
        {},
        (),
    )
    plain = answer_to_json(answer)
    assert "verdict" not in plain
    assert verdict_as_text(plain) == ""
    told = answer_to_json(
        Answer(
            **{
                **{name: getattr(answer, name) for name in answer.__slots__},
                "verdict": Conclusion("yes", 0.81234, ("c1",)),
            }
        )
    )
    assert {**told, "verdict": None} == {**plain, "verdict": None}
    assert told["verdict"] == {"label": "yes", "probability": 0.8123, "claims": ["c1"]}
    assert "In short: probably yes (probability 0.81, read from the evidence of [1])" in answer_as_text(told)
