"""Every field of bibliographic exports: ours against the records expected of Zotero's cases (CNKI, Web of
Science), and against other readers of RIS and CSV.

Run: ``python -m tests.bench.reading.fields ../shared/data/papers [-v]``; prints one JSON object a part:
fields compared, equal, and the share; ``-v`` names each that differs. RIS is read by rispy for comparison,
CSV by Python's csv; a field that the file does not carry is not compared.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest.readers import BrokenRecord, read_file
from ingest.readers.base import author_of, lines_of, year_of
from ingest.text.identifiers import doi, isbn, issn
from kgrag.errors import ReadError
from kgrag.language.names import plain
from kgrag.types import Record

SUFFIX = {"CNKI RefWorks": ".txt", "CNKI Refer": ".enw", "Web of Science Tagged": ".txt"}
Fields = dict[str, Any]
_INITIALS = re.compile(r"^(.*) ((?:[A-Z]\.-?)+)$")


def squeezed(text: str | None) -> str:
    """Letters and digits only."""
    return plain(text or "").replace(" ", "")


def ours(record: Record) -> Fields:
    """A record of ours as the fields that are compared."""
    ids = record.identifiers
    return {
        "title": squeezed(record.title),
        "abstract": squeezed(record.abstract),
        "authors": [squeezed(a.name) for a in record.authors],
        "year": record.year,
        "venue": squeezed(record.venue),
        "volume": record.volume,
        "issue": record.issue,
        "pages": record.pages,
        "doi": ids.get("doi"),
        "issn": ids.get("issn"),
        "isbn": ids.get("isbn"),
        "keywords": {squeezed(k) for k in (*record.keywords, *record.headings)},
        "publisher": squeezed(record.publisher),
        "language": (record.language or "")[:2],
    }


def cases(path: Path) -> Iterator[tuple[str, list[Record], list[Fields]]]:
    """Each case of the file: what we read, and what is expected."""
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        case = json.loads(line)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"case{SUFFIX[case['translator']]}"
            file.write_text(case["input"], "utf-8", newline="")
            yield f"{case['translator']} {number}", good(file), [expected(item) for item in case["expected"]]


def good(path: Path) -> list[Record]:
    """The records of a file that are not broken."""
    return [record for record in read_file(path) if not isinstance(record, BrokenRecord)]


def expected(item: Mapping[str, Any]) -> Fields:
    """A Zotero item as the fields that are compared."""
    names = [
        f"{c.get('firstName', '')} {c['lastName']}".strip()
        for c in item["creators"]
        if c["creatorType"] == "author"
    ]
    sn = item.get("ISSN") or ""
    return {
        "title": squeezed(item.get("title")),
        "abstract": squeezed(item.get("abstractNote")),
        "authors": [squeezed(name) for name in names],
        "year": year_of(item.get("date") or ""),
        "venue": squeezed(item.get("publicationTitle")),
        "volume": item.get("volume"),
        "issue": item.get("issue"),
        "pages": item.get("pages"),
        "doi": doi(item.get("DOI")),
        "issn": issn(sn),
        "keywords": {squeezed(tag["tag"] if isinstance(tag, dict) else tag) for tag in item["tags"]},
        "publisher": squeezed(item.get("university")),
        "language": (item.get("language") or "")[:2].lower(),
    }


def compared(
    found: Sequence[Fields], wanted: Sequence[Fields], where: str, counts: Counter[str], verbose: bool
) -> None:
    """Count records and fields that are equal; a field that is not expected is not compared."""
    counts["records"] += len(wanted)
    counts["records_found"] += min(len(found), len(wanted))
    if len(found) != len(wanted):
        print(f"    {where}: {len(found)} records instead of {len(wanted)}", file=sys.stderr)
    for number, (one, other) in enumerate(zip(found, wanted, strict=False)):
        for name, value in other.items():
            if value in (None, "", [], set()):
                continue
            same = value <= one[name] if name == "keywords" else one[name] == value
            counts["fields"] += 1
            counts["equal"] += same
            if not same and verbose:
                print(f"    {where} {number} {name}: {one[name]!r} instead of {value!r}", file=sys.stderr)


def by_rispy(path: Path) -> list[Fields]:
    """A RIS file as rispy reads it."""
    import rispy

    text = "\n".join(lines_of(path)).lstrip("\ufeff")
    return [_ris(entry) for entry in rispy.loads(text)]


def _ris(entry: Mapping[str, Any]) -> Fields:
    def first(*names: str) -> str | None:
        return next(
            (
                entry[name][0] if isinstance(entry[name], list) else entry[name]
                for name in names
                if entry.get(name)
            ),
            None,
        )

    start, end = first("start_page"), first("end_page")
    numbers = entry.get("issn") or ""
    numbers = " ".join(numbers) if isinstance(numbers, list) else numbers
    return {
        "title": squeezed(first("title", "primary_title")),
        "abstract": squeezed(first("abstract", "notes_abstract")),
        "authors": [
            squeezed(a.name)
            for name in (*entry.get("first_authors", ()), *entry.get("authors", ()))
            if (a := author_of(name))
        ],
        "year": year_of(first("year", "publication_year", "date") or ""),
        "volume": _bare(first("volume")),
        "issue": _bare(first("number")),
        "pages": _span(start, end),
        "doi": doi(first("doi")),
        "issn": issn(numbers),
        "isbn": isbn(numbers) if not issn(numbers) else None,
        "keywords": {
            squeezed(part)
            for value in entry.get("keywords", ())
            for part in re.split(r"[;；]", value)
            if part.strip()
        },
    }


def _bare(text: str | None) -> str | None:
    return (text.lstrip("0") or text) if text else None


def _span(start: str | None, end: str | None) -> str | None:
    """Only plain numbers are compared: how others are written is the reader's choice."""
    if not start or not start.isdecimal():
        return None
    return (
        f"{start}-{end}"
        if end and end.isdecimal() and len(end) >= len(start) and end != start
        else start
        if not end or end == start
        else None
    )


def by_csv(path: Path) -> list[Fields]:
    """A CSV file as Python's own reader reads it, by the names of its columns."""
    text = "\n".join(lines_of(path)).lstrip("\ufeff")
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    return [
        _row({(key or "").lower(): value for key, value in row.items() if isinstance(value, str)})
        for row in csv.DictReader(text.split("\n"), delimiter=delimiter)
        if _titled(row)
    ]


def _titled(row: Mapping[str | None, Any]) -> bool:
    values = {(key or "").lower(): value for key, value in row.items()}
    return bool(
        (values.get("title") or "").strip()
        or (values.get("abstract") or "").strip()
        or (values.get("doi") or "").strip()
    )


def _row(row: Mapping[str, str]) -> Fields:
    names = _listed(row.get("authors") or row.get("first_authors") or row.get("author names") or "")
    return {
        "title": squeezed(row.get("title")),
        "abstract": squeezed(row.get("abstract")),
        "authors": [squeezed(a.name) for name in names if (a := author_of(_INITIALS.sub(r"\1, \2", name)))],
        "year": year_of(row.get("publication_year") or row.get("year") or row.get("publication year") or ""),
        "volume": _bare((row.get("volume") or "").strip() or None),
        "issue": _bare((row.get("number") or row.get("issue") or "").strip() or None),
        "doi": doi(row.get("doi")),
        "issn": issn(row.get("issn")),
        "keywords": {squeezed(word) for word in _listed(row.get("keywords") or "")},
    }


def _listed(value: str) -> list[str]:
    if value.startswith("["):
        return [str(part) for part in ast.literal_eval(value)]
    return [part.strip() for part in re.split(r";\s*" if ";" in value else r",\s*", value) if part.strip()]


def exports(folder: Path, verbose: bool) -> Iterator[tuple[str, Counter[str]]]:
    """Each RIS and CSV file beside what the other reader finds in it."""
    for path in sorted(folder.iterdir()):
        other = (
            by_rispy
            if path.suffix in (".ris", ".txt") and "web_of" not in path.name
            else by_csv
            if path.suffix in (".csv", ".tsv")
            else None
        )
        if other is None:
            continue
        counts: Counter[str] = Counter()
        try:
            wanted = other(path)
            compared([ours(record) for record in good(path)], wanted, path.name, counts, verbose)
        except (ReadError, ValueError, OSError) as error:
            print(f"    {path.name}: {type(error).__name__}: {error}", file=sys.stderr)
        yield path.name, counts


def told(name: str, counts: Mapping[str, int]) -> None:
    """One line of JSON."""
    share = round(counts["equal"] / counts["fields"], 4) if counts["fields"] else None
    print(json.dumps({"part": name, **counts, "share": share}))


def main() -> None:
    """The cases, each export, and all exports together."""
    folder, verbose = Path(sys.argv[1]), "-v" in sys.argv
    counts: Counter[str] = Counter()
    for where, found, wanted in cases(folder / "cnki_import_cases.jsonl"):
        compared([ours(record) for record in found], wanted, where, counts, verbose)
    told("cnki_import_cases", counts)
    together: Counter[str] = Counter()
    for name, each in exports(folder / "exports", verbose):
        told(name, each)
        together += each
    told("exports", together)


if __name__ == "__main__":
    main()
