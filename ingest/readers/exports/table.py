"""CSV and TSV with a header line: the columns of Scopus, Embase, Zotero, Web of Science, ASReview, and any
alike.

Knows names of columns. Does not guess columns without a header.
"""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, lines_of
from ingest.readers.exports.fields import to_record
from ingest.readers.exports.ris import RIS_KINDS
from kgrag.errors import ReadError
from kgrag.types import Record

csv.field_size_limit(16 << 20)
_NAMES = {
    "title": "title primary_title article_title document_title ti t1 paper_title 题名 标题 篇名 title-题名",
    "abstract": "abstract abstract_note notes_abstract summary ab n2 摘要 summary-摘要",
    "author": "authors author first_authors author_names au a1 creator creators 作者 author-作者",
    "author_full": "author_full_names af full_author_names",
    "year": (
        "year publication_year pub_year py date publication_date publication_date_original year_published"
        " published 年 年份 出版年 year-年 pubtime-发表时间"
    ),
    "venue": (
        "journal source_title journal_name journal_title publication_title secondary_title venue"
        " container_title publication so jf t2 alternate_title3 来源 刊名 期刊 source-文献来源"
    ),
    "venue_short": "journal_abbreviation abbreviated_source_title alternate_title2 journal_abbr j2",
    "volume": "volume vol vl volume-卷",
    "issue": "issue number is no issue_number 期 period-期",
    "pages": "pages page_range pg page 页码 pagecount-页码",
    "page_first": "start_page page_start sp bp",
    "page_last": "end_page page_end ep",
    "publisher": "publisher pb",
    "doi": "doi article_doi di doi_link doi-doi",
    "pmid": "pmid pubmed_id medline_pmid pm",
    "pmcid": "pmcid pmc_id",
    "sn": "issn isbn issn_isbn sn 国际标准刊号",
    "isbn": "isbn_13 isbns",
    "language": "language language_of_original_document la",
    "kind": "type document_type type_of_reference item_type publication_type dt",
    "keyword": "keywords author_keywords keyword manual_tags de kw tags 关键词 keyword-关键词",
    "heading": "mesh_terms index_keywords emtree_medical_index_terms subject subjects",
    "url": "url link urls uri open_url_link link-链接",
    "local": "_id",
    "licence": "license licence",
}
_FIELD = {name: field for field, names in _NAMES.items() for name in names.split()}
_STRONG = {"title", "abstract", "author", "doi", "venue", "pmid"}
MAX_WORDS_A_TERM = 8
_EMBASE = re.compile(
    r"""
      ^(?P<venue>.+?)\ \((?P<year>\d{4})\)\ (?P<volume>[^:(]*?)(?::(?P<issue>[^(]*?))?
      (?:\ \((?P<pages>[^)]*)\))?\.\ Date\ of\ Publication  # Cell (2020) 12:3 (1-9). Date of Publication
    """,
    re.I | re.X,
)


class TableReader:
    """Delimited tables with a header."""

    name = "table"

    def sniff(self, path: Path, head: bytes) -> float:
        """High where the first line names at least two known columns, one of them telling."""
        found = _header(decoded_head(head))
        if not found:
            return 0.0
        fields = {_field(name) for name in found[1]}
        return (
            0.9
            if fields & {"title", "abstract", "doi"}
            and len(found[1]) >= 2
            and (len(fields & _STRONG) >= 2 or len(found[1]) >= 3)
            else 0.0
        )

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """A record for each line of the table; an empty one is broken.

        Raises:
            ReadError: no table, or damaged.
        """
        lines = lines_of(path)
        first = next((line for line in lines if line.strip() and not line.startswith("sep=")), "")
        found = _header(first + "\n")
        if not found:
            raise ReadError(f"{path.name} has no header line with known columns.")
        delimiter, names = found
        if "RetractionNature" in names:
            raise ReadError(
                f"{path.name} is a list of retractions, not of papers. Load it: kgrag retractions load"
                f" {path.name}"
            )
        fields = [_field(name) or f"extra:{name.strip()}" for name in names]
        rows = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
        yield from self._rows(rows, fields, path)

    def _rows(
        self, rows: Iterator[list[str]], fields: list[str], path: Path
    ) -> Iterator[Record | BrokenRecord]:
        number = 0
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield BrokenRecord(path, number, f"Row {number + 1} of {path.name}: {error}.")
                number += 1
                continue
            if any(cell.strip() for cell in row):
                values = _values(row, fields)
                if values.get("title") or values.get("abstract") or values.get("doi"):
                    yield to_record(values, path, self.name, number)
                else:
                    yield BrokenRecord(
                        path, number, f"Row {number + 1} of {path.name} has neither title, abstract nor DOI."
                    )
            number += 1


def _header(text: str) -> tuple[str, list[str]] | None:
    """The delimiter and column names of the first line."""
    line = next((line for line in text.split("\n") if line.strip() and not line.startswith("sep=")), "")
    best: tuple[int, str, list[str]] | None = None
    for delimiter in (",", ";", "\t", "|"):
        try:
            names = next(csv.reader(io.StringIO(line), delimiter=delimiter), [])
        except csv.Error:
            continue
        known = sum(_field(name) is not None for name in names)
        if len(names) > 1 and known and (best is None or known > best[0]):
            best = (known, delimiter, names)
    return (best[1], best[2]) if best else None


def _field(name: str) -> str | None:
    key = re.sub(r"[\s.]+", "_", name.strip().strip('\ufeff"').lower())
    return _FIELD.get(key) or _FIELD.get(key.replace("-", "_"))


def _values(row: list[str], fields: list[str]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for field, cell in zip(fields, row, strict=False):
        cell = cell.strip()
        if cell and cell.lower() not in {"nan", "none", "null", "n/a"}:
            out.setdefault(field, []).extend(
                _items(cell, field) if field in {"author", "keyword", "heading"} else [cell]
            )
    if found := _EMBASE.match(
        " ".join(
            out.get("extra:Source", [])
            + [value for value in out.get("venue", []) if "Date of Publication" in value]
        )
    ):
        out.pop("extra:Source", None)
        out.update(
            {name: [value.strip()] for name, value in found.groupdict().items() if value and value.strip()}
        )
    if out.get("kind", [""])[0] in RIS_KINDS:
        out["kind"] = [RIS_KINDS[out["kind"][0]]]
    for name in ("author", "author_full"):
        if len(out.get(name, [])) == 1:
            out[name] = [re.sub(r"\s*\(\d{5,}\)$", "", part) for part in _names(out[name][0])]
    return out


def _items(cell: str, field: str) -> list[str]:
    """A cell that holds a written list (``['a', 'b']``), terms divided by commas, or itself."""
    if cell.startswith("[") and cell.endswith("]"):
        try:
            found = ast.literal_eval(cell)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return [cell]
        if isinstance(found, list):
            return [str(item) for item in found]
    terms = [part.strip() for part in cell.split(",")]
    short = len(terms) > 2 and all(part and len(part.split()) <= MAX_WORDS_A_TERM for part in terms)
    return terms if field != "author" and short and not re.search(r"[;；|]", cell) else [cell]


def _names(cell: str) -> list[str]:
    """Names of one cell: by semicolons, by bars, or by commas where every part carries initials (``Liu R.,
    Adler D.G.``).
    """
    if ";" in cell or "|" in cell:
        return [name.strip() for name in re.split(r"[;|]", cell) if name.strip()]
    parts = [part.strip() for part in cell.split(",") if part.strip()]
    initials = re.compile(r"^[^\W\d_][\w'’\- ]+ (?:[A-Z]\.?-?){1,4}$")
    if len(parts) > 1 and all(initials.match(part) for part in parts):
        return [re.sub(r"^(.*) ((?:[A-Z]\.?-?){1,4})$", r"\1, \2", part) for part in parts]
    if len(parts) == 1 and initials.match(parts[0]) and parts[0].endswith("."):
        return [re.sub(r"^(.*) ((?:[A-Z]\.?-?){1,4})$", r"\1, \2", parts[0])]
    if len(parts) > 2 or (len(parts) == 2 and all(" " in part for part in parts)):
        return parts
    return [cell]
