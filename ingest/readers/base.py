"""What all readers share: opening files safely, encodings, the broken record, and the record's source.

Knows bytes, encodings and limits. Does not know any bibliographic format.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from ingest.readers.letters import MAX_LINE, decoded_lines, encoding_of
from kgrag.errors import ReadError
from kgrag.language.wordlists import word_list
from kgrag.types import Author, Record, Source

HEAD_BYTES = 65536
SAMPLE_BYTES = 1 << 20
DAMAGED_ZIP = (
    zipfile.BadZipFile,
    OSError,
    ValueError,
    KeyError,
    RuntimeError,
    NotImplementedError,  # a way of packing that zipfile does not know
    EOFError,
    zlib.error,
)
"""What zipfile raises where a file that is packed as a zip (Word, EPUB) is damaged, locked or cut."""


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that could not be read: the file, its number in the file (from 0), and why."""

    path: Path
    record_number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Withdrawn(BrokenRecord):
    """A record that its source deleted; ``identifier`` is its name there."""

    identifier: str = ""


class FileReader(Protocol):
    """A format.

    ``read`` streams; it raises ``ReadError`` for a whole file and yields ``BrokenRecord`` for one record.
    """

    name: str

    def sniff(self, path: Path, head: bytes) -> float:
        """How surely this reader can read the file, 0 … 1, from its first 64 KiB (never by extension
        alone).
        """
        ...

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """The file's records in order."""
        ...


def open_binary(path: Path) -> BinaryIO:
    """The file for reading; gzip is unpacked on the way.

    Raises:
        ReadError: the file cannot be opened.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        return cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb")
    except OSError as error:
        raise ReadError(f"{path.name} cannot be opened: {error.strerror or error}.") from error


def head_of(path: Path, size: int = HEAD_BYTES) -> bytes:
    """The first bytes of the file (unpacked where it is gzip).

    Raises:
        ReadError: the file is empty, damaged or cannot be opened.
    """
    try:
        with open_binary(path) as stream:
            head = stream.read(size)
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(f"{path.name} is damaged: {error}.") from error
    if not head.strip(b"\x00\r\n\t \xef\xbb\xbf"):
        raise ReadError(f"{path.name} is empty.")
    return head


def digest(path: Path) -> str:
    """SHA-256 of the file as it lies on disk, in hexadecimal (kept for the file's size and time of
    change).
    """
    state = os.stat(path)
    return _digest(str(path), state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(path: str, size_bytes: int, changed_ns: int) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def source(path: Path, reader: str, record_number: int = 0) -> Source:
    """The source of one record of a file."""
    return Source(str(path), digest(path), reader, record_number)


def encoding_of_file(path: Path) -> str:
    """The encoding of a text file, from its first MiB.

    Raises:
        ReadError: the file is no text.
    """
    sample = head_of(path, SAMPLE_BYTES)
    encoding = encoding_of(sample)
    if encoding is None:
        raise ReadError(
            f"{path.name} is neither text in a known encoding nor a known format. Save it as UTF-8 and ingest"
            " it again."
        )
    return encoding


def lines_of(path: Path, max_line: int = MAX_LINE) -> Iterator[str]:
    """The lines of a text file without their ends, streaming; each record in the encoding in which it is
    written (see ``decoded_lines``).

    Raises:
        ReadError: no text, a damaged file, or a line longer than max_line characters.
    """
    encoding = encoding_of_file(path)
    try:
        with open_binary(path) as raw:
            yield from decoded_lines(raw, encoding, path.name, max_line)
    except (OSError, EOFError, UnicodeError, zlib.error) as error:
        raise ReadError(f"{path.name} is damaged: {error}.") from error


@lru_cache(maxsize=4)
def decoded_head(head: bytes) -> str:
    """The head as text for sniffing (empty where it is no text); long white space is cut, for patterns look
    at each line's beginning.
    """
    encoding = encoding_of(head)
    return (
        _LONG_SPACE.sub("\n\n", head.decode(encoding, errors="replace").lstrip("\ufeff")) if encoding else ""
    )


_LONG_SPACE = re.compile(r"\s{100,}")


_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|2nd|3rd)\.?$", re.I)
_BODY = re.compile(
    r"""
      \b(?:
          group | consortium | collaborat\w+ | committee | university | institute | society
        | association | network | team | investigators | organi[sz]ation | department | ministry
        | council | foundation | initiative | agency | center | centre
      )\b
    """,
    re.I | re.X,
)


def author_of(name: str, orcid: str | None = None, affiliation: str | None = None) -> Author | None:
    """An author from one written name: ``Family, Given`` or ``Given Family``; Chinese names and bodies stay
    literal.

    Args:
        name: as the file writes it.
    """
    name = " ".join(name.replace("，", ",").split()).strip(" ,;")
    if not name:
        return None
    name = re.sub(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])", "", name)
    if re.search(r"[\u3400-\u9fff]", name) or _BODY.search(name):
        return Author(literal=name, orcid=orcid, affiliation=affiliation)
    if "," not in name and _BODY_ALONE.search(name):
        return Author(literal=name, orcid=orcid, affiliation=affiliation)
    if "," in name:
        family, _, given = name.partition(",")
        parts = [part.strip() for part in given.split(",") if part.strip()]
        if len(parts) == 2 and _SUFFIX.match(parts[0]):
            parts = [parts[1], parts[0]]
        if parts and " " in family.strip() and _SUFFIX.match(family.split()[-1]):
            family, _, suffix = family.strip().rpartition(" ")
            parts.append(suffix)
        return Author(family.strip(), ", ".join(parts) or None, None, orcid, affiliation)
    return _natural(name, orcid, affiliation)


_BODY_ALONE = re.compile(
    r"\b(?:grp|gmbh|inc\.?|ltd\.?|office|bureau|academy|commission|federation|programme|trialists|hospital)$",
    re.I,
)
"""Words that end the name of a body where it is no ``Family, Given``."""
_PARTICLES = word_list("name_particles", __file__)

_CAPITAL_PARTICLES = {"Van", "Von", "De", "Di", "Del", "Della", "Dos", "Da"}


_INITIALS = re.compile(r"^(?:[^\W\d_a-z]\.-?){1,4}$|^[A-Z]{1,3}$")


def _natural(name: str, orcid: str | None, affiliation: str | None) -> Author:
    words = name.split()
    if len(words) == 1:
        return Author(literal=name, orcid=orcid, affiliation=affiliation)
    suffix = f" {words.pop()}" if len(words) > 2 and _SUFFIX.match(words[-1]) else ""
    if _INITIALS.match(words[-1]) and not any(_INITIALS.match(word) for word in words[:-1]):
        return Author(" ".join(words[:-1]), words[-1] + suffix, None, orcid, affiliation)
    first = len(words) - 1
    while (
        first > 1
        and words[first - 1].lower() in _PARTICLES
        and (words[first - 1][0].islower() or words[first - 1] in _CAPITAL_PARTICLES)
    ):
        first -= 1
    return Author(" ".join(words[first:]), " ".join(words[:first]) + suffix, None, orcid, affiliation)


def year_of(text: str | None) -> int | None:
    """The first year between 1400 and 2100 that the text names, or None."""
    found = re.search(r"(?<!\d)(1[4-9]\d\d|20\d\d|2100)(?!\d)", text or "")
    return int(found.group(1)) if found else None
