"""Entries of reference lists: what can be read from a written reference.

Knows written references. Does not know formats, nor which work of the library is meant
(``kgrag.holdings.citations``).
"""

from __future__ import annotations

import re

from ingest.text import identifiers
from ingest.text.clean import clean
from kgrag.types import Reference

_YEAR = re.compile(r"[(\[]?\b((?:1[6-9]|20)\d\d)[a-z]?\b[)\]]?")
_NUMBER = re.compile(r"^\s*(?:\[\d+\]|\(\d+\)|\d{1,3}\.)\s*")
_TYPE = re.compile(r"\[[JMCDRPNSZGAEB](?:/OL|/CD)?\]")


def reference_of(text: str) -> Reference:
    """What the written reference says: identifiers, year, first author's family name, title where its style
    shows it.
    """
    text = clean(text)
    bare = _NUMBER.sub("", text)
    pairs = [("doi", identifiers.doi(re.sub(r"(?<=/)\s+", "", bare)))]
    if found := re.search(r"\bPMID:?\s*(\d{4,8})", bare):
        pairs.append(("pmid", found.group(1)))
    return Reference(text, identifiers.normal(pairs), _title(bare), _year(bare), _author(bare))


def _year(text: str) -> int | None:
    in_brackets = re.search(r"\(((?:1[6-9]|20)\d\d)[a-z]?(?:,[^)]*)?\)", text)
    found = in_brackets or next(
        (item for item in _YEAR.finditer(re.sub(r"https?://\S+|10\.\d{4,}/\S+", "", text))), None
    )
    return int(found.group(1)) if found else None


def _author(text: str) -> str | None:
    found = re.match(r"([^\W\d_][\w'’\-]+(?:\s[a-z]{2,3}\s?[\w'’\-]*)?)", text)
    return found.group(1).strip() if found else None


def _title(text: str) -> str | None:
    """The quoted part; else what follows the year in brackets; else, in Chinese style, what stands before the
    type mark.
    """
    if quoted := re.search(r"[“\"]([^”\"]{10,300})[,.]?[”\"]", text):
        return quoted.group(1).strip(" ,.")
    if after := re.search(r"\((?:1[6-9]|20)\d\d[a-z]?(?:,[^)]*)?\)[.,:]?\s*([^.?!]{8,300}[.?!])", text):
        return after.group(1).strip(" .")
    if mark := _TYPE.search(text):
        return re.split(r"[.．]\s*", text[: mark.start()])[-1].strip() or None
    parts = re.split(r"(?<=[a-z)]{2})\.\s+|(?<=\b[A-Z])\.\s+(?=[A-Z][a-z]+\s[a-z])", text)
    return next((part.strip() for part in parts[1:2] if len(part.split()) >= 3), None)
