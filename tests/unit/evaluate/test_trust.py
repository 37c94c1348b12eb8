"""The three evaluations of trust: formulas against an independent implementation, and files with every kind
of fault.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kgrag.errors import NotFound, UsageError
from kgrag.evaluate.claims import auroc, balanced_accuracy, evaluate_claims, macro_f1
from kgrag.evaluate.preferences import evaluate_preferences
from kgrag.evaluate.qa import evaluate_qa
from kgrag.types import Verdict


class Reader:
    """A verifier that reads the verdict off the claim: computable, so that the measure can be checked by
    hand.
    """

    identity = "reader"

    def verify(self, claims: Sequence[str], evidence: Sequence[Sequence[str]]) -> list[Verdict]:
        said = [claim.split() for claim in claims]
        return [Verdict(label, float(score)) for label, score in said]  # type: ignore[arg-type]


class Shortest:
    """A reward that prefers the shorter answer."""

    identity = "shortest"

    def score(
        self, question: str, answers: Sequence[str], evidence: Sequence[str], verdicts: Any = None
    ) -> list[float]:
        return [-float(len(answer)) for answer in answers]


class Always:
    """Answers with the question's first word."""

    def answer(self, question: str, contexts: list[str]) -> tuple[str, dict[str, float]]:
        said = question.split()[0]
        return said, {said: 0.9}


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    return path


def test_figures_equal_their_definitions() -> None:
    """Balanced accuracy, macro-F1 and AUROC on random labels and tied scores, counted by hand."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        wanted, said, scores = rng.random(50) < 0.4, rng.random(50) < 0.5, rng.integers(0, 5, 50) / 5
        recalls = [np.mean(said[wanted == kind] == kind) for kind in (False, True)]
        hits = [np.sum((wanted == kind) & (said == kind)) for kind in (False, True)]
        named = [np.sum(wanted == kind) + np.sum(said == kind) for kind in (False, True)]
        above = np.subtract.outer(scores[wanted], scores[~wanted])
        assert balanced_accuracy(wanted, said) == pytest.approx(np.mean(recalls))
        assert macro_f1(wanted, said) == pytest.approx(
            np.mean([2 * h / n for h, n in zip(hits, named, strict=True)])
        )
        assert auroc(wanted, scores) == pytest.approx(np.mean((above > 0) + (above == 0) / 2))


def test_figures_where_one_kind_is_missing() -> None:
    """Only classes that occur count; without both kinds there is no AUROC, and nothing warns."""
    wanted, said = np.array([True, True]), np.array([True, False])
    assert balanced_accuracy(wanted, said) == 0.5
    assert macro_f1(wanted, said) == pytest.approx(1 / 3)
    assert auroc(wanted, np.array([0.1, 0.2])) is None


def test_claims_are_measured_two_way_and_three_way(tmp_path: Path) -> None:
    """Supported against the rest; three-way only where some claim is contradicted; label names of other sets
    are understood.
    """
    rows = [
        {"claim": "supported 0.9", "evidence": ["x"], "label": "supported"},
        {"claim": "unsupported 0.2", "evidence": "x", "label": "contradicted"},
        {"claim": "contradicted 0.1", "evidence": [], "label": "REFUTES"},
        {"claim": "supported 0.8", "evidence": ["x"], "label": "unsupported"},
    ]
    found = evaluate_claims(write(tmp_path / "c.jsonl", rows), Reader())
    assert found == {
        "n": 4,
        "balanced_accuracy": pytest.approx((1 + 2 / 3) / 2),
        "macro_f1": pytest.approx((2 / 3 + 4 / 5) / 2),
        "auroc": 1.0,
        "accuracy_3way": 0.5,
    }
    assert evaluate_claims(write(tmp_path / "d.jsonl", rows[:1]), Reader())["accuracy_3way"] is None


def test_preferences_count_pairs_of_unequal_rank(tmp_path: Path) -> None:
    """Rankings and scores give pairs, ties none; "longer wins" is the complement of a reward that prefers the
    shorter.
    """
    rows = [
        {"question": "q", "answers": ["aa", "b", "ccc"], "ranking": [1, 0, 2]},
        {"question": "q", "answers": ["aa", "b", "ccc"], "scores": [1, 1, 3], "evidence": ["e"]},
    ]
    found = evaluate_preferences(write(tmp_path / "p.jsonl", rows), Shortest())
    assert (found["n"], found["agreement"], found["longer_wins"]) == (5, 0.6, 0.4)


def test_answers_are_measured(tmp_path: Path) -> None:
    """Accuracy and macro-F1 over yes, no and maybe."""
    rows = [
        {"question": f"{said} x", "contexts": ["c"], "answer": wanted}
        for said, wanted in [("yes", "yes"), ("no", "yes"), ("maybe", "maybe")]
    ]
    found = evaluate_qa(write(tmp_path / "q.jsonl", rows), Always())
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0 + 1) / 3)
    assert (found["decided"], found["accuracy_decided"]) == (pytest.approx(2 / 3), 0.5)
    assert found["yes_when_no"] == 0.0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no line"),
        ("{\n", "line 1 is no JSON"),
        ('{"claim": "x"}', "lacks evidence, label"),
        ("[1]", "lacks claim"),
    ],
)
def test_faulty_files_are_refused_with_their_line(tmp_path: Path, content: str, message: str) -> None:
    """The error says the file, the line and what is needed."""
    path = tmp_path / "x.jsonl"
    path.write_text(content)
    with pytest.raises(UsageError, match=message):
        evaluate_claims(path, Reader())
    with pytest.raises(NotFound, match="No file"):
        evaluate_claims(tmp_path / "none.jsonl", Reader())


def test_rankings_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """An index that names no answer, or as many scores as there are not answers."""
    for extra in ({"ranking": [0, 5]}, {"scores": [1]}, {}):
        with pytest.raises(UsageError, match="answers to 'q'"):
            evaluate_preferences(
                write(tmp_path / "p.jsonl", [{"question": "q", "answers": ["a", "b"], **extra}]), Shortest()
            )


def test_the_shipped_models_run_on_each_kind_of_file(tmp_path: Path) -> None:
    """Defaults need no argument but the file."""
    claims = [{"claim": "Aspirin helps.", "evidence": ["Aspirin helps adults."], "label": "supported"}]
    answers = [
        {
            "question": "Does aspirin help?",
            "answers": ["Aspirin helps adults with headaches.", "I don't know."],
            "ranking": [0, 1],
            "evidence": ["Aspirin helps adults."],
        }
    ]
    asked = [
        {
            "question": "Does aspirin help?",
            "contexts": ["We studied aspirin.", "Aspirin helped significantly (P<0.01)."],
            "answer": "yes",
        }
    ]
    assert evaluate_claims(write(tmp_path / "c.jsonl", claims))["n"] == 1
    assert evaluate_preferences(write(tmp_path / "p.jsonl", answers))["agreement"] == 1.0
    assert evaluate_qa(write(tmp_path / "q.jsonl", asked))["n"] == 1
