"""Computes what a sequence labeller sees of an item: hashed pieces of its spelling, and a vector from the
packaged MiniLM.

Knows two kinds of item: words of a sentence, and sentences of an abstract. Vectors are the encoder's own
word-piece rows (no layer is run), or with ``n_layers`` the states of that layer. Does not know labels.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.models.bert_graph import build_encoder
from kgrag.models.minilm import DIM, N_HEADS, cpu_session, load_tokenizer, load_weights, model_folder

TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")
HAN_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+|[^\w\s]|_")
_CLASSES = ((re.compile(r"[A-Z]"), "A"), (re.compile(r"[a-z]"), "a"), (re.compile(r"[0-9]"), "0"))
_WORD = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?|[%<>=±]")
_REPEATED = re.compile(r"(?<=(.))\1+")
_POINTS = (
    ("works", re.compile(r"\[\d|\bet al\b|\([^()]*\b(?:19|20)\d\d[a-z]?\)")),
    ("figures", re.compile(r"\b(?:[Ff]ig(?:ure|s?\.)|[Tt]able|TABLE)\s*S?\d")),
)
Vectors = NDArray[np.float32]
Hashes = NDArray[np.int64]


def bucket(feature: str, n_buckets: int) -> int:
    """The row of a feature in a table of n_buckets rows."""
    return zlib.crc32(feature.encode()) % n_buckets


@lru_cache(maxsize=1 << 17)
def word_hashes(word: str, n_buckets: int) -> tuple[int, ...]:
    """Rows for a word: itself, its ends, its shape and the pieces of three and four letters."""
    low = word.lower()
    edged = f"<{low}>"
    features = [f"w={low}", f"s={shape(word)}", f"S={_REPEATED.sub('*', shape(word))}"]
    features += [f"{side}{n}={part}" for n in (2, 3, 4) for side, part in (("p", low[:n]), ("e", low[-n:]))]
    features += [edged[i : i + n] for n in (3, 4) for i in range(len(edged) - n + 1)]
    return tuple(dict.fromkeys(bucket(feature, n_buckets) for feature in features[:48]))


def shape(word: str) -> str:
    """``BRCA1`` → ``AAAA0``; other characters stand for themselves."""
    for pattern, sign in _CLASSES:
        word = pattern.sub(sign, word)
    return word[:12]


def sentence_hashes(sentence: str, position: int, n_sentences: int, n_buckets: int) -> tuple[int, ...]:
    """Rows for a sentence of an abstract: words, pairs of words, digits as one sign, and where it stands."""
    found = _plain_words(sentence)
    features = [*found, *(f"{a} {b}" for a, b in itertools.pairwise(found))]
    features += [
        f"from start={min(position, 6)}",
        f"from end={min(n_sentences - 1 - position, 6)}",
        f"tenth={10 * position // max(n_sentences, 1)}",
    ]
    features += ["first=" + " ".join(found[:2]), f"length={min(len(found) // 8, 6)}"]
    return tuple(dict.fromkeys(bucket(feature, n_buckets) for feature in features))


def text_hashes(sentence: str, n_buckets: int) -> tuple[int, ...]:
    """Rows for a sentence by itself, wherever it stands: words, pairs of words, its opening, and whether it
    points to other works or to a figure.
    """
    found = _plain_words(sentence)
    features = [*found, *(f"{a} {b}" for a, b in itertools.pairwise(found)), "first=" + " ".join(found[:2])]
    features += [f"points={name}" for name, pattern in _POINTS if pattern.search(sentence)]
    return tuple(dict.fromkeys(bucket(feature, n_buckets) for feature in features))


def _plain_words(sentence: str) -> list[str]:
    """At most 80 words in lower case, numbers as one sign."""
    return [("0" if word[0].isdigit() else word) for word in _WORD.findall(sentence.lower())][:80]


class ItemVectors:
    """Vectors of words or sentences from the packaged encoder; loads on first use.

    Args:
        n_layers: 0 for the mean of the word pieces' rows; else the states of that layer, which cost so many
            sixths of an embedding.
    """

    def __init__(self, n_layers: int = 0) -> None:
        self.n_layers = n_layers
        self._tokenizer: Any = load_tokenizer(512)
        self._rows = _word_rows()
        self._session = (
            cpu_session(build_encoder(load_weights(), n_layers, N_HEADS, quantize=True)) if n_layers else None
        )
        self._static = lru_cache(maxsize=1 << 16)(self._static_of)

    def of_words(self, words: Sequence[str]) -> Vectors:
        """float32, (n_words, 384) or (n_words, 768) with layers: rows, then states."""
        static = np.stack([self._static(word) for word in words]) if words else np.zeros((0, DIM), np.float32)
        return static if self._session is None else np.concatenate([static, self._states(words)], axis=1)

    def of_text(self, text: str) -> Vectors:
        """float32, (384,): the mean of the rows of all pieces."""
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        return self._rows[ids].mean(axis=0).astype(np.float32) if ids else np.zeros(DIM, np.float32)

    def _static_of(self, word: str) -> Vectors:
        return self.of_text(word)

    def _states(self, words: Sequence[str]) -> Vectors:
        assert self._session is not None
        encoded = self._tokenizer.encode(list(words), is_pretokenized=True)
        ids = np.array([encoded.ids])
        (tokens,) = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        out, count = np.zeros((len(words), DIM), np.float32), np.zeros((len(words), 1), np.float32)
        for place, word in enumerate(encoded.word_ids):
            if word is not None:
                out[word] += tokens[0, place]
                count[word] += 1
        states: Vectors = (out / np.maximum(count, 1)).astype(np.float32)
        return states


@lru_cache(maxsize=1)
def _word_rows() -> Vectors:
    """The encoder's word-piece rows, (30522, 384), read without the rest of its file."""
    from safetensors import safe_open

    with safe_open(model_folder() / "model.safetensors", "np") as tensors:
        rows: Vectors = tensors.get_tensor("embeddings.word_embeddings.weight")
    return rows
