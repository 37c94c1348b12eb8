"""MARC in lines of text: as MarcEdit writes it (``.mrk``), and as Aleph and yaz-marcdump print it.

Knows the three forms of a line and the names that MarcEdit writes for letters. The meaning of fields is in
``marc_fields``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, head_of, lines_of
from ingest.readers.catalogues.marc_fields import MarcField, Subfields
from ingest.readers.catalogues.marc_record import marc_record
from kgrag.types import Record

_MARCEDIT = re.compile(r"^=(?P<tag>LDR|\d{3})  ?(?P<ind>)(?P<rest>.*)$", re.M)
_ALEPH = re.compile(r"^(?P<record>\d{9}) (?P<tag>[A-Z\d]{3})(?P<ind>..) [A-Z] (?P<rest>.*)$", re.M)
_YAZ = re.compile(r"^(?:(?P<leader>\d{5}[a-z]\S{2}.{11,16}4500)|(?P<tag>\d{3}) (?P<ind>)(?P<rest>.*))$", re.M)
_FORMS = (
    (_MARCEDIT, re.compile(r"^=\d{3}  ?[\d\\ ]{2}\$", re.M)),
    (_ALEPH, re.compile(r"^\d{9} \d{3}.. [A-Z] \$\$", re.M)),
    (_YAZ, re.compile(r"^\d{5}[a-z]\S{2}.{11,16}4500\s*\n(?:\d{3} .*\n)*?\d{3} [\d ]{2} \$\w ", re.M)),
)
"""The form of a line, and what a text in it must hold."""
_MARKS = {
    "grave": "\u0300",
    "acute": "\u0301",
    "circ": "\u0302",
    "tilde": "\u0303",
    "macr": "\u0304",
    "breve": "\u0306",
    "dot": "\u0307",
    "uml": "\u0308",
    "ring": "\u030a",
    "hcaron": "\u030c",
    "caron": "\u030c",
    "cedil": "\u0327",
    "ogon": "\u0328",
}
_NAMED = {
    "dollar": "$",
    "lcub": "{",
    "rcub": "}",
    "bsol": "\\",
    "copy": "©",
    "AElig": "Æ",
    "aelig": "æ",
    "OElig": "Œ",
    "oelig": "œ",
    "Ostrok": "Ø",
    "ostrok": "ø",
    "Lstrok": "Ł",
    "lstrok": "ł",
    "inodot": "ı",
    "esc": "",
}
_MNEMONIC = re.compile(r"((?:\{(?:" + "|".join(_MARKS) + r")\})+)(\w)|\{(\w+)\}")


class MarcLinesReader:
    """MARC in lines of text, three forms of them."""

    name = "marc-text"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where lines of tags with indicators and subfields stand in the head."""
        return 0.97 if _form(decoded_head(head)) else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file."""
        form = _form(decoded_head(head_of(path))) or _MARCEDIT
        for number, fields in enumerate(_records(lines_of(path), form)):
            yield marc_record(fields, path, self.name, number)


def _form(text: str) -> re.Pattern[str] | None:
    """The form of the text's lines, or None."""
    text = text.replace("\r", "")
    return next((form for form, sure in _FORMS if sure.search(text) and form.search(text)), None)


def _records(lines: Iterator[str], form: re.Pattern[str]) -> Iterator[list[MarcField]]:
    """The fields of each record: a blank line, a leader or a new number divides; other lines go on."""
    fields: list[MarcField] = []
    number = ""
    for line in lines:
        match = form.match(line)
        found = match.groupdict() if match else {}
        leads = found.get("leader") or found.get("tag") == "LDR"
        if fields and (not line.strip() or leads or found.get("record", number) != number):
            yield fields
            fields = []
        number = found.get("record", number)
        if match and found["tag"] and not leads:
            fields.append(_field(found["tag"], found["ind"] + found["rest"]))
        elif not match and line.strip() and fields and fields[-1][2]:
            tag, second, parts = fields[-1]
            fields[-1] = (tag, second, [*parts[:-1], (parts[-1][0], f"{parts[-1][1]} {line.strip()}")])
    if fields:
        yield fields


def _field(tag: str, text: str) -> MarcField:
    if tag.startswith("00"):
        return tag, "", [("", text.replace("\\", " ").replace("^", " ").strip())]
    indicators, sign, content = re.split(r"(\$\$?)", text, maxsplit=1) if "$" in text else (text, "$", "")
    parts: Subfields = [(part[:1], _spelled_out(part[1:]).strip()) for part in content.split(sign)]
    return tag, indicators[1:2].replace("\\", "").strip(), [pair for pair in parts if pair[1]]


def _spelled_out(text: str) -> str:
    """Letters and signs for the names in braces that MarcEdit writes for them."""

    def letter(match: re.Match[str]) -> str:
        if match[1]:
            return match[2] + "".join(_MARKS[name] for name in re.findall(r"\w+", match[1]))
        return _NAMED.get(match[3], match[0])

    return unicodedata.normalize("NFC", _MNEMONIC.sub(letter, text))
