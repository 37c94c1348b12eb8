"""Texts that are records or tables in a form that is not known: why they are refused, and what is known.

Knows the look of tagged lines and of tables. Does not know formats. A text that is prose is none of these.
"""

from __future__ import annotations

import csv
import re
from collections import Counter

from kgrag.language.wordlists import word_list

_TAGGED = re.compile(r"^\s{0,3}(?:<?([A-Z][A-Z0-9]{1,4}|[A-Z][A-Za-z/ ]{1,24}?)>?)\s{0,4}(?:[-:=]|—)\s+\S")
MIN_LABELS = 4
MIN_TAGGED_SHARE = 0.6
MIN_SHORT, MIN_SHORT_SHARE = 5, 0.8
"""So many short tags in capitals, on so many of the lines, are a record even where none is repeated."""
_HEADS = word_list("record_heads", __file__)
MIN_HEADS = 3
MIN_COLUMNS = 4
MIN_ROWS = 3
MAX_NAME = 40
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def workbook(head: bytes) -> str | None:
    """What to do with a file of a spreadsheet or of old Office; None where it is none."""
    if head.startswith(_OLD_OFFICE):
        return "is a file of an old Microsoft Office. Save a table as CSV, and a text as PDF or docx"
    if head.startswith(b"PK") and b"xl/" in head and b"word/" not in head:
        return "is a workbook of a spreadsheet. Save it as CSV"
    return None


def looks_like_records(text: str) -> str | None:
    """What a text looks like that is no prose: records of tags, or a table; None for prose."""
    lines = [line for line in text.split("\n")[:2000] if line.strip()]
    return _tagged(lines) or _labelled(lines) or _table(lines)


def _tagged(lines: list[str]) -> str | None:
    """Several labels, each at the beginning of several lines, and few lines without one."""
    labels = [match[1] for line in lines if (match := _TAGGED.match(line))]
    often = [label for label, n in Counter(labels).items() if n >= 2]
    short = list(dict.fromkeys(label for label in labels if label.isupper() and len(label) <= 4))
    if len(short) >= MIN_SHORT and len(labels) >= MIN_SHORT_SHARE * len(lines):
        return f"records with the tags {', '.join(short[:8])}"
    if len(often) < MIN_LABELS or len(labels) < MIN_TAGGED_SHARE * len(lines):
        return None
    return f"records with the tags {', '.join(often[:8])}"


def _labelled(lines: list[str]) -> str | None:
    """Lines that hold nothing but the name of a field, in capitals."""
    heads = list(dict.fromkeys(line.strip() for line in lines if line.strip().replace(" ", "_") in _HEADS))
    return f"records under the heads {', '.join(heads[:8])}" if len(heads) >= MIN_HEADS else None


def _table(lines: list[str]) -> str | None:
    """Lines of equally many cells below short names."""
    for delimiter in (",", ";", "\t", "|"):
        try:
            rows = list(csv.reader(lines[:20], delimiter=delimiter))
        except csv.Error:
            continue
        names = rows[0] if rows else []
        even = len(rows) >= MIN_ROWS and all(len(row) == len(names) for row in rows[:-1])
        if len(names) >= MIN_COLUMNS and even and all(0 < len(name.strip()) <= MAX_NAME for name in names):
            return f"a table with the columns {', '.join(map(repr, names[:8]))}"
    return None
