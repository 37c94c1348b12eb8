"""Lists of references in the style of GB/T 7714, as CNKI and others copy them (``[1]王小明.题名[J].刊名``).

Knows the marks of kinds and where each kind has its parts. Does not read lists of references inside papers.
Source: GB/T 7714-2015.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, lines_of
from ingest.readers.exports.fields import to_record
from kgrag.types import Record

_ENTRY = re.compile(
    r"^\s*[\[［【]?\d{1,4}[\]］】.、]?\s*(?P<head>\S.*?)\s*"
    r"[\[［](?P<kind>[A-Z]{1,2})(?:/[A-Z]{2})?[\]］]\s*(?P<rest>.*)$",
    re.S,
)
_BEGINS = re.compile(r"^\s*(?:[\[［【]\d{1,4}[\]］】]|\d{1,4}[.、])\s*\S")
_KINDS = {
    "J": "article-journal",
    "C": "paper-conference",
    "D": "thesis",
    "M": "book",
    "G": "book",
    "N": "article-newspaper",
    "R": "report",
    "P": "patent",
    "S": "standard",
    "A": "chapter",
    "EB": "webpage",
    "DB": "dataset",
    "CP": "software",
}
_PAGES = r"(?:[:：]\s*(?P<pages>[A-Za-z]?\d+(?:\s*[-–—]\s*[A-Za-z]?\d+)?(?:[+,]\s?\d+)*))?"
_SERIAL = re.compile(
    r"^(?P<venue>[^,，]+)[,，]\s*(?P<year>\d{4})(?:[-\d]*)(?:[,，]\s*(?P<volume>[^(（:：.,，]*))?\s*"
    rf"(?:[(（](?P<issue>[^)）]+)[)）])?\s*{_PAGES}"
)
_VOLUME = re.compile(
    r"^(?P<venue>.+?)[.．]\s*(?:(?P<place>[^:：,，]+)[:：])?(?:(?P<publisher>[^,，]+)[,，])?\s*"
    rf"(?P<year>\d{{4}}){_PAGES}"
)
_BOOK = re.compile(
    rf"^(?:(?P<place>[^:：,，]+)[:：])?\s*(?P<publisher>[^,，]+)[,，]\s*(?P<year>\d{{4}}){_PAGES}"
)
_FORMS = {
    "J": (_SERIAL,),
    "N": (_SERIAL,),
    "C": (_VOLUME, _SERIAL),
    "A": (_VOLUME,),
}
_NOBODY = frozenset({"等", "et al", "et al.", "other", "others"})
MIN_SHARE = 0.8


class GbtReader:
    """References of GB/T 7714, one after the other."""

    name = "gbt-7714"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where nearly all of the text is numbered references with marks like ``[J]``."""
        lines = decoded_head(head).split("\n")
        if not any(line.strip() for line in lines) or not _BEGINS.match(next(filter(str.strip, lines))):
            return 0.0
        entries = list(_entries(lines))
        known = sum(bool(_ENTRY.match(entry)) for entry in entries)
        return 0.92 if known >= MIN_SHARE * len(entries) and known else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each reference of the list."""
        for number, entry in enumerate(_entries(lines_of(path))):
            match = _ENTRY.match(entry)
            if match:
                yield to_record(_fields(match), path, self.name, number)
            else:
                reason = f"Reference {number + 1} of {path.name} has no mark of its kind, like [J]."
                yield BrokenRecord(path, number, reason)


def _entries(lines: Iterable[str]) -> Iterator[str]:
    held: list[str] = []
    for line in lines:
        if _BEGINS.match(line) and held:
            yield " ".join(held)
            held = []
        if line.strip():
            held.append(line.strip())
    if held:
        yield " ".join(held)


def _fields(match: re.Match[str]) -> dict[str, list[str]]:
    authors, title = _divided(match["head"])
    kind, rest = match["kind"], match["rest"].lstrip(" .．/")
    fields = {"title": [title], "author": authors, "kind": [_KINDS.get(kind, "document")]}
    for form in _FORMS.get(kind, (_BOOK, _SERIAL)):
        if place := form.match(rest):
            fields.update({name: [value.strip()] for name, value in place.groupdict().items() if value})
            break
    else:
        fields["year"] = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", rest)[:1]
    fields["doi"] = re.findall(r"10\.\d{4,9}/[^\s，。]+", rest)[:1]
    fields["url"] = re.findall(r"https?://[^\s，。]*[^\s，。.;]", rest)[:1]
    return {name: values for name, values in fields.items() if values}


def _divided(head: str) -> tuple[list[str], str]:
    """Authors and title: the first point that does not end an initial divides them."""
    for point in re.finditer(r"[.．。]\s*", head):
        before = head[: point.start()]
        initial = re.search(r"(?:^|[\s.,-])[A-Z]$", before)
        if initial and re.match(r"\s*(?:[A-Z]\.|[,，])", head[point.end() :]):
            continue
        names = (name.strip() for name in re.split(r"[,，;；、]", before))
        kept = [_family_first(name) for name in names if name and name.lower() not in _NOBODY]
        return kept, head[point.end() :].strip()
    return [], head.strip()


def _family_first(name: str) -> str:
    """A name in Latin letters with the comma that the style leaves out: ``VAN BEEK L`` is van Beek, L."""
    match = re.match(r"^((?:(?:van|von|de|der|den|da|di|la|le)\s+)*[^\W\d_][\w'’-]+)\s+(\S.*)$", name, re.I)
    return f"{match[1]}, {match[2]}" if match and name.isascii() and "," not in name else name
