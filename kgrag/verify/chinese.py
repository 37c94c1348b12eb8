"""Judges Chinese claims by their characters: what the evidence covers, and which characters stand against
which.

Knows: character and character-pair coverage, numbers, negation, and hashed pairs of a claim's uncovered
characters with the evidence's own. Does not know meaning beyond that: MiniLM reads English only, so this path
is weaker (see the card).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.language.facts import Checks, check, negations
from kgrag.language.sentences import split_sentences
from kgrag.types import SupportLabel, Verdict
from kgrag.verify.pieces import differs, kind_of, says_contrary

N_BUCKETS = 1 << 15
CHANGED = 0.4
"""The highest score of a claim that differs from its evidence in a piece."""
PLAIN = (
    "cover",
    "cover_pairs",
    "missing",
    "numbers_missing",
    "negation",
    "length_ratio",
    "claim_length",
    "evidence_length",
    "evidence_uncovered",
    "longest_run",
    "order",
)
CLASSES: tuple[SupportLabel, ...] = ("supported", "unsupported", "contradicted")
_CHARACTER = re.compile(r"[\u3400-\u9fff]|[A-Za-z]+|\d+(?:\.\d+)?")


def tokens(text: str) -> list[str]:
    """Chinese characters, Latin words (lower case) and numbers, in order."""
    return [token.lower() for token in _CHARACTER.findall(text)]


def best_sentences(claim: str, evidence: Sequence[str], n_best: int = 2) -> tuple[list[str], int]:
    """The sentences that share most character pairs with the claim, in order, and the index of the best one's
    text.
    """
    said = _pairs(tokens(claim))
    scored: list[tuple[float, int, int, str]] = []
    for index, text in enumerate(evidence):
        for start, end in split_sentences(text[:20_000]):
            found = _pairs(tokens(text[start:end]))
            scored.append((-len(said & found) / max(len(said), 1), len(scored), index, text[start:end]))
    chosen = sorted(scored)[:n_best]
    kept = sorted(chosen, key=lambda item: item[1])
    return [item[3] for item in kept], chosen[0][2] if chosen else 0


def plain_features(claim: str, evidence: str) -> NDArray[np.float32]:
    """The features named in ``PLAIN``, float32 (len(PLAIN),)."""
    said, known = tokens(claim), tokens(evidence)
    missing = [token for token in said if token not in set(known)]
    pairs = _pairs(said)
    checked = check(claim, evidence, evidence)
    n = max(len(said), 1)
    return np.array(
        [
            1 - len(missing) / n,
            len(pairs & _pairs(known)) / max(len(pairs), 1),
            min(len(missing), 20),
            checked.numbers_missing,
            float(negations(claim) > 0) - float(negations(evidence) > 0),
            n / (n + len(known) + 1),
            min(n, 60),
            min(len(known), 200),
            sum(token not in set(said) for token in known) / max(len(known), 1),
            _longest(said, known) / n,
            _in_order(said, known),
        ],
        np.float32,
    )


def hashed(claim: str, evidence: str) -> list[int]:
    """Buckets of the claim's uncovered tokens and pairs, alone and beside the evidence's uncovered tokens;
    sorted, unique.
    """
    said, known = tokens(claim), tokens(evidence)
    new = [token for token in dict.fromkeys(said) if token not in set(known)][:12]
    rest = [token for token in dict.fromkeys(known) if token not in set(said)][:40]
    keys = [f"u{token}" for token in new] + [f"b{a}{b}" for a, b in sorted(_pairs(said) - _pairs(known))]
    keys += [f"x{a}|{b}" for a in new for b in rest]
    return sorted({zlib.crc32(key.encode()) % N_BUCKETS for key in keys})


class ChineseVerifier:
    """A linear three-way model over plain and hashed features.

    Args:
        path: npz with ``mean``, ``deviation``, ``plain`` (3, n_plain), ``hashed`` (3, N_BUCKETS), ``bias``
            (3,).
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        with np.load(self.path, allow_pickle=False) as arrays:
            return {name: arrays[name].astype(np.float32) for name in arrays.files}

    def verify(self, claims: Sequence[str], evidence: Sequence[Sequence[str]]) -> list[Verdict]:
        """One verdict a claim against its own evidence texts."""
        return [self._one(claim, texts) for claim, texts in zip(claims, evidence, strict=True)]

    def _one(self, claim: str, texts: Sequence[str]) -> Verdict:
        sentences, best = best_sentences(claim, texts)
        joined = "".join(sentences)
        odds = self._odds(claim, joined)
        probability = np.exp(odds - odds.max())
        probability /= probability.sum()
        supported = _even(float(probability[0]))
        label: SupportLabel = (
            "supported" if supported >= 0.5 else CLASSES[1 + int(probability[2] > probability[1])]
        )
        checked: Checks = check(claim, joined, joined)
        contradicted = float(probability[2])
        if difference := differs(claim, texts, sentences):
            contrary = says_contrary(difference)
            supported = min(supported, CHANGED)
            contradicted = max(contradicted, 1 - CHANGED) if contrary else contradicted
            label = "contradicted" if contrary else "unsupported"
        failed = tuple(dict.fromkeys((*checked.failed, *kind_of(difference))))
        return Verdict(label, supported, best, contradicted, failed)

    def _odds(self, claim: str, evidence: str) -> NDArray[np.float32]:
        w = self._arrays
        plain = np.clip((plain_features(claim, evidence) - w["mean"]) / w["deviation"], -5, 5)
        odds: NDArray[np.float32] = (
            w["plain"] @ plain + w["hashed"][:, hashed(claim, evidence)].sum(axis=1) + w["bias"]
        )
        return odds


def _even(supported: float) -> float:
    """The probability of support if supported and not were equally common (in three even classes they are 1
    to 2).
    """
    return supported * 2 / (supported * 2 + (1 - supported)) if supported < 1 else 1.0


def _pairs(said: Sequence[str]) -> set[tuple[str, str]]:
    return set(pairwise(said))


def _longest(said: Sequence[str], known: Sequence[str]) -> int:
    """Length of the longest run of tokens that both texts share."""
    best, previous = 0, [0] * (len(known) + 1)
    for token in said[:80]:
        row = [0] * (len(known) + 1)
        for j, other in enumerate(known, 1):
            if token == other:
                row[j] = previous[j - 1] + 1
                best = max(best, row[j])
        previous = row
    return best


def _in_order(said: Sequence[str], known: Sequence[str]) -> float:
    """Share of the claim's covered tokens that stand in the evidence after the one before them."""
    at, kept, covered = -1, 0, 0
    for token in said:
        if token in known:
            covered += 1
            following = known.index(token, at + 1) if token in known[at + 1 :] else -1
            if following >= 0:
                at, kept = following, kept + 1
    return kept / covered if covered else 0.0
