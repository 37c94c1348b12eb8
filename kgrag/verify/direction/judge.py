"""Judges a claim of a direction against evidence: the sentences that tell the outcome's result are read for
the three directions it may have, by words and by the verifier's encoder.

Knows the encoder that it is given, and the weights in ``models/data/direction``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrag.language.sentences import split_sentences
from kgrag.verify.direction.claimed import Claimed
from kgrag.verify.direction.marked import Compared
from kgrag.verify.direction.model import Scorer, Softmax, shipped
from kgrag.verify.direction.reading import N_READ, SHORTEST, Span, place_features
from kgrag.verify.encoder import ClaimEncoder
from kgrag.verify.select import Ids

SUPPORTS, DENIES, TELLS = 0.6, 0.2, 0.3
"""From which probability of the claimed direction a claim is supported, up to which it is contradicted, and
how likely a sentence must tell the outcome's result for either.
"""
CLAIM, EVIDENCE = 54, 100
"""Tokens of a claim and of a sentence that the encoder reads."""
SAID = (
    "Compared with {c}, {i} did not significantly change {o}.",
    "Compared with {c}, {i} significantly increased {o}.",
    "Compared with {c}, {i} significantly decreased {o}.",
)
Floats = NDArray[np.float64]
Encode = Callable[[Sequence[str]], list[Ids]]


@dataclass(frozen=True, slots=True)
class Judged:
    """How likely evidence says what is claimed, how likely a sentence tells the outcome at all, and in which
    text the likeliest sentence stands.
    """

    probability: float
    told: float
    best: int

    @property
    def support(self) -> float:
        """A score of support: from one half where the claim is supported."""
        if self.told < TELLS:
            return min(self.probability, 0.4)
        return _through(self.probability, SUPPORTS)

    @property
    def denial(self) -> float:
        """A score of contradiction: from one half where the claim is contradicted."""
        return _through(1 - self.probability, 1 - DENIES) if self.told >= TELLS else 0.0


def judged(
    claim: Claimed,
    texts: Sequence[str],
    reader: ClaimEncoder,
    encode: Encode,
    models: tuple[Softmax, Scorer, Softmax] | None = None,
) -> Judged | None:
    """The claim against its evidence; None where no text holds a sentence.

    Args:
        claim: a direction with what is compared.
        texts: the evidence.
        reader: the verifier's encoder; ``encode`` its tokens of a text.
        models: weights of words, of places, and of both readings; the shipped ones by default.
    """
    words, place, both = models or shipped()
    joined, spans, origins = _sentences(texts)
    if not spans:
        return None
    likely = place(place_features(joined, spans, claim.compared))
    best = np.argsort(-likely, kind="stable")[:N_READ]
    sentences = [joined[slice(*spans[i])].replace("\n", " ") for i in best]
    compared = [claim.compared] * len(sentences)
    said = words.probabilities(sentences, compared)
    rows = read_beside(said, sentences, compared, reader, encode)
    weight = likely[best] ** 2
    told = (both.of(rows) * weight[:, None]).sum(axis=0) / max(float(weight.sum()), 1e-9)
    return Judged(float(told[claim.direction]), float(likely.max()), origins[int(best[0])])


def read_beside(
    said: Floats, sentences: Sequence[str], compared: Sequence[Compared], reader: ClaimEncoder, encode: Encode
) -> Floats:
    """What words say, as log-probabilities, beside the encoder's logits of each direction as a claim: float64
    (n, 12).
    """
    claims = [
        form.format(i=what.intervention, c=what.comparator, o=what.outcome)
        for what in compared
        for form in SAID
    ]
    evidence = [ids[:EVIDENCE] for ids in encode(sentences) for _ in SAID]
    logits, _ = reader.read([ids[:CLAIM] for ids in encode(claims)], evidence)
    return np.hstack([np.log(said + 1e-3), logits.reshape(len(sentences), -1).astype(np.float64)])


def _sentences(texts: Sequence[str]) -> tuple[str, list[Span], list[int]]:
    """The texts as one, the sentences in it, and the text of each."""
    joined, spans, origins = "", [], []
    for number, text in enumerate(texts):
        for start, end in split_sentences(text):
            if end - start >= SHORTEST:
                spans.append((len(joined) + start, len(joined) + end))
                origins.append(number)
        joined += text + "\n"
    return joined, spans, origins


def _through(value: float, middle: float) -> float:
    """A probability bent so that ``middle`` becomes one half."""
    return 0.5 * value / middle if value < middle else 0.5 + 0.5 * (value - middle) / (1 - middle)
