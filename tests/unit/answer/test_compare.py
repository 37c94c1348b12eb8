"""Two things side by side: each column has its own witnesses, and half a comparison is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kgrag.answer.compare import about, compared, table_of
from kgrag.language.question_form import read_form
from kgrag.types import Chain, Claim, Evidence, Verdict
from tests.unit.answer.test_by_record import hit


def quote(title: str, text: str) -> Evidence:
    """A sentence of a work as evidence."""
    found = hit(title, f"d-{title}-{len(text)}")
    passage = replace(found.passage, id=f"p-{text}", text=text, end=len(text))
    return Evidence(passage, found.document, 0, len(text), 0.8)


ALONE = quote("A trial", "Varenicline alone reached 43.2%.")
BOTH = quote("A trial", "Varenicline plus bupropion reached 53.0%.")
NETS = quote("Bed nets in Mali", "Bed nets are sheets that keep insects away.")
SPRAY = quote("Sprays and bed nets", "Sprays are liquids against insects.")


def test_each_thing_has_its_own_witnesses() -> None:
    """A work titled for the one comes before sentences that name it; what names the longer of two names is
    about that one.
    """
    assert about("bed nets", "sprays", [SPRAY, NETS]) == [SPRAY, NETS]
    assert about("varenicline", "varenicline plus bupropion", [BOTH, ALONE]) == [ALONE]
    assert about("varenicline plus bupropion", "varenicline", [ALONE, BOTH]) == [BOTH]


@pytest.mark.parametrize("sides", [[[NETS], []], [[], [SPRAY]], [[], []]])
def test_half_a_comparison_is_none(sides: list[list[Evidence]]) -> None:
    """Where a side has nothing, there is no draft."""
    assert compared(read_form("Compare bed nets with sprays"), sides) is None


def test_figures_come_first_where_they_are_asked_for() -> None:
    """A question for rates shows the sentence with the number, else the definition opens the column."""
    plain = quote("A trial", "Varenicline alone was well liked.")
    form = read_form("varenicline plus bupropion vs varenicline alone: what proportion stopped?")
    draft = compared(form, [[BOTH], [plain, ALONE]])
    assert draft is not None
    assert [text for text, _ in draft.sentences][:2] == [BOTH.quote, ALONE.quote]


def test_the_table_holds_the_claims_shown() -> None:
    """A column for each thing, each cell with its evidence; a short column ends in empty cells."""
    form = read_form("Compare bed nets with sprays")
    more = quote("Bed nets in Mali", "They were given to all.")
    claims = [
        Claim(f"c{i}", e.quote, 0, len(e.quote), Verdict("supported", 1.0), 0.8, 0.1, (e,), Chain((), ()))
        for i, e in enumerate((NETS, SPRAY, more))
    ]
    table = table_of(form, claims, [[NETS, more], [SPRAY]])
    assert table.columns == ("bed nets", "sprays")
    assert [[cell.text for cell in row] for row in table.rows] == [
        [NETS.quote, SPRAY.quote],
        [more.quote, ""],
    ]
    assert table.rows[0][1].evidence == (SPRAY,)
