"""The cross-encoder of the verifier on ONNX Runtime: a claim beside its evidence, read by MiniLM's retrained layers.

Knows: the shipped file (8-bit codes and scales of the retrained layers, the head), and that the embeddings and lower
layers are the embedder's own file, so they are not shipped twice. Does not know features, thresholds or training.
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

from kgrag.models.bert_graph import build_encoder
from kgrag.models.minilm import N_HEADS, N_LAYERS, cpu_session, load_weights
from kgrag.verify.select import Ids

CLS, SEP = 101, 102
Floats = NDArray[np.float32]


def pack(tensors: dict[str, Floats]) -> dict[str, NDArray[Any]]:
    """Weight matrices of layers as 8-bit codes with a float32 scale a row (an output); the rest as float16."""
    packed: dict[str, NDArray[Any]] = {}
    for name, value in tensors.items():
        if value.ndim == 2 and not name.startswith("head."):
            scale = np.maximum(np.abs(value).max(axis=1), 1e-12) / 127.0
            packed[name + ":codes"] = np.clip(np.rint(value / scale[:, None]), -127, 127).astype(np.int8)
            packed[name + ":scale"] = scale.astype(np.float32)
        else:
            packed[name] = value.astype(np.float16)
    return packed


def unpack(packed: dict[str, NDArray[Any]]) -> dict[str, Floats]:
    """The tensors of ``pack`` as float32, to the rounding of the codes."""
    tensors = {name: value.astype(np.float32) for name, value in packed.items() if ":" not in name}
    for name in packed:
        if name.endswith(":codes"):
            plain = name.removesuffix(":codes")
            tensors[plain] = packed[name].astype(np.float32) * packed[plain + ":scale"][:, None]
    return tensors


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
        return cpu_session(build_encoder(load_weights() | self._tensors, N_LAYERS, N_HEADS, quantize=True))

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="verifier")

    def read(self, claims: Sequence[Ids], evidence: Sequence[Ids]) -> tuple[Floats, Floats]:
        """Logits float32 (n, 3) for supported, unsupported, contradicted; and the cosine of both sides, float32 (n,)."""
        if not claims:
            return np.zeros((0, 3), np.float32), np.zeros(0, np.float32)
        _ = self._session, self._tensors  # loaded before the threads ask for them
        rows = np.stack([*self._pool.map(self._one, claims, evidence)])
        return rows[:, :3], rows[:, 3]

    def _one(self, claim: Ids, evidence: Ids) -> Floats:
        """Three logits and the cosine of one pair, float32 (4,); pair by pair, so that a batch equals its single pairs."""
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
