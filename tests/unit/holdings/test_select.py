"""Works by what their records say: names, journals, years and citations as SQL would count them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.run import prepare
from kgrag.catalogue import Catalogue
from kgrag.holdings.select import selected, works_titled
from kgrag.types import Author, Filters, Record, RecordQuery, Reference, Source

PLAIN = Record(
    Source("0.ris", "0", "ris"),
    title="Shelves and their readers in public libraries",
    abstract="Shelves were counted.",
)
RECORDS = (
    replace(PLAIN, authors=(Author("Barba", "Lorena A."),), year=2018, venue="The Journal of Shelves"),
    replace(
        PLAIN,
        title="Rooms and their doors",
        authors=(Author("Barba", "L."), Author("Mesnard", "O.")),
        year=2019,
        venue="Journal of shelves",
    ),
    replace(PLAIN, title="Ladders in libraries", authors=(Author("Barbara", "Lorena"),), year=2020),
    replace(
        PLAIN,
        title="图书馆的书架",
        authors=(Author("张三", ""),),
        year=2019,
        venue="图书情报工作",
        references=(Reference("x", {}, "Shelves and their readers in public libraries", 2018),),
    ),
)


@pytest.fixture
def held(catalogue: Catalogue) -> Catalogue:
    """Four works of four authors' names."""
    for number, record in enumerate(RECORDS):
        catalogue.put(prepare(replace(record, source=Source(f"{number}.ris", str(number), "ris"))))
    return catalogue


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        (
            RecordQuery(author="Lorena Barba"),
            ["Rooms and their doors", "Shelves and their readers in public libraries"],
        ),
        (RecordQuery(author="Barba", year_to=2018), ["Shelves and their readers in public libraries"]),
        (RecordQuery(author="Paul Barba"), None),
        (RecordQuery(author="张三"), ["图书馆的书架"]),
        (
            RecordQuery(venue="journal of Shelves"),
            ["Rooms and their doors", "Shelves and their readers in public libraries"],
        ),
        (RecordQuery(venue="Journal of Doors"), None),
        (RecordQuery(year_from=2020), ["Ladders in libraries"]),
        (RecordQuery(year_from=2030), []),
        (RecordQuery(cites="Shelves and their readers in public libraries"), ["图书馆的书架"]),
        (RecordQuery(cited_by="图书馆的书架"), ["Shelves and their readers in public libraries"]),
        (RecordQuery(cites="No such work"), None),
    ],
)
def test_works_are_selected(held: Catalogue, query: RecordQuery, titles: list[str] | None) -> None:
    """First names agree as far as both are written; *Barbara* is not *Barba*; an unknown name gives None."""
    works = selected(held, query)
    assert (works if works is None else [work.title for work in works]) == titles


def test_a_title_is_found_whole_or_in_part(held: Catalogue) -> None:
    """The title itself first; else titles that hold it word for word; too short a name means none."""
    assert [work.title for work in works_titled(held, "ROOMS and their doors")] == ["Rooms and their doors"]
    assert [work.title for work in works_titled(held, "and their")] != []
    assert works_titled(held, "and") == []
    assert works_titled(held, "Rooms and their doors", Filters(year_to=2000)) == []
