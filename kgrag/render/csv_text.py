"""Writes every CSV of the project, so that no cell of any is run as a formula by a spreadsheet.

Knows CSV; nothing of what is written. Source: OWASP, *CSV injection*.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Signs with which a spreadsheet begins a formula, or passes over to it; full-width ones count in some."""


def csv_text(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Lines of a CSV (RFC 4180); a text that would be a formula has an apostrophe before it.

    Args:
        header: the names of the columns.
        rows: values in their order; numbers stay numbers.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return out.getvalue()


def _harmless(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) else value
