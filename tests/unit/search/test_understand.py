"""A question for the direction of an outcome is one question in whatever words."""

from __future__ import annotations

import pytest

from kgrag.search.understand import in_one_wording

PLAIN = "Do statins reduce the risk of stroke compared with placebo?"


@pytest.mark.parametrize(
    "question",
    [
        PLAIN,
        "Is the risk of stroke reduced by statins compared with placebo?",
        "Can the risk of stroke be lowered by statins, relative to placebo?",
        "Compared with placebo, did statins lower the risk of stroke?",
        "Can statins significantly diminish the risk of stroke versus placebo?",
    ],
)
def test_one_wording(question: str) -> None:
    """Voice, tense, the place of the comparator and the verb do not matter."""
    assert in_one_wording(question) == PLAIN


@pytest.mark.parametrize(
    "question",
    [
        "Is the risk reduced?",
        "How do statins reduce risk?",
        "Do statins work?",
        "What was lowered by statins?",
    ],
)
def test_others_stay(question: str) -> None:
    """Another question is left as it was typed."""
    assert in_one_wording(question) == question
