"""Measures whether the configured language model writes what its quotes say: six questions with made-up
quotes, each sentence judged like any other.

Knows the cases. The figure is kept, and decides what the model does where ``llm_mode`` is ``auto``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kgrag.answer.judge import judge
from kgrag.errors import ServiceUnavailable
from kgrag.generate.abilities import WRITES_FROM_SHARE, keep_tested
from kgrag.generate.llm import LlmGenerator
from kgrag.library import Library
from kgrag.protocols import Verifier
from kgrag.types import Document, Evidence, Passage, Record, Sentence, Source, Understood
from kgrag.upkeep.doctor import Finding

CASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "How many of the patients had the virus?",
        (
            "Blood of 186 patients of one clinic was examined for the virus.",
            "The virus was found in none of the 186 patients, while the control gene was found in all.",
            "An earlier study had found the virus in 68 of 101 patients elsewhere.",
        ),
    ),
    (
        "Does the drug shorten colds?",
        (
            "We asked whether the drug shortens colds.",
            "Colds lasted 7.1 days with the drug and 7.3 days without it (p = .62).",
            "The drug may shorten colds in children, which was not studied.",
        ),
    ),
    (
        "What is treatment burden?",
        (
            "Treatment burden is the work that patients must do to follow their treatment.",
            "Burden was larger in patients with more than three conditions.",
        ),
    ),
    (
        "By how much did the biomass of insects decline?",
        (
            "Traps stood in 63 nature reserves for 27 years.",
            "Biomass of flying insects declined by 76% in a season, and by 82% in midsummer.",
        ),
    ),
    (
        "Which plants responded most to warming?",
        (
            "Graminoids responded most to warming, shrubs least.",
            "Plots were warmed by open-top chambers.",
        ),
    ),
    (
        "What do rhodopsins do for bacteria?",
        (
            "Without rhodopsin the bacteria no longer survived starvation in the light.",
            "Rhodopsins are common in the surface water of the ocean.",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Tested:
    """How many sentences a model wrote, and how many of them its quotes support."""

    sentences: int
    supported: int
    unanswered: int

    @property
    def share(self) -> float:
        """Supported sentences of all; a question without a sentence counts as one that is not."""
        return self.supported / max(1, self.sentences + self.unanswered)


def examine_model(library: Library, verifier: Verifier) -> Finding:
    """Let the configured model write, keep the figure, and tell it."""
    settings = library.settings
    if settings.llm is None:
        return Finding("language model", True, "none is configured: quotes answer")
    writer = LlmGenerator(settings.model_copy(update={"llm_mode": "write", "llm_budget_tokens": 0}))
    try:
        tested = measured(writer, verifier)
    except ServiceUnavailable as error:
        return Finding("language model", False, str(error))
    finally:
        writer.close()
    keep_tested(settings, tested.share)
    does = "writes" if tested.share >= WRITES_FROM_SHARE else "points to quotes"
    fixed = f" (llm_mode = {settings.llm_mode} decides)" if settings.llm_mode != "auto" else ""
    return Finding(
        "language model",
        True,
        f"{settings.llm}: {tested.supported} of {tested.sentences} sentences supported,"
        f" {tested.unanswered} of {len(CASES)} questions without one; it {does}{fixed}",
    )


def measured(writer: LlmGenerator, verifier: Verifier) -> Tested:
    """What a model writes to the cases."""
    sentences = supported = unanswered = 0
    for question, quotes in CASES:
        evidence = _evidence(quotes)
        drafts = writer.draft(Understood(question, question, "en"), evidence, 1)
        judged = judge(drafts, evidence, verifier)
        verdicts = [verdict for item in judged for verdict in item.verdicts]
        sentences += len(verdicts)
        supported += sum(verdict.label == "supported" for verdict in verdicts)
        unanswered += not verdicts
    return Tested(sentences, supported, unanswered)


def _evidence(quotes: Sequence[str]) -> list[Evidence]:
    text = " ".join(quotes)
    document = Document("model-test", Record(Source("test", "0", "test"), title="A study"), text, "en")
    found, start = [], 0
    for quote in quotes:
        sentence = (Sentence(0, len(quote)),)
        place = text.index(quote, start)
        passage = Passage(f"p{place}", document.id, 0, quote, place, place + len(quote), (), sentence)
        found.append(Evidence(passage, document, 0, len(quote), 0.8, chance=0.8))
        start = place + len(quote)
    return found
