"""Holds the vectors of a large index on a GPU, where FAISS has one and the library's settings want it.

Knows FAISS's GPU interface. The GPU finds candidates among all vectors, in half precision; scores and order
are then those of the stored vectors, so that it answers as comparing all of them on the CPU does.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from kgrag.errors import MissingExtra, UsageError
from kgrag.protocols import Keys, Vectors

Wanted = Literal["auto", "cpu", "gpu"]
MARGIN = 32
"""Candidates beyond those asked for: half precision may take a near one for a nearer."""
MOST = 2048
"""Candidates that FAISS gives from a GPU, at most."""
STEP = 100_000
"""Vectors sent to the GPU at a time."""


def gpus() -> int:
    """GPUs that the installed FAISS can use; that for CPUs alone knows none."""
    import faiss

    return int(faiss.get_num_gpus()) if hasattr(faiss, "StandardGpuResources") else 0


def on_gpu(wanted: Wanted) -> bool:
    """Whether vectors are compared on a GPU.

    Raises:
        MissingExtra: a GPU is asked for, and the installed FAISS is that for CPUs alone.
        UsageError: it is asked for, and FAISS finds none.
    """
    import faiss

    if wanted == "cpu":
        return False
    if wanted == "gpu" and not hasattr(faiss, "StandardGpuResources"):
        raise MissingExtra("index_device = 'gpu'", "gpu")
    found = gpus()
    if wanted == "gpu" and not found:
        raise UsageError(
            "index_device is 'gpu', and FAISS finds no GPU. Look with nvidia-smi, or set 'auto'."
        )
    return found > 0


def described(wanted: Wanted) -> str:
    """Which device compares vectors, for the doctor.

    Raises:
        KgragError: as ``on_gpu``.
    """
    used = on_gpu(wanted)
    return f"{'gpu' if used else 'cpu'} (asked for: {wanted}; FAISS finds {gpus()} GPUs)"


class OnGpu:
    """Vectors on a GPU, in the order of their keys.

    Args:
        keys: int64 (n,), ascending.
        vectors: float16 (n, dim), rows of the keys; may be mapped from a file.
    """

    def __init__(self, keys: Keys, vectors: Any) -> None:
        import faiss

        self._keys, self._vectors = keys, vectors
        self._lock = threading.Lock()  # FAISS's GPU resources serve one thread
        config = faiss.GpuIndexFlatConfig()
        config.useFloat16 = True
        self._resources = faiss.StandardGpuResources()
        self._index = faiss.GpuIndexFlatIP(self._resources, vectors.shape[1], config)
        for start in range(0, len(keys), STEP):
            self._index.add(np.asarray(vectors[start : start + STEP], np.float32))

    def search(
        self, vector: Vectors, top_k: int, allowed: Sequence[int] | None, gone: Keys
    ) -> dict[int, float] | None:
        """Inner product by key of the nearest; None where a selection is too narrow to be found among the
        candidates that a GPU gives.

        Args:
            vector: float32 (dim,).
            top_k: how many, at least, where there are so many.
            allowed: keys to choose from; None for all.
            gone: keys that are no longer there, ascending.
        """
        n = len(self._keys)
        share = 1.0 if allowed is None else len(allowed) / n
        depth = min(n, int(2 * (top_k + MARGIN) / max(share, 1 / n)) + len(gone))
        if depth > MOST:
            return None
        with self._lock:
            rows = self._index.search(vector[None, :].astype(np.float32), depth)[1][0]
        rows = rows[rows >= 0]
        kept = ~np.isin(self._keys[rows], gone)
        if allowed is not None:
            kept &= np.isin(self._keys[rows], np.asarray(allowed, np.int64))
        if kept.sum() < top_k and depth < n:
            return None
        rows = rows[kept]
        scores = np.asarray(self._vectors[rows], np.float32) @ vector.astype(np.float32)
        return dict(zip(self._keys[rows].tolist(), scores.tolist(), strict=True))
