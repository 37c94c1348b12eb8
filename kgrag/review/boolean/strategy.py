"""Builds a strategy over a library: its records, the seeds among them, and a count a line.

Knows the catalogue, and files of seeds. Records that a person may not see are neither counted nor read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from sqlalchemy import select

from kgrag.backends import load_backend
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.rows import document_from_row
from kgrag.errors import UsageError
from kgrag.language.names import plain
from kgrag.review.boolean.build import Block, build
from kgrag.review.boolean.headings import narrower, with_headings
from kgrag.review.boolean.match import SearchedRecord, Searcher
from kgrag.review.boolean.printers import print_query
from kgrag.review.boolean.query import joined
from kgrag.types import Document, Filters, Record

MOST_SEEDS = 10


class Line(TypedDict):
    """A block, printed, with how many records of the library it finds and which seeds it loses."""

    text: str
    count: int
    seeds_lost: list[str]
    terms: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Built:
    """A strategy: the whole query, its lines, what the database cannot say, and seeds that are not here."""

    query: str
    count: int
    lines: tuple[Line, ...]
    lost: tuple[str, ...]
    seeds_unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seed:
    """What tells a seed: identifiers by kind, and its title."""

    identifiers: frozenset[str]
    title: str
    record: SearchedRecord | None = None

    @property
    def name(self) -> str:
        """How it is told to people."""
        return self.title or min(self.identifiers, key=lambda one: (len(one), one))


def searched(catalogue: Catalogue, filters: Filters = Filters()) -> list[SearchedRecord]:
    """The records of the library that filters leave, by key."""
    d = t.documents
    rows = catalogue.rows(
        select(d).where(d.c.key.in_(catalogue.filtered_documents(filters))).order_by(d.c.key)
    )
    return [record_of(document_from_row(row)) for row in rows]


def record_of(document: Document) -> SearchedRecord:
    """What of a document a query is asked of."""
    record = document.record
    return SearchedRecord(
        document.id,
        record.title or "",
        record.abstract or "",
        record.keywords,
        record.headings,
        (record.kind,) if record.kind else (),
        tuple(author.name for author in record.authors),
        record.venue or "",
        document.language or "",
        record.year,
    )


def build_strategy(
    catalogue: Catalogue,
    question: str,
    database: str,
    seeds: Sequence[Seed] = (),
    filters: Filters = Filters(),
) -> Built:
    """A strategy for a question over the records of a library.

    Seeds that the library does not hold are counted among its records where the file has their title.

    Raises:
        UsageError: no word, no record, too many seeds, or no such database.
    """
    if len(seeds) > MOST_SEEDS:
        raise UsageError(f"{len(seeds)} seed papers; a strategy is built from at most {MOST_SEEDS}.")
    records = searched(catalogue, filters)
    rows, unknown = _rows(records, seeds, catalogue)
    searcher = Searcher(records, narrower(catalogue))
    blocks = with_headings(catalogue, build(question, rows, searcher))
    whole = joined("AND", [block.query for block in blocks])
    printed = print_query(whole, database)
    lines = tuple(_line(block, rows, searcher, database) for block in blocks)
    return Built(printed.text, searcher.count(whole), lines, printed.lost, unknown)


def _line(block: Block, seeds: Sequence[int], searcher: Searcher, database: str) -> Line:
    found = searcher.find(block.query)
    return {
        "text": print_query(block.query, database).text,
        "count": found.bit_count(),
        "seeds_lost": [searcher.records[row].title for row in seeds if not found >> row & 1],
        "terms": [
            {"text": print_query(term, database).text, "count": searcher.count(term)} for term in block.terms
        ],
    }


def _rows(
    records: list[SearchedRecord], seeds: Sequence[Seed], catalogue: Catalogue
) -> tuple[list[int], tuple[str, ...]]:
    """The numbers of the seeds among the records, and the names of those that are not there."""
    by_id = {record.id: row for row, record in enumerate(records)}
    by_title = {plain(record.title): row for row, record in enumerate(records) if record.title}
    rows: list[int] = []
    unknown: list[str] = []
    for seed in seeds:
        row = next((by_id[one] for one in sorted(seed.identifiers) if one in by_id), None)
        row = row if row is not None else by_title.get(plain(seed.title)) if seed.title else None
        if row is None and seed.record is not None:
            row = len(records)
            records.append(seed.record)
        if row is None or row in rows:
            unknown += [seed.name] if row is None else []
        else:
            rows.append(row)
    return rows, tuple(unknown)


def read_seeds(path: Path) -> list[Seed]:
    """Seeds of a file: JSON Lines (id, pmid, doi, title, abstract), a list of ids or titles, one a line, or
    any export that can be read.

    Raises:
        UsageError: it holds none.
    """
    if path.suffix.lower() in (".jsonl", ".json", ".txt", ""):
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
        seeds = [_from_line(line) for line in lines if line]
    else:
        read: Iterable[Any] = load_backend("ingest", "read_file")(path)
        seeds = [_from_record(one) for one in read if isinstance(one, Record)]
    if not seeds:
        raise UsageError(f"'{path}' holds no seed paper. One a line: an id, a DOI, a PMID or a title.")
    return seeds


def _from_line(line: str) -> Seed:
    if not line.startswith("{"):
        bare = line.removeprefix("https://doi.org/")
        return Seed(frozenset((bare, f"doi:{bare.lower()}", f"pmid:{bare}")), line if " " in line else "")
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise UsageError(f"A line of the seeds is no JSON: {error.msg}: {line[:80]}") from error
    ids = {f"{kind}:{str(row[kind]).lower()}" for kind in ("doi", "pmid") if row.get(kind)}
    ids |= {str(row["id"])} if row.get("id") else set()
    title, abstract = str(row.get("title") or ""), str(row.get("abstract") or "")
    record = SearchedRecord(min(ids, default=title), title, abstract) if title else None
    return Seed(frozenset(ids), title, record)


def _from_record(record: Record) -> Seed:
    ids = frozenset(f"{kind}:{value.lower()}" for kind, value in record.identifiers.items())
    own = SearchedRecord(min(ids, default=record.title or ""), record.title or "", record.abstract or "")
    return Seed(ids, record.title or "", own if record.title else None)
