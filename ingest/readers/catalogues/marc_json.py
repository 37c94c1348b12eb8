"""MARC in JSON, as pymarc, catmandu and union catalogues write it: one record, a list, or a record a line.

Knows the carrier (``leader``, ``fields``). The meaning of fields is in ``marc_fields``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.readers.base import BrokenRecord, decoded_head, lines_of
from ingest.readers.catalogues.marc_fields import MarcField
from ingest.readers.catalogues.marc_record import marc_record
from kgrag.errors import ReadError
from kgrag.types import Record

MAX_CHARACTERS = 256 << 20
_MARK = re.compile(r"\s*\[?\s*\{(?:[^{}\[]{0,400})\"(?:leader|fields)\"\s*:")


class MarcJsonReader:
    """Files of MARC records in JSON."""

    name = "marc-json"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where a leader and fields open the first object."""
        text = decoded_head(head)
        fields = re.search(r'"fields"\s*:\s*\[\s*\{\s*"\d{3}"', text)
        return 0.98 if fields and _MARK.match(text) else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file.

        Raises:
            ReadError: the file is no JSON, or too large.
        """
        for number, item in enumerate(_items(path)):
            try:
                fields = [_field(tag, value) for entry in item["fields"] for tag, value in entry.items()]
            except (TypeError, KeyError, AttributeError):
                reason = f"Record {number} of {path.name} has no fields of MARC."
                yield BrokenRecord(path, number, reason)
                continue
            yield marc_record(fields, path, self.name, number)


def _items(path: Path) -> Iterator[Any]:
    lines = list(lines_of(path, MAX_CHARACTERS))
    try:
        found = json.loads("\n".join(lines))
        yield from found if isinstance(found, list) else [found]
        return
    except ValueError as error:
        reason = str(error)
    for line in filter(str.strip, lines):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise ReadError(f"{path.name} is not JSON: {reason}.") from error


def _field(tag: str, value: Any) -> MarcField:
    if isinstance(value, str):
        return tag, "", [("", value)]
    parts = [(code, str(text).strip()) for part in value["subfields"] for code, text in part.items()]
    return tag, str(value.get("ind2") or "").strip(), [pair for pair in parts if pair[1]]
