"""Written references give year, author, title and identifiers."""

from __future__ import annotations

import pytest

from ingest.readers.references import reference_of


@pytest.mark.parametrize(
    ("text", "author", "year", "title", "doi"),
    [
        (
            (
                "Rubin, V. C., Ford, W. K., & Thonnard, N. (1978). Extended rotation curves of"
                " high-luminosity spiral galaxies. The Astrophysical Journal, 225, L107."
                " https://doi.org/10.1086/182804"
            ),
            "Rubin",
            1978,
            "Extended rotation curves of high-luminosity spiral galaxies",
            "10.1086/182804",
        ),
        (
            "[12] J. Smith and A. Doe, “A study of reading rooms,” J. Libr., vol. 3, pp. 1–9, 2011.",
            None,
            2011,
            "A study of reading rooms",
            None,
        ),
        (
            "[1] 王小明, 李华. 图书馆知识图谱检索研究[J]. 示例学报, 2023, 12(3): 15-22.",
            None,
            2023,
            "图书馆知识图谱检索研究",
            None,
        ),
    ],
)
def test_styles(text: str, author: str | None, year: int, title: str, doi: str | None) -> None:
    """APA, IEEE and GB/T 7714 are told apart by their own marks."""
    found = reference_of(text)
    assert (found.year, found.title, found.identifiers.get("doi")) == (year, title, doi)
    assert author is None or found.author == author
