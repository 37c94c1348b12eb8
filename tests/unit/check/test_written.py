"""What a written reference names behind its title."""

from __future__ import annotations

import pytest

from kgrag.check.written import written_venue

TITLE = "Failure to Detect XMRV in Chronic Fatigue Syndrome"


@pytest.mark.parametrize(
    ("behind", "venue"),
    [
        (". Nature. 2012;5(1):e8519.", "Nature"),
        (", *PLoS ONE*, vol. 5, e8519, 2010.", "PLoS ONE"),
        ("[J]. 中华医学杂志, 2010, 90(3): 12.", "中华医学杂志"),
        (". In: Proceedings of the Second Meeting (2010)", "Proceedings of the Second Meeting"),
        (". https://doi.org/10.1/x", None),
        (". 2010.", None),
    ],
)
def test_the_journal_behind_the_title(behind: str, venue: str | None) -> None:
    """Up to the first figure, comma or address; nothing where none is named."""
    assert written_venue(f"Erlwein O (2012) {TITLE}{behind}", TITLE) == venue


def test_a_title_that_is_not_there_tells_nothing() -> None:
    """No place is known behind it."""
    assert written_venue("Somebody. Something else. Nature. 2012.", TITLE) is None
