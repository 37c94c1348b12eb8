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
_YAML = re.compile(r"^\s*(?:-\s+)?([a-z][\w-]{1,24}):(?:\s|$)")
_PUBMED = re.compile(r"^\d{1,5}\. \S.{3,}? (?:1[89]|20)\d\d\b.*[;:.]", re.M)
_PMID = re.compile(r"^PMID: \d{1,8}\b")
_PRINTED = re.compile(
    r"^\s*(?:\[?\d{1,4}[\].]\s*)?[^\W\d_][^.;()]{1,60}?,? (?:[A-Z]\.?[ -]?){1,4},?.{0,300}?"
    r"\(?(?:1[5-9]|20)\d\d[a-z]?\)?[.,;:]"
)
"""A name with initials, and a year before long."""
MIN_PRINTED = 2
_IDENTIFIER = re.compile(
    r"^\s*(?:(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?10\.\d{4,9}/\S+|PMC\d+|\d{6,9})\s*,?\s*$"
)
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
    return (
        _tagged(lines)
        or _labelled(lines)
        or _named(lines)
        or _listed(lines)
        or _numbers(lines)
        or _table(lines)
    )


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
    heads = list(dict.fromkeys(line.strip() for line in lines if _is_head(line)))
    return f"records under the heads {', '.join(heads[:8])}" if len(heads) >= MIN_HEADS else None


def _is_head(line: str) -> bool:
    return not line[0].isspace() and line.strip().upper().replace(" ", "_") in _HEADS


def _named(lines: list[str]) -> str | None:
    """Names of fields in small letters before nearly every value, as YAML has them."""
    names = [match[1] for line in lines if (match := _YAML.match(line))]
    if len(set(names)) >= MIN_LABELS and len(names) >= MIN_SHORT_SHARE * len(lines):
        return f"records with the fields {', '.join(dict.fromkeys(names[:8]))}"
    return None


def _listed(lines: list[str]) -> str | None:
    """Nothing but references as styles print them, or PubMed's text of abstracts."""
    if len(_PUBMED.findall("\n".join(lines))) >= 1 and any(_PMID.match(line) for line in lines):
        return "abstracts as PubMed prints them (save them there as 'PubMed')"
    printed = sum(bool(_PRINTED.match(line)) for line in lines)
    if printed >= MIN_PRINTED and printed >= MIN_SHORT_SHARE * len(lines):
        return "a list of printed references (save them as RIS or BibTeX)"
    return None


def _numbers(lines: list[str]) -> str | None:
    """Nothing but identifiers, one a line, below a name."""
    found = sum(bool(_IDENTIFIER.match(line)) for line in lines)
    return "a list of identifiers without titles" if found >= 1 and found >= len(lines) - 1 else None


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
