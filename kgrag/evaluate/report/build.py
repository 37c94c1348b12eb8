"""One repeatable evaluation: figures by language and length, and what is wrong listed one by one with an id
that stays.

Knows the parts (claims, preferences, answers, retrieval, people's verdicts in a library) and puts them into
one object. Pages are ``report_html``'s, differences between two evaluations ``compare``'s. The same data and
models give the same object, but for ``created`` and times.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from kgrag.errors import UsageError
from kgrag.evaluate.agreement import pairwise_kappa
from kgrag.evaluate.claims import JudgedClaim, claim_figures, default_verifier, judge_claims
from kgrag.evaluate.lines import read_lines
from kgrag.evaluate.pairs import Pair, agreement_report, pairs_of
from kgrag.evaluate.preferences import default_reward, judge_rankings
from kgrag.evaluate.qa import judge_qa, qa_figures
from kgrag.evaluate.report.kinds import KINDS, kind_of, nearest
from kgrag.evaluate.report.versions import versions
from kgrag.evaluate.retrieval import evaluate_retrieval
from kgrag.language.words import is_chinese, words
from kgrag.library import Library
from kgrag.people.feedback import ClaimVerdict, claim_verdicts
from kgrag.protocols import RewardModel, Verifier
from kgrag.system.files import digest, now
from kgrag.verify.calibrate import threshold_for
from kgrag.verify.together import threshold_of

Item = TypeVar("Item")
ALPHAS = (0.05, 0.1, 0.2)
CLIP = 600
"""Letters of a text that are kept in the report; the id stands for the whole of it."""


def evaluation(
    claims: Sequence[Path] = (),
    preferences: Sequence[Path] = (),
    qa: Sequence[Path] = (),
    retrieval: Sequence[Path] = (),
    library: Library | None = None,
    verifier: Verifier | None = None,
    reward: RewardModel | None = None,
) -> dict[str, Any]:
    """The whole evaluation as one object.

    Args:
        claims: files of labelled claims.
        preferences: files of rankings.
        qa: files of yes/no/maybe questions.
        retrieval: BEIR folders.
        library: a library whose people's verdicts on claims are reported too.
        verifier: the shipped one by default.
        reward: the shipped one by default.

    Returns:
        ``created``, ``versions``, ``thresholds`` by α, and a list of parts for each kind of data; a part has
        ``name``, ``sha256``, ``figures``, and for all but retrieval ``by_language``, ``by_length`` and
        ``wrong`` (each with ``id`` and ``kind``).

    Raises:
        UsageError: nothing to evaluate.
    """
    if not any((claims, preferences, qa, retrieval)) and library is None:
        raise UsageError(
            "Nothing to evaluate. Give --claims, --preferences, --qa, --retrieval, or --library with people's"
            " verdicts."
        )
    judge = verifier or (default_verifier() if claims or preferences else None)
    model = reward or (default_reward() if preferences else None)
    return {
        "created": now(),
        "versions": versions(),
        "thresholds": {str(alpha): threshold_for(alpha) for alpha in ALPHAS},
        "claims": [claims_part(path, judge) for path in claims if judge],
        "preferences": [preferences_part(path, model, judge) for path in preferences if model and judge],
        "qa": [qa_part(path) for path in qa],
        "retrieval": [retrieval_part(path) for path in retrieval],
        "library": [library_part(library)] if library else [],
    }


def claims_part(path: Path, verifier: Verifier) -> dict[str, Any]:
    """Labelled claims: ``wrong`` are those called supported that are not, by kind; ``missed`` those that are
    supported and not called so; ``threshold`` where the file's scores split.
    """
    judged = judge_claims(path, verifier)
    wrong = [_wrong_claim(item) for item in judged if item.said and not item.supported]
    missed = [_wrong_claim(item) | {"kind": "missed"} for item in judged if item.supported and not item.said]
    figures = {**claim_figures(judged), "threshold": threshold_of([item.verdict for item in judged])}
    return {
        **_named(path),
        "figures": figures,
        "by_language": _by(judged, lambda i: _language(i.claim), claim_figures),
        "by_length": _by(judged, lambda i: _length(i.claim), claim_figures),
        "wrong_by_kind": _count(wrong),
        "wrong": wrong,
        "missed": missed,
    }


def preferences_part(path: Path, model: RewardModel, verifier: Verifier) -> dict[str, Any]:
    """Rankings: ``wrong`` are the pairs that the model orders otherwise than people."""
    judged = judge_rankings(read_lines(path, ("question", "answers")), model, verifier)
    figures = agreement_report(judged)
    wrong = [_wrong_pair(pair) for pair in pairs_of(judged) if pair.model == 0]
    return {
        **_named(path),
        "figures": {k: v for k, v in figures.items() if not k.startswith("by_")},
        "by_language": figures["by_language"],
        "by_length": figures["by_length"],
        "wrong_by_kind": dict(Counter(item["kind"] for item in wrong)),
        "wrong": wrong,
    }


def qa_part(path: Path) -> dict[str, Any]:
    """Yes/no/maybe questions: ``wrong`` are those answered otherwise, by what was wanted and said."""
    judged = judge_qa(path)
    wrong = [
        {
            "id": identity(item.question),
            "kind": f"{item.wanted}, said {item.said}",
            "line": item.line,
            "question": _clip(item.question),
            "wanted": item.wanted,
            "said": item.said,
        }
        for item in judged
        if item.wanted != item.said
    ]
    return {
        **_named(path),
        "figures": qa_figures(judged),
        "by_language": _by(judged, lambda i: _language(i.question), qa_figures),
        "by_length": _by(judged, lambda i: _length(i.question), qa_figures),
        "wrong_by_kind": dict(Counter(item["kind"] for item in wrong)),
        "wrong": wrong,
    }


def retrieval_part(folder: Path) -> dict[str, Any]:
    """A BEIR folder: the measures, flat."""
    found = evaluate_retrieval(folder, "full")
    files = [folder / name for name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv")]
    return {
        "name": folder.name,
        "sha256": digest(files),
        "figures": {"n": found["queries"], **found["metrics"]},
        "latency_ms": found["latency_ms"],
    }


def library_part(library: Library) -> dict[str, Any]:
    """People's verdicts on claims that were shown: ``wrong`` are those that most raters call wrong (as many
    as call it right are enough).
    """
    judged = claim_verdicts(library)
    wrong = [_wrong_shown(item) for item in judged if not item.right]
    raters: dict[str, dict[str, bool]] = {}
    for item in judged:
        for rater, right in item.raters.items():
            raters.setdefault(rater, {})[item.id] = right
    n_pairs, kappa = pairwise_kappa(list(raters.values()))
    return {
        "name": library.folder.name,
        "sha256": hashlib.sha256(repr(judged).encode()).hexdigest()[:16],
        "figures": _shown_figures(judged) | {"raters": len(raters), "n_rated_twice": n_pairs, "kappa": kappa},
        "by_language": _by(judged, lambda i: _language(i.claim), _shown_figures),
        "by_length": _by(judged, lambda i: _length(i.claim), _shown_figures),
        "by_verifier": _by(judged, lambda i: i.models.get("verifier", "unknown"), _shown_figures),
        "wrong_by_kind": _count(wrong),
        "wrong": wrong,
    }


def identity(*texts: str) -> str:
    """A short id made of texts alone, so that the same item has it in every evaluation."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def _wrong_claim(item: JudgedClaim) -> dict[str, Any]:
    verdict = item.verdict
    return {
        "id": identity(item.claim, *item.evidence),
        "kind": kind_of(item.claim, item.evidence),
        "line": item.line,
        "claim": _clip(item.claim),
        "evidence": _clip(nearest(item.claim, item.evidence)),
        "label": item.label,
        "said": verdict.label,
        "score": round(verdict.score, 4),
        "checks": list(verdict.checks),
        "shown_at": [alpha for alpha in ALPHAS if item.said and verdict.score >= threshold_for(alpha)],
    }


def _wrong_pair(pair: Pair) -> dict[str, Any]:
    return {
        "id": identity(pair.question, pair.better, pair.worse),
        "kind": pair.length,
        "question": _clip(pair.question),
        "better": _clip(pair.better),
        "worse": _clip(pair.worse),
    }


def _wrong_shown(item: ClaimVerdict) -> dict[str, Any]:
    return {
        "id": item.id,
        "kind": "quoted" if item.quoted else kind_of(item.claim, item.evidence),
        "answer": item.answer_id,
        "question": _clip(item.question),
        "claim": _clip(item.claim),
        "evidence": _clip(nearest(item.claim, item.evidence)),
        "score": item.score,
        "right": sum(item.raters.values()),
        "wrong": len(item.raters) - sum(item.raters.values()),
        "notes": list(item.notes),
    }


def _shown_figures(judged: Sequence[ClaimVerdict]) -> dict[str, Any]:
    return {
        "n": len(judged),
        "wrong": sum(not item.right for item in judged),
        "share_wrong": sum(not item.right for item in judged) / len(judged) if judged else None,
    }


def _by(
    items: Sequence[Item], key: Callable[[Item], str], figures: Callable[[Sequence[Item]], Mapping[str, Any]]
) -> dict[str, Any]:
    return {
        name: dict(figures([item for item in items if key(item) == name]))
        for name in sorted({key(item) for item in items})
    }


def _named(path: Path) -> dict[str, str]:
    return {"name": path.name, "sha256": digest([path])}


def _language(text: str) -> str:
    return "zh" if is_chinese(text) else "en"


def _length(text: str) -> str:
    """Short, middle or long: up to 12 words, up to 24, more."""
    n = len(words(text))
    return "short (up to 12 words)" if n <= 12 else "middle (13 to 24)" if n <= 24 else "long (over 24)"


def _count(wrong: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    counted = Counter(str(item["kind"]) for item in wrong)
    return {kind: counted[kind] for kind in (*KINDS, "quoted") if counted[kind] or kind in KINDS}


def _clip(text: str) -> str:
    return text if len(text) <= CLIP else text[: CLIP - 1] + "…"
