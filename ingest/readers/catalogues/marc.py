"""MARC records in their carrier of bytes, ISO 2709.

Knows the carrier and the encodings in which libraries write them, whatever the leader says: UTF-8, MARC-8,
GBK, Big5, ISO 5426, Windows-1252. The meaning of fields is in ``marc_fields``. Source: ISO 2709; pymarc
decodes MARC-8.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, open_binary
from ingest.readers.catalogues.marc_fields import MarcField
from ingest.readers.catalogues.marc_record import is_unimarc, marc_record
from ingest.readers.letters import own_encoding
from kgrag.errors import ReadError
from kgrag.types import Record

_LEADER = re.compile(rb"^[\d ]{5}[\x20-\x7e]{19}(?:[\dA-Za-z ]{3}[\d ]{9}){1,}\x1e")
_NO_WORKS = {
    b"z": "an authority record",
    b"w": "a classification record",
    b"q": "a record of a community",
    **dict.fromkeys((b"u", b"v", b"x", b"y"), "a record of holdings"),
}
"""Kinds of records, by the leader, that describe no work."""
END, FIELD, SUB = b"\x1d", b"\x1e", b"\x1f"
MAX_RECORD = 99_999
_VOWELS = b"aeiouyncszgrltdAEIOUYNCSZGRLTDkhwH"
_ISO_5426 = dict(
    zip(
        "\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf\xd0\xd3\xd6",
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0308"
        "\u030a\u0315\u0312\u030b\u031b\u030c\u0327\u0328\u0323",
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
    tags = [entry[:3].decode("ascii", "replace") for entry in entries]
    western = raw[9:10] == b"a" and not _EASTERN.search(data)
    encoding = _encoding(data, is_unimarc(tags), western)
    return [_field(tag, part, encoding) for tag, part in zip(tags, _parts(entries, data), strict=False)]


def _parts(entries: list[bytes], data: bytes) -> list[bytes]:
    """The fields' bytes; where the directory does not count bytes, in the order in which they stand."""
    places = [(int(entry[7:12]), int(entry[3:7])) for entry in entries]
    parts = [data[at : at + length] for at, length in places]
    if all(part.endswith(FIELD) and part.count(FIELD) == 1 for part in parts):
        return [part[:-1] for part in parts]
    return data.split(FIELD)


def _encoding(data: bytes, unimarc: bool, western: bool) -> str:
    """The encoding that the bytes show; the leader is often wrong.

    Args:
        data: the fields.
        unimarc: whether they are UNIMARC's, which has ISO 5426 where MARC 21 has MARC-8.
        western: whether its letters are western ones, as in most records that wrongly say they are UTF-8.
    """
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
    own = own_encoding(data)
    if own in ("gb18030", "big5", "cp1251", "koi8-r"):
        return own
    marked = "iso5426" if unimarc else "marc8"
    marks = (0xC1, 0xD6) if unimarc else (0xE0, 0xFE)
    if _marks_before_letters(data, *marks) and _usual(_decoded(data, marked), western=western):
        return marked
    return "cp1252"


def _marks_before_letters(data: bytes, low: int, high: int) -> bool:
    """Whether the bytes of a range stand before letters that carry marks, and few others are above ASCII."""
    marks = [place for place, sign in enumerate(data[:-1]) if low <= sign <= high]
    foreign = sum(sign > 0x7F for sign in data)
    fitting = sum(data[place + 1] in _VOWELS or data[place + 1] > 0x7F for place in marks)
    return bool(marks) and 10 * fitting >= 9 * len(marks) and 10 * len(marks) >= 6 * foreign


_EASTERN = re.compile(
    rb"\x1e[^\x1e]{35}"
    rb"(?:cze|slo|pol|hun|slv|hrv|scr|srp|scc|rus|ukr|bul|bel|mac|lit|lav|rum|tur|ara|per|heb|hin|vie)",
)
"""The language in field 008 of a record whose letters, or whose romanisation, are not western ones."""
_LETTERS = re.compile("[\u00c0-\u017f\u01a0-\u01b0\u1e00-\u1eff\u02b0-\u02bf\u0361\ufe21]|\ufe20(?=.\ufe21)")
_LETTERS_WEST = re.compile("[\u00c0-\u00ff\u0152\u0153]")
MIN_USUAL = 0.7


def _usual(text: str, western: bool) -> bool:
    """Whether marks and letters that were read as such make letters that languages and romanisation use."""
    foreign = [sign for sign in text if sign > "\x9f"]
    usual = (_LETTERS_WEST if western else _LETTERS).findall(text)
    return len(usual) >= MIN_USUAL * len(foreign)


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
    values = [(code, _decoded(rest, encoding).strip()) for code, rest in map(_code, parts)]
    return tag, indicators[1:2].decode("ascii", "replace").strip(), [pair for pair in values if pair[1]]


def _code(part: bytes) -> tuple[str, bytes]:
    """A subfield's code and value; a code that is no ASCII was damaged, and the first one is meant."""
    if part[:1].isascii():
        return part[:1].decode("ascii"), part[1:]
    return "a", part[1:].lstrip(bytes(range(0x80, 0xC0)))
