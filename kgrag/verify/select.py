"""Chooses the sentences of the evidence that a claim is checked against: word pieces, rarity, and near words.

Knows: MiniLM's word pieces and their input vectors, how rare each piece is, and how much of a claim a
sentence covers. Does not know the encoder's layers or any label. Costs about a tenth of one encoder call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.language.sentences import split_sentences

MAX_CLAIM, MAX_EVIDENCE, MAX_SENTENCES = 56, 100, 4
MAX_TEXT = 24_000
"""Characters of one evidence list that are read; the rest is ignored."""
NEAR = 0.45
"""Cosine of input vectors from which two word pieces count as near words."""

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Selection:
    """A claim and the evidence sentences chosen for it, as word pieces.

    ``coverage`` is float32 (n_pieces_of_claim,), how well the chosen pieces cover each of the claim's;
    ``texts`` are the chosen sentences in the evidence's order, ``origins`` the index of the evidence text of
    each, ``best`` the place in ``texts`` of the sentence that covers most, ``scores`` the covered share of
    each sentence, best first.
    """

    claim: Ids
    evidence: Ids
    coverage: NDArray[np.float32]
    texts: tuple[str, ...]
    origins: tuple[int, ...]
    best: int
    scores: tuple[float, ...]
    n_sentences: int


class Selector:
    """Chooses the evidence sentences that cover a claim best.

    Args:
        tokenizer: a ``tokenizers.Tokenizer``.
        vectors: input vectors of the word pieces, float32 (n_pieces, dim).
        idf: rarity of each piece, float32 (n_pieces,).
    """

    def __init__(self, tokenizer: Any, vectors: NDArray[np.float32], idf: NDArray[np.float32]) -> None:
        self.tokenizer, self.idf = tokenizer, idf
        self.vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def encode(self, texts: Sequence[str]) -> list[Ids]:
        """The word pieces of each text without special ones."""
        return [
            np.array(e.ids, np.int64)
            for e in self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ]

    def near(self, claim: Ids, evidence: Ids) -> NDArray[np.float32]:
        """Likeness of each claim piece to each evidence piece in [0, 1], float32 (n_claim, n_evidence); 1
        where equal.
        """
        cosine = self.vectors[claim] @ self.vectors[evidence].T
        cosine[cosine < NEAR] = 0.0
        likeness: NDArray[np.float32] = np.where(
            claim[:, None] == evidence[None, :], np.float32(1.0), cosine * np.float32(0.8)
        )
        return likeness

    def select(self, claim: str, evidence: Sequence[str], max_sentences: int = MAX_SENTENCES) -> Selection:
        """The sentences that cover the claim best, at most ``max_sentences`` and ``MAX_EVIDENCE`` pieces."""
        texts, origins = _sentences(evidence)
        encoded = self.encode([claim, *texts])
        claim_ids, pieces = encoded[0][:MAX_CLAIM], [ids[:MAX_EVIDENCE] for ids in encoded[1:]]
        if not len(claim_ids) or not pieces:
            return Selection(
                claim_ids, np.zeros(0, np.int64), np.zeros(len(claim_ids), np.float32), (), (), 0, (), 0
            )
        per_sentence = self._coverage(claim_ids, pieces)
        weights = self.idf[claim_ids]
        scores = per_sentence @ weights / max(float(weights.sum()), 1e-6)
        chosen = _within_budget(np.argsort(-scores, kind="stable"), pieces, max_sentences)
        kept = sorted(chosen)
        return Selection(
            claim_ids,
            np.concatenate([pieces[i] for i in kept])[:MAX_EVIDENCE],
            per_sentence[kept].max(axis=0),
            tuple(texts[i] for i in kept),
            tuple(origins[i] for i in kept),
            kept.index(chosen[0]),
            tuple(float(scores[i]) for i in chosen),
            len(texts),
        )

    def _coverage(self, claim: Ids, pieces: Sequence[Ids]) -> NDArray[np.float32]:
        """How well each sentence covers each claim piece, float32 (n_sentences, n_claim)."""
        lengths = np.array([len(ids) for ids in pieces])
        likeness = self.near(claim, np.concatenate(pieces))
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        best: NDArray[np.float32] = np.maximum.reduceat(likeness, starts, axis=1).T
        return best


def _sentences(evidence: Sequence[str]) -> tuple[list[str], list[int]]:
    """All sentences with a letter or digit, with the index of the evidence text each is from."""
    texts: list[str] = []
    origins: list[int] = []
    left = MAX_TEXT
    for index, text in enumerate(evidence):
        text = text[:left]
        left -= len(text)
        for start, end in split_sentences(text):
            if any(char.isalnum() for char in text[start:end]):
                texts.append(text[start:end])
                origins.append(index)
    return texts, origins


def _within_budget(
    order: Sequence[Any] | NDArray[Any], pieces: Sequence[Ids], max_sentences: int
) -> list[int]:
    chosen: list[int] = []
    left = MAX_EVIDENCE
    for index in order:
        if len(chosen) == max_sentences or (chosen and len(pieces[index]) > left):
            break
        chosen.append(int(index))
        left -= len(pieces[index])
    return chosen
