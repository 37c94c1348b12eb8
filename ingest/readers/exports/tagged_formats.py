"""Readers of tagged exports besides RIS, each recognised by the tag that opens a record.

Knows the habits of the Chinese databases. The tags of each format are in ``dialects``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head
from ingest.readers.exports.dialects import (
    CHINESE,
    CNKI_TEXT,
    COCHRANE,
    KINDS,
    LABELLED,
    NOTE_EXPRESS,
    REFER,
    REFWORKS,
    WOS,
)
from ingest.readers.exports.tagged import Dialect, Pairs, gathered, read_tagged
from kgrag.language.names import plain
from kgrag.types import Record


class TaggedReader:
    """One tagged format; records stream, and one that lacks everything is broken."""

    def __init__(self, dialect: Dialect, mark: re.Pattern[str], score: float) -> None:
        self.name = dialect.name
        self._dialect, self._mark, self._score = dialect, mark, score

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the tag that opens a record stands at a line's start, with its usual neighbours."""
        return self._score if self._mark.search(decoded_head(head)) else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file."""
        return read_tagged(path, self._dialect, self._shape)

    def _shape(self, pairs: Pairs) -> dict[str, list[str]]:
        fields = gathered(pairs, self._dialect)
        fields["keyword"] = [part for value in fields.get("keyword", []) for part in value.split("\n")]
        _mend(fields)
        return fields


def wos_reader() -> TaggedReader:
    """Web of Science, tagged."""
    return TaggedReader(
        WOS,
        re.compile(
            r"^\ufeff?(?:FN (?:Thomson|Clarivate|ISI)|PT [JBSPCRA]\s*$\n(?:AU|AF|TI|CA|BA|ED|GP) )", re.M
        ),
        0.97,
    )


def refworks_reader() -> TaggedReader:
    """RefWorks, tagged."""
    return TaggedReader(
        REFWORKS, re.compile(r"^\ufeff?RT \S.*$\n(?:\s*\n)?(?:[A-Za-z][A-Z0-9a-z] .*$\n?){1,}", re.M), 0.9
    )


def refer_reader() -> TaggedReader:
    """Refer, ENW, EndNote's %-tags."""
    return TaggedReader(REFER, re.compile(r"^\ufeff?%0 \S", re.M), 0.95)


def note_express_reader() -> TaggedReader:
    """NoteExpress."""
    return TaggedReader(NOTE_EXPRESS, re.compile(r"^\ufeff?\{Reference Type\}\s*[:：]", re.M | re.I), 0.97)


def cnki_text_reader() -> TaggedReader:
    """CNKI's own text export (``Title-题名: …``)."""
    return TaggedReader(CNKI_TEXT, re.compile(r"^\ufeff?Title-题名\s*[:：]", re.M), 0.97)


def labelled_reader() -> TaggedReader:
    """Text exports with Chinese labels, as WanFang and CQVIP write them."""
    return TaggedReader(
        LABELLED,
        re.compile(
            r"""
              ^\ufeff?(?:\[?\d+\]?[.、]?\s*)?[【\[]?(?:论文|中文)?(?:题名|标题|篇名)[】\]]?\s*
              (?:[:：]|(?<=[】\]])).*\n(?:[^\n]*\n){0,3}?[【\[]?(?:论文|第一)?作者  # 1. 【题名】 …【作者】
            """,
            re.M | re.X,
        ),
        0.9,
    )


def cochrane_reader() -> TaggedReader:
    """The Cochrane Library's plain export (``Record #1 of 2``)."""
    return TaggedReader(COCHRANE, re.compile(r"^\ufeff?Record #\d+ of \d+\s*$", re.M), 0.97)


def _mend(fields: dict[str, list[str]]) -> None:
    """What all these formats leave to the reader: kinds by one name, DOI in addresses, dates, Chinese texts
    without stray spaces.
    """
    fields["types"] = fields.get("kind", []) + fields.pop("publication_type", [])
    if fields["types"]:
        fields["kind"] = [_kind(fields["types"][0])]
    for value in fields.pop("numbers", []):
        database, _, number = value.strip().rpartition(" ")
        fields.setdefault("pmid" if database.upper() == "PUBMED" else "other_id", []).append(number)
    for value in fields.pop("doi_text", []):
        fields.setdefault("doi" if "10." in value else "record_id", []).append(value)
    if not fields.get("year"):
        fields["year"] = list(fields.get("date", []))
    whole = plain("".join(fields.get("venue", [])))
    if fields.get("kind") == ["book"] and whole and whole != plain("".join(fields.get("title", []))):
        fields["kind"] = ["chapter"]
    if fields.get("kind") == ["thesis"] and fields.get("venue"):
        fields.setdefault("publisher", fields["venue"])
    if not fields.get("pages") and not fields.get("page_first") and fields.get("article_number"):
        fields["pages"] = list(fields["article_number"])
    if fields.get("page_first") and re.fullmatch(r"\d+", "".join(fields.get("pages", []))):
        fields["page_last"] = fields.pop("pages")
    for name in ("author", "author_full", "author_book", "contributor", "editor"):
        if name in fields:
            fields[name] = [value.strip(" ;；,，") for value in fields[name]]
    _terms(fields)
    if not fields.get("language") and CHINESE.search("".join(fields.get("title", []))):
        fields["language"] = ["zh"]


def _kind(written: str) -> str:
    """One name for a kind; of several in one value the first that does not tell of a retraction."""
    parts = [part.strip() for part in written.split(";") if part.strip()] or [written]
    return KINDS.get(written.strip().lower()) or KINDS.get(parts[0].lower(), parts[0])


def _terms(fields: dict[str, list[str]]) -> None:
    """Keywords by the author first, then those that databases add; kept apart under their own names too."""
    if "extra:BD" in fields or any(
        name in fields
        for name in (
            "keyword_plus",
            "organism",
            "broad_terms",
            "keyword_method",
            "keyword_taxa",
            "keyword_disease",
            "keyword_part",
            "keyword_mesh",
            "gene",
        )
    ):
        added = [
            value
            for name in (
                "organism",
                "broad_terms",
                "keyword_plus",
                "keyword_method",
                "keyword_taxa",
                "keyword_disease",
                "keyword_part",
                "keyword_mesh",
                "gene",
            )
            for value in fields.get(name, [])
        ]
        fields["keyword"] = [
            part
            for value in fields.get("keyword", []) + added
            for part in re.split(r";\s*", value)
            if part.strip()
        ]
