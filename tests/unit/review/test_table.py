"""Evidence tables: each column reads its example and not its counter-example; every cell is quoted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kgrag.cli.main import app
from kgrag.review.table.columns import NOT_STATED, Column, Said, cell_of, library, value_in

PAPER = Path(__file__).parents[3] / "kgrag" / "demo" / "papers" / "journal.pmed.0020124.xml"


@pytest.mark.parametrize("column", library().values(), ids=list(library()))
def test_column_reads_its_example(column: Column) -> None:
    """And nothing in its counter-example; the value is in the sentence."""
    assert value_in(column, column.example) in column.example
    assert value_in(column, column.example)
    assert value_in(column, column.counter) == ""


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("One hundred and eighty six patients completed the study.", "186"),
        ("We randomly assigned 2,647 adults to bisoprolol or placebo.", "2647"),
        ("Ten healthy volunteers participated in the trial.", "10"),
        ("纳入117例患者。", "117"),
        ("Patients (n = 42) were enrolled.", "42"),
        ("The median was 12 months in patients on placebo.", ""),
        ("In 2004 a trial began.", ""),
        ("Seventy-five percent of included subjects were of European descent.", ""),
        ("A trial involving 534 6- to 10-year-old urban and rural children was done.", "534"),
        ("They were 20 to 45-year-old women.", ""),
        ("We compared two groups of students.", ""),
        ("As 70 out of 2500 practices took part.", ""),
    ],
)
def test_number_of_participants(text: str, n: str) -> None:
    """Figures, words and Chinese; times and years are none."""
    assert value_in(library()["n"], text) == n


def _said(*texts: str) -> list[Said]:
    return [Said(t, 0, len(t), "Methods", "paragraph", None, i / len(texts)) for i, t in enumerate(texts)]


def test_who_was_randomised_before_who_was_screened() -> None:
    """The sentence that tells the sample leads, and without it the column is not stated."""
    sample = "A total of 193 patients were randomised."
    sentences = _said("Of 400 patients screened, most were eligible.", sample, "Nothing on numbers here.")
    assert cell_of("n", sentences).value == "193"
    assert cell_of("n", sentences[2:]).value == NOT_STATED


def test_own_question() -> None:
    """The sentence with its words; none where no sentence has half of them."""
    sentences = _said("Adherence to exercise was measured by diaries.", "Blood was drawn.")
    assert cell_of("adherence to exercise", sentences).said == sentences[0]
    assert cell_of("quality of life", sentences).said is None


def test_table_of_a_paper(tmp_path: Path) -> None:
    """Quotes are the paper's own words; the same twice; what cannot be read is named with exit code 3."""
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    words = ["table", str(PAPER), "--columns", "n,design,funding,colour of the moon", "--json"]
    run = CliRunner().invoke(
        app, [*words, "--csv", str(tmp_path / "t.csv"), "--docx", str(tmp_path / "t.docx")]
    )
    told = json.loads(run.stdout)
    assert told["columns"] == ["n", "design", "funding", "colour of the moon"]
    (row,) = told["rows"]
    for cell in row["cells"].values():
        if cell["value"] is None:
            assert cell["sections_read"]
        else:
            assert cell["quote"]
    assert row["cells"]["colour of the moon"]["value"] is None
    assert json.loads(CliRunner().invoke(app, words).stdout) == told
    assert (tmp_path / "t.csv").read_text("utf-8-sig").startswith("path,title,year,n,n: quote,")
    assert (tmp_path / "t.docx").read_bytes()[:2] == b"PK"
    refused = CliRunner().invoke(app, ["table", str(tmp_path / "broken.pdf"), "--json"])
    assert refused.exit_code == 3
