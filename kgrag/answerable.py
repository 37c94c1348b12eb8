"""Whether the evidence found can answer the question at all: a small logistic model over named features.

Knows the question and the ranked evidence. It does not judge truth (the verifier does), only whether silence is wiser.
Its weights are in ``models/data/answerable.json`` with a card; made by ``python -m kgrag.train.answerable``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from kgrag.evidence import content_words
from kgrag.text import has_han
from kgrag.types import Evidence, Understood

FEATURES = ("best", "mean3", "coverage_best", "coverage_all", "names", "n_words")


def features(question: Understood, evidence: Sequence[Evidence]) -> dict[str, float]:
    """Named features in [0, 1]: scores of the best quotes, and how much of the question and of its names they hold."""
    asked = set(content_words(question.text))
    told = [set(content_words(item.quote)) for item in evidence]
    everything = set().union(*told[:5], *(content_words(item.document.title) for item in evidence[:5]))
    names = {word for word in question.text.split()[1:] if word[:1].isupper() or any(c.isdigit() for c in word)}
    named = {stem for name in names for stem in content_words(name)}
    scores = [item.score for item in evidence[:3]] or [0.0]
    return {
        "best": scores[0], "mean3": sum(scores) / len(scores),
        "coverage_best": max((len(asked & words) for words in told[:5]), default=0) / (len(asked) or 1),
        "coverage_all": len(asked & everything) / (len(asked) or 1),
        "names": len(named & everything) / len(named) if named else 1.0,
        "n_words": min(len(asked), 20) / 20,
    }


def probability(question: Understood, evidence: Sequence[Evidence]) -> float:
    """How likely the evidence answers the question, in [0, 1]; 0 without evidence."""
    if not evidence:
        return 0.0
    model = _model("zh" if has_han(question.text) else "en")
    found = features(question, evidence)
    logit = model["bias"] + sum(model[name] * found[name] for name in FEATURES)
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


@lru_cache(maxsize=4)
def _model(language: str) -> dict[str, float]:
    text = files("kgrag.models").joinpath("data", "answerable.json").read_text("utf-8")
    weights: dict[str, float] = json.loads(text)[language]
    return weights
