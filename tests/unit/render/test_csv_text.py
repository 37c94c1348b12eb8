"""Every CSV is read back as it was, and none of its cells is a formula."""

from __future__ import annotations

import csv
import io

import pytest

from kgrag.render.csv_text import csv_text


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " ="])
def test_formulas_are_text(sign: str) -> None:
    """An apostrophe stands before what a spreadsheet would run."""
    rows = list(csv.reader(io.StringIO(csv_text(("a",), [[f"{sign}HYPERLINK(1)"]]), newline="")))
    assert rows == [["a"], [f"'{sign}HYPERLINK(1)"]]


def test_the_rest_stays_as_it_is() -> None:
    """Numbers, negative ones too, quotes, lines and Chinese."""
    values = [-1, 0.5, 'say "so", twice\nover', "研究", "a=b", ""]
    rows = list(csv.reader(io.StringIO(csv_text(("a",) * 6, [values]), newline="")))
    assert rows[1] == [str(value) for value in values]
