"""Cover pages of archives are cut from the text, and the paper is cited as they say."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.unit.ingest.readers.drawn import BODY, TITLE, Lines, covered, covers, draw_lines, read

COVERS = covers()
WITHOUT_SOURCE = {"digital commons"}
WITHOUT_PAGES = {"researchgate", "escholarship", "periodica", *WITHOUT_SOURCE}


@pytest.mark.parametrize("headed", [True, False], ids=["headed", "unheaded"])
@pytest.mark.parametrize("name", COVERS)
def test_a_paper_is_cited_as_its_cover_says(tmp_path: Path, name: str, headed: bool) -> None:
    """Title, authors, year, journal, volume, issue, pages; nothing of the cover is text."""
    record = covered(tmp_path / "paper.pdf", COVERS[name], headed)
    assert record.title == TITLE
    assert [author.family for author in record.authors] == ["Silt", "Bagger"]
    assert record.year == 1957
    text = " ".join(block.text for block in record.blocks)
    assert text.startswith("1. Introduction")
    assert text.count("red notebook") == 10
    assert not any(word in text.lower() for word in ("example", "download", "accept", "citation", "cite"))
    if name not in WITHOUT_SOURCE:
        assert record.venue == "Canal Letters"
    if name not in WITHOUT_PAGES:
        assert (record.volume, record.issue, record.pages) == ("8", "2", "88-97")
    if not name.startswith("jstor") and name not in WITHOUT_SOURCE:
        assert record.identifiers["doi"] == "10.5555/silt.88"


def test_a_first_page_that_asks_to_be_cited_is_no_cover(tmp_path: Path) -> None:
    """A paper's own page with its journal's homepage, a request to cite and an abstract stays whole."""
    canvas = Canvas(str(tmp_path / "paper.pdf"), pagesize=(595, 842))
    lines: Lines = (
        "To cite this article: Nora Silt (1957) A dredger, Canal Letters 8 88",
        "View the article online for updates and enhancements. All rights reserved.",
        "",
        "18| A dredger of the lower canal",
        "12| Nora Silt",
        "",
        "12| Abstract",
        *BODY,
        "",
        "12| 1. Introduction",
        *BODY * 4,
    )
    draw_lines(canvas, lines)
    canvas.drawString(60, 700, "The second page goes on with what the dredger did in the summer.")
    canvas.save()
    record = read(tmp_path / "paper.pdf")
    assert record.title == "A dredger of the lower canal"
    assert sum("red notebook" in block.text for block in record.blocks) == 2
