"""The evaluation report: every wrong fact once, by kind, with an id that stays; comparable over versions; a
page that loads nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from kgrag.cli.main import app
from kgrag.errors import UsageError
from kgrag.evaluate.agreement import pairwise_kappa
from kgrag.evaluate.pairs import agreement_report, pairs_of
from kgrag.evaluate.preferences import JudgedRanking
from kgrag.evaluate.report.build import evaluation
from kgrag.evaluate.report.compare import as_text, compare
from kgrag.evaluate.report.html import report_html
from kgrag.evaluate.report.kinds import KINDS, kind_of
from kgrag.reward.pairwise import Group
from kgrag.types import Verdict

EVIDENCE = "The trial of 300 adults in Norway suggested that aspirin may reduce stroke."


class Trusting:
    """Calls every claim supported that does not hold a given word."""

    identity = "trusting"

    def __init__(self, doubted: str = "doubted") -> None:
        self.doubted = doubted

    def verify(self, claims: Sequence[str], evidence: Sequence[Sequence[str]]) -> list[Verdict]:
        return [
            Verdict("unsupported", 0.1) if self.doubted in claim else Verdict("supported", 0.9)
            for claim in claims
        ]


class Longest:
    """Prefers the longer answer."""

    identity = "longest"

    def score(
        self, question: str, answers: Sequence[str], evidence: Sequence[str], verdicts: Any = None
    ) -> list[float]:
        return [float(len(answer)) for answer in answers]


CLAIMS = [
    ("The trial had 400 adults.", "unsupported"),
    ("The trial of 300 adults was in Sweden.", "unsupported"),
    ("Aspirin may not reduce stroke in the trial.", "contradicted"),
    ("Aspirin always reduces stroke.", "unsupported"),
    ("Aspirin may be cheap.", "unsupported"),
    ("The trial suggested that aspirin may reduce stroke.", "supported"),
    ("It is doubted that aspirin may reduce stroke.", "supported"),
    ("阿司匹林可能有效。", "unsupported"),
]


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    """Labelled claims with a wrong fact of each kind."""
    path = tmp_path / "claims.jsonl"
    path.write_text(
        "\n".join(
            json.dumps({"claim": claim, "evidence": [EVIDENCE], "label": label}) for claim, label in CLAIMS
        ),
        encoding="utf-8",
    )
    return path


def test_each_wrong_fact_has_its_kind() -> None:
    """A number, a name, a negation, a wider claim, and what is none of these."""
    assert [kind_of(claim, [EVIDENCE]) for claim, _ in CLAIMS[:5]] == list(KINDS)


def test_wrong_facts_are_listed_one_by_one(claims: Path) -> None:
    """False verdicts of support with claim, sentence and score; supported claims that were not called so
    apart; figures by language and length.
    """
    (part,) = evaluation([claims], verifier=Trusting())["claims"]
    assert [item["claim"] for item in part["wrong"]] == [
        claim for claim, label in CLAIMS if label != "supported"
    ]
    assert part["wrong_by_kind"] == {"number": 1, "entity": 1, "negation": 1, "scope": 1, "unsupported": 2}
    assert [item["claim"] for item in part["missed"]] == [CLAIMS[6][0]]
    assert part["by_language"]["zh"]["n"] == 1
    assert sum(figures["n"] for figures in part["by_length"].values()) == part["figures"]["n"] == len(CLAIMS)
    assert part["wrong"][0]["evidence"] == EVIDENCE
    assert len({item["id"] for item in part["wrong"]}) == 6


def test_the_same_data_and_models_give_the_same_report(claims: Path) -> None:
    """Twice is equal, but for the time."""
    first, second = (evaluation([claims], verifier=Trusting()) for _ in range(2))
    assert {**first, "created": ""} == {**second, "created": ""}
    assert {"code", "model:verifier", "model:reward"} <= set(first["versions"])


def test_two_versions_are_compared_item_by_item(claims: Path) -> None:
    """What an older version had wrong and this one has not is better, and the other way round; other data are
    not compared by item.
    """
    old, new = evaluation([claims], verifier=Trusting()), evaluation([claims], verifier=Trusting("Sweden"))
    (part,) = compare(old, new)["parts"]
    assert [item["claim"] for item in part["better"]] == [CLAIMS[1][0], CLAIMS[6][0]]
    assert part["worse"] == []
    assert part["figures"]["balanced_accuracy"]["change"] > 0
    assert "better: [entity]" in as_text(compare(old, new))
    claims.write_text(
        claims.read_text("utf-8")
        + "\n"
        + json.dumps({"claim": "More.", "evidence": [], "label": "unsupported"}),
        encoding="utf-8",
    )
    (part,) = compare(old, evaluation([claims], verifier=Trusting()))["parts"]
    assert (part["same_data"], part["better"], part["worse"]) == (False, None, None)


def test_the_page_loads_nothing_and_escapes_everything(claims: Path, tmp_path: Path) -> None:
    """No script, no address; data cannot write markup; both colour schemes."""
    claims.write_text(
        json.dumps(
            {
                "claim": "<script>alert(1)</script> in 99 of 100.",
                "evidence": ["<b>x</b> is so."],
                "label": "unsupported",
            }
        )
        + "\n"
        + json.dumps({"claim": "x is so.", "evidence": ["x is so."], "label": "supported"}),
        encoding="utf-8",
    )
    found = evaluation([claims], verifier=Trusting())
    page = report_html(found, compare(found, found))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"https?://|src=|@import", page)
    assert "prefers-color-scheme: dark" in page


def test_rankings_are_reported_beside_the_plain_rules(tmp_path: Path) -> None:
    """Pairs that the model orders otherwise are listed; longer wins, most supported first and the model's own
    taste for length stand beside each other.
    """
    path = tmp_path / "p.jsonl"
    rows = [
        {"question": "Is aspirin good?", "answers": ["aspirin is good", "no"], "ranking": [0, 1]},
        {"question": "阿司匹林好吗？", "answers": ["好", "不知道，请问医生吧"], "ranking": [0, 1]},
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    (part,) = evaluation(preferences=[path], verifier=Trusting(), reward=Longest())["preferences"]
    assert part["figures"] == {
        "n": 2,
        "agreement": 0.5,
        "most_supported_first": 1.0,
        "longer_wins": 0.5,
        "prefers_longer": 1.0,
    }
    assert part["by_language"]["zh"]["agreement"] == 0.0
    assert [item["better"] for item in part["wrong"]] == ["好"]


def test_pairs_sum_to_the_whole() -> None:
    """Figures by length are those of a partition: their weighted mean is the whole, for random rankings with
    ties.
    """
    rng = np.random.default_rng(3)
    judged = [
        JudgedRanking(
            "q",
            tuple("x" * int(n) for n in rng.integers(1, 9, 4)),
            Group(np.zeros((4, 0)), rng.integers(0, 3, 4).astype(float)),
            rng.random(4),
            rng.random(4),
        )
        for _ in range(30)
    ]
    found = agreement_report(judged)
    parts = found["by_length"].values()
    assert sum(part["n"] for part in parts) == found["n"] == len(pairs_of(judged))
    assert sum(part["n"] * part["agreement"] for part in parts) / found["n"] == pytest.approx(
        found["agreement"]
    )


def test_kappa_over_pairs_of_raters() -> None:
    """Only what both rated counts; two who agree beyond chance have a positive kappa, one alone has none."""
    assert pairwise_kappa([{"a": True, "b": False, "c": True}, {"a": True, "b": False}]) == (2, 1.0)
    assert pairwise_kappa([{"a": True}]) == (0, None)
    assert pairwise_kappa([{"a": True, "b": False}, {"a": False, "b": True}, {"c": True}]) == (2, -1.0)


def test_the_command_writes_page_and_json_and_compares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--out`` gives both files; ``--compare`` takes the JSON and refuses anything else; nothing to evaluate
    is wrong use.
    """
    monkeypatch.delenv("KGRAG_LIBRARY", raising=False)
    path = tmp_path / "q.jsonl"
    path.write_text(
        json.dumps(
            {
                "question": "Does aspirin help?",
                "contexts": ["Aspirin helped significantly (P<0.01)."],
                "answer": "no",
            }
        ),
        encoding="utf-8",
    )
    run = CliRunner()
    assert (
        run.invoke(app, ["eval", "report", "--qa", str(path), "--out", str(tmp_path / "r.html")]).exit_code
        == 0
    )
    done = run.invoke(
        app, ["eval", "report", "--qa", str(path), "--compare", str(tmp_path / "r.json"), "--json"]
    )
    found = json.loads(done.stdout)
    assert found["qa"][0]["wrong"][0]["wanted"] == "no"
    assert found["compared"]["parts"][0]["worse"] == []
    assert (tmp_path / "r.html").read_text("utf-8").startswith("<!doctype html>")
    assert isinstance(
        run.invoke(app, ["eval", "report", "--qa", str(path), "--compare", str(path)]).exception, UsageError
    )
    assert isinstance(run.invoke(app, ["eval", "report"]).exception, UsageError)
