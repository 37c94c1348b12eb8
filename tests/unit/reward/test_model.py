"""The reward: the pairwise loss, the shipped model's laws, Elo and kappa."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score

from kgrag.errors import NotFound, UsageError
from kgrag.evaluate.agreement import cohen_kappa, fleiss_kappa, ranking_agreement
from kgrag.evaluate.elo import bradley_terry, elo, expected
from kgrag.reward.features import NAMES, evasion, repetition
from kgrag.reward.model import DefaultReward, RewardFile
from kgrag.reward.pairwise import Group, Scorer, agreement, differences, train_pairwise
from kgrag.train.reward import People, length_figures, shortened
from kgrag.train.steps.degrade import EVASIONS
from kgrag.types import Verdict

QUESTION = "Does aspirin reduce the risk of stroke?"
EVIDENCE = [
    "In a trial of 300 adults aspirin reduced the risk of stroke by 20% compared with placebo. Headaches did"
    " not differ."
]
GOOD = "Aspirin reduced the risk of stroke by 20% in a trial of 300 adults."


@pytest.fixture(scope="module")
def reward() -> DefaultReward:
    return DefaultReward()


def groups_of(n: int = 60) -> tuple[list[Group], np.ndarray]:
    rng, truth = np.random.default_rng(5), np.array([1.0, -2.0, 0.5])
    groups = []
    for _ in range(n):
        x = rng.normal(size=(int(rng.integers(2, 10)), 3))
        groups.append(Group(x, x @ truth + 0.1 * rng.normal(size=len(x))))
    return groups, truth


def test_all_pairs_of_a_ranking_count_and_ties_do_not() -> None:
    """K answers give K·(K−1)/2 pairs, less the ties, and each group weighs the same."""
    group = Group(np.arange(8.0).reshape(4, 2), np.array([3.0, 2.0, 2.0, 1.0]))
    delta, weights = differences([group])
    assert len(delta) == 5
    assert weights.sum() == pytest.approx(1.0)


def test_training_finds_the_order_people_used() -> None:
    """On separable rankings of 2 to 9 answers nearly all pairs are ordered right, also for features of
    another scale.
    """
    groups, _ = groups_of()
    scorer = train_pairwise(groups, 1e-3)
    assert agreement(groups, [scorer(g.features) for g in groups])[1] > 0.95


def test_the_loss_is_that_of_a_logistic_regression_on_differences() -> None:
    """For two answers a group, weights equal scikit-learn's on symmetrised differences without intercept."""
    rng = np.random.default_rng(0)
    groups = [
        Group(x, np.array([1.0, 0.0]) if x[0, 0] + rng.normal() > x[1, 0] else np.array([0.0, 1.0]))
        for x in rng.normal(size=(80, 2, 3))
    ]
    scorer = train_pairwise(groups, 0.05)
    delta = np.array(
        [(scorer.standardised(g.features))[0] - scorer.standardised(g.features)[1] for g in groups]
    )
    y = np.array([g.scores[0] > g.scores[1] for g in groups])
    reference = LogisticRegression(C=1 / (2 * 0.05 * len(groups)), fit_intercept=False, tol=1e-8).fit(
        delta, y
    )
    assert np.allclose(scorer.weight, reference.coef_[0], atol=1e-3)


def test_signs_are_kept() -> None:
    """A feature that must help never hurts, whatever the data say."""
    groups, _ = groups_of()
    scorer = train_pairwise(groups, 1e-3, positive=[1], negative=[0])
    assert scorer.weight[1] >= 0 >= scorer.weight[0]


def test_without_any_pair_everything_scores_the_same() -> None:
    """Only ties teach nothing."""
    scorer = train_pairwise([Group(np.eye(3), np.zeros(3))])
    assert not scorer.weight.any()


@pytest.mark.parametrize("dodge", [*EVASIONS, "", "抱歉，我无法回答这个问题。"])
def test_evasion_cannot_win(reward: DefaultReward, dodge: str) -> None:
    """A non-answer scores below a supported answer, with evidence, with verdicts, and with neither."""
    verdicts = [[Verdict("supported", 0.95)], [Verdict("unsupported", 0.3)]]
    for evidence, given in ((EVIDENCE, None), (EVIDENCE, verdicts), ([], None)):
        good, evaded = reward.score(QUESTION, [GOOD, dodge], evidence, given)
        assert good > evaded


def test_length_alone_earns_nothing(reward: DefaultReward) -> None:
    """An answer said twice, or with padding around it, does not score above itself."""
    padded = (
        f"{GOOD} It is important to note that this is a complex topic. I hope this helps, feel free to ask"
        " further questions."
    )
    plain, twice, more = reward.score(QUESTION, [GOOD, f"{GOOD} {GOOD} {GOOD}", padded], EVIDENCE)
    assert plain >= twice - 0.02
    assert plain > more


def test_support_is_rewarded(reward: DefaultReward) -> None:
    """The same words with worse verdicts score lower."""
    score = reward.score(
        QUESTION, [GOOD, GOOD], EVIDENCE, [[Verdict("supported", 0.9)], [Verdict("contradicted", 0.05)]]
    )
    assert score[0] > score[1]


def test_scores_do_not_depend_on_the_other_candidates(reward: DefaultReward) -> None:
    """The order of answers, and what stands beside them, change nothing; the same question twice gives the
    same scores.
    """
    answers = [GOOD, "No.", "Strokes are common in older adults."]
    forward, backward = (
        reward.score(QUESTION, answers, EVIDENCE),
        reward.score(QUESTION, answers[::-1], EVIDENCE),
    )
    assert forward == pytest.approx(backward[::-1])
    assert forward == reward.score(QUESTION, answers, EVIDENCE)
    assert reward.score(QUESTION, [], EVIDENCE) == []


def test_explanations_add_up(reward: DefaultReward) -> None:
    """The named parts sum to the score of an answer that does not evade."""
    features = reward.measure(QUESTION, [GOOD], EVIDENCE)
    assert sum(reward.explain(features)[0].values()) == pytest.approx(float(reward.rewards(features)[0]))


def test_a_model_file_is_read_back_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    """Write and read are inverse; wrong content and wrong features say so."""
    path = tmp_path / "r.json"
    RewardFile(Scorer(np.zeros(2), np.ones(2), np.array([1.0, 2.0])), ("a", "b"), {"version": "1"}).write(
        path
    )
    assert RewardFile.read(path).scorer.weight.tolist() == [1.0, 2.0]
    with pytest.raises(UsageError, match="other features"):
        DefaultReward(path)
    path.write_text("{}")
    with pytest.raises(UsageError, match="no reward model"):
        RewardFile.read(path)
    with pytest.raises(NotFound, match="kgrag reward train"):
        RewardFile.read(tmp_path / "none.json")


def test_evasion_and_repetition_are_shares() -> None:
    """0 for plain answers, 1 for pure evasion and for empty text."""
    assert evasion(GOOD) == 0.0
    assert evasion("") == 1.0
    assert evasion("I cannot answer this question.") == 1.0
    assert repetition(["a", "b", "c", "a", "b", "c"]) == 0.25
    assert "evasion" in NAMES


def test_elo_moves_by_surprise_and_keeps_its_mean() -> None:
    """A win over an equal moves both by half of k; the favourite's expectation follows the formula."""
    assert elo([("a", "b", 1.0)], k=16) == {"a": 1008.0, "b": 992.0}
    assert expected(1400, 1000) == pytest.approx(10 / 11)


def test_bradley_terry_does_not_depend_on_the_order_of_games() -> None:
    """The same games in any order give the same ratings, best first."""
    games = [("a", "b", 1.0), ("b", "c", 1.0), ("a", "c", 0.5), ("a", "b", 1.0)]
    ratings = bradley_terry(games)
    assert ratings == pytest.approx(bradley_terry(games[::-1]))
    assert list(ratings) == ["a", "b", "c"]
    assert bradley_terry([]) == {}


def test_kappa_equals_an_independent_implementation() -> None:
    """Cohen's kappa is scikit-learn's; Fleiss' of the textbook example is 0.210."""
    a, b = [0, 1, 1, 2, 0, 1], [0, 1, 2, 2, 0, 0]
    assert cohen_kappa(a, b) == pytest.approx(cohen_kappa_score(a, b))
    assert cohen_kappa([1, 1], [1, 1]) is None
    table = [
        (0, 0, 0, 0, 14),
        (0, 2, 6, 4, 2),
        (0, 0, 3, 5, 6),
        (0, 3, 9, 2, 0),
        (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0),
        (3, 2, 6, 3, 0),
        (2, 5, 3, 2, 2),
        (6, 5, 2, 1, 0),
        (0, 2, 2, 3, 7),
    ]
    items = [[kind for kind, count in enumerate(row) for _ in range(count)] for row in table]
    assert fleiss_kappa(items) == pytest.approx(0.210, abs=5e-4)


def test_rankings_agree_over_their_pairs() -> None:
    """Two equal rankings agree in all pairs, reversed ones in none."""
    assert ranking_agreement([[0, 1, 2], [0, 1, 2]]) == (3, 1.0)
    assert ranking_agreement([[0, 1, 2], [2, 1, 0]]) == (3, 0.0)
    assert ranking_agreement([[0, 1]]) == (0, None)


def test_an_answer_is_cut_between_sentences() -> None:
    """Whole sentences are kept up to so many words, and always the first one."""
    text = "Aspirin helps. It lowers the risk of stroke. Nobody knows why."
    assert shortened(text, 8) == "Aspirin helps. It lowers the risk of stroke."
    assert shortened(text, 1) == "Aspirin helps."


def test_a_reward_that_is_length_shows_in_the_figures() -> None:
    """Rewards equal to the length prefer every longer answer, lose when it is cut in half, and say nothing
    once answers are cut to equal length.
    """
    rng = np.random.default_rng(3)
    lengths = [rng.permutation([100.0, 160.0]) for _ in range(30)]
    whole = [Group(n[:, None], np.array([1.0, 0.0])) for n in lengths]
    alike, halves = (
        [Group(np.full((2, 1), 100.0), g.scores) for g in whole],
        [Group(g.features / 2, g.scores) for g in whole],
    )
    found = length_figures(People(whole, alike, halves, lengths))
    assert (
        found["prefers_longer"],
        found["prefers_longer_cut_to_equal"],
        found["agreement_cut_to_equal"],
    ) == (1.0, 0.5, 0.5)
    assert found["agreement"] == found["longer_wins"]
    assert found["halved_loses"] > 1
    assert (found["agreement_where_longer_preferred"], found["agreement_where_shorter_preferred"]) == (
        1.0,
        0.0,
    )
