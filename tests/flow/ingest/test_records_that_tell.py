"""What records tell of works reaches the library: notices mark the work they name, whichever came first, and
names in other scripts are found.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.run import ingest
from kgrag.library import Library
from kgrag.search.retriever import Retriever
from kgrag.search.understand import understand
from kgrag.settings import Settings

KINDS = Path(__file__).parents[2] / "data" / "kinds"
WORK = "TY  - JOUR\nTI  - Slow sand in the western lock basin\nAU  - Grant, I\nPY  - 2015\nER  - \n"
NOTICE = (
    "TY  - JOUR\nTI  - {} Slow sand in the western lock basin [Silt 3 (2015) 1-9]\n"
    "AU  - Moss, T\nPY  - 2017\nER  - \n"
)


@pytest.mark.parametrize("first", ["work", "notice"])
@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Retraction notice to", "retraction"),
        ("Expression of concern:", "concern"),
        ("Erratum to", "correction"),
    ],
)
def test_a_notice_marks_its_work(tmp_path: Path, first: str, title: str, kind: str) -> None:
    """A work is marked by the notice that names it, and the notice itself is not."""
    texts = {"work": WORK, "notice": NOTICE.format(title)}
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as library:
        for name in sorted(texts, key=lambda name: name != first):
            path = tmp_path / f"{name}.ris"
            path.write_text(texts[name], "utf-8")
            ingest(library, [path])
        marks = {
            document.record.year: (document.retracted is not None, [one[0] for one in document.notices])
            for document in library.catalogue.documents()
        }
    assert marks[2015] == (kind == "retraction", [] if kind == "retraction" else [kind])
    assert marks[2017] == (False, [])


def test_another_script_is_found(tmp_path: Path) -> None:
    """A MARC record is found by the words of its own script, in linked fields and in Chinese encodings."""
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as library:
        ingest(
            library, [KINDS / "marc" / name for name in ("linked_880.mrc", "cnmarc_big5.iso", "marcedit.mrk")]
        )
        for query in ("Война и мир", "運河史話"):
            hits = Retriever(library).search(understand(query, library), 1, "words")
            assert [hit.document.record.title for hit in hits] == [query]


def test_wrong_letters_are_told(tmp_path: Path) -> None:
    """Letters that were wrong before they came are kept, and the report of the batch names the field."""
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as library:
        report = ingest(library, [KINDS / "encodings" / "ris_wrong_before.ris"])
    assert any("wrong encoding in title, authors" in warning for warning in report["warnings"])
