"""A library's own verdicts move its threshold, within what they can prove; and the wrong facts among stored
answers are named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kgrag.catalogue.answers import store_answer
from kgrag.cli.main import app
from kgrag.errors import UsageError
from kgrag.evaluate.report.build import evaluation
from kgrag.learn.threshold import recalibrate as threshold_recalibrate
from kgrag.library import Library
from kgrag.people.feedback import claim_verdicts, store_claim_verdict
from kgrag.settings import Settings
from kgrag.types import Verdict
from kgrag.verify import library_threshold as recalibrate
from kgrag.verify.calibrate import QUOTES_ONLY, calibrate_over_sets, threshold_for
from kgrag.verify.model import DefaultVerifier


class Scored(DefaultVerifier):
    """The score that a claim states of itself, in the place of the shipped verifier."""

    def verify(self, claims: Sequence[str], evidence: Sequence[Sequence[str]]) -> list[Verdict]:
        return [Verdict("supported", float(claim.split()[-1])) for claim in claims]


SHIPPED = Scored()


class Other:
    """Another verifier: the same scores, another name."""

    identity = "other"

    def verify(self, claims: Sequence[str], evidence: Sequence[Sequence[str]]) -> list[Verdict]:
        return SHIPPED.verify(claims, evidence)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as opened:
        yield opened


def judge(
    library: Library,
    claims: Sequence[tuple[str, bool]],
    threshold: float,
    raters: Sequence[str] = ("anna",),
    quote: str = "The paper says 12 so.",
) -> None:
    """An answer with these claims, shown above the threshold, and each rater's verdicts on them."""
    name = f"a-{len(claim_verdicts(library))}"
    shown = [
        {
            "id": f"c{number}",
            "text": text,
            "evidence": [{"quote": quote, "passage_id": "p", "span": [0, len(quote)]}],
            "support": {"label": "supported", "score": 0.5, "threshold": threshold, "alpha": 0.1},
        }
        for number, (text, _) in enumerate(claims)
    ]
    plain = {
        "id": name,
        "question": "What does it say?",
        "status": "answered",
        "text": "",
        "claims": shown,
        "documents": [],
        "models": {"verifier": "scored"},
        "trace": {"retrieved": []},
    }
    store_answer(library.catalogue, plain)
    for rater in raters:
        for number, (_, right) in enumerate(claims):
            store_claim_verdict(library.catalogue, name, f"c{number}", right, rater)


def test_wrong_claims_raise_the_threshold_and_reset_takes_it_back(library: Library) -> None:
    """Many claims just above the shipped threshold that people call wrong raise it; without them the shipped
    one stands.
    """
    before = recalibrate.library_threshold(library.folder, 0.2, SHIPPED)
    assert before == threshold_for(0.2)
    judge(library, [(f"It is said at {before + 0.001 * n / 100:.6f}", False) for n in range(100)], before)
    assert threshold_recalibrate(library, SHIPPED).version == "v0001"
    assert recalibrate.library_threshold(library.folder, 0.2, SHIPPED) > before + 0.001
    recalibrate.reset(library.folder)
    assert recalibrate.library_threshold(library.folder, 0.2, SHIPPED) == before


def test_where_nothing_was_shown_verdicts_never_lower_it(library: Library) -> None:
    """Claims shown above a threshold tell nothing of those below it, however right they are."""
    shipped = threshold_for(0.2)
    judge(library, [(f"It is said at {min(shipped + 0.01, 0.998):.4f}", True) for _ in range(300)], shipped)
    threshold_recalibrate(library, SHIPPED)
    assert recalibrate.library_threshold(library.folder, 0.2, SHIPPED) == shipped
    assert recalibrate.library_threshold(library.folder, 0.3, SHIPPED) >= threshold_for(0.3)


def test_quotes_do_not_move_the_threshold(library: Library) -> None:
    """People's word on sentences that stand word for word in a paper is no word on scores."""
    judge(library, [("The paper says 12 so.", False)] * 50, 0.9)
    with pytest.raises(UsageError, match="0 claims that are no quotes"):
        threshold_recalibrate(library, SHIPPED)


def test_an_equal_number_of_rights_and_wrongs_counts_as_wrong(library: Library) -> None:
    """The last word of each rater counts once; a tie is no support."""
    judge(library, [("It is said at 0.9", True)], 0.5, ("anna", "ben"))
    store_claim_verdict(library.catalogue, "a-0", "c0", False, "ben")
    (found,) = claim_verdicts(library)
    assert dict(found.raters) == {"anna": True, "ben": False}
    assert not found.right


def test_another_shipped_verifier_puts_a_version_out_of_use(library: Library) -> None:
    """Scores of one verifier say nothing of another's."""
    judge(library, [(f"It is said at 0.9{n}", False) for n in range(60)], 0.5)
    threshold_recalibrate(library, SHIPPED)
    path = library.folder / "calibration" / "v0001.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "shipped": "another"}), "utf-8")
    assert recalibrate.in_use(library.folder, SHIPPED) is None


def test_another_verifier_needs_labelled_claims_of_its_own(library: Library, tmp_path: Path) -> None:
    """Without a version only quotes pass; the shipped claims do not stand in; given claims make a version,
    which is not the shipped verifier's.
    """
    assert recalibrate.library_threshold(library.folder, 0.2, Other()) == QUOTES_ONLY
    with pytest.raises(UsageError, match="--claims"):
        threshold_recalibrate(library, Other())
    path = tmp_path / "claims.jsonl"
    path.write_text(
        "\n".join(
            json.dumps(
                {
                    "claim": f"It is said at {0.4 + n / 1000:.3f}",
                    "evidence": ["x"],
                    "label": "supported" if n > 100 else "unsupported",
                }
            )
            for n in range(500)
        ),
        "utf-8",
    )
    found = threshold_recalibrate(library, Other(), [path])
    assert len(found.given_scores) == 500
    assert 0.4 < recalibrate.library_threshold(library.folder, 0.1, Other()) < 0.6
    assert recalibrate.library_threshold(library.folder, 0.1, SHIPPED) == threshold_for(0.1)


def test_own_claims_count_by_their_share() -> None:
    """A set without a fault and own claims that are half wrong: with a small share they change nothing, with
    a large one they raise the threshold.
    """
    scores, labels, sets = [0.9] * 60 + [0.5] * 60, [True] * 120, [0] * 120
    words = [True, False] * 20
    assert (
        calibrate_over_sets(
            scores, labels, sets, 0.2, own_scores=[0.5] * 40, own_supported=words, own_share=0.1
        ).threshold
        == 0.5
    )
    assert (
        calibrate_over_sets(
            scores, labels, sets, 0.2, own_scores=[0.5] * 40, own_supported=words, own_share=0.9
        ).threshold
        == 0.9
    )


def test_the_command_stores_a_version_and_says_what_it_does(library: Library) -> None:
    """The JSON names version, verdicts and thresholds; --reset goes back."""
    judge(library, [(f"In the year {1900 + n} the trial had 400 adults.", False) for n in range(30)], 0.5)
    run = CliRunner()
    found = json.loads(
        run.invoke(app, ["calibrate", "--library", str(library.folder), "--alpha", "0.3", "--json"]).stdout
    )
    assert (found["version"], found["n_verdicts"], found["n_wrong"], found["alphas"][0]["alpha"]) == (
        "v0001",
        30,
        30,
        0.3,
    )
    assert all(row["shipped_threshold"] <= row["threshold"] <= QUOTES_ONLY for row in found["alphas"])
    assert (
        json.loads(
            run.invoke(app, ["calibrate", "--library", str(library.folder), "--reset", "--json"]).stdout
        )["version"]
        == "shipped"
    )


def test_the_report_names_the_wrong_facts_of_stored_answers(library: Library) -> None:
    """Each claim that most raters call wrong, with its answer and kind; kappa between raters where two judged
    the same.
    """
    judge(
        library,
        [("The paper says 13 so.", False), ("The paper says 12 so.", True), ("The paper says so.", True)],
        0.5,
        ("anna", "ben"),
    )
    (part,) = evaluation(library=library)["library"]
    assert [(item["answer"], item["kind"]) for item in part["wrong"]] == [("a-0", "number")]
    assert part["figures"] == {
        "n": 3,
        "wrong": 1,
        "share_wrong": pytest.approx(1 / 3),
        "raters": 2,
        "n_rated_twice": 3,
        "kappa": 1.0,
    }
