"""A text that somebody brings, checked claim by claim against real papers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.run import ingest
from kgrag.ask.asker import Asker
from kgrag.check.claims import check_claims
from kgrag.cli.main import app
from kgrag.integrations.notebook import OpenLibrary
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.types import Filters

TEXT = (
    "Thresher sharks hunt with their tails. Most published research findings are true. Blue marble health"
    " recognizes a paradoxical disease burden among the poor of wealthy countries, and the moon is made of"
    " cheese. DraggleSimulator was written in 2031 for teaching quantum chromodynamics."
)


def test_each_claim_has_its_verdict_and_its_place(papers_library: Library) -> None:
    """In the text's order, each equal to its span; a quote of the library supports it, one about the same
    contradicts it, or nothing does.
    """
    told: list[tuple[int, int]] = []
    found = check_claims(TEXT, Asker(papers_library), progress=lambda done, of: told.append((done, of)))
    assert [item.verdict.label for item in found] == [
        "supported",
        "contradicted",
        "supported",
        "unsupported",
        "unsupported",
    ]
    assert all(TEXT[item.span.start : item.span.end] == item.span.text for item in found)
    assert found[2].span.text.endswith("wealthy countries")
    assert told == [(n, 5) for n in range(1, 6)]
    for item in found:
        assert item.nearest is not None
        assert item.nearest.quote in item.nearest.document.text
    assert found[1].against is not None
    assert "false" in found[1].against.quote


TRIAL = """TY  - JOUR
TI  - Mint tea and headaches in lamplighters: a trial
AU  - Okoro, Ben
PY  - 2018
AB  - We gave mint tea to 84 lamplighters. Mint tea did not reduce headaches. Headaches occurred in 12 of 42
 lamplighters with mint tea and in 11 of 42 lamplighters with water.
ER  -
"""


def test_what_a_trial_denies_is_contradicted_however_it_is_put(tmp_path: Path) -> None:
    """Also where the sentence with both groups' figures has more of the claim's words."""
    (tmp_path / "one.ris").write_text(TRIAL, "utf-8")
    with Library(Settings(library=tmp_path / "library"), create=True) as library:
        ingest(library, [tmp_path / "one.ris"])
        found = check_claims(
            "Mint tea reduced headaches in lamplighters."
            " Headaches were less frequent with mint tea than with water.",
            Asker(library),
        )
    for item in found:
        assert item.verdict.label == "contradicted"
        assert item.against is not None
        assert item.against.quote == "Mint tea did not reduce headaches."


def test_from_python(papers_library: Library) -> None:
    """The same as plain values, with the words and their place."""
    with OpenLibrary(papers_library.folder) as opened:
        (claim,) = opened.check_claims("Thresher sharks hunt with their tails.")
    passage = next(
        p
        for p in papers_library.catalogue.passages_of(claim["nearest"]["document_id"])
        if p.id == claim["nearest"]["passage_id"]
    )
    assert passage.text[slice(*claim["nearest"]["span"])] == claim["nearest"]["quote"]
    assert (claim["label"], claim["span"], claim["contradicted_by"]) == ("supported", [0, 38], None)


def test_limits_hold(papers_library: Library) -> None:
    """What stands outside the limits supports nothing."""
    found = check_claims(
        "Thresher sharks hunt with their tails.", Asker(papers_library), Filters(year_to=1900)
    )
    assert [(item.verdict.label, item.nearest, item.against) for item in found] == [
        ("unsupported", None, None)
    ]


@pytest.mark.parametrize("text", ["", "…", "?!", "\n\n"])
def test_a_text_without_a_claim(papers_library: Library, text: str) -> None:
    """Nothing to check is no error."""
    assert check_claims(text, Asker(papers_library)) == []


def test_the_command(papers_library: Library, tmp_path: Path) -> None:
    """JSON of the contract's style, exit code 1 where a claim is not supported, 0 where all are; a missing
    file is told.
    """
    file = tmp_path / "draft.txt"
    file.write_text(TEXT, "utf-8")
    where = ["--library", str(papers_library.folder)]
    run = CliRunner().invoke(app, ["claims", "check", str(file), "--json", *where])
    assert run.exit_code == 1
    printed = json.loads(run.stdout)
    assert printed["counts"] == {"supported": 2, "contradicted": 1, "unsupported": 2}
    assert printed["claims"][0]["nearest"]["document_id"] == "doi:10.1371/journal.pone.0067380"
    assert printed["claims"][1]["contradicted_by"]["quote"]
    words = CliRunner().invoke(
        app, ["claims", "check", "-", *where], input="Thresher sharks hunt with their tails."
    )
    assert words.exit_code == 0
    assert "supported" in words.stdout
    assert "tails.” Thresher Sharks Use Tail-Slaps" in words.stdout
    assert CliRunner().invoke(app, ["claims", "check", "absent.txt", *where]).exit_code != 0
