"""Twins are found, works that only look alike are not, and merging keeps the best of each with its
provenance.
"""

from __future__ import annotations

import pytest

from ingest.works.sameness import match_key, merge, pairs
from kgrag.types import Author, Block, Record, Source

TITLE = "Knowledge graphs in the reading rooms of academic libraries"


def record(number: int, reader: str = "ris", **fields: object) -> Record:
    """A record of a file of its own."""
    base = {"title": TITLE, "year": 2020, "authors": (Author("Example", "Ada"),)}
    return Record(source=Source(f"f{number}", "0", reader), **{**base, **fields})  # type: ignore[arg-type]


def verdicts(*records: Record) -> list[str]:
    """The verdicts of all pairs."""
    return [pair.verdict for pair in pairs(records)]


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"title": "Other"}, "sure"),
        ({"authors": ()}, "sure"),
        ({"pages": "201-208"}, "sure"),  # published online before it had its pages
        ({"authors": (Author("Other", "Bo"),)}, "sure"),
        ({"title": "Whales at sea", "authors": (Author("Other", "Bo"),)}, "doubtful"),
        ({"authors": (Author("Other", "Bo"),), "pages": "201-208"}, "doubtful"),
        ({"title": TITLE + " part 2", "pages": "201-208"}, "doubtful"),
    ],
)
def test_equal_identifiers(fields: dict[str, object], verdict: str) -> None:
    """One DOI is one work, unless two of title, authors and pages speak against it: chapters often carry the
    DOI of their book.
    """
    doi = {"doi": "10.1/a"}
    found = verdicts(record(1, pages="1-8", identifiers=doi), record(2, identifiers=doi, **fields))
    assert found == [verdict]


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ("A history of locks", "A history of locks : with plates", "sure"),
        ("A history of locks", "A History of Lockes", "sure"),
        ("A history of locks. Vol. 1", "A history of locks. Vol. 2", "doubtful"),
        ("A history of locks. The early years", "A history of locks. The late years", "doubtful"),
        ("A history of locks", "The ways of eels", "doubtful"),
    ],
)
def test_equal_isbns(one: str, other: str, verdict: str) -> None:
    """The volumes of a set share its ISBN, and are left to a person."""
    books = [
        record(number, kind="book", title=title, year=None, identifiers={"isbn": "9780306406157"})
        for number, title in enumerate((one, other))
    ]
    assert verdicts(*books) == [verdict]


def test_parts_have_no_isbn() -> None:
    """A chapter or paper carries the ISBN of its book, which names no part of it."""
    for kind in ("chapter", "paper-conference", "inproceedings"):
        parts = [
            record(n, kind=kind, title=title, year=2001, authors=(), identifiers={"isbn": "9780306406157"})
            for n, title in enumerate(("Limewash as a living skin", "Slate roofs"))
        ]
        assert verdicts(*parts) == []


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ({"issue": "1"}, {"issue": "2"}, "doubtful"),
        ({"pages": "3-4"}, {"pages": "67-68"}, "doubtful"),
        ({"volume": "40"}, {"volume": "41"}, "doubtful"),
        ({"venue": "Journal of Eels"}, {"venue": "Proceedings of the Eel Workshop"}, "doubtful"),
        (
            {"volume": "40", "pages": "3-4", "issue": "1"},
            {"volume": "40", "pages": "3", "issue": "2"},
            "sure",
        ),
        ({"venue": "Journal of Eels"}, {"venue": "J. Eels"}, "sure"),
        ({"volume": "40"}, {}, "sure"),
        ({"pages": "e104"}, {"pages": "12"}, "sure"),
    ],
)
def test_where_it_appeared(one: dict[str, object], other: dict[str, object], verdict: str) -> None:
    """Equal title, year and author with another volume, issue, first page or form is for a person."""
    assert verdicts(record(1, **one), record(2, **other)) == [verdict]


def test_title_year_author() -> None:
    """Equal title, year and first author are sure, however they are written."""
    assert verdicts(record(1), record(2, title=TITLE.upper() + ".", authors=(Author("EXAMPLE", "A."),))) == [
        "sure"
    ]


def test_different_identifiers_forbid() -> None:
    """Two DOIs are two works, even with one title."""
    assert verdicts(record(1, identifiers={"doi": "10.1/a"}), record(2, identifiers={"doi": "10.1/b"})) == []


def test_misspelt_titles_are_found() -> None:
    """A slip in the title does not hide a twin; a doubtful pair is left to a person."""
    assert verdicts(record(1), record(2, title=TITLE.replace("academic", "acadmic"))) == ["sure"]
    assert verdicts(
        record(1), record(2, title="Knowledge graph in the reading room of an academic library", year=2021)
    ) == ["doubtful"]


def test_parts_of_a_series_differ() -> None:
    """Numbers in titles count: part 1 is not part 2."""
    assert verdicts(record(1, title=TITLE + " part 1"), record(2, title=TITLE + " part 2")) == []


def test_short_titles_have_no_key() -> None:
    """A title such as "Editorial" tells nothing."""
    assert match_key(record(1, title="Editorial")) is None
    assert match_key(record(1, title="图书馆知识图谱")) is not None


def test_sure_pairs_chain() -> None:
    """Each record is paired with the first that shares an identifier; others stay alone; the order is
    kept.
    """
    listed = [
        record(1, identifiers={"doi": "10.1/a"}),
        record(2, title="Something else entirely", year=1999),
        record(3, identifiers={"doi": "10.1/a", "pmid": "5"}),
        record(4, title="A third title of no relation", identifiers={"pmid": "5"}),
    ]
    assert [(pair.first, pair.second) for pair in pairs(listed)] == [(0, 2), (2, 3)]


def test_merge_of_pdf_and_metadata() -> None:
    """Text comes from the PDF, fields from the structured record, and each borrowed field names its
    source.
    """
    pdf = record(1, "pdf", title="Knowlege graphs", blocks=(Block("Text of the paper."),), extra={"a": "1"})
    crossref = record(2, "crossref-xml", venue="A Journal", identifiers={"doi": "10.1/a"})
    merged = merge([pdf, crossref])
    assert (merged.title, merged.venue, merged.blocks, merged.source) == (
        TITLE,
        "A Journal",
        pdf.blocks,
        pdf.source,
    )
    assert merged.identifiers == {"doi": "10.1/a"}
    assert merged.extra["from:title"] == "f2#0 (crossref-xml)"
    assert merge([crossref, pdf]) == merged
    assert merge([pdf]) == pdf
