"""What records keep beside their own fields has one form, whatever format it came from."""

from __future__ import annotations

import pytest

from kgrag.render.kept_fields import kept_fields
from kgrag.types import Record, Source


def record(**extra: str) -> Record:
    """A record of 1931 with some of these."""
    return Record(Source("a", "0", "ris"), title="Otters", year=1931, extra=extra)


@pytest.mark.parametrize(
    ("extra", "date"),
    [
        ({"date": "1931/03/04/"}, "1931-03-04"),
        ({"date": "1931-03"}, "1931-03"),
        ({"date": "1931 Mar 4"}, "1931-03-04"),
        ({"month": "mar", "day": "4"}, "1931-03-04"),
        ({"month": "3"}, "1931-03"),
        ({"date": "1931"}, None),
        ({"date": "spring"}, None),
        ({}, None),
    ],
)
def test_dates_as_formats_write_them(extra: dict[str, str], date: str | None) -> None:
    """Year, month and day in the order of ISO 8601; what is no date is left out."""
    assert kept_fields(record(**extra)).get("date") == date


@pytest.mark.parametrize("written", ["Lang, Ute and Stone, Ian", "Lang, Ute; Stone, Ian"])
def test_editors_as_formats_write_them(written: str) -> None:
    """BibTeX joins names by *and*, the others by semicolons."""
    assert kept_fields(record(editor=written)) == {
        "editors": [{"family": "Lang", "given": "Ute"}, {"family": "Stone", "given": "Ian"}]
    }


def test_places_and_addresses() -> None:
    """A DOI's resolver is an address only where there is no other."""
    found = kept_fields(record(address="Riga", url="https://doi.org/10.1/a; https://example.org/lore"))
    assert found == {"place": "Riga", "url": "https://example.org/lore"}
