"""A public checker of claims as the verifier: a tiny classifier with random weights, so that everything but
sense is real.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kgrag.backends import open_verifier
from kgrag.errors import UsageError
from kgrag.language.facts import substitutions
from kgrag.verify.public_checker import columns_of
from tests.service.tiny_model import make_tiny_classifier

PAPER = "The trial of 300 adults was carried out in Norway over twelve months with aspirin."


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The classifier's folder."""
    pytest.importorskip("torch", reason="the extra `torch` is not installed")
    return make_tiny_classifier(
        tmp_path_factory.mktemp("checker"),
        [PAPER, "Sharks hunt with their tails."],
        {0: "contradiction", 1: "entailment", 2: "neutral"},
    )


@pytest.mark.filterwarnings("ignore")
def test_it_judges_each_claim_by_its_own_evidence(model: Path) -> None:
    """A batch equals its single claims; no evidence or no words is unsupported; probabilities are
    probabilities; an exchanged fact is never supported.
    """
    checker = open_verifier(f"cross-encoder:{model}")
    claims, evidence = (
        [
            "Sharks hunt with tails.",
            "Aspirin helps.",
            PAPER.replace("300", "400"),
            "",
            "Nothing is given.",
        ],
        [[PAPER, "Sharks hunt."], [PAPER * 40], [PAPER], [PAPER], [" "]],
    )
    verdicts = checker.verify(claims, evidence)
    assert [v.score for v in verdicts] == pytest.approx(
        [checker.verify([c], [e])[0].score for c, e in zip(claims, evidence, strict=True)], abs=1e-6
    )
    assert all(0.0 <= v.score <= 1.0 and 0.0 <= v.contradiction <= 1.0 for v in verdicts)
    assert substitutions(claims[2], PAPER) == ("number",)
    assert (verdicts[2].label, verdicts[2].score <= 0.4, "number" in verdicts[2].checks) == (
        "contradicted",
        True,
        True,
    )
    assert [v.score for v in verdicts[3:]] == [0.0, 0.0]
    assert checker.verify([], []) == []


def test_classes_are_known_by_their_names() -> None:
    """NLI in any order, two classes, and names that say nothing."""
    assert columns_of({0: "ENTAILMENT", 1: "neutral", 2: "contradiction"}).tolist() == np.eye(3).tolist()
    assert columns_of({0: "not_entailment", 1: "entailment"}).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert columns_of({0: "LABEL_0", 1: "LABEL_1"}).tolist() == [[0, 1, 0], [1, 0, 0]]
    with pytest.raises(UsageError, match="known to mean 'supported'"):
        columns_of({0: "cat", 1: "dog"})


@pytest.mark.filterwarnings("ignore")
def test_a_model_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The error names the setting."""
    pytest.importorskip("torch", reason="the extra `torch` is not installed")
    with pytest.raises(UsageError, match="cross-encoder:"):
        open_verifier(f"cross-encoder:{tmp_path}")
