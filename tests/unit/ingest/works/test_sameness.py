"""Twins are found, works that only look alike are not, and merging keeps the best of each with its
provenance.
"""

from __future__ import annotations

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


def test_equal_identifiers_are_sure() -> None:
    """The same DOI is the same work, whatever else differs."""
    assert verdicts(
        record(1, identifiers={"doi": "10.1/a"}), record(2, title="Other", identifiers={"doi": "10.1/a"})
    ) == ["sure"]


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
