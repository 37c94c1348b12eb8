"""``kgrag eval retrieval`` on a tiny BEIR folder: every mode finds what is there, and the same again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgrag.errors import UsageError
from kgrag.evaluate.report.build import evaluation
from kgrag.evaluate.report.compare import compare
from kgrag.evaluate.report.html import report_html
from kgrag.evaluate.retrieval import evaluate_modes, evaluate_retrieval

CORPUS = [
    {
        "_id": "1",
        "title": "Blue Harbour",
        "text": "Blue Harbour is a film directed by Ada Moreno. It was released in 1968.",
    },
    {"_id": "2", "title": "Ada Moreno", "text": "Ada Moreno was a director born in Lisbon."},
    {"_id": "3", "title": "Lisbon", "text": "Lisbon is the capital of Portugal and its largest city."},
    {
        "_id": "4",
        "title": "Red Harbour",
        "text": "Red Harbour is a song about trains. It was recorded in Oslo.",
    },
    {"_id": "5", "title": "", "text": "图书馆为读者提供开放获取的期刊和学位论文。"},
]
QUERIES = [
    {"_id": "a", "text": "Where was the director of Blue Harbour born?"},
    {"_id": "b", "text": "哪里可以开放获取学位论文？"},
]
QRELS = "query-id\tcorpus-id\tscore\na\t1\t1\na\t2\t1\nb\t5\t1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A BEIR folder of five records and two questions."""
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        (tmp_path / f"{name}.jsonl").write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8"
        )
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(QRELS, "utf-8")
    return tmp_path


def test_every_mode_gives_the_figures_of_the_design(folder: Path) -> None:
    """The object has the keys that measurements read; full finds both passages of the chain and the Chinese
    one.
    """
    figures = evaluate_modes(folder, ["full", "nograph", "words", "graph", "full"])
    full = figures["full"]
    assert set(full) == {"queries", "metrics", "latency_ms", "index_seconds", "llm_tokens"}
    assert set(full["metrics"]) == {
        "ndcg@10",
        "map",
        "recall@1",
        "recall@2",
        "recall@5",
        "recall@10",
        "recall@100",
        "perfect@5",
    }
    assert (full["queries"], full["llm_tokens"], full["metrics"]["recall@2"]) == (2, 0, 1.0)
    assert figures["words"]["metrics"]["recall@5"] > 0


def test_the_report_holds_the_folder_too(folder: Path) -> None:
    """``--retrieval``: the same figures, flat, with the digest of the data; compared with itself nothing is
    better or worse.
    """
    found = evaluation(retrieval=[folder])
    (part,) = found["retrieval"]
    assert (part["figures"]["n"], part["figures"]["recall@2"]) == (2, 1.0)
    (same,) = compare(found, found)["parts"]
    assert same["same_data"]
    assert all(row["change"] == 0 for row in same["figures"].values())
    assert "recall@2" in report_html(found)


def test_a_wrong_mode_or_folder_is_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The error names what exists."""
    with pytest.raises(UsageError, match="nograph"):
        evaluate_retrieval(folder, "best")
    with pytest.raises(UsageError, match=r"corpus\.jsonl"):
        evaluate_retrieval(tmp_path_factory.mktemp("empty"))
