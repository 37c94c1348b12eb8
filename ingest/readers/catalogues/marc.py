"""MARC records in their carriers of bytes and lines: ISO 2709, and the text form of MarcEdit (``.mrk``).

Knows the carriers and the encodings in which libraries write them, whatever the leader says: UTF-8, MARC-8,
GBK, Big5, ISO 5426, Windows-1252. The meaning of fields is in ``marc_fields``. Source: ISO 2709; pymarc
decodes MARC-8.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, lines_of, open_binary
from ingest.readers.catalogues.marc_fields import MarcField, Subfields
from ingest.readers.catalogues.marc_record import marc_record
from ingest.readers.letters import own_encoding
from kgrag.errors import ReadError
from kgrag.types import Record

_LEADER = re.compile(rb"^[\d ]{5}[\x20-\x7e]{19}(?:[\dA-Za-z]{3}[\d ]{9}){1,}\x1e")
_NO_WORKS = {
    b"z": "an authority record",
    b"w": "a classification record",
    b"q": "a record of a community",
    **dict.fromkeys((b"u", b"v", b"x", b"y"), "a record of holdings"),
}
"""Kinds of records, by the leader, that describe no work."""
END, FIELD, SUB = b"\x1d", b"\x1e", b"\x1f"
MAX_RECORD = 99_999
_VOWELS = b"aeiouyncszgrltdAEIOUYNCSZGRLTDkhw"
_ISO_5426 = dict(
    zip(
        "\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf\xd0\xd3\xd6",
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0308\u030a\u0315\u0312\u030b\u031b\u030c\u0327\u0328\u0323",
        strict=True,
    )
)
"""Marks of ISO 5426, which stand before their letter."""
_ISO_5426_LETTERS = str.maketrans(
    "\xe1\xe2\xe6\xe8\xe9\xea\xec\xf1\xf2\xf3\xf5\xf8\xf9\xfa\xfb\xfc", "ÆĐĲŁØŒÞæđðıłøœßþ"
)


class MarcReader:
    """Files of MARC records in ISO 2709."""

    name = "marc"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where a leader opens the file and a directory follows it."""
        head = head.lstrip(b"\r\n \xef\xbb\xbf")
        return 0.99 if _LEADER.match(head) else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file; a damaged one is broken and the next is read."""
        for number, raw in enumerate(_records(path)):
            if what := _NO_WORKS.get(raw[6:7]):
                yield BrokenRecord(path, number, f"Record {number} of {path.name} is {what}, not of a work.")
                continue
            try:
                fields = _fields(raw)
            except (ValueError, IndexError) as error:
                reason = f"Record {number} of {path.name} is damaged: {error}."
                yield BrokenRecord(path, number, reason)
                continue
            yield marc_record(fields, path, self.name, number)


def _records(path: Path) -> Iterator[bytes]:
    held = b""
    try:
        with open_binary(path) as stream:
            while chunk := stream.read(1 << 20):
                parts = (held + chunk).split(END)
                held = parts.pop()
                for part in parts:
                    if part.strip():
                        yield part.lstrip(b"\r\n \xef\xbb\xbf") + END
                if len(held) > 16 * MAX_RECORD:
                    raise ReadError(f"{path.name} holds a record longer than MARC allows.")
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(f"{path.name} is damaged: {error}.") from error
    if held.strip():
        yield held.lstrip(b"\r\n \xef\xbb\xbf") + END


def _fields(raw: bytes) -> list[MarcField]:
    """The record's fields.

    Raises:
        ValueError: without a leader or a directory.
    """
    start = raw.find(FIELD)
    if start < 24:
        raise ValueError("it has no leader with a directory behind it")
    directory, data = raw[24:start], raw[start + 1 :].rstrip(END)
    entries = [directory[at : at + 12] for at in range(0, len(directory) - 11, 12)]
    if not all(entry.isdigit() for entry in (one[3:] for one in entries)):
        raise ValueError("its directory holds what is no number")
    encoding = _encoding(data)
    tags = [entry[:3].decode("ascii", "replace") for entry in entries]
    return [_field(tag, part, encoding) for tag, part in zip(tags, _parts(entries, data), strict=False)]


def _parts(entries: list[bytes], data: bytes) -> list[bytes]:
    """The fields' bytes; where the directory does not count bytes, in the order in which they stand."""
    places = [(int(entry[7:12]), int(entry[3:7])) for entry in entries]
    parts = [data[at : at + length] for at, length in places]
    if all(part.endswith(FIELD) and part.count(FIELD) == 1 for part in parts):
        return [part[:-1] for part in parts]
    return data.split(FIELD)


def _encoding(data: bytes) -> str:
    """The encoding that the bytes show; the leader is often wrong."""
    if data.isascii() and b"\x1b" not in data:
        return "ascii"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "marc8" if b"\x1b" in data else "utf-8"
    if b"\x1b" in data:
        return "marc8"
    chinese = own_encoding(data)
    if chinese in ("gb18030", "big5"):
        return chinese
    if _marks_before_letters(data, 0xE0, 0xFE):
        return "marc8"
    return "iso5426" if _marks_before_letters(data, 0xC1, 0xD6) else "cp1252"


def _marks_before_letters(data: bytes, low: int, high: int) -> bool:
    """Whether the bytes of a range stand before letters that carry marks, and few others are above ASCII."""
    marks = [place for place, sign in enumerate(data[:-1]) if low <= sign <= high]
    foreign = sum(sign > 0x7F for sign in data)
    fitting = sum(data[place + 1] in _VOWELS or data[place + 1] > 0x7F for place in marks)
    return bool(marks) and 10 * fitting >= 9 * len(marks) and 10 * len(marks) >= 6 * foreign


def _decoded(part: bytes, encoding: str) -> str:
    if encoding == "marc8":
        from pymarc.marc8 import marc8_to_unicode

        return str(marc8_to_unicode(part, hide_utf8_warnings=True))
    if encoding != "iso5426":
        return part.decode(encoding, "replace")
    text = re.sub(
        f"([{''.join(_ISO_5426)}]+)(.)",
        lambda match: match[2] + "".join(_ISO_5426[mark] for mark in match[1]),
        part.decode("latin-1"),
    )
    return unicodedata.normalize("NFC", text.translate(_ISO_5426_LETTERS))


def _field(tag: str, content: bytes, encoding: str) -> MarcField:
    if tag.startswith("00") and SUB not in content:
        return tag, "", [("", _decoded(content, encoding))]
    indicators, *parts = content.split(SUB)
    values = [(part[:1].decode("ascii", "replace"), _decoded(part[1:], encoding).strip()) for part in parts]
    return tag, indicators[1:2].decode("ascii", "replace").strip(), [pair for pair in values if pair[1]]


_LINE = re.compile(r"^=(LDR|\d{3})\s\s?(.*)$")
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


class MrkReader:
    """MARC as MarcEdit and MARCMaker write it in lines (``=245  10$aTitle``)."""

    name = "marc-text"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where lines of tags with indicators and subfields stand in the head."""
        lines = re.findall(r"^=(?:LDR|\d{3})  ?\S.*$", decoded_head(head), re.M)
        fields = any(re.match(r"=\d{3}  ?[\d\\ ]{2}\$", line) for line in lines)
        return 0.97 if len(lines) > 1 and fields else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file."""
        for number, fields in enumerate(_of_lines(path)):
            yield marc_record(fields, path, self.name, number)


def _of_lines(path: Path) -> Iterator[list[MarcField]]:
    fields: list[MarcField] = []
    for line in lines_of(path):
        match = _LINE.match(line)
        if fields and (not line.strip() or (match and match[1] == "LDR")):
            yield fields
            fields = []
        if match and match[1] != "LDR":
            fields.append(_of_line(match[1], match[2]))
        elif not match and line.strip() and fields and fields[-1][2]:
            tag, second, parts = fields[-1]
            fields[-1] = (tag, second, [*parts[:-1], (parts[-1][0], f"{parts[-1][1]} {line.strip()}")])
    if fields:
        yield fields


def _of_line(tag: str, text: str) -> MarcField:
    if tag.startswith("00"):
        return tag, "", [("", text.replace("\\", " "))]
    parts: Subfields = [(part[:1], _spelled_out(part[1:]).strip()) for part in text[2:].split("$")]
    return tag, text[1:2].replace("\\", ""), [pair for pair in parts if pair[1]]


def _spelled_out(text: str) -> str:
    """Letters and signs for the names in braces that MarcEdit writes for them."""

    def letter(match: re.Match[str]) -> str:
        if match[1]:
            return match[2] + "".join(_MARKS[name] for name in re.findall(r"\w+", match[1]))
        return _NAMED.get(match[3], match[0])

    return unicodedata.normalize("NFC", _MNEMONIC.sub(letter, text))
