"""Different works stay different documents, whatever they share; what is united is told and can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from ingest.run import ingest
from ingest.works.doubts import Duplicates
from ingest.works.unions import unions
from kgrag.errors import UsageError
from kgrag.library import Library
from kgrag.settings import Settings

FIELD = Path(__file__).parents[2] / "data" / "field"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library that extracts nothing."""
    settings = Settings(library=tmp_path / "library", embedder="hash", extractors=())
    with Library(settings, create=True) as opened:
        yield opened


def held(library: Library) -> list[tuple[Any, ...]]:
    """Title, first author and first page of every document."""
    return sorted(
        (d.title, next((a.family for a in d.record.authors), None), (d.record.pages or "").split("-")[0])
        for d in library.catalogue.documents()
    )


@pytest.mark.parametrize(
    ("name", "n_documents", "n_pairs"),
    [
        ("chapters_of_a_book.bib", 3, 0),
        ("papers_of_a_volume.csv", 2, 0),
        ("chapters_with_the_books_doi.ris", 2, 1),
        ("a_column_in_three_issues.ris", 3, 3),
        ("workshop_and_journal.bib", 2, 1),
    ],
)
def test_what_is_not_one_work(
    library: Library, tmp_path: Path, name: str, n_documents: int, n_pairs: int
) -> None:
    """A container's identifier names no part; equal title, year and author are not enough where volume,
    issue, pages or form differ: such pairs are listed, and a second reading changes nothing.
    """
    path = Path(copy(FIELD / name, tmp_path))
    report = ingest(library, [path])
    assert (report["new"], report["united"]) == (n_documents, 0)
    before = held(library)
    assert len(before) == n_documents
    assert len(Duplicates(library.catalogue).doubtful()) == n_pairs
    path.touch()
    again = ingest(library, [path])
    assert (again["new"], again["united"], again["unchanged"]) == (0, 0, n_documents)
    assert held(library) == before


def test_whatever_order(tmp_path: Path) -> None:
    """A record that fits two issues of a column is put with neither, whichever of the three comes first."""
    texts = [
        "TY  - JOUR\nAU  - Moe, A\nTI  - Letter from the keeper of the ice\nPY  - 2015\n"
        f"{place}AB  - Text {number}.\nER  - \n"
        for number, place in enumerate(("IS  - 1\nSP  - 3\n", "IS  - 2\nSP  - 67\n", ""))
    ]
    found = set()
    for number, order in enumerate(permutations(range(3))):
        settings = Settings(library=tmp_path / str(number), embedder="hash", extractors=())
        with Library(settings, create=True) as library:
            for each in order:
                (tmp_path / f"{each}.ris").write_text(texts[each])
                ingest(library, [tmp_path / f"{each}.ris"])
            found.add(tuple((d.id, d.record.issue) for d in library.catalogue.documents()))
    assert len(found) == 1
    assert sorted(str(issue) for _, issue in found.pop()) == ["1", "2", "None"]


def test_a_union_is_told_and_undone(library: Library, tmp_path: Path) -> None:
    """The report says what was united and why, field by field; taken apart each source is as it would be
    alone, and no batch unites them again until the decision is taken back.
    """
    paths = [Path(copy(FIELD / name, tmp_path)) for name in ("one_work.ris", "one_work.nbib")]
    ingest(library, paths[:1])
    report = ingest(library, paths[1:])
    assert (report["new"], report["united"]) == (0, 1)
    (union,) = report["unions"]
    assert union["document"] == "doi:10.5555/auger"
    assert {source["reason"] for source in union["sources"]} == {"same doi"}
    fields = {field["field"]: field for field in union["fields"]}
    assert fields["issue"]["value"] == "1"
    assert fields["title"]["others"] == [] or fields["title"]["others"][0]["from"] in (1, 2)
    assert unions(library.catalogue) == [union]
    duplicates = Duplicates(library.catalogue)
    became = duplicates.split("doi:10.5555/auger", "ada")
    assert len(became) == 2
    assert unions(library.catalogue) == []
    for path in paths:
        path.touch()
    again = ingest(library, paths)
    assert again["unchanged"] == 2
    assert sorted(d.id for d in library.catalogue.documents()) == became
    with pytest.raises(UsageError, match=r"1 source\(s\)"):
        duplicates.split(became[0], "ada")
    assert duplicates.doubtful() == []
    duplicates.undo(duplicates.decisions()[0].key)
    assert len(duplicates.doubtful()) == 1
    assert duplicates.merge(*became, "ada") in became
    assert len(unions(library.catalogue)) == 1
