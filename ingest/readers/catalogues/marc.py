"""MARC21 in its binary form (ISO 2709), in MARC-8 or UTF-8, record by record.

Knows the carrier. The meaning of fields is in library_xml. Source: ISO 2709; pymarc decodes MARC-8.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, open_binary
from ingest.readers.catalogues.library_xml import MarcField, marc_record
from kgrag.errors import ReadError
from kgrag.types import Record

_LEADER = re.compile(rb"^\d{5}[\x20-\x7e]{5}[\d ]{2}\d{5}[\x20-\x7e]{7}")
logging.getLogger("pymarc").addHandler(
    logging.NullHandler()
)  # what it says of damaged records is in BrokenRecord
END = b"\x1d"
MAX_RECORD = 99_999


class MarcReader:
    """Files of MARC21 records."""

    name = "marc"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where a leader opens the file and a directory follows it."""
        head = head.lstrip(b"\r\n ")
        return 0.99 if _LEADER.match(head) and b"\x1e" in head[24:8000] else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file; a damaged one is broken and the next is read."""
        for number, raw in enumerate(_records(path)):
            try:
                fields = _fields(raw)
            except Exception as error:  # noqa: BLE001 - pymarc raises many kinds; a record costs itself
                yield BrokenRecord(
                    path,
                    number,
                    f"Record {number} of {path.name} is damaged: {error or type(error).__name__}.",
                )
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
                        yield part.lstrip(b"\r\n ") + END
                if len(held) > 16 * MAX_RECORD:
                    raise ReadError(f"{path.name} holds a record longer than MARC allows.")
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(f"{path.name} is damaged: {error}.") from error
    if held.strip():
        yield held.lstrip(b"\r\n ") + END


def _fields(raw: bytes) -> list[MarcField]:
    from pymarc import Record as MarcRecord

    record = MarcRecord(raw, to_unicode=True, utf8_handling="replace")
    out: list[MarcField] = []
    for field in record.fields:
        if field.is_control_field():
            out.append((field.tag, "", [("", field.data or "")]))
        else:
            out.append(
                (field.tag, str(field.indicator2), [(part.code, part.value) for part in field.subfields])
            )
    return out
