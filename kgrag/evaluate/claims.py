"""Measures how well a verifier tells supported claims from the rest: balanced accuracy, macro-F1, AUROC,
three-way accuracy.

Knows: the claims file (claim, evidence, label) and the formulas. Does not know which verifier it measures,
and never shows it a label. Source of the measure: two-way balanced accuracy as in LLM-AggreFact (Tang et al.
2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.evaluate.lines import as_texts, read_lines
from kgrag.protocols import Verifier
from kgrag.types import Verdict
from kgrag.verify.together import judged_together

_SAME = {
    "support": "supported",
    "supports": "supported",
    "entailment": "supported",
    "entailed": "supported",
    "attributable": "supported",
    "yes": "supported",
    "true": "supported",
    "1": "supported",
    "contradict": "contradicted",
    "contradiction": "contradicted",
    "refuted": "contradicted",
    "refutes": "contradicted",
}
_CHUNK = 256


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """A labelled claim (the line's number among those that hold one) with what the verifier says of it."""

    line: int
    claim: str
    evidence: tuple[str, ...]
    label: str
    verdict: Verdict

    @property
    def supported(self) -> bool:
        """What people say."""
        return self.label == "supported"

    @property
    def said(self) -> bool:
        """What the verifier says."""
        return self.verdict.label == "supported"


def evaluate_claims(path: Path, verifier: Verifier | None = None) -> dict[str, float | None]:
    """Measures a verifier on labelled claims.

    Args:
        path: JSON Lines with ``claim``, ``evidence`` (a text or a list of texts) and ``label`` (supported |
            unsupported | contradicted).
        verifier: the shipped one by default.

    Returns:
        ``n``; ``balanced_accuracy``, ``macro_f1`` and ``auroc`` of supported against the rest (AUROC None
        where one side is empty); ``accuracy_3way``, None where no claim is labelled contradicted.
    """
    return claim_figures(judge_claims(path, verifier))


def judge_claims(path: Path, verifier: Verifier | None = None) -> list[JudgedClaim]:
    """Every line of a claims file with the verifier's verdict, in the file's order; the file's claims are
    judged together (``kgrag.verify.together``).
    """
    rows = read_lines(path, ("claim", "evidence", "label"))
    judge = verifier if verifier is not None else default_verifier()
    claims, texts = [str(row["claim"]) for row in rows], [as_texts(row["evidence"]) for row in rows]
    verdicts = [
        verdict
        for start in range(0, len(rows), _CHUNK)
        for verdict in judge.verify(claims[start : start + _CHUNK], texts[start : start + _CHUNK])
    ]
    return [
        JudgedClaim(number, claim, tuple(given), canonical(row["label"]), verdict)
        for number, (claim, given, row, verdict) in enumerate(
            zip(claims, texts, rows, judged_together(verdicts), strict=True), start=1
        )
    ]


def claim_figures(judged: Sequence[JudgedClaim]) -> dict[str, float | None]:
    """The figures of ``evaluate_claims`` over some judged claims, at least one."""
    said = np.array([item.said for item in judged])
    wanted = np.array([item.supported for item in judged])
    three_way = (
        float(np.mean([item.verdict.label == item.label for item in judged]))
        if any(item.label == "contradicted" for item in judged)
        else None
    )
    return {
        "n": len(judged),
        "balanced_accuracy": balanced_accuracy(wanted, said),
        "macro_f1": macro_f1(wanted, said),
        "auroc": auroc(wanted, np.array([item.verdict.score for item in judged])),
        "accuracy_3way": three_way,
    }


def default_verifier() -> Verifier:
    """The shipped verifier."""
    from kgrag.verify.model import DefaultVerifier

    return DefaultVerifier()


def canonical(label: Any) -> str:
    """supported, unsupported or contradicted from the names that data sets use; anything else is
    unsupported.
    """
    name = str(label).strip().lower()
    return _SAME.get(name, name if name in {"supported", "contradicted"} else "unsupported")


def balanced_accuracy(wanted: NDArray[Any], said: NDArray[Any]) -> float:
    """Mean recall over the classes that occur; 0 to 1."""
    from sklearn.metrics import recall_score

    # scikit-learn's own balanced accuracy warns of classes that are said and do not occur, as they do here
    return float(recall_score(wanted, said, labels=np.unique(wanted), average="macro"))


def macro_f1(wanted: NDArray[Any], said: NDArray[Any]) -> float:
    """Mean F1 over the classes that occur in either; 0 to 1."""
    from sklearn.metrics import f1_score

    return float(f1_score(wanted, said, average="macro"))


def auroc(wanted: NDArray[Any], scores: NDArray[Any]) -> float | None:
    """The chance that a supported claim scores above another; ties count half; None without both kinds."""
    from sklearn.metrics import roc_auc_score

    kinds = np.unique(np.asarray(wanted).astype(bool))
    return float(roc_auc_score(wanted, scores)) if len(kinds) == 2 else None
