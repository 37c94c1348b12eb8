"""Tables of records with a header line: CSV, TSV, and the HTML tables that some services call ``.xls``.

Knows names of columns (``data/columns.txt``). Does not guess columns without a header.
"""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, lines_of
from ingest.readers.exports.fields import to_record
from ingest.readers.exports.ris import RIS_KINDS
from ingest.text.clean import clean
from kgrag.errors import ReadError
from kgrag.types import Record

csv.field_size_limit(16 << 20)


def _columns() -> dict[str, str]:
    """Our field by the names of columns, from ``data/columns.txt``."""
    lines = (Path(__file__).parent / "data" / "columns.txt").read_text("utf-8").splitlines()
    rows = (line.split() for line in lines if line and not line.startswith("#"))
    return {name: row[0] for row in rows for name in row[1:]}


_FIELD = _columns()
_STRONG = {"title", "abstract", "author", "doi", "venue", "pmid"}
HEAD_LINES = 12
"""So many lines may say something of the export before the names of its columns."""
_CITATION = re.compile(
    r"(?P<year>(?:1[5-9]|20)\d\d)[^;.]*;(?P<volume>[^:(;.]*)(?:\((?P<issue>[^)]*)\))?(?::(?P<pages>[^.;]*))?"
)
"""``Lock Med. 2020 Jan 3;12(1):4-9.``, as PubMed cites."""
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
        """High where one of the first lines names at least two known columns, one of them telling."""
        found = _header(decoded_head(head).split("\n"))
        return 0.9 if found and _is_telling(found.names) else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """A record for each line of the table; an empty one is broken.

        Raises:
            ReadError: no table, damaged, or without a column that is known as the title.
        """
        lines = lines_of(path)
        above = list(islice(lines, HEAD_LINES + 1))
        found = _header(above)
        if not found:
            raise ReadError(f"{path.name} has no header line with known columns.")
        if "RetractionNature" in found.names:
            raise ReadError(
                f"{path.name} is a list of retractions, not of papers. Load it: kgrag retractions load"
                f" {path.name}"
            )
        below = (line + "\n" for line in chain(above[found.line + 1 :], lines))
        rows = csv.reader(below, delimiter=found.delimiter)
        yield from self._rows(rows, _fields_of(found.names, path), path)

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


class HtmlTableReader(TableReader):
    """Records in a table of HTML, as CNKI and others write their ``.xls``."""

    name = "html-table"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the first row of a table names telling columns."""
        text = decoded_head(head)
        if not re.search(r"<table[\s>]", text[:MAX_BEFORE_TABLE], re.I):
            return 0.0
        first = next(_html_rows(text[: text.lower().find("</tr>") + 5]), [])
        if _is_telling(first):
            return 0.97
        return 0.96 if _nothing_else(text) else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """A record for each row below the first.

        Raises:
            ReadError: damaged, too large, or without a column that is known as the title.
        """
        if path.stat().st_size > MAX_HTML_BYTES:
            raise ReadError(f"{path.name} is larger than a table of HTML may be ({MAX_HTML_BYTES:,} bytes).")
        rows = _html_rows("\n".join(lines_of(path)))
        names = next((row for row in rows if _is_telling(row)), None)
        if names is None:
            seen = ", ".join(map(repr, next(_html_rows("\n".join(lines_of(path))), [])[:8]))
            raise ReadError(
                f"{path.name} is a table of HTML without a row that names known columns (its first row:"
                f" {seen}). Name them Title, Authors, Year, Journal, DOI."
            )
        yield from self._rows(rows, _fields_of(names, path), path)


MAX_HTML_BYTES = 64 << 20
MAX_BEFORE_TABLE = 8192


def _nothing_else(text: str) -> bool:
    """Whether a page holds a table of even rows below short names, and no text before it."""
    before = _BEFORE.sub(" ", text.lower().split("<table")[0])
    rows = list(islice(_html_rows(text), 20))
    even = len(rows) > 1 and all(len(row) == len(rows[0]) > 1 for row in rows)
    return even and not before.strip() and all(0 < len(name) <= MAX_NAME for name in rows[0])


_BEFORE = re.compile(r"<(head|style|script|title)\b.*?</\1>|<[^<>]*>", re.S)
MAX_NAME = 40


def _html_rows(text: str) -> Iterator[list[str]]:
    """The cells of each row of the page's tables."""
    from lxml import etree
    from lxml import html as lxml_html

    try:
        tree = lxml_html.document_fromstring(
            re.sub(r"^\s*<\?xml[^>]*\?>", "", text), parser=lxml_html.HTMLParser(no_network=True)
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return
    for row in tree.iter("tr"):
        yield [clean(" ".join(map(str, cell.itertext()))) for cell in row if cell.tag in ("td", "th")]


@dataclass(frozen=True, slots=True)
class _Header:
    """Which line names the columns, what divides them, and their names."""

    line: int
    delimiter: str
    names: list[str]


def _header(lines: Sequence[str]) -> _Header | None:
    """The first line that names telling columns; else the first that names any."""
    found: list[_Header] = []
    for number, line in enumerate(lines[:HEAD_LINES]):
        if line.strip() and not line.startswith("sep=") and (names := _names_in(line)):
            found.append(_Header(number, *names))
            if _is_telling(found[-1].names):
                return found[-1]
    return found[0] if found and not _names_any(lines[: found[0].line]) else None


def _names_any(lines: Sequence[str]) -> bool:
    return any(line.strip() and not line.startswith("sep=") for line in lines)


def _names_in(line: str) -> tuple[str, list[str]] | None:
    """The delimiter and the names, by the delimiter that gives the most known ones."""
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


def _is_telling(names: Sequence[str]) -> bool:
    fields = {_field(name) for name in names}
    enough = len(fields & _STRONG) >= 2 or len(names) >= 3
    return bool(fields & {"title", "abstract", "doi"}) and len(names) >= 2 and enough


def _fields_of(names: Sequence[str], path: Path) -> list[str]:
    """Our field for each column; those that are not known go to the record's extra.

    Raises:
        ReadError: no column is known as the title, and some are not known.
    """
    fields = [_field(name) or f"extra:{name.strip()}" for name in names]
    if not {"title", "abstract"} & set(fields):
        unknown = ", ".join(repr(name) for name, field in zip(names, fields, strict=True) if ":" in field)
        raise ReadError(
            f"{path.name} has no column that is known as the title (columns that are not known:"
            f" {unknown or 'none'}). Name it Title, and the others Authors, Year, Journal, DOI."
        )
    return fields


def _field(name: str) -> str | None:
    key = re.sub(r"[\W_]+", "_", name.strip().lower())
    return _FIELD.get(key.strip("_")) or _FIELD.get(key)


_NOTHING = {"nan", "none", "null", "n/a", "[no author name available]", "[no abstract available]"}
"""What cells say that hold nothing."""


def _values(row: list[str], fields: list[str]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for field, cell in zip(fields, row, strict=False):
        cell = cell.strip()
        if cell and cell.lower() not in _NOTHING:
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
    _cite(out)
    out["openalex"] = [
        value.rpartition("/")[2] for value in out.get("extra:id", []) if "openalex.org/" in value
    ]
    if out.get("kind", [""])[0] in RIS_KINDS:
        out["kind"] = [RIS_KINDS[out["kind"][0]]]
    for name in ("author", "author_full"):
        if len(out.get(name, [])) == 1:
            out[name] = [re.sub(r"\s*\(\d{5,}\)$", "", part) for part in _names(out[name][0])]
    return out


def _cite(out: dict[str, list[str]]) -> None:
    """Volume, issue and pages from PubMed's citation, where no column has them."""
    for citation in out.pop("citation_pubmed", []):
        out["extra:Citation"] = [citation]
        if match := _CITATION.search(citation):
            for name, value in match.groupdict().items():
                if value and value.strip():
                    out.setdefault(name, [value.strip()])


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


_INITIALS = r"(?:[A-Z]\.?[ -]?){1,4}"
_TURNED = re.compile(rf"[^\W\d_][^,;]+, {_INITIALS}(?:, (?:and |& )?[^\W\d_][^,;]+, {_INITIALS})+")
"""``Bok, A., Reed, T.``: every second comma divides names."""


def _names(cell: str) -> list[str]:
    """Names of one cell: by semicolons, by bars, or by commas where every part carries initials (``Liu R.,
    Adler D.G.``).
    """
    if ";" in cell or "|" in cell:
        return [name.strip() for name in re.split(r"[;|]", cell) if name.strip()]
    if re.fullmatch(_TURNED, cell.strip(" ,")):
        return [name.strip(" ,") for name in re.findall(r"[^,]+,[^,]+", cell)]
    parts = [part.strip() for part in cell.split(",") if part.strip()]
    initials = re.compile(r"^[^\W\d_][\w'’\- ]+ (?:[A-Z]\.?-?){1,4}$")
    if len(parts) > 1 and all(initials.match(part) for part in parts):
        return [re.sub(r"^(.*) ((?:[A-Z]\.?-?){1,4})$", r"\1, \2", part) for part in parts]
    if len(parts) == 1 and initials.match(parts[0]) and parts[0].endswith("."):
        return [re.sub(r"^(.*) ((?:[A-Z]\.?-?){1,4})$", r"\1, \2", parts[0])]
    if len(parts) > 2 or (len(parts) == 2 and all(" " in part for part in parts)):
        return parts
    return [cell]
