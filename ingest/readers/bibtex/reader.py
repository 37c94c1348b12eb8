"""BibTeX and BibLaTeX: entries one by one, so that a broken one costs only itself.

Knows entries, strings, braces, comments and what an entry takes from its parent. Letters and signs of TeX are
``tex``'s, names ``names``'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, lines_of
from ingest.readers.bibtex.fields import to_fields
from ingest.readers.bibtex.names import people
from ingest.readers.exports.fields import to_record
from kgrag.types import Record

_MONTHS = {
    name: name
    for name in ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
}
MAX_ENTRY = 4 << 20
MAX_LINES = 200_000


_ENTRY = re.compile(r"[\s,]*@\s*([A-Za-z]+)\s*[{(]")
_LOOK = re.compile(r"^[^%\n]*?@\s*[A-Za-z]+\s*[{(]\s*[^,={}\"\n]*,\s*(?:%[^\n]*\n\s*)*[\w:.+-]+\s*=", re.M)
_KEY = re.compile(r"\s*([^,={}\"]*?)\s*,")
_BETWEEN = re.compile(r"(?:[\s,]|%[^\n]*(?:\n|$))*")
_NAME = re.compile(r"([\w:.+-]+)\s*=\s*")
_BARE = re.compile(r"[^\s,#{}\"]+")
_JOINT = re.compile(r"\s*#\s*")
_BRACES = re.compile(r"(?<!\\)[{}]")
_QUOTES = re.compile(r"(?<!\\)[{}\"]")
_ROUND = re.compile(r"(?<!\\)[{})]")
_NEXT = re.compile(r",\s*(?=[A-Za-z][\w:.+-]*\s*=)")
_PARENTS = ("crossref", "xdata")
_OWN = frozenset({"key", "author", "doi", "pages", "abstract", "isbn", "crossref", "keywords", "note", "url"})
"""What an entry never takes from the one that it refers to."""


class BibtexReader:
    """BibTeX and BibLaTeX files."""

    name = "bibtex"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where an entry with a key and a field stands on a line."""
        return 0.93 if _LOOK.search(decoded_head(head)) else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each entry of the file, with the strings defined above it."""
        parents = _parents(path)
        for number, (kind, fields) in enumerate(_parsed(path)):
            if isinstance(fields, str):
                reason = f"Entry {number} of {path.name} ({kind}) is broken: {fields}."
                yield BrokenRecord(path, number, reason)
                continue
            whole = _with_parent(kind, fields, parents)
            values = to_fields(kind, whole)
            authors, editors = people(whole.get("author")), people(whole.get("editor"))
            if values.get("title") or authors or editors or values.get("doi"):
                yield to_record(values, path, self.name, number, authors=authors, editors=editors)
            else:
                reason = f"Entry {number} of {path.name} has neither title, author nor DOI."
                yield BrokenRecord(path, number, reason)


def _parsed(path: Path) -> Iterator[tuple[str, dict[str, str] | str]]:
    """Kind and fields of each entry; instead of fields the reason why they cannot be read."""
    strings = dict(_MONTHS)
    for kind, body in _entries(path):
        if kind in {"comment", "preamble"}:
            continue
        try:
            fields = dict(_parse(body, strings, keyed=kind != "string"))
        except ValueError as error:
            yield kind, str(error)
            continue
        if kind == "string":
            strings.update({name.lower(): value for name, value in fields.items()})
        else:
            yield kind, fields


def _parents(path: Path) -> dict[str, dict[str, str]]:
    """The entries by key to which others refer; none where the file has no reference."""
    if not any("crossref" in line.lower() or "xdata" in line.lower() for line in lines_of(path)):
        return {}
    entries = [fields for _, fields in _parsed(path) if not isinstance(fields, str)]
    named = {fields[name].lower() for fields in entries for name in _PARENTS if fields.get(name)}
    return {key: fields for fields in entries if (key := fields.get("key", "").lower()) in named}


def _with_parent(kind: str, fields: dict[str, str], parents: Mapping[str, dict[str, str]]) -> dict[str, str]:
    """The entry's fields and those that its parent lends it: the parent's title is the title of the book."""
    whole = dict(fields)
    for name in _PARENTS:
        parent = parents.get(fields.get(name, "").lower(), {})
        for field, value in parent.items():
            if field == "title" and name == "crossref":
                whole.setdefault("journal" if kind == "article" else "booktitle", value)
            elif field not in _OWN:
                whole.setdefault(field, value)
    return whole


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    """(kind, text between the outer braces) of each entry; a new ``@kind{`` at a line's start ends one whose
    braces do not close.
    """
    held: list[str] = []
    depth = 0
    for line in lines_of(path):
        if held and line.startswith("@") and _ENTRY.match(line):
            yield _entry(held)
            held = []
        while line:
            if not held:
                if not _ENTRY.match(line):
                    break
                depth = 0
            end, depth = _closed(line, depth, in_round=_is_round(held or [line]))
            held.append(line[:end] if end else line)
            if not end:
                break
            yield _entry(held)
            held, line = [], line[end:]
        if len(held) > MAX_LINES or (held and len(held[-1]) > MAX_ENTRY):
            held = held[:1]
    if held:
        yield _entry(held)


def _is_round(held: list[str]) -> bool:
    """Whether the entry stands in round brackets."""
    match = _ENTRY.match(held[0])
    return match is not None and match.group().endswith("(")


def _closed(text: str, depth: int, in_round: bool) -> tuple[int, int]:
    """Where the entry ends in a line (0 where it does not), and how deep in braces its end is."""
    for match in (_ROUND if in_round else _BRACES).finditer(text):
        sign = match.group()
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth <= 0 and sign == (")" if in_round else "}"):
            return match.end(), 0
    return 0, depth


def _entry(held: list[str]) -> tuple[str, str]:
    text = "\n".join(held)
    match = _ENTRY.match(text)
    return (match.group(1).lower(), text[match.end() :]) if match else ("comment", "")


def _parse(body: str, strings: dict[str, str], keyed: bool) -> Iterator[tuple[str, str]]:
    at = 0
    if keyed and (match := _KEY.match(body)):
        at = match.end()
        yield "key", match.group(1)
    elif keyed and not _NAME.match(body.lstrip()):
        raise ValueError("no key")
    while True:
        at = match.end() if (match := _BETWEEN.match(body, at)) else at
        name = _NAME.match(body, at)
        if not name and not (name := _next_name(body, at)):
            return
        value, at = _value(body, name.end(), strings)
        yield name.group(1).lower(), value


def _next_name(body: str, at: int) -> re.Match[str] | None:
    """The next field behind text that is none."""
    found = _NEXT.search(body, at)
    return _NAME.match(body, found.end()) if found else None


def _value(body: str, at: int, strings: dict[str, str]) -> tuple[str, int]:
    parts = []
    while True:
        if body[at : at + 1] == "{":
            end = _closing(body, at)
            parts.append(body[at + 1 : end])
            at = end + 1
        elif body[at : at + 1] == '"':
            end = _quote(body, at)
            parts.append(body[at + 1 : end])
            at = end + 1
        elif found := _BARE.match(body, at):
            parts.append(strings.get(found.group().lower(), found.group()))
            at = found.end()
        else:
            raise ValueError(f"no value at {body[at : at + 30]!r}")
        joint = _JOINT.match(body, at)
        if not joint:
            return "".join(parts), at
        at = joint.end()


def _closing(body: str, at: int) -> int:
    depth = 0
    for found in _BRACES.finditer(body, at):
        depth += 1 if found.group() == "{" else -1
        if depth == 0:
            return found.start()
    raise ValueError("a brace is not closed")


def _quote(body: str, at: int) -> int:
    depth = 0
    for found in _QUOTES.finditer(body, at + 1):
        if found.group() == '"' and depth == 0:
            return found.start()
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
    raise ValueError("a quotation mark is not closed")
