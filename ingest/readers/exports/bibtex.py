"""BibTeX: entries one by one, so that a broken one costs only itself; LaTeX accents as letters.

Knows entries, strings, braces and the accents of LaTeX. Does not run TeX.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, lines_of
from ingest.readers.exports.fields import to_record
from kgrag.types import Record

_ENTRY = re.compile(r"^\s*@\s*([A-Za-z]+)\s*[{(]")
_ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    '"': "\u0308",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "k": "\u0328",
    "r": "\u030a",
    "d": "\u0323",
    "b": "\u0331",
}
_LETTERS = {
    "ss": "ß",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "aa": "å",
    "AA": "Å",
    "i": "i",
    "j": "j",
    "dh": "ð",
    "th": "þ",
    "DH": "Ð",
    "TH": "Þ",
    "dj": "đ",
    "DJ": "Đ",
    "textendash": "–",
    "textemdash": "—",
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "mu": "μ",
    "pm": "±",
    "times": "×",
    "copyright": "©",
    "textregistered": "®",
    "ldots": "…",
    "dots": "…",
    "textquoteright": "’",
}
_FIELDS = {
    "title": "title",
    "booktitle": "venue",
    "journal": "venue",
    "journaltitle": "venue",
    "year": "year",
    "date": "year",
    "volume": "volume",
    "number": "issue",
    "issue": "issue",
    "pages": "pages",
    "publisher": "publisher",
    "school": "publisher",
    "institution": "publisher",
    "doi": "doi",
    "pmid": "pmid",
    "pmcid": "pmcid",
    "issn": "issn",
    "isbn": "isbn",
    "abstract": "abstract",
    "language": "language",
    "langid": "language",
    "keywords": "keyword",
    "keyword": "keyword",
    "author_keywords": "keyword",
    "url": "url",
    "eprint": "eprint",
    "shortjournal": "venue_short",
    "copyright": "licence",
}
_KINDS = {
    "article": "article-journal",
    "inproceedings": "paper-conference",
    "conference": "paper-conference",
    "incollection": "chapter",
    "inbook": "chapter",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "thesis": "thesis",
    "techreport": "report",
    "report": "report",
    "book": "book",
    "misc": "document",
    "online": "webpage",
    "dataset": "dataset",
    "software": "software",
    "unpublished": "manuscript",
}
_MONTHS = {
    name: name
    for name in ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
}
MAX_ENTRY = 4 << 20


class BibtexReader:
    """BibTeX and BibLaTeX files."""

    name = "bibtex"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where an entry with a key and a field stands at a line's start."""
        text = decoded_head(head)
        return (
            0.93
            if re.search(
                r"^\s*@\s*(?:[A-Za-z]+)\s*[{(]\s*[^\s,{}]*\s*,\s*(?:%[^\n]*)?\s*[\w-]+\s*=", text, re.M
            )
            else 0.0
        )

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each entry of the file, with the strings defined above it."""
        strings = dict(_MONTHS)
        number = 0
        for kind, body in _entries(path):
            if kind in {"comment", "preamble"}:
                continue
            try:
                fields = dict(_parse(body, strings, keyed=kind != "string"))
            except ValueError as error:
                yield BrokenRecord(
                    path, number, f"Entry {number} of {path.name} ({kind}) is broken: {error}."
                )
                number += 1
                continue
            if kind == "string":
                strings.update({name.lower(): value for name, value in fields.items()})
                continue
            values = _values(kind, fields)
            good = values.get("title") or values.get("author") or values.get("doi")
            yield (
                to_record(values, path, self.name, number)
                if good
                else BrokenRecord(
                    path, number, f"Entry {number} of {path.name} has neither title, author nor DOI."
                )
            )
            number += 1


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    """(kind, text between the outer braces) of each entry; a new ``@kind{`` at a line's start ends one whose
    braces do not close.
    """
    held: list[str] = []
    kind, size = "", 0
    for line in lines_of(path):
        found = _ENTRY.match(line)
        if found and (not held or _depth("\n".join(held)) <= 0 or not line.startswith(" ")):
            if held:
                yield kind, _inside("\n".join(held))
            kind, held, size = found.group(1).lower(), [], 0
        if kind:
            held.append(line)
            size += len(line)
            if size > MAX_ENTRY:
                held = held[:1]
    if held:
        yield kind, _inside("\n".join(held))


def _depth(text: str) -> int:
    return text.count("{") - text.count("}")


def _inside(text: str) -> str:
    start = min(place for place in (text.find("{"), text.find("(")) if place >= 0)
    return text[start + 1 :]


def _parse(body: str, strings: dict[str, str], keyed: bool) -> Iterator[tuple[str, str]]:
    at = 0
    if keyed:
        found = re.match(r"\s*([^,={}\s]*)\s*,", body)
        if not found:
            raise ValueError("no key")
        at = found.end()
        yield "key", found.group(1)
    while found := re.compile(r"[\s,]*([\w:.+-]+)\s*=\s*").match(body, at):
        value, at = _value(body, found.end(), strings)
        yield found.group(1).lower(), value


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
        elif found := re.compile(r"[^\s,#{}\"]+").match(body, at):
            parts.append(strings.get(found.group().lower(), found.group()))
            at = found.end()
        else:
            raise ValueError(f"no value at {body[at : at + 30]!r}")
        joint = re.compile(r"\s*#\s*").match(body, at)
        if not joint:
            return "".join(parts), at
        at = joint.end()


def _closing(body: str, at: int) -> int:
    depth = 0
    for found in re.compile(r"(?<!\\)[{}]").finditer(body, at):
        depth += 1 if found.group() == "{" else -1
        if depth == 0:
            return found.start()
    raise ValueError("a brace is not closed")


def _quote(body: str, at: int) -> int:
    depth = 0
    for found in re.compile(r'(?<!\\)[{}"]').finditer(body, at + 1):
        if found.group() == '"' and depth == 0:
            return found.start()
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
    raise ValueError("a quotation mark is not closed")


def _values(kind: str, fields: dict[str, str]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {"kind": [_KINDS.get(kind, kind)]}
    for name, value in fields.items():
        if name == "author":
            out["author"] = [
                delatex(person)
                for person in re.split(r"\s+and\s+", value)
                if person.strip().lower() != "others"
            ]
        else:
            out.setdefault(_FIELDS.get(name, f"extra:{name}"), []).append(delatex(value))
    if out.get("title") and fields.get("subtitle"):
        out["title"] = [f"{out['title'][0]}: {delatex(fields['subtitle'])}"]
    if (
        out.get("eprint")
        and "arxiv" in (fields.get("archiveprefix") or fields.get("eprinttype") or "").lower()
    ):
        out["arxiv"] = out["eprint"]
    out["keyword"] = [part for value in out.get("keyword", []) for part in re.split(r"[;,]\s*", value)]
    out["pages"] = [re.sub(r"-{2,}", "-", value) for value in out.get("pages", [])]
    return {name: values for name, values in out.items() if values}


def delatex(text: str) -> str:
    """LaTeX as readable text: accents composed, commands and braces gone."""
    if "\\" in text:
        text = re.sub(r"\\([`'^~\"=.])\s*\{?\\?([A-Za-z])\}?", _accent, text)
        text = re.sub(r"\\([uvHckrdb])(?:\s*\{\\?([A-Za-z])\}|\s+([A-Za-z])\b)", _accent, text)
        text = re.sub(r"\\([A-Za-z]+)\s*(?:\{\})?", lambda found: _LETTERS.get(found.group(1), ""), text)
        text = re.sub(r"\\([&%$#_{} -])", r"\1", text)
    text = re.sub(r"(?<!\\)[{}]", "", text.replace("~", " ").replace("``", "“").replace("''", "”"))
    text = re.sub(r"(?<!-)--(?!-)", "–", re.sub(r"\$([^$]*)\$", r"\1", text))
    return " ".join(unicodedata.normalize("NFC", text).split())


def _accent(found: re.Match[str]) -> str:
    letter = found.group(2) or found.group(3)
    return unicodedata.normalize("NFC", letter + _ACCENTS[found.group(1)])
