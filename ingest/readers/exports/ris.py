"""RIS, as reference managers and databases export it, with the liberties each of them takes.

Knows the tags of RIS and the habits of Scopus, Embase, Ovid, ProQuest, PubMed, Web of Science, Zotero,
EndNote and CNKI. Source: Reference Manager (RIS) format, 2001 and 2011 tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, lines_of
from ingest.readers.exports.tagged import Dialect, Pairs, gathered, read_tagged
from kgrag.types import Record

_FIELDS = {
    "TY": "kind",
    "TI": "title",
    "T1": "title",
    "AB": "abstract",
    "N2": "abstract",
    "AU": "author",
    "A1": "author",
    "PY": "year",
    "Y1": "year",
    "DA": "date",
    "JF": "venue",
    "T2": "venue",
    "JO": "venue",
    "JA": "venue_short",
    "J2": "venue_short",
    "J1": "venue_short",
    "VL": "volume",
    "IS": "issue",
    "CP": "issue",
    "SP": "page_first",
    "EP": "page_last",
    "PB": "publisher",
    "SN": "sn",
    "DO": "doi",
    "DI": "doi",
    "KW": "keyword",
    "LA": "language",
    "UR": "url",
    "L2": "url",
    "LK": "url",
    "LB": "label",
    "N1": "note",
    "AD": "affiliation",
    "A2": "editor",
    "A3": "editor_series",
    "A4": "contributor",
    "BT": "venue_book",
    "T3": "series",
    "C7": "article_number",
    "ED": "editor",
    "CY": "place",
    "CN": "call_number",
    "ET": "edition",
    "DB": "database",
    "DP": "provider",
    "AN": "accession",
    "M3": "kind_text",
    "ID": "record_id",
    "OP": "original_pages",
}
_OWN_FIRST = (("title", "TI", "T1"), ("abstract", "AB", "N2"))
"""Where a record has both tags, the first is the field and the other a value of its own."""
RIS_KINDS = {
    "JOUR": "article-journal",
    "JFULL": "article-journal",
    "EJOUR": "article-journal",
    "ABST": "article-journal",
    "INPR": "article-journal",
    "MGZN": "article-magazine",
    "NEWS": "article-newspaper",
    "BOOK": "book",
    "EBOOK": "book",
    "EDBOOK": "book",
    "CHAP": "chapter",
    "ECHAP": "chapter",
    "CONF": "paper-conference",
    "CPAPER": "paper-conference",
    "THES": "thesis",
    "RPRT": "report",
    "GOVDOC": "report",
    "ELEC": "webpage",
    "BLOG": "post-weblog",
    "DATA": "dataset",
    "COMP": "software",
    "PAT": "patent",
    "STAND": "standard",
    "UNPB": "manuscript",
    "GEN": "document",
}
RIS = Dialect(
    "ris",
    re.compile(r"^\s{0,3}\ufeff?([A-Z][A-Z0-9])\s{0,4}[-–—](?=\s|$)\s*(.*)$"),
    frozenset({"TY"}),
    frozenset({"ER"}),
    _FIELDS,
    joint="\n",
)


class RisReader:
    """RIS exports, one or many records."""

    name = "ris"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where a type tag opens a record."""
        text = decoded_head(head)
        if re.search(r"^\s{0,3}\ufeff?TY\s+[-–—]\s*\w+", text, re.M):
            return 0.95
        return 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file; one without title, abstract, author and DOI is broken.

        Raises:
            ReadError: no text, or a damaged file.
        """
        return read_tagged(path, RIS, _shape, lines=_tags_told_apart(lines_of(path)))


_WIDE = re.compile(r"^\s{0,3}\ufeff?[A-Z][A-Z0-9]\s{2,4}[-–—](?=\s|$)")
_OPENS = re.compile(r"^\s{0,3}\ufeff?(?:TY\s*[-–—]|ER\s{0,4}[-–—]\s*$)")


def _tags_told_apart(lines: Iterable[str]) -> Iterator[str]:
    """The lines; where a record writes its tags with two spaces, a line like ``ER - positive`` is text that
    goes on and is set in, so that it is no tag.
    """
    wide = False
    for line in lines:
        if _WIDE.match(line):
            wide = True
        elif _OPENS.match(line):
            wide = False
        elif wide and RIS.line.match(line):
            line = f"    {line}"
        yield line


def _shape(pairs: Pairs) -> dict[str, list[str]]:
    pairs = [(tag, value) for tag, value in pairs for tag, value in _repaired(tag, value)]
    fields = gathered(pairs, RIS)
    tags = {tag for tag, _ in pairs}
    for name, own, other in _OWN_FIRST:
        if {own, other} <= tags:
            fields[name], rest = (
                [value for tag, value in pairs if tag == own],
                [value for tag, value in pairs if tag == other],
            )
            fields[f"extra:{other}"] = [value for value in rest if value not in fields[name]]
    fields["types"] = [*fields.get("kind", []), *fields.get("kind_text", [])]
    fields["edited"] = ["yes"] if "EDBOOK" in map(str.upper, fields["types"]) else []
    if fields.get("kind"):
        fields["kind"] = [RIS_KINDS.get(fields["kind"][0].upper(), fields["kind"][0])]
    fields.setdefault("year", []).extend(fields.get("date", []))
    if "JF" in tags or "T2" in tags:
        _venues(fields, dict(reversed(pairs)))
    _accession(fields)
    for value in [value for name in ("url", "note", "record_id") for value in fields.get(name, [])]:
        if found := re.search(
            r"\bPMID:?\s*(\d{4,8})\b|pubmed/(\d{4,8})\b|pubmed\.ncbi\.nlm\.nih\.gov/(\d{4,8})\b", value
        ):
            fields.setdefault("pmid", []).append(next(filter(None, found.groups())))
    return fields


def _repaired(tag: str, value: str) -> Iterator[tuple[str, str]]:
    """Lines of a continued value that were values of their own where the tag repeats."""
    if tag in {"AU", "A1", "KW"} and "\n" in value:
        for part in value.split("\n"):
            yield tag, part
    elif tag in {"AB", "N2"}:
        yield tag, value
    else:
        yield tag, value.replace("\n", " ")


def _venues(fields: dict[str, list[str]], by_tag: dict[str, str]) -> None:
    """The full title first: JF, then T2, then JO; a shorter one stays as the abbreviation."""
    names = [by_tag[tag] for tag in ("JF", "T2", "JO") if by_tag.get(tag)]
    fields["venue"] = names
    shorter = [name for name in names[1:] if len(name) < len(names[0])]
    fields.setdefault("venue_short", []).extend(shorter)
    if not fields["venue_short"]:
        del fields["venue_short"]


def _accession(fields: dict[str, list[str]]) -> None:
    database = " ".join(fields.get("database", []) + fields.get("provider", [])).lower()
    for value in fields.get("accession", []):
        if re.fullmatch(r"\d{5,8}", value.strip()) and re.search(r"medline|pubmed|nlm", database):
            fields.setdefault("pmid", []).append(value)
        elif re.fullmatch(r"(?:WOS|CABI|MEDLINE|BIOSIS|CCC):\S+", value.strip()):
            fields.setdefault("wos", []).append(value)
    for value in fields.get("extra:C2", []):
        if re.fullmatch(r"PMC\d+", value.strip()):
            fields.setdefault("pmcid", []).append(value)
        elif re.fullmatch(r"\d{7,8}", value.strip()) and "scopus" in database:
            fields.setdefault("pmid", []).append(value)
