"""A pattern of the admin becomes a link to the record's full text, or none."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from kgrag.render.openurl import link_for
from kgrag.types import Author, Record, Source

ARTICLE = Record(
    Source("1.ris", "1", "ris"),
    title="Rooms & shelves: a “survey”",
    year=2001,
    venue="Journal of Rooms",
    volume="3",
    issue="2",
    pages="117–129",
    authors=(Author("Müller", "A."),),
    identifiers={"doi": "10.1000/a(b)<c>;2-#", "issn": "1234-5679"},
)
BOOK = Record(Source("2.ris", "2", "ris"), title="A book of shelves", identifiers={"isbn": "9780131103627"})


def test_openurl_of_an_article_and_a_book() -> None:
    """Keys of Z39.88, every value readable again."""
    link = link_for(ARTICLE, "https://resolver.example.org/?sid=kgrag&{openurl}")
    assert link is not None
    found = parse_qs(urlsplit(link).query)
    assert found["rft.atitle"] == [ARTICLE.title]
    assert (found["rft.jtitle"], found["rft.spage"], found["rft.aulast"]) == (
        ["Journal of Rooms"],
        ["117"],
        ["Müller"],
    )
    assert found["rft_id"] == ["info:doi/10.1000/a(b)<c>;2-#"]
    book = link_for(BOOK, "https://resolver.example.org/?{openurl}")
    assert book is not None
    assert parse_qs(urlsplit(book).query)["rft.btitle"] == ["A book of shelves"]


@pytest.mark.parametrize(
    ("record", "pattern", "expected"),
    [
        (ARTICLE, "https://doi.org/{doi}", "https://doi.org/10.1000/a%28b%29%3Cc%3E%3B2-%23"),
        (BOOK, "https://doi.org/{doi}", None),
        (ARTICLE, "", None),
        (ARTICLE, "javascript:alert('{title}')", None),
        (BOOK, "https://example.org/?t={title}", "https://example.org/?t=A%20book%20of%20shelves"),
    ],
)
def test_other_patterns(record: Record, pattern: str, expected: str | None) -> None:
    """A field that the record lacks gives no link; values cannot leave their place; only http and https."""
    assert link_for(record, pattern) == expected
