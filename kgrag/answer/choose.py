"""How likely each sentence of the evidence answers the question: a small learned model over named features.

Knows the form of the question, words, what a sentence does in its paper, and vectors. It does not judge truth
(the verifier does), only whether a reader who asked this would be told. Weights and card are in
``models/data/choosing``; made by ``python -m kgrag.train.choosing``.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from kgrag.answer.cues import CUES, has_cue
from kgrag.generate.fitting import defines, spells_out
from kgrag.language.names import plain
from kgrag.language.wanted import holds, holds_figure
from kgrag.language.words import content_words, is_chinese, short_stem
from kgrag.models import reads
from kgrag.models.trees import Blend
from kgrag.protocols import Embedder
from kgrag.types import Evidence, QuestionForm, Understood

ROLES = ("question", "method", "result", "conclusion")
SECTIONS = {
    "abstract": r"abstract|summary|摘要",
    "introduction": r"introduction|background|引言|背景",
    "methods": r"method|material|procedure|方法",
    "results": r"result|finding|结果",
    "discussion": r"discussion|conclusion|结论|讨论",
}
NAMES = (
    "near",
    "near_lead",
    "near_title",
    "coverage",
    "coverage_lead",
    "coverage_title",
    "rarest",
    "title_asked",
    "asked_title",
    "score",
    "order",
    "length",
    "place",
    "ordinal",
    "numbers",
    "percent",
    "negated",
    *(f"cue_{name}" for name in CUES),
    *(f"role_{name}" for name in ROLES),
    *(f"section_{name}" for name in SECTIONS),
    "chinese",
    "wants_figure_has",
    "wants_figure_lacks",
    "wants_name_has",
    "wants_name_lacks",
    "defines",
    "spells_out",
    "names_as_one",
    "verdict_finding",
    "verdict_beside",
    "reason_cause",
    "limits_limits",
    "asks_limits",
    "asks_method",
    "asks_aim",
)
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
_PERCENT = re.compile(r"\d\s*%|\bCI\b|\b[Pp]\s*[<=＜]|[±]|\bOR\b|\bHR\b|\bRR\b")
_NEGATED = re.compile(r"\b(?:no|not|never|neither|nor|without|fail\w*|lack\w*)\b|n['’]t\b|[无未没不非]", re.I)
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]+")
Floats = NDArray[np.float64]


def features(question: Understood, evidence: Sequence[Evidence], embedder: Embedder) -> Floats:
    """Named features of each quote, float64 (n, len(NAMES)), in the order of the evidence.

    Args:
        question: as understood.
        evidence: of one question, best first.
        embedder: gives the nearness of a quote, alone and with its title, to the question.
    """
    asked = _weights(question.text, evidence)
    near, near_title = _nearness(question, evidence, embedder)
    told = [_stems(item.quote) for item in evidence]
    titles = [_stems(item.document.record.title or "") for item in evidence]
    coverage = np.array([_share(asked, words) for words in told])
    with_title = np.array([_share(asked, a | b) for a, b in zip(told, titles, strict=True)])
    rows = [
        [
            near[i],
            near[i] - near.max(),
            near_title[i],
            coverage[i],
            coverage[i] - coverage.max(),
            with_title[i],
            _rarest_held(asked, told[i]),
            _share(asked, titles[i]),
            len(titles[i] & asked.keys()) / max(len(titles[i]), 1),
            item.score,
            1 / (1 + i),
            *_said(item),
            *_asked_for(question.form, question.text, item),
        ]
        for i, item in enumerate(evidence)
    ]
    return np.array(rows, np.float64).reshape(len(evidence), len(NAMES))


def _said(item: Evidence) -> list[float]:
    """What the sentence holds and does, whatever is asked."""
    text = item.quote.strip()
    section = " / ".join(item.passage.section).lower()
    return [
        math.log1p(len(text)) / 7,
        item.start / max(len(item.passage.text), 1),
        math.log1p(item.passage.ordinal) / 5,
        min(len(_NUMBERS.findall(text)), 5) / 5,
        float(_PERCENT.search(text) is not None),
        float(_NEGATED.search(text) is not None),
        *(float(has_cue(name, text)) for name in CUES),
        *(float(item.role == role) for role in ROLES),
        *(float(re.search(pattern, section) is not None) for pattern in SECTIONS.values()),
        float(is_chinese(text)),
    ]


def _asked_for(form: QuestionForm, asked: str, item: Evidence) -> list[float]:
    """Whether the sentence holds what the form of the question wants."""
    text = item.quote.strip()
    figure, name = form.wanted in ("number", "date"), form.wanted == "name"
    has_figure, has_name = holds_figure(form, text), holds("name", text)
    finding = any(has_cue(cue, text) for cue in ("result", "conclusion")) or item.role in ROLES[2:]
    beside = any(has_cue(cue, text) for cue in ("aim", "background")) or item.role == "question"
    limits = has_cue("limitation", asked)
    return [
        float(figure and has_figure),
        float(figure and not has_figure),
        float(name and has_name),
        float(name and not has_name),
        float(bool(form.defined) and defines(form.defined, text)),
        float(bool(form.defined) and spells_out(form.defined, text)),
        float(bool(form.defined) and plain(form.defined) in plain(text)),
        float(form.verdict and bool(finding)),
        float(form.verdict and bool(beside)),
        float(form.kind == "reason" and has_cue("cause", text)),
        float(limits and has_cue("limitation", text)),
        float(limits),
        float(re.search(r"\bmethod|\bhow was\b|\bhow were\b|方法", asked, re.I) is not None),
        float(re.search(r"\baim|\bobjective|\bpurpose|目的", asked, re.I) is not None),
    ]


def _nearness(
    question: Understood, evidence: Sequence[Evidence], embedder: Embedder
) -> tuple[Floats, Floats]:
    """Cosines of the quotes and of their titles with the question; 0 where the embedder does not read the
    language.
    """
    if not evidence or not reads(embedder, question.language):
        return np.zeros(len(evidence)), np.zeros(len(evidence))
    query = embedder.embed_query(question.text)
    quotes = embedder.embed_passages([item.quote for item in evidence]) @ query
    names = {item.document.id: item.document.record.title or "" for item in evidence}
    vectors = embedder.embed_passages(list(names.values())) @ query
    by_document = dict(zip(names, vectors, strict=True))
    titles = np.array([by_document[item.document.id] for item in evidence])
    return quotes.astype(np.float64), titles.astype(np.float64)


@lru_cache(maxsize=4096)
def _stems(text: str) -> frozenset[str]:
    """Stems of the content words, and for Chinese the pairs of characters."""
    pairs = [run[i : i + 2] for run in _HAN_RUN.findall(text) for i in range(len(run) - 1)]
    return frozenset([*map(short_stem, content_words(text)), *pairs])


def _weights(question: str, evidence: Sequence[Evidence]) -> dict[str, float]:
    """How rare each of the question's stems is among the quotes."""
    frequency = Counter(stem for item in evidence for stem in _stems(item.quote))
    return {stem: math.log(1 + len(evidence) / (1 + frequency[stem])) for stem in _stems(question)}


def _share(weights: dict[str, float], words: frozenset[str]) -> float:
    total = sum(weights.values())
    return sum(weight for stem, weight in weights.items() if stem in words) / total if total else 0.0


def _rarest_held(weights: dict[str, float], words: frozenset[str]) -> float:
    """Whether the quote holds the question's rarest stem."""
    return float(bool(weights) and max(weights, key=lambda stem: (weights[stem], stem)) in words)


def chances(question: Understood, evidence: Sequence[Evidence], embedder: Embedder) -> Floats:
    """How likely each quote answers the question, float64 (n,), in [0, 1]."""
    if not evidence:
        return np.zeros(0)
    return _model()(features(question, evidence, embedder))


@cache
def _model() -> Blend:
    with (
        files("kgrag.models").joinpath("data", "choosing", "choosing.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        return Blend.read(arrays, "")
