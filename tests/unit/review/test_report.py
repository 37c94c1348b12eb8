"""A report says nothing that its papers do not say, and counts what the catalogue counts."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select, update

from ingest.run import ingest
from kgrag.catalogue import schema as t
from kgrag.desk import local_desk
from kgrag.errors import UsageError
from kgrag.library import Library
from kgrag.review.report.build import report_of, word
from kgrag.review.report.novelty import as_html as draft
from kgrag.review.report.novelty import cues, points_of
from kgrag.review.report.pages import as_docx, as_html
from kgrag.settings import Settings
from kgrag.types import Filters

RIS = """TY  - JOUR
TI  - Caffeine and sleep: a randomized controlled trial
AB  - Caffeine reduces sleep duration in adults. We used polysomnography in 40 adults.
PY  - 2001
ER  -

TY  - JOUR
TI  - Coffee, caffeine and sleep in adults
AB  - Caffeine reduces sleep duration in adults. Caffeine increases alertness.
PY  - 2003
ER  -

TY  - JOUR
TI  - Caffeine <b>revisited</b>
AB  - Caffeine does not reduce sleep duration in adults.
PY  - 2003
ER  -
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Three records on one subject."""
    file = tmp_path / "records.ris"
    file.write_text(RIS)
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as opened:
        ingest(opened, [file])
        yield opened


def test_a_report_counts_and_quotes(library: Library) -> None:
    """Counts equal the catalogue's, each quote is its passage's letters, and it is the same twice."""
    made = local_desk(library).report()
    assert made == local_desk(library).report()
    sections = {one["key"]: one for one in made["sections"]}
    years = Counter(row.year for row in library.catalogue.rows(select(t.documents.c.year)))
    assert {line["text"]: line["count"] for line in sections["year"]["lines"]} == {
        str(year): n for year, n in years.items()
    }
    texts = {row.id: row.text for row in library.catalogue.rows(select(t.passages.c.id, t.passages.c.text))}
    quotes = [quote for one in made["sections"] for line in one["lines"] for quote in line["quotes"]]
    assert quotes
    for quote in quotes:
        start, end = quote["span"]
        assert texts[quote["passage"]][start:end] == quote["quote"]
    for key in ("findings", "contrasts", "methods", "limitations"):
        assert all(line["quotes"] for line in sections[key]["lines"])
    page = as_html(made)
    assert "<b>revisited" not in page
    assert "word/document.xml" in zipfile.ZipFile(BytesIO(as_docx(made))).namelist()
    assert word("gaps", "zh") in as_html(local_desk(library).report(language="zh"))


def test_a_retracted_work_stands_apart(library: Library) -> None:
    """It is named once, and counted in no other section."""
    with library.catalogue.writing() as connection:
        connection.execute(update(t.documents).where(t.documents.c.year == 2001).values(retracted="x"))
    made = report_of(library.catalogue, Filters())
    sections = {one["key"]: one for one in made["sections"]}
    assert [line["text"] for line in sections["year"]["lines"]] == ["2003"]
    assert len(sections["retracted"]["lines"]) == 1
    assert made["documents"] == 3


def test_a_report_of_nothing_is_refused(library: Library) -> None:
    """An empty set, or a review none of whose studies is here, is told."""
    with pytest.raises(UsageError, match="at least one document"):
        report_of(library.catalogue, Filters(documents=("-",)))
    desk = local_desk(library)
    review = desk.create_review("Does caffeine reduce sleep?")
    with pytest.raises(UsageError, match="None of the 0 records"):
        desk.report(review)
    desk.search_review(review, "caffeine[ti]")
    desk.decide(review, "r1", "include")
    assert desk.report(review)["documents"] == 1


@pytest.mark.parametrize("name", sorted(cues()))
def test_a_sentence_that_claims_something_new_is_told(name: str) -> None:
    """Each pattern reads its example, and not its counter-example."""
    row = cues()[name]
    assert re.search(row["pattern"], row["example"])
    assert not re.search(row["pattern"], row["counter"])


def test_a_novelty_search_is_drafted_and_not_concluded(library: Library) -> None:
    """Points of the text, a strategy for each database, quotes that stand in their documents."""
    text = "Sleep trainer\n\nIt is a ring. We propose a ring that reduces sleep duration by caffeine."
    assert points_of(text) == ["We propose a ring that reduces sleep duration by caffeine."]
    desk = local_desk(library)
    made = desk.novelty(text)
    point = made["points"][0]
    assert set(point["strategies"]) == {"pubmed", "wos", "cnki", "wanfang"}
    assert point["cells"]
    assert {cell["label"] for cell in point["cells"]} <= {"disclosed", "partly", "not_seen"}
    texts = [row.text for row in library.catalogue.rows(select(t.passages.c.text))]
    assert all(any(cell["quote"] in text for text in texts) for cell in point["cells"])
    assert any("ring" in cell["difference"] for cell in point["cells"])
    assert made["conclusion"] is None
    assert "<b>revisited" not in draft(made)
    with pytest.raises(UsageError, match="1 to 10 points"):
        desk.novelty("Lenses are made of glass.")
