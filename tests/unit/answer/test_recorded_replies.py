"""Of what small models once replied, every pointer and copied quote is shown, and no false sentence."""

from __future__ import annotations

import pytest

from kgrag.answer.judge import claims_of, held_to, judge, rule
from kgrag.generate.replies import read_draft
from kgrag.types import Draft, Verdict
from kgrag.verify.model import DefaultVerifier
from tests.unit.generate.recorded import quote, recorded

# one paper asks whether they do, the other found equal medians
FALSE = (
    "High nutrient adapted marine bacteria exhibit",
    "The density of wood in the classical Cremonese violins was significantly lower",
)


@pytest.fixture(scope="module")
def verifier() -> DefaultVerifier:
    """The shipped one."""
    return DefaultVerifier()


def test_no_false_sentence_of_a_recorded_reply_is_shown(verifier: DefaultVerifier) -> None:
    """What is shown is a quote or supported; each reply that points or copies shows something."""
    for case in recorded():
        for reply in case.replies:
            draft = read_draft(reply, case.evidence, "m", case.question)
            ruled = rule(judge([draft], case.evidence, verifier)[0], 0.75)
            texts = [text for text, _, _ in ruled.shown]
            assert not any(text.startswith(FALSE) for text in texts)
            assert bool(texts) == bool(draft.sentences), reply
            assert not any("ANSWER" in text for text in (*texts, *(text for text, _ in ruled.withheld)))


@pytest.mark.parametrize("number", [0, 6, None])
def test_a_copied_quote_is_supported_whatever_it_cites(verifier: DefaultVerifier, number: int | None) -> None:
    """By identity with any quote, also one after the sixth; a quote of two sentences is not cut in two."""
    texts = [
        f"In the year {1900 + n} the study of sharks was begun; it ended in {1950 + n}." for n in range(9)
    ]
    texts.append("No. 7 was lost. It was found again by the 3rd crew, and it was kept.")
    evidence = [quote(text, n) for n, text in enumerate(texts)]
    given = () if number is None else (evidence[number],)
    for item in evidence:
        draft = Draft(((item.quote, given),), "m")
        assert len(claims_of(draft, evidence)) == 1
        (judged,) = judge([draft], evidence, verifier)
        assert [v.score for v in judged.verdicts] == [1.0]
        assert judged.evidence == ((item,),)


@pytest.mark.parametrize(
    ("paper", "claim", "lost"),
    [
        (
            "Whether zinc shortens colds in adults remains to be shown.",
            "Zinc shortens colds in adults.",
            "modality",
        ),
        ("Zinc may shorten colds in adults.", "Zinc shortens colds in adults.", "modality"),
        (
            "Smith et al. reported that zinc shortens colds in adults.",
            "Zinc shortens colds in adults.",
            "voice",
        ),
        ("Zinc may shorten colds in adults.", "Zinc might shorten colds in adults.", None),
        ("Zinc shortens colds in adults.", "In adults zinc shortens colds.", None),
    ],
)
def test_what_a_paper_leaves_open_is_not_said_outright(paper: str, claim: str, lost: str | None) -> None:
    """A quote shortened by its *may*, its *whether* or its *Smith reported* is no longer supported by it."""
    verdict = held_to(Verdict("supported", 0.95), claim, [quote(paper)])
    assert verdict.checks == ((lost,) if lost else ())
    assert (verdict.label == "supported") is (lost is None)
