"""A PDF and its bibliographic record are one document, in whatever order they come."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.run import ingest
from kgrag.library import Library
from kgrag.settings import Settings
from tests.conftest import PAPERS

RIS = """TY  - JOUR
TI  - DraggleSimulator: An Open Source Web Application for Teaching Genetic Drift
AU  - Fisher, Mark A.
PY  - 2019
T2  - Journal of Open Source Education
{doi}KW  - population genetics
ER  -
"""


@pytest.mark.parametrize("order", [("paper.pdf", "record.ris"), ("record.ris", "paper.pdf")])
@pytest.mark.parametrize("doi", ["DO  - 10.21105/jose.00070\n", ""])
def test_a_pdf_and_its_record_become_one(tmp_path: Path, order: tuple[str, str], doi: str) -> None:
    """One document with the record's keywords and the PDF's pages; ids and spans stay true; a second run
    changes nothing.
    """
    (tmp_path / "paper.pdf").write_bytes((PAPERS / "10.21105.jose.00070.pdf").read_bytes())
    (tmp_path / "record.ris").write_text(RIS.format(doi=doi))
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as library:
        for name in order:
            ingest(library, [tmp_path / name])
        (document,) = library.catalogue.documents()
        assert document.id == "doi:10.21105/jose.00070"
        assert "population genetics" in document.record.keywords
        passages = library.catalogue.passages_of(document.id)
        assert len(passages) >= 4
        assert all(
            p.text == document.text[p.start : p.end] and p.id == f"{document.id}#p{p.ordinal}"
            for p in passages
        )
        assert any(p.page for p in passages)
        again = ingest(library, [tmp_path / name for name in order])
        assert (again["documents"], again["skipped"]) == (0, 2)
