"""A GPU answers as comparing all does. Where FAISS has no GPU its interface is made of the CPU's index: what
is ours is which candidates are asked for, how they are scored, and what is left to the CPU.
"""

from __future__ import annotations

import faiss
import numpy as np
import pytest

from kgrag.errors import MissingExtra, UsageError
from kgrag.indexes.device import MOST, OnGpu, described, on_gpu

NONE = np.zeros(0, np.int64)


class _Config:
    useFloat16 = False


class _Flat(faiss.IndexFlatIP):
    """As FAISS's index on a GPU: it is made of resources and a configuration, keeps half precision, and gives
    no more than 2,048.
    """

    def __init__(self, resources: object, dim: int, config: _Config) -> None:
        super().__init__(dim)
        assert config.useFloat16

    def add(self, vectors: np.ndarray) -> None:
        super().add((vectors.astype(np.float16).astype(np.float32)).round(2))  # coarser than any half

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        assert k <= MOST
        found: tuple[np.ndarray, np.ndarray] = super().search(queries, k)
        return found


@pytest.fixture
def a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """FAISS with a GPU."""
    for name, value in (
        ("StandardGpuResources", object),
        ("GpuIndexFlatConfig", _Config),
        ("GpuIndexFlatIP", _Flat),
        ("get_num_gpus", lambda: 1),
    ):
        monkeypatch.setattr(faiss, name, value, raising=False)


def vectors(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Keys with gaps, and unit vectors in half precision."""
    made = np.random.default_rng(3).normal(size=(n, 16))
    unit = made / np.linalg.norm(made, axis=1, keepdims=True)
    return np.arange(1, 2 * n, 2, dtype=np.int64), unit.astype(np.float16)


@pytest.mark.usefixtures("a_gpu")
@pytest.mark.parametrize("n", [5, 9_000])
def test_ids_and_order_are_those_of_comparing_all(n: int) -> None:
    """Also without what is gone, in wide selections, and for more than there are."""
    keys, stored = vectors(n)
    index, gone = OnGpu(keys, stored), keys[:: max(2, n // 50)]
    for asked in stored[:20].astype(np.float32) + 0.05:
        for allowed, left in ((None, NONE), (None, gone), (keys[::2].tolist(), gone)):
            among = np.setdiff1d(keys if allowed is None else allowed, left)
            scores = stored[np.searchsorted(keys, among)].astype(np.float32) @ asked
            expected = among[np.lexsort((among, -scores))][:10].tolist()
            found = index.search(asked, 10, allowed, left)
            assert found is not None
            assert sorted(found, key=lambda key: (-found[key], key))[:10] == expected


@pytest.mark.usefixtures("a_gpu")
def test_a_narrow_selection_is_left_to_the_cpu() -> None:
    """Where the candidates that a GPU gives would not hold it, nothing is said rather than too little."""
    keys, stored = vectors(9_000)
    assert OnGpu(keys, stored).search(stored[0].astype(np.float32), 10, keys[::300].tolist(), NONE) is None


@pytest.mark.usefixtures("a_gpu")
def test_a_gpu_is_used_where_there_is_one_and_it_is_wanted() -> None:
    """``auto`` takes it, ``cpu`` does not; the doctor says which."""
    assert [on_gpu("auto"), on_gpu("gpu"), on_gpu("cpu")] == [True, True, False]
    assert described("auto") == "gpu (asked for: auto; FAISS finds 1 GPUs)"


def test_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """``auto`` does without; ``gpu`` says what is missing: the packages, or the device."""
    monkeypatch.delattr(faiss, "StandardGpuResources", raising=False)
    assert described("auto") == "cpu (asked for: auto; FAISS finds 0 GPUs)"
    with pytest.raises(MissingExtra, match=r"kgrag\[gpu\]"):
        on_gpu("gpu")
    monkeypatch.setattr(faiss, "StandardGpuResources", object, raising=False)
    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 0, raising=False)
    with pytest.raises(UsageError, match="nvidia-smi"):
        on_gpu("gpu")
