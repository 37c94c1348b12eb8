"""Reads the JSON Lines files that evaluations take, with errors that say the line.

Knows: files of one object a line. Does not know what the fields mean beyond their presence.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kgrag.errors import NotFound, UsageError


def read_lines(path: Path, fields: Sequence[str]) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file.

    Args:
        path: the file; blank lines are skipped.
        fields: names that every object must have.

    Raises:
        NotFound: there is no such file.
        UsageError: a line is no object or lacks a field, or there is no line at all.
    """
    if not path.is_file():
        raise NotFound(f"No file '{path}'.")
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), 1):
        if line.strip():
            rows.append(_parsed(path, number, line, fields))
    if not rows:
        raise UsageError(f"'{path}' holds no line. Each line is an object with {', '.join(fields)}.")
    return rows


def _parsed(path: Path, number: int, line: str, fields: Sequence[str]) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"'{path}' line {number} is no JSON: {error.msg} at column {error.colno}."
        ) from error
    missing = [name for name in fields if not isinstance(row, dict) or name not in row]
    if missing:
        raise UsageError(f"'{path}' line {number} lacks {', '.join(missing)} (needed: {', '.join(fields)}).")
    return dict(row)


def as_texts(value: Any) -> list[str]:
    """A text or a list of texts as a list of texts; other kinds of items are written as text, None is
    nothing.
    """
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [str(value.get("text") or value.get("quote") or "")]
    return (
        [text for item in value for text in as_texts(item)]
        if isinstance(value, (list, tuple))
        else [str(value)]
    )
