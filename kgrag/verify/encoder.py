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

    def read(self, claims: Sequence[Ids], evidence: Sequence[Ids]) -> tuple[Floats, Floats, list[Floats]]:
        """Each claim read beside its evidence.

        Returns:
            Logits float32 (n, 3) for supported, unsupported, contradicted; the cosine of both sides, float32 (n,); and for each claim how
            like each of its pieces is to the nearest of the evidence, float32 (n_pieces,), in [-1, 1], by contextual vectors.
        """
        if not claims:
            return np.zeros((0, 3), np.float32), np.zeros(0, np.float32), []
        _ = self._session, self._tensors  # loaded before the threads ask for them
        rows, near = zip(*self._pool.map(self._one, claims, evidence), strict=True)
        read = np.stack(rows)
        return read[:, :3], read[:, 3], list(near)

    def _one(self, claim: Ids, evidence: Ids) -> tuple[Floats, Floats]:
        """Three logits and the cosine of one pair, float32 (4,), and its pieces' likeness; pair by pair, so that a batch equals its single pairs."""
        tokens = _tokens(self._session, claim, evidence)
        cut = len(claim) + 2
        a, b = tokens[:cut].mean(axis=0), tokens[cut:].mean(axis=0)
        cosine = float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-8))
        features = np.concatenate([a, b, np.abs(a - b), a * b, [cosine]]).astype(np.float32)
        w = self._tensors
        inner = gelu(w["head.inner.weight"] @ features + w["head.inner.bias"])
        logits = w["head.outer.weight"] @ inner + w["head.outer.bias"]
        return np.append(logits, cosine).astype(np.float32), _nearest(tokens[1 : cut - 1], tokens[cut:-1])


def gelu(x: Floats) -> Floats:
    """Gaussian error linear unit, exact form."""
    from scipy.special import erf

    out: Floats = 0.5 * x * (1.0 + erf(x / np.sqrt(2.0)))
    return out


def _tokens(session: Any, claim: Ids, evidence: Ids) -> Floats:
    """Token vectors of ``[CLS] claim [SEP] evidence [SEP]``, float32 (n_pieces + 3, 384)."""
    ids = np.concatenate([[CLS], claim, [SEP], evidence, [SEP]]).astype(np.int64)[None]
    (tokens,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    out: Floats = tokens[0]
    return out


def _nearest(claim: Floats, evidence: Floats) -> Floats:
    """For each row of the claim its highest cosine with a row of the evidence; 0 without evidence."""
    if not len(claim) or not len(evidence):
        return np.zeros(len(claim), np.float32)
    a, b = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9) for rows in (claim, evidence))
    out: Floats = (a @ b.T).max(axis=1)
    return out
