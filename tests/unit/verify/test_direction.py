"""A trial's direction: who is compared, what a sentence claims, what an article says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgrag.errors import UsageError
from kgrag.evaluate.trials import direction_of, evaluate_trials
from kgrag.verify.direction import claimed as claims
from kgrag.verify.direction.claimed import claimed
from kgrag.verify.direction.marked import COMPARATOR, INTERVENTION, OUTCOME, Compared, marked
from kgrag.verify.direction.model import DIRECTIONS, TURNED, shipped
from kgrag.verify.direction.reading import read_direction

NETS = Compared("treated bed nets", "untreated bed nets", "malaria episodes")
ARTICLE = """Malaria is common among children. We compared treated bed nets with untreated bed nets in 40
villages. Children slept under the nets for two years. Malaria episodes were significantly fewer with treated
bed nets than with untreated bed nets (0.4 versus 0.9 a year, P = 0.001). Haemoglobin did not differ
significantly between treated bed nets and untreated bed nets (P = 0.62).
Nets were well liked by the mothers."""


def test_both_share_names_neither() -> None:
    """Words of both groups mark neither; runs of one mark are one."""
    tokens = marked("Malaria episodes fell under treated but not untreated nets", NETS)
    assert tokens == [OUTCOME, "fell", "under", INTERVENTION, "but", "not", COMPARATOR, "nets"]


@pytest.mark.parametrize("rule", claims.rules(), ids=lambda rule: rule.example)
def test_each_rule_reads_its_example_and_not_its_counter(rule: claims.Rule) -> None:
    """The grammar's own examples."""
    assert rule.pattern.search(rule.example)
    assert not rule.pattern.search(rule.counter)


@pytest.mark.parametrize(
    ("sentence", "direction"),
    [
        ("Compared with placebo, zinc significantly reduced the days of diarrhoea.", "decreased"),
        ("Survival was longer with early surgery than with late surgery.", "increased"),
        ("Zinc did not change the days of diarrhoea compared with placebo.", "no difference"),
    ],
)
def test_a_claimed_direction(sentence: str, direction: str) -> None:
    """The direction with what is compared; a sentence without a comparator claims none."""
    found = claimed(sentence)
    assert found is not None
    assert found.name == direction
    assert claimed("Zinc is a metal.") is None


def test_an_article_is_read_for_the_outcome_asked() -> None:
    """One article tells of two outcomes; each has its own sentence and direction."""
    malaria = read_direction(ARTICLE, NETS)
    blood = read_direction(ARTICLE, Compared("treated bed nets", "untreated bed nets", "haemoglobin"))
    assert malaria is not None
    assert blood is not None
    assert malaria.direction == "decreased"
    assert "fewer" in ARTICLE[malaria.start : malaria.end]
    assert blood.direction == "no difference"
    assert read_direction("", NETS) is None


def test_both_sides_say_the_same() -> None:
    """Seen from the comparator's side, more is less."""
    weights, _, _ = shipped()
    sentence = [
        "Malaria episodes were significantly fewer with treated bed nets than with untreated bed nets."
    ]
    ours = weights.probabilities(sentence, [NETS])[0]
    theirs = weights.probabilities(sentence, [NETS.turned()])[0]
    assert ours == pytest.approx(theirs[list(TURNED)])
    assert DIRECTIONS[int(ours.argmax())] == "decreased"


def test_the_measure_reads_a_folder(tmp_path: Path) -> None:
    """Only outcomes whose article is there count; none at all is an error that says what is missing."""
    row = {
        "pmcid": "1",
        "prompt": "7",
        "intervention": NETS.intervention,
        "comparator": NETS.comparator,
        "outcome": NETS.outcome,
        "label": "significantly decreased",
        "quote": "Malaria episodes were significantly fewer",
        "start": ARTICLE.index("Malaria episodes"),
        "end": ARTICLE.index("than"),
    }
    rows = [row, {**row, "pmcid": "2"}]
    (tmp_path / "annotations.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    with pytest.raises(UsageError, match="text/PMC"):
        evaluate_trials(tmp_path)
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "PMC1.txt").write_text(ARTICLE, "utf-8")
    assert evaluate_trials(tmp_path) == {"n": 1, "macro_f1": 1.0, "accuracy": 1.0, "quote_overlap": 1.0}
    assert direction_of("significantly increase") == "increased"
