"""What of a judged draft is shown: what is supported, and the library's own sentence where a draft
contradicts it.
"""

from __future__ import annotations

from kgrag.answer.judge import Judged, rule
from kgrag.types import Document, Draft, Evidence, Passage, Record, Sentence, Source, Verdict

PAPER = "The trial of 300 adults lasted twelve months, and bleeding was rare."


def evidence(text: str = PAPER) -> Evidence:
    document = Document("d", Record(Source("a.txt", "0", "test")), text, "en")
    return Evidence(
        Passage("p", "d", 0, text, 0, len(text), (), (Sentence(0, len(text)),)), document, 0, len(text), 0.9
    )


def judged(*claims: tuple[str, Verdict]) -> Judged:
    return Judged(
        Draft(tuple((text, (evidence(),)) for text, _ in claims), "m"),
        tuple((text, 0, len(text)) for text, _ in claims),
        tuple(v for _, v in claims),
        ((evidence(),),) * len(claims),
    )


WRONG = ("The trial of 400 adults lasted twelve months.", Verdict("contradicted", 0.1, checks=("number",)))


def test_the_quote_stands_where_a_claim_contradicts_it() -> None:
    """The claim is withheld with the failed check; the quote is supported by identity and takes its place."""
    ruled = rule(judged(WRONG), 0.8)
    shown, withheld = list(ruled.shown), list(ruled.withheld)
    assert [(text, verdict.score) for text, verdict, _ in shown] == [(PAPER, 1.0)]
    assert withheld == [(WRONG[0], "number")]


def test_nothing_is_said_twice() -> None:
    """A part of the same sentence that is supported stands in the quote already; two contradicted parts give
    one quote.
    """
    part = ("Bleeding was rare.", Verdict("supported", 0.9))
    other = ("Aspirin is a drug.", Verdict("supported", 0.9))
    shown = list(rule(judged(WRONG, part, WRONG, other), 0.8).shown)
    assert [text for text, _, _ in shown] == [PAPER, other[0]]


def test_a_quote_about_something_else_corrects_nothing() -> None:
    """Only a quote with half of the claim's words speaks of the same; such a one stands in for a claim that
    is contradicted, and for one that is only not supported.
    """
    assert (
        list(rule(judged(("Sharks hunt with tails in 1999.", Verdict("contradicted", 0.1))), 0.8).shown) == []
    )
    unproved = ("The trial of 400 adults lasted twelve months.", Verdict("unsupported", 0.1))
    assert [text for text, _, _ in rule(judged(unproved), 0.8).shown] == [PAPER]


def test_a_part_does_not_lead_on_to_what_is_withheld() -> None:
    """The conjunction stays where the next part is shown, and goes where it is not."""
    first, second = "The trial lasted twelve months, and", "bleeding was rare in adults."
    good, bad = Verdict("supported", 0.9), Verdict("unsupported", 0.1)
    assert [text for text, _, _ in list(rule(judged((first, good), (second, good)), 0.8).shown)] == [
        first,
        second,
    ]
    other = "aspirin is cheaper in pharmacies of the north."
    assert [text for text, _, _ in list(rule(judged((first, good), (other, bad)), 0.8).shown)] == [
        "The trial lasted twelve months"
    ]
