"""The likeliest reply leads; where it points to nothing, the votes do."""

from __future__ import annotations

from kgrag.generate.pointing import votes_to_drafts
from kgrag.types import Draft, Evidence
from tests.unit.generate.recorded import quote

A, B, C = (
    quote(f"The {name} quote says something.", n) for n, name in enumerate(("first", "second", "third"))
)


def pointing(*items: Evidence) -> Draft:
    """A draft of these quotes."""
    return Draft(tuple((item.quote, (item,)) for item in items), "m")


def texts(drafts: list[Draft]) -> list[list[str]]:
    """The quotes of each draft."""
    return [[text.split()[1] for text, _ in draft.sentences] for draft in drafts]


def test_the_likeliest_reply_leads() -> None:
    """Whatever the others point to; then what most of them do, then each reply, none twice."""
    drafts = votes_to_drafts([pointing(A), pointing(B), pointing(B, C), pointing(B)], "m")
    assert texts(drafts) == [["first"], ["second"], ["second", "third"]]


def test_where_the_likeliest_points_to_nothing_the_votes_lead() -> None:
    """A first quote counts more than a second; quotes with few votes are left out."""
    assert texts(votes_to_drafts([pointing(), pointing(B), pointing(B, C)], "m")) == [
        ["second"],
        ["second", "third"],
    ]
    assert votes_to_drafts([pointing(), pointing()], "m") == []
    assert votes_to_drafts([], "m") == []
