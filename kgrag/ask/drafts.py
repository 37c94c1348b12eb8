"""Drafts answers from evidence and rules each draft once: what of it may be shown.

Knows what stands in where a language model fails or is not supported. Does not choose among the drafts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kgrag.answer.judge import Ruled, judge, relevance, rule
from kgrag.answer.recombine import recombined
from kgrag.ask.loaded import Loaded
from kgrag.errors import ServiceUnavailable
from kgrag.generate.extractive import ExtractiveGenerator
from kgrag.generate.llm import LlmGenerator, Written
from kgrag.types import Cost, Draft, Evidence, Understood

N_REPAIRED = 4
"""Sentences that a model is asked to write again."""
RELEVANCE_WEIGHT = 2.0
"""The reward model has learned from general answers, not from this library's ranking of its own evidence:
both count.
"""


@dataclass(frozen=True, slots=True)
class Drafted:
    """Drafts, the reason where the extractive generator stands in for a language model, and what the model
    was asked.
    """

    drafts: list[Draft]
    reason: str | None = None
    written: Written | None = None

    @property
    def cost(self) -> Cost | None:
        """What the model has cost; None where none was asked."""
        return self.written.cost if self.written else None


def drafts_of(
    loaded: Loaded,
    understood: Understood,
    evidence: Sequence[Evidence],
    n: int,
    stopped: Callable[[], bool],
) -> Drafted:
    """Up to n drafts; once ``stopped`` says so, no model is waited for."""
    generator, written = loaded.generator, None
    try:
        if isinstance(generator, LlmGenerator):
            written = generator.drafted(understood, evidence, n, stopped)
            drafts = written.drafts
        else:
            drafts = generator.draft(understood, evidence, n)
    except ServiceUnavailable as error:
        reason = f"{error} The extractive generator answered."
        return Drafted(ExtractiveGenerator().draft(understood, evidence, n), reason)
    if not drafts:
        reason = "The model gave no usable draft. The extractive generator answered."
        return Drafted(ExtractiveGenerator().draft(understood, evidence, n), reason, written)
    return Drafted(drafts, None, written)


def planned(plan: Draft | None, drafts: Sequence[Draft], *, whole: bool) -> list[Draft]:
    """The drafts with the plan of the question's form.

    Args:
        plan: quotes in the order of the form; None where the form has none.
        drafts: the generator's, the likeliest first.
        whole: whether only the plan answers every part of the question.

    Returns:
        What is to lead first: the plan; where a model points, its quotes and then the plan's others; where a
        model writes and the plan is not needed, what it wrote.
    """
    if plan is None or not drafts:
        return [*([plan] if plan else []), *drafts]
    if whole or not written(drafts):
        return [plan, *drafts]
    if not points(drafts[0]):
        return list(drafts)
    chosen = {text for text, _ in drafts[0].sentences}
    rest = [sentence for sentence in plan.sentences if sentence[0] not in chosen]
    kept = rest[: max(0, len(plan.sentences) - len(chosen))]
    return [replace(drafts[0], sentences=(*drafts[0].sentences, *kept)), *drafts]


def leads_with_quotes(drafts: Sequence[Draft]) -> bool:
    """Whether the first draft is made of quotes alone."""
    return bool(drafts) and points(drafts[0])


def points(draft: Draft) -> bool:
    """Whether a draft is made of quotes alone."""
    return all(given and text == given[0].quote.strip() for text, given in draft.sentences)


def ruled_drafts(
    loaded: Loaded,
    understood: Understood,
    evidence: Sequence[Evidence],
    drafts: Sequence[Draft],
    threshold: float,
    n: int,
    model: Written | None = None,
) -> tuple[list[Ruled], str | None]:
    """Every draft with what of it is shown and withheld.

    Args:
        model: what a language model was asked for the drafts; it may write what is withheld again, once.
        n: how many drafts of the library's own sentences may stand in.

    Returns:
        The drafts in order; where nothing that a language model wrote is supported, the library's own
        sentences after them, and the reason that is told.
    """
    ruled = [rule(item, threshold) for item in judge(drafts, evidence, loaded.verifier)]
    reason = None
    if model and (again := _repaired(loaded, understood, model, ruled)):
        ruled += [rule(item, threshold) for item in judge([again], evidence, loaded.verifier)]
    if written(drafts) and not any(item.shown for item in ruled):
        quoted = ExtractiveGenerator().draft(understood, evidence, n)
        ruled += [rule(item, threshold) for item in judge(quoted, evidence, loaded.verifier)]
        reason = (
            f"Nothing that '{loaded.generator.identity}' wrote is supported by the library. The extractive"
            " generator answered."
        )
    if loaded.library.settings.recombine and (more := recombined([r.judged for r in ruled], threshold)):
        ruled.append(rule(more, threshold))
    return ruled, reason


def _repaired(loaded: Loaded, understood: Understood, model: Written, ruled: Sequence[Ruled]) -> Draft | None:
    """The written draft of which most is shown, with what of it is withheld written again; None where
    nothing is withheld or nothing comes.
    """
    own = [item for item in ruled if item.maker != ExtractiveGenerator.identity and item.withheld]
    if not own or not isinstance(loaded.generator, LlmGenerator):
        return None
    best = max(own, key=lambda item: len(item.shown) - len(item.withheld))
    faults = [(text, _in_words(reason)) for text, reason in best.withheld[:N_REPAIRED]]
    again = loaded.generator.repaired(model, understood, faults)
    if not again:
        return None
    kept = tuple((text, found) for text, verdict, found in best.shown if verdict.score < 1.0)
    return Draft((*kept, *again[0].sentences), again[0].maker)


def _in_words(reason: str) -> str:
    """Why a sentence is withheld, as a model is told it."""
    if "score" in reason:
        return "its quotes do not say it"
    return f"its quotes have another {reason}"


def written(drafts: Sequence[Draft]) -> bool:
    """Whether a language model wrote one of the drafts."""
    return any(draft.maker != ExtractiveGenerator.identity for draft in drafts)


def ordered(
    loaded: Loaded, understood: Understood, evidence: Sequence[Evidence], ruled: Sequence[Ruled]
) -> list[tuple[int, float]]:
    """Indices of the drafts with their rewards, best first; ties go to the earlier draft."""
    judged = [item.judged for item in ruled]
    scores = loaded.reward.score(
        understood.text,
        [item.draft.text for item in judged],
        [item.quote for item in evidence],
        [item.verdicts for item in judged],
    )
    total = [reward + RELEVANCE_WEIGHT * relevance(item) for reward, item in zip(scores, judged, strict=True)]
    return sorted(enumerate(total), key=lambda pair: (-pair[1], pair[0]))
