"""Measures yes/no/maybe questions answered from given contexts: accuracy and macro-F1.

Knows: the file (question, contexts, answer) in PubMedQA's reasoning-required setting (Jin et al. 2019). Does
not know how an answer is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from kgrag.evaluate.claims import macro_f1
from kgrag.evaluate.lines import as_texts, read_lines
from kgrag.verify.yesno import decided


class Answerer(Protocol):
    """Anything that answers a yes/no question from contexts."""

    def answer(self, question: str, contexts: list[str]) -> tuple[str, dict[str, float]]:
        """yes, no or maybe, and the probability of each."""
        ...


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question (the line's number among those that hold one) with the right answer and the one given."""

    line: int
    question: str
    wanted: str
    said: str
    decided: str = "unclear"


def evaluate_qa(path: Path, model: Answerer | None = None) -> dict[str, float]:
    """Measures yes/no/maybe answers.

    Args:
        path: JSON Lines with ``question``, ``contexts`` (a text or a list of texts) and ``answer`` (yes | no
            | maybe).
        model: the shipped one by default.

    Returns:
        ``n``, ``accuracy``, ``macro_f1`` (over the classes that occur or are said), ``majority`` (accuracy of
        always saying the most frequent answer).
    """
    return qa_figures(judge_qa(path, model))


def judge_qa(path: Path, model: Answerer | None = None) -> list[JudgedQuestion]:
    """Every line of a file with the answer given, in the file's order."""
    judge = model if model is not None else default_answerer()
    return [
        JudgedQuestion(
            number,
            str(row["question"]),
            str(row["answer"]).strip().lower(),
            *_said(judge, str(row["question"]), as_texts(row["contexts"])),
        )
        for number, row in enumerate(read_lines(path, ("question", "contexts", "answer")), start=1)
    ]


def _said(judge: Answerer, question: str, contexts: list[str]) -> tuple[str, str]:
    """The likeliest answer, and what a reader would be told."""
    said, shares = judge.answer(question, contexts)
    return said, decided(shares)


def qa_figures(judged: Sequence[JudgedQuestion]) -> dict[str, float]:
    """The figures of ``evaluate_qa`` over some answered questions, at least one."""
    wanted, said = np.array([item.wanted for item in judged]), np.array([item.said for item in judged])
    return {
        "n": len(judged),
        "accuracy": float((wanted == said).mean()),
        "macro_f1": macro_f1(wanted, said),
        "majority": float(np.unique(wanted, return_counts=True)[1].max() / len(wanted)),
        **_decided(judged),
    }


def _decided(judged: Sequence[JudgedQuestion]) -> dict[str, float]:
    """Of the questions that a reader is told yes or no to: their share, how many of them rightly; and the
    share of those with the answer no that are told yes.
    """
    told = [item for item in judged if item.decided != "unclear"]
    denied = [item for item in judged if item.wanted == "no"]
    return {
        "decided": len(told) / len(judged),
        "accuracy_decided": sum(item.decided == item.wanted for item in told) / max(len(told), 1),
        "yes_when_no": sum(item.decided == "yes" for item in denied) / max(len(denied), 1),
    }


def default_answerer() -> Answerer:
    """The shipped model."""
    from kgrag.verify.yesno import YesNo

    return YesNo()
