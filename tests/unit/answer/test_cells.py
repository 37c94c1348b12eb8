"""The row of a table that a question names is evidence; a row beside it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers import read_file
from ingest.text.normalise import normalise
from ingest.text.split import split
from kgrag.answer.cells import rows_asked_for
from kgrag.language.question_form import read_form
from kgrag.types import Document, Passage, Record, Understood

PAPER = Path(__file__).parents[2] / "data" / "field" / "table.jats.xml"


@pytest.fixture(scope="module")
def tables() -> list[tuple[Passage, Document]]:
    """The tables of a small paper: broods of curlews by mowing and year."""
    (record,) = read_file(PAPER)
    assert isinstance(record, Record)
    found = normalise(record)
    passages = split(found.document, found.blocks)
    return [(passage, found.document) for passage in passages if passage.kind == "table"]


def rows(question: str, tables: list[tuple[Passage, Document]]) -> list[str]:
    """The rows that answer a question."""
    understood = Understood(question, question, "en", form=read_form(question))
    return [item.quote for item in rows_asked_for(understood, tables)]


YEARS = "Broods in the year"
LATE = f"Mowing: Late; {YEARS} 1998: 14; {YEARS} 1999: 11"
NONE = f"Mowing: None; {YEARS} 1998: 17; {YEARS} 1999: 19"


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("How many curlew broods were there with late mowing in 1999?", LATE),
        ("How many broods of curlews were there on fields with late mowing in 1998?", LATE),
        ("How many curlew broods per field were there without mowing in 1998?", NONE),
        ("What number of broods per field was found with no mowing in 1999?", NONE),
    ],
)
def test_the_row_that_is_named_answers(
    tables: list[tuple[Passage, Document]], question: str, row: str
) -> None:
    """Row by its head, column by its head, the thing counted by the caption."""
    assert rows(question, tables) == [row]


@pytest.mark.parametrize(
    "question",
    [
        "How many curlew broods were there with moderate mowing in 1999?",  # no such row
        "How many curlew broods were there with late mowing in 2001?",  # no such column
        "How many corncrake broods were there with late mowing in 1999?",  # another bird
        "How many curlew broods were there in 1999?",  # no row named
        "How many curlew broods were there with late mowing on Skye in 1999?",  # another place
        "Does late mowing save broods of curlews?",  # no figure asked for
        "Why were broods lost with early mowing in 1998?",
    ],
)
def test_no_row_stands_in_for_another(tables: list[tuple[Passage, Document]], question: str) -> None:
    """A row beside the one asked for answers nothing."""
    assert rows(question, tables) == []


def test_a_row_keeps_its_place(tables: list[tuple[Passage, Document]]) -> None:
    """The quote is exact, in the section of its table's caption."""
    question = "How many curlew broods were there with early mowing in 1999?"
    (found,) = rows_asked_for(Understood(question, question, "en", form=read_form(question)), tables)
    assert found.quote == f"Mowing: Early; {YEARS} 1998: 3; {YEARS} 1999: 5"
    assert found.passage.section == ("Results", "Table 2. Curlew broods per field")
