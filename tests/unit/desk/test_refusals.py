"""The log of security tells what was refused without growing by what strangers send."""

from __future__ import annotations

from kgrag.catalogue import Catalogue
from kgrag.catalogue.audit import read_log, verify_log
from kgrag.desk.refusals import MOST, WINDOW_S, Refusals


def test_the_first_is_told_and_the_rest_counted(catalogue: Catalogue) -> None:
    """One line at once, one with the number when the window is over; another kind has its own."""
    now = [0.0]
    refusals = Refusals(catalogue, lambda: now[0])
    for _ in range(50):
        refusals.note("nobody", "413 POST /login")
    refusals.note("u-1", "ingest")
    assert [line["target"] for line in read_log(catalogue, "security")] == ["ingest", "413 POST /login"]
    now[0] = WINDOW_S + 1
    refusals.flush()
    assert read_log(catalogue, "security")[0]["target"] == "413 POST /login (49 more)"
    refusals.note("nobody", "413 POST /login")
    assert len(read_log(catalogue, "security")) == 4
    assert verify_log(catalogue, "security").problems == ()


def test_kinds_have_an_end(catalogue: Catalogue) -> None:
    """Whoever makes up kinds is counted among the others."""
    refusals = Refusals(catalogue, lambda: 0.0)
    for number in range(MOST + 20):
        refusals.note("nobody", f"kind {number}")
    refusals.flush(everything=True)
    lines = read_log(catalogue, "security", limit=2 * MOST)
    assert len(lines) == MOST + 2
    assert lines[0]["target"] == "others (19 more)"
