"""Screening: the ranker learns, the advice errs towards reading on, the figures are as defined."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from kgrag.cli.main import app
from kgrag.errors import UsageError
from kgrag.review.screening import ranker
from kgrag.review.screening.ranker import Ranker, text_of
from kgrag.review.screening.simulate import evaluate_screening, first_two, order_of_reading
from kgrag.review.screening.stopping import Stopping

WORDS = ("heart", "failure", "bisoprolol", "trial"), ("software", "outsourcing", "requirements", "survey")


def lines(n: int = 60) -> list[dict[str, object]]:
    """Every sixth record is of the first subject, and included."""
    return [
        {
            "title": f"{' '.join(WORDS[i % 6 != 0][:2])} number{i}",
            "abstract": None if i == 7 else f"a {' '.join(WORDS[i % 6 != 0])} of word{i} and other{i % 4}",
            "included": int(i % 6 == 0),
        }
        for i in range(n)
    ]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("screening") / "review.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines()), encoding="utf-8")
    return path


def test_what_is_like_the_included_comes_first() -> None:
    """After one decision of each kind, the unread ones of the included subject lead."""
    rows = lines()
    scores = Ranker([text_of(str(r["title"]), r["abstract"]) for r in rows]).scores({0: True, 1: False})
    first = sorted(range(len(rows)), key=lambda row: -scores[row])[:10]
    assert {row % 6 for row in first} == {0}


def test_one_verdict_alone_teaches_nothing() -> None:
    """Without both verdicts no record is before another, and Chinese and empty texts are taken as well."""
    ranker = Ranker(["心力衰竭的治疗", "", "软件工程"])
    assert not ranker.scores({}).any()
    assert not ranker.scores({0: True}).any()
    assert ranker.scores({0: True, 2: False})[0] > 0


def test_figures_of_a_file(file: Path) -> None:
    """The command gives the object of the contract; subjects that words tell apart are found at once."""
    told = json.loads(CliRunner().invoke(app, ["eval", "screening", str(file), "--json"]).stdout)
    assert list(told) == ["records", "included", "wss95", "recall_at_10pct", "atd", "stop"]
    assert (told["records"], told["included"]) == (60, 10)
    assert told["wss95"] == pytest.approx(1 - 11 / 60 - 0.05, abs=1e-3)  # ten included, one excluded read
    assert told["recall_at_10pct"] == 0.5  # six read, one of them the excluded that the run began with
    assert told["stop"]["recall"] == 1.0


def test_all_records_are_read_once(file: Path) -> None:
    """An order of reading holds every record once and begins with one of each kind."""
    verdicts = [bool(row["included"]) for row in lines()]
    order = order_of_reading(Ranker([str(row["title"]) for row in lines()]), verdicts, 3)
    assert sorted(order) == list(range(60))
    assert tuple(order[:2]) == first_two(verdicts, 3)
    assert [verdicts[row] for row in order[:2]] == [True, False]
    assert order_of_reading(Ranker([str(row["title"]) for row in lines()]), verdicts, 3) == order


@pytest.mark.parametrize("line", ['{"title": "a", "abstract": "b", "included": 2}', '{"title": "a"}'])
def test_wrong_lines_are_named(tmp_path: Path, line: str) -> None:
    """A line that is none is refused with its number."""
    path = tmp_path / "wrong.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(UsageError, match="line 1"):
        evaluate_screening(path)


def test_advice_waits_for_a_long_empty_tail() -> None:
    """The test stops after a long reading without anything found, and not while things are found."""
    stopping = Stopping(1000)
    for _ in range(30):
        stopping.note(True)
    assert not stopping.advises()
    stopping.note(False)
    assert not stopping.advises()
    while not stopping.advises():
        stopping.note(False)
    assert 300 < stopping.read < 900
    missing = stopping.missing()
    assert missing.most <= 2
    assert missing.expected <= missing.most


def test_the_end_is_the_end() -> None:
    """With everything read nothing is missing; with nothing found all unread may be."""
    stopping = Stopping(2)
    assert stopping.missing().most == 2
    stopping.note(False)
    stopping.note(True)
    assert stopping.advises()
    assert stopping.missing().most == 0


def test_two_thousand_records_are_ranked_by_their_words() -> None:
    """Of 2,000 records after 500 decisions, those of the subject stand on the whole before the others."""
    texts = [
        f"{' '.join(WORDS[i % 6 != 0])} study{i} " + " ".join(f"w{i * j % 997}" for j in range(60))
        for i in range(2000)
    ]
    scores = Ranker(texts).scores({row: row % 6 == 0 for row in range(500)})
    first = sorted(range(2000), key=scores.__getitem__, reverse=True)[:300]
    assert sum(row % 6 == 0 for row in first) > 240


@pytest.mark.parametrize("n", [3, 40])
def test_features_are_scikit_learns(n: int) -> None:
    """Words and pairs weigh what TfidfVectorizer gives them, few texts or more; a text without a word is a
    row of nothing.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [f"a study of pain {number % 7} and of opioids, study {number}" for number in range(n)]
    texts += ["", "心力衰竭患者 with pain"]
    common = 0.95 if len(texts) > 20 else 1.0
    peer = TfidfVectorizer(
        ngram_range=(1, 2), sublinear_tf=True, max_df=common, tokenizer=ranker._cut, token_pattern=None
    ).fit_transform(texts)
    ours = ranker._words(texts)
    assert ours.shape == peer.shape
    assert np.allclose((ours @ ours.T).toarray(), (peer @ peer.T).toarray())
