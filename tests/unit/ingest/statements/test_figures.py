"""Figures of a sentence: each way of writing them, and what only looks like one."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.statements.figures import quantity


@pytest.mark.parametrize(
    ("text", "field", "wanted"),
    [
        ("Zinc lowered the risk (odds ratio 0.68).", "measure", "odds ratio"),
        ("Zinc lowered the risk (HR = 1.4).", "measure", "hazard ratio"),
        ("Loans rose 3-fold.", "unit", "fold"),
        ("Loans fell by 12%.", "value", 12),
        ("Cure was 36.6% vs 30.1%.", "value", "36.6 vs 30.1"),
        ("Zinc shortened colds by 2 days.", "unit", "days"),
        ("The ratio was 0.68 (95% CI 0.54 to 0.87).", "ci", [0.54, 0.87]),
        ("Colds were shorter (p < 0.01).", "p", "< 0.01"),
        ("Colds were shorter by 2 days.", "direction", "down"),
        ("Loans were higher by 12%.", "direction", "up"),
    ],
)
def test_a_figure_is_read(text: str, field: str, wanted: Any) -> None:
    """With its measure, unit, interval, p and direction."""
    found = quantity(text, len(text) // 2, "affects")
    assert found is not None
    assert found[field] == wanted


@pytest.mark.parametrize(
    "text",
    ["Zinc shortens colds.", "Section 3 tells of IL-6 and COVID-19.", "Group B was older than group A."],
)
def test_what_is_no_figure(text: str) -> None:
    """Numbers of sections and digits of names."""
    assert quantity(text, 0, "affects") is None


def test_an_interval_is_no_percentage() -> None:
    """Of “95% CI” the level is not the figure."""
    found = quantity("The odds ratio was 0.68 (95% CI 0.54 to 0.87).", 0, "affects")
    assert found is not None
    assert found["value"] == 0.68
