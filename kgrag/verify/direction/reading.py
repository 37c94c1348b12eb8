"""Reads an article for the direction of one outcome: finds the sentences that tell it, and what they say.

Knows the article's text and what is compared.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrag.language.sentences import split_sentences
from kgrag.language.words import content_words, short_stem
from kgrag.verify.direction.marked import Compared, acronyms, stems, word_list
from kgrag.verify.direction.model import DIRECTIONS, Scorer, Softmax, shipped

SHORTEST, N_READ = 16, 4
Span = tuple[int, int]
Floats = NDArray[np.float64]
_TELLING = re.compile(
    r"significan|differ|compared|versus|\bp\s*[<=>]|higher|lower|increas|reduc|decreas|similar|\bCI\b|than",
    re.I,
)
_P = re.compile(r"\bp(?:[- ]?value)?\s*[<>=≤≥]\s*0?[.·]\d", re.I)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PLANNED = re.compile(r"hypothes|\baims?\b|investigate|primary outcome|was defined|were measured", re.I)


@dataclass(frozen=True, slots=True)
class Reading:
    """The direction of an outcome as an article tells it.

    Args:
        direction: one of ``DIRECTIONS``.
        probability: of it.
        start: of the sentence that tells it, in the text; ``end`` of it, exclusive.
    """

    direction: str
    probability: float
    start: int
    end: int


def spans_of(text: str) -> list[Span]:
    """The sentences that are long enough to tell a result."""
    return [(start, end) for start, end in split_sentences(text) if end - start >= SHORTEST]


def read_direction(text: str, compared: Compared) -> Reading | None:
    """The direction of an outcome; None where the text has no sentence.

    Args:
        text: of an article, whole.
        compared: the intervention, the comparator and the outcome, in any words.
    """
    spans = spans_of(text)
    weights, place, _ = shipped()
    return weighed(text, spans, compared, weights, place) if spans else None


def weighed(text: str, spans: Sequence[Span], compared: Compared, weights: Softmax, place: Scorer) -> Reading:
    """What the likeliest sentences say together, each as much as the square of its likelihood."""
    likely = place(place_features(text, spans, compared))
    best = np.argsort(-likely, kind="stable")[:N_READ]
    sentences = [text[slice(*spans[i])].replace("\n", " ") for i in best]
    said = weights.probabilities(sentences, [compared] * len(sentences))
    told = (said * likely[best][:, None] ** 2).sum(axis=0)
    told /= told.sum()
    number = int(told.argmax())
    start, end = spans[int(best[0])]
    return Reading(DIRECTIONS[number], float(told[number]), start, end)


def place_features(text: str, spans: Sequence[Span], compared: Compared) -> Floats:
    """Whether each sentence tells the outcome's result, in numbers: float64 (n_sentences, n_features)."""
    sentences = [text[slice(*span)] for span in spans]
    held = [frozenset(map(short_stem, content_words(sentence))) for sentence in sentences]
    frequency = Counter(stem for words in held for stem in words)
    rarity = {stem: math.log(1 + len(held) / n) for stem, n in frequency.items()}
    outcome = stems(compared.outcome)
    ours, theirs = stems(compared.intervention), stems(compared.comparator)
    covered = [_share(outcome, words, rarity) for words in held]
    names = [re.compile(rf"\b{re.escape(name)}\b", re.I) for name in acronyms(compared.outcome)]
    most, length = max(covered, default=0.0), max(spans[-1][1], 1) if spans else 1
    rows = [
        [
            covered[i],
            covered[i] - most,
            _share(ours - theirs or ours, held[i], rarity),
            _share(theirs - ours or theirs, held[i], rarity),
            len(outcome & held[i]),
            len(held[i]),
            covered[i] * len(outcome & held[i]) / max(len(held[i]), 1),
            any(name.search(sentence) for name in names),
            start / length,
            i,
            max([0.0, *covered[max(i - 1, 0) : i], *covered[i + 1 : i + 2]]),
            *_tells(sentence),
        ]
        for i, (sentence, (start, _)) in enumerate(zip(sentences, spans, strict=True))
    ]
    return np.array(rows, np.float64)


def _tells(sentence: str) -> list[float]:
    """What a sentence has of a result, whatever its outcome."""
    low = sentence.lower()
    return [
        float(_TELLING.search(sentence) is not None),
        len(_TELLING.findall(sentence)),
        float(_P.search(sentence) is not None),
        float("CI" in sentence or "confidence" in low),
        len(_NUMBER.findall(sentence)),
        float("significan" in low),
        float(_PLANNED.search(sentence) is not None),
        float("than" in low or "compar" in low),
        float(any(word in low for word in word_list("up"))),
        float(any(word in low for word in word_list("down"))),
        len(sentence) / 300,
        float(re.search(r"\bno\b|\bnot\b|similar", low) is not None),
        float("Table" in sentence or "Figure" in sentence),
    ]


def _share(wanted: frozenset[str], words: frozenset[str], rarity: dict[str, float]) -> float:
    """The share of the wanted words, by rarity, that the sentence holds."""
    most = math.log(1 + 100)
    total = sum(rarity.get(stem, most) for stem in wanted)
    return sum(rarity.get(stem, most) for stem in wanted & words) / total if total else 0.0
