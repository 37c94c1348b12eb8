"""Computes the named features of a verdict: what the encoder reads, and what the plain words say.

Knows: how each feature is computed from a selection, the encoder's output and the exact checks; their order.
Does not know the stacker that weighs them. All are finite for any text, empty ones too.
"""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from kgrag.language.facts import Checks, negations
from kgrag.verify.select import Ids, Selection

NAMES = (
    "logit",
    "logit_contradicted",
    "logit_unsupported",
    "cosine",
    "coverage",
    "coverage_best",
    "coverage_second",
    "exact",
    "missing",
    "rarest_missing",
    "mean_missing",
    "pairs_of_pieces",
    "longest_run",
    "numbers",
    "numbers_missing",
    "units_missing",
    "names",
    "names_missing",
    "negation",
    "claim_negated",
    "opposites",
    "claim_pieces",
    "evidence_pieces",
    "sentences",
    "claim_hedged",
    "evidence_hedged",
    "first_person",
    "static_cosine",
)
_HEDGE = re.compile(
    r"""
      \b(?:
          may | might | could | suggests? | possibl[ey] | potential(?:ly)? | likely | appears?
        | seems? | probabl[ey] | perhaps | can
      )\b
    """,
    re.IGNORECASE | re.X,
)
_PERSON = re.compile(r"\b(?:i|my|you|your|we|our|i'm|me)\b", re.IGNORECASE)


def features(
    claim: str,
    chosen: Selection,
    checks: Checks,
    logits: NDArray[np.float32],
    cosine: float,
    idf: NDArray[np.float32],
    static: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The features of one claim against its chosen evidence, float32 (len(NAMES),).

    Args:
        claim: the claim's text.
        chosen: its selection.
        checks: the exact checks of the claim against the chosen sentences.
        logits: the encoder's three logits.
        cosine: cosine of the encoder's two sides.
        idf: rarity of each word piece.
        static: unit input vectors of the word pieces, (n_pieces, dim).
    """
    weights = idf[chosen.claim]
    total = max(float(weights.sum()), 1e-6)
    exact = np.isin(chosen.claim, chosen.evidence)
    scores = (*chosen.scores, 0.0, 0.0)
    lacking = weights * (1.0 - chosen.coverage)
    best = chosen.texts[chosen.best] if chosen.texts else ""
    logs = logits - _logsumexp(logits)
    values = (
        float(logs[0] - _logsumexp(logs[1:])),
        float(logs[2] - logs[0]),
        float(logs[1] - logs[0]),
        cosine,
        float((weights * chosen.coverage).sum()) / total,
        scores[0],
        scores[1],
        float((weights * exact).sum()) / total,
        float((~exact).mean()) if len(exact) else 1.0,
        float(lacking.max(initial=0.0)),
        float(lacking.sum()) / max(len(lacking), 1),
        *_runs(chosen.claim, chosen.evidence),
        checks.n_numbers,
        checks.numbers_missing,
        checks.units_missing,
        checks.n_names,
        checks.names_missing,
        checks.negation,
        float(negations(claim) > 0),
        checks.opposites,
        len(chosen.claim),
        len(chosen.evidence),
        math.log1p(chosen.n_sentences),
        float(bool(_HEDGE.search(claim))),
        float(bool(_HEDGE.search(best))),
        float(bool(_PERSON.search(claim))),
        _static_cosine(chosen, idf, static),
    )
    return np.array(values, np.float32)


def _logsumexp(values: NDArray[np.float32]) -> float:
    top = float(values.max())
    return top + math.log(float(np.exp(values - top).sum()))


def _runs(claim: Ids, evidence: Ids) -> tuple[float, float]:
    """Share of the claim's neighbouring piece pairs found in the evidence, and the longest run of them over
    the claim's length.
    """
    known = set(zip(evidence[:-1].tolist(), evidence[1:].tolist(), strict=True))
    found = [pair in known for pair in zip(claim[:-1].tolist(), claim[1:].tolist(), strict=True)]
    longest = run = 0
    for hit in found:
        run = run + 1 if hit else 0
        longest = max(longest, run)
    return (sum(found) / len(found), longest / len(found)) if found else (0.0, 0.0)


def _static_cosine(chosen: Selection, idf: NDArray[np.float32], static: NDArray[np.float32]) -> float:
    """Cosine of both sides as rarity-weighted means of input vectors."""
    if not len(chosen.claim) or not len(chosen.evidence):
        return 0.0
    a, b = (idf[ids] @ static[ids] for ids in (chosen.claim, chosen.evidence))
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9))
