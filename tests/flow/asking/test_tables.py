"""A question for the cell of a table is answered with the cell's row."""

from __future__ import annotations

from pathlib import Path

from ingest.run import ingest
from kgrag.ask.asker import Asker
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from kgrag.settings import Settings

PAPER = Path(__file__).parents[2] / "data" / "field" / "table.jats.xml"


def test_a_cell_is_answered_with_its_row(tmp_path: Path) -> None:
    """The row is quoted with its heads and its caption; where no row is named, none is quoted."""
    with Library(Settings(library=tmp_path / "library"), create=True) as library:
        ingest(library, [PAPER])
        asker = Asker(library)
        answer = answer_to_json(asker.ask("How many curlew broods were there with late mowing in 1999?"))
        assert answer["status"] == "answered"
        (claim,) = answer["claims"]
        years = "Broods in the year"
        assert claim["text"] == f"Mowing: Late; {years} 1998: 14; {years} 1999: 11"
        (evidence,) = claim["evidence"]
        assert evidence["quote"] == claim["text"]
        assert evidence["section"] == "Results / Table 2. Curlew broods per field"
        beside = answer_to_json(asker.ask("How many curlew broods were there with moderate mowing in 1999?"))
        assert "Mowing:" not in beside["text"]
