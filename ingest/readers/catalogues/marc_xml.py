"""MARC in XML, the slim schema of MARC 21; UNIMARC is written in it too.

Knows the carrier. The meaning of fields is in ``marc_fields``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head
from ingest.readers.catalogues.marc_fields import MarcField
from ingest.readers.catalogues.marc_record import marc_record
from ingest.readers.catalogues.oai import oai_name, withdrawn
from ingest.readers.xml import Element, children, descendants, local, root_name, stream, text_of
from kgrag.errors import ReadError
from kgrag.types import Record


class MarcXmlReader:
    """MARC21 in XML."""

    name = "marcxml"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the MARC schema or its leader stands in the head."""
        text = decoded_head(head)
        return (
            0.98
            if root_name(text) in {"collection", "record", "OAI-PMH"}
            and ("loc.gov/MARC21" in text or re.search(r"<(?:\w+:)?leader>", text))
            else 0.0
        )

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file."""
        number = -1
        for number, item in enumerate(stream(path, "record")):
            yield withdrawn(item, path, number) or marc_record(_fields(item), path, self.name, number)
        if number < 0:
            raise ReadError(f"{path.name} holds no MARC record.")


def _fields(item: Element) -> list[MarcField]:
    out: list[MarcField] = []
    for field in descendants(item, "controlfield", "datafield"):
        if local(field) == "controlfield":
            out.append((field.get("tag") or "", "", [("", text_of(field))]))
        else:
            out.append(
                (
                    field.get("tag") or "",
                    field.get("ind2") or "",
                    [(part.get("code") or "", text_of(part)) for part in children(field, "subfield")],
                )
            )
    name = oai_name(item)
    return [*out, ("OAI", "", [("", name)])] if name else out
