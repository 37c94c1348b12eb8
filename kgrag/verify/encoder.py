"""Reads a claim beside its evidence with the verifier's cross-encoder: a small BERT's retrained layers on
ONNX Runtime.

Knows: the shipped file (8-bit codes and scales of the layers, 4-bit codes of the word embeddings, the head),
and that what a file lacks is the embedder's own, so that nothing is shipped twice. Does not know features,
thresholds or training.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.models.bert_graph import build_encoder, n_layers_of
from kgrag.models.minilm import N_HEADS, cpu_session, load_weights
from kgrag.verify.select import MAX_CLAIM, MAX_EVIDENCE, Ids

CLS, SEP = 101, 102
WORDS, POSITIONS = "embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight"
GROUP = 64
MAX_PAIR = MAX_CLAIM + MAX_EVIDENCE + 3
"""Word pieces of a pair at most, with the three marks between them."""
Floats = NDArray[np.float32]


def pack(tensors: dict[str, Floats]) -> dict[str, NDArray[Any]]:
    """Weight matrices of layers as 8-bit codes with a float32 scale a row (an output), word embeddings as
    4-bit codes with a float16 scale for ``GROUP`` numbers, as many positions as are read; the rest as
    float16.
    """
    packed: dict[str, NDArray[Any]] = {}
    for name, value in tensors.items():
        if name == WORDS:
            packed |= _nibbles(value)
        elif value.ndim == 2 and not name.startswith(("head.", "embeddings.")):
            scale = np.maximum(np.abs(value).max(axis=1), 1e-12) / 127.0
            packed[name + ":codes"] = np.clip(np.rint(value / scale[:, None]), -127, 127).astype(np.int8)
            packed[name + ":scale"] = scale.astype(np.float32)
        else:
            packed[name] = (value[:MAX_PAIR] if name == POSITIONS else value).astype(np.float16)
    return packed


def unpack(packed: dict[str, NDArray[Any]]) -> dict[str, Floats]:
    """The tensors of ``pack`` as float32, to the rounding of the codes."""
    tensors = {name: value.astype(np.float32) for name, value in packed.items() if ":" not in name}
    for name in packed:
        plain, _, kind = name.partition(":")
        if kind == "codes":
            tensors[plain] = packed[name].astype(np.float32) * packed[plain + ":scale"][:, None]
        elif kind == "nibbles":
            codes = (
                np.stack([packed[name] & 15, packed[name] >> 4], axis=-1)
                .reshape(-1, GROUP)
                .astype(np.float32)
                - 8
            )
            tensors[plain] = (codes * packed[plain + ":scale"].astype(np.float32).reshape(-1, 1)).reshape(
                len(packed[name]), -1
            )
    return tensors


def _nibbles(table: Floats) -> dict[str, NDArray[Any]]:
    """A table (n_rows, a multiple of ``GROUP``) as two 4-bit codes a byte and the scales of its groups."""
    groups = table.reshape(-1, GROUP)
    scale = (np.maximum(np.abs(groups).max(axis=1), 1e-6) / 7.0).astype(np.float16)
    codes = (
        np.clip(np.rint(groups / scale[:, None].astype(np.float32)) + 8, 1, 15)
        .astype(np.uint8)
        .reshape(len(table), -1, 2)
    )
    return {
        WORDS + ":nibbles": codes[:, :, 0] | (codes[:, :, 1] << 4),
        WORDS + ":scale": scale.reshape(len(table), -1),
    }


class ClaimEncoder:
    """Reads claims beside their evidence. Loads on first use; safe to share between threads.

    Args:
        path: the safetensors file written by ``kgrag.train``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _tensors(self) -> dict[str, Floats]:
        from safetensors.numpy import load_file

        return unpack(load_file(self.path))

    @cached_property
    def _session(self) -> Any:
        tensors: dict[str, NDArray[Any]] = (
            {**self._tensors} if WORDS in self._tensors else load_weights() | self._tensors
        )
        tensors[WORDS] = tensors[WORDS].astype(np.float16)
        return cpu_session(build_encoder(tensors, n_layers_of(tensors), N_HEADS, quantize=True))

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="verifier")

    def read(self, claims: Sequence[Ids], evidence: Sequence[Ids]) -> tuple[Floats, Floats]:
        """Logits float32 (n, 3) for supported, unsupported, contradicted; and the cosine of both sides,
        float32 (n,).
        """
        if not claims:
            return np.zeros((0, 3), np.float32), np.zeros(0, np.float32)
        _ = self._session, self._tensors  # loaded before the threads ask for them
        rows = np.stack([*self._pool.map(self._one, claims, evidence)])
        return rows[:, :3], rows[:, 3]

    def _one(self, claim: Ids, evidence: Ids) -> Floats:
        """Three logits and the cosine of one pair, float32 (4,); pair by pair, so that a batch equals its
        single pairs.
        """
        a, b = _pooled(self._session, claim, evidence)
        cosine = float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-8))
        features = np.concatenate([a, b, np.abs(a - b), a * b, [cosine]]).astype(np.float32)
        w = self._tensors
        inner = gelu(w["head.inner.weight"] @ features + w["head.inner.bias"])
        return np.append(w["head.outer.weight"] @ inner + w["head.outer.bias"], cosine).astype(np.float32)


def gelu(x: Floats) -> Floats:
    """Gaussian error linear unit, exact form."""
    from scipy.special import erf

    out: Floats = 0.5 * x * (1.0 + erf(x / np.sqrt(2.0)))
    return out


def _pooled(session: Any, claim: Ids, evidence: Ids) -> Floats:
    """Mean token vectors of both sides, float32 (2, 384); an empty side is the mean of its separators."""
    ids = np.concatenate([[CLS], claim, [SEP], evidence, [SEP]]).astype(np.int64)[None]
    (tokens,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    cut = len(claim) + 2
    return np.stack([tokens[0, :cut].mean(axis=0), tokens[0, cut:].mean(axis=0)])
