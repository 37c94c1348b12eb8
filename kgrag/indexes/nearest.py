"""Finds nearest vectors in FAISS: exactly while they are few, by inverted lists in a mapped file when they
are many.

Knows FAISS, keys and vectors. ``Nearest`` values do not change; a change makes a new one, so searches in
other threads go on. A snapshot (``nearest-<seq>.*`` and ``nearest.json``, swapped by rename) holds all
vectors up to its seq in 8-bit codes; what came later is searched exactly beside it, what went is left out.
How many lists are searched is chosen by the recall measured when the snapshot is made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.indexes.device import OnGpu
from kgrag.protocols import Keys, Vectors
from kgrag.system.files import sums_of, unlike, write_whole

LARGE = 60_000
"""Vectors from which lists are faster than comparing all; below, the answer is exact."""
COMPARED = 2_000
"""A selection of so many is compared whole: the lists near a question hold few of a narrow one."""
SHARE_OF_NEWS = 0.25
"""A snapshot is made anew when so much of the index came or went since."""
RECALL, RECALL_AT, N_MEASURED = 0.98, 100, 100
PROBES = (8, 16, 32, 64, 128, 256, 512)
TRAINING_A_LIST = 40
POINTER = "nearest.json"

Chunks = Callable[[], Iterable[tuple[Keys, Vectors]]]
"""All stored vectors in parts: keys int64 (n,), vectors float32 (n, dim)."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a snapshot says of itself: seq, number of vectors, lists, lists searched, and the recall measured
    at that (of the nearest hundred); and the sums of its files.
    """

    file: str
    seq: int
    n: int
    lists: int
    probes: int
    recall: float
    sums: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Nearest:
    """An index as it is at one moment.

    Attributes:
        recent: exact FAISS index over keys.
        base: the snapshot's index, or None.
        probes: lists searched in the base.
        gone: keys of the base that are no longer there, ascending.
        gpu: the base's vectors on a GPU, or None.
        keys: of the base, ascending.
        vectors: of the base, float16 (n, dim), mapped from a file: the lists hold only eight bits of each
            number.
    """

    recent: Any
    base: Any = None
    probes: int = 0
    keys: Any = None
    vectors: Any = None
    gone: Keys = field(default_factory=lambda: np.zeros(0, np.int64))
    gpu: OnGpu | None = None

    @property
    def n(self) -> int:
        """Vectors held."""
        return int(self.recent.ntotal) + (
            int(self.base.ntotal) - len(self.gone) if self.base is not None else 0
        )

    def search(
        self, vector: Vectors, top_k: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """(key, inner product), best first, ties by key; of the allowed keys where given."""
        faiss = _faiss()

        faiss.omp_set_num_threads(
            1
        )  # one question is too little work to share: waking the other threads costs more
        found: dict[int, float] = {}
        if self.base is not None:
            found.update(self._in_base(vector, top_k, allowed))
        limited = (
            None
            if allowed is None
            else faiss.SearchParameters(sel=faiss.IDSelectorBatch(np.asarray(allowed, np.int64)))
        )
        found.update(_search(self.recent, vector, top_k, limited))
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:top_k]

    def _in_base(self, vector: Vectors, top_k: int, allowed: Sequence[int] | None) -> dict[int, float]:
        """Inner products by key of the nearest that the base holds."""
        if allowed is not None and len(allowed) <= COMPARED:
            return self._compared(vector, allowed)
        if self.gpu is not None and (near := self.gpu.search(vector, top_k, allowed, self.gone)) is not None:
            return near
        parameters = _faiss().SearchParametersIVF(
            nprobe=self._probes(allowed), **self._base_selector(allowed)
        )
        return _search(self.base, vector, top_k, parameters)

    def _compared(self, vector: Vectors, allowed: Sequence[int]) -> dict[int, float]:
        """Inner products of the allowed keys that the base holds, from its vectors and not its codes."""
        wanted = np.unique(np.asarray(allowed, np.int64))
        places = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        held = (self.keys[places] == wanted) & ~np.isin(wanted, self.gone)
        scores = self.vectors[places[held]].astype(np.float32) @ vector.astype(np.float32)
        return dict(zip(wanted[held].tolist(), scores.tolist(), strict=True))

    def _probes(self, allowed: Sequence[int] | None) -> int:
        """Lists to search: so many more as a selection leaves less of each."""
        if not allowed:
            return self.probes
        return int(min(self.base.nlist, self.probes * max(1, round(len(self.keys) / len(allowed)))))

    def changed(self, gone: Keys, keys: Keys, vectors: Vectors) -> Nearest:
        """The index without the keys ``gone`` and with new vectors (n, dim)."""
        faiss = _faiss()

        recent = faiss.clone_index(self.recent)
        if len(gone) and recent.ntotal:
            recent.remove_ids(gone)
        if len(keys):
            recent.add_with_ids(vectors, keys)
        return replace(
            self, recent=recent, gone=np.union1d(self.gone, gone) if self.base is not None else self.gone
        )

    def matrix_of(self, keys: Sequence[int], dim: int) -> Vectors:
        """Vectors, float32 (n_keys, dim), in the order of the keys; zeros where a key is unknown."""
        wanted, matrix = np.asarray(keys, np.int64), np.zeros((len(keys), dim), np.float32)
        rest = np.arange(len(wanted))
        if self.base is not None and len(wanted):
            places = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
            held = (self.keys[places] == wanted) & ~np.isin(wanted, self.gone)
            matrix[held] = self.vectors[places[held]]
            rest = np.flatnonzero(~held)
        for row in rest if self.recent.ntotal else ():
            try:
                matrix[row] = self.recent.reconstruct(int(wanted[row]))
            except RuntimeError:  # FAISS has no other way to say that it does not know a key
                continue
        return matrix

    def _base_selector(self, allowed: Sequence[int] | None) -> dict[str, Any]:
        faiss = _faiss()

        if allowed is None and not len(self.gone):
            return {}
        if allowed is None:
            inner = faiss.IDSelectorBatch(self.gone)
            selector = faiss.IDSelectorNot(inner)
            selector.kept = inner  # FAISS keeps only a pointer to it
            return {"sel": selector}
        kept = np.setdiff1d(np.asarray(allowed, np.int64), self.gone)
        if not len(kept):
            return {"sel": faiss.IDSelectorBatch(kept)}
        bits = np.zeros(int(kept.max()) + 1, np.uint8)
        bits[kept] = 1
        return {"sel": faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little"))}


def empty(dim: int) -> Nearest:
    """An exact index without vectors."""
    faiss = _faiss()

    return Nearest(faiss.IndexIDMap2(faiss.IndexFlatIP(dim)))


def opened(folder: Path, dim: int, *, gpu: bool = False) -> tuple[Nearest, int]:
    """The index of the folder's snapshot (on a GPU, where asked for) and its seq; an empty one and 0 where
    there is none.
    """
    snapshot = read_snapshot(folder)
    if snapshot is None:
        return empty(dim), 0
    faiss = _faiss()

    base = faiss.read_index(str(folder / snapshot.file), faiss.IO_FLAG_MMAP)
    keys, vectors = (
        np.load(folder / f"nearest-{snapshot.seq}.{name}.npy", mmap_mode="r") for name in ("keys", "vectors")
    )
    held = OnGpu(keys, vectors) if gpu else None
    return Nearest(empty(dim).recent, base, snapshot.probes, keys, vectors, gpu=held), snapshot.seq


def read_snapshot(folder: Path) -> Snapshot | None:
    """The snapshot that the folder points to, or None."""
    try:
        found = Snapshot(**json.loads((folder / POINTER).read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):  # a damaged one is none, and made anew
        return None
    if not (folder / found.file).is_file() or unlike(folder, found.sums, by_size=True):
        return None
    return found


def forget(folder: Path) -> None:
    """Remove the snapshot."""
    (folder / POINTER).unlink(missing_ok=True)
    for file in folder.glob("nearest-*"):
        file.unlink(missing_ok=True)


def take_snapshot(folder: Path, chunks: Chunks, n: int, seq: int, dim: int, *, gpu: bool = False) -> Snapshot:
    """Train lists on a sample, add all vectors, choose the lists searched by measured recall, and swap the
    snapshot in.

    Args:
        folder: of the vectors.
        chunks: all vectors; read three times.
        n: their number.
        seq: the change up to which they go.
        dim: their length.
        gpu: whether lists are trained on one.
    """
    faiss = _faiss()

    lists = int(2 ** round(np.log2(n**0.5)))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim), dim, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.min_points_per_centroid = 1
    if gpu:
        index.clustering_index = faiss.index_cpu_to_all_gpus(faiss.IndexFlatIP(dim))
    index.train(_sample(chunks, n, TRAINING_A_LIST * lists))
    written, names = (
        np.lib.format.open_memmap(folder / f"nearest-{seq}.vectors.npy", "w+", np.float16, (n, dim)),
        np.zeros(n, np.int64),
    )
    for keys, vectors in chunks():
        start = int(index.ntotal)
        written[start : start + len(keys)], names[start : start + len(keys)] = vectors, keys
        index.add_with_ids(vectors, keys)
    written.flush()
    np.save(folder / f"nearest-{seq}.keys.npy", names)
    probes, recall = _probes(index, chunks, n)
    snapshot = Snapshot(f"nearest-{seq}.faiss", seq, int(index.ntotal), lists, probes, recall)
    faiss.write_index(index, str(folder / (snapshot.file + ".partial")))
    os.replace(folder / (snapshot.file + ".partial"), folder / snapshot.file)
    before = read_snapshot(folder)
    snapshot = replace(snapshot, sums=sums_of(sorted(folder.glob(f"nearest-{seq}.*"))))
    write_whole(folder / POINTER, json.dumps(asdict(snapshot)))
    kept = {
        f"nearest-{seq}",
        f"nearest-{before.seq}" if before else "",
    }  # readers may just be opening the one before
    for file in folder.glob("nearest-*"):
        if file.name.partition(".")[0] not in kept:
            file.unlink(missing_ok=True)
    return snapshot


def _sample(chunks: Chunks, n: int, wanted: int) -> Vectors:
    """Every so many-th vector, so that the same vectors give the same lists."""
    step = max(1, n // wanted)
    return np.concatenate([vectors[::step] for _, vectors in chunks()])


def _probes(index: Any, chunks: Chunks, n: int) -> tuple[int, float]:
    """The least number of lists that finds RECALL of the nearest hundred of sample vectors, and what it
    finds.
    """
    queries = _sample(chunks, n, N_MEASURED)[:N_MEASURED]
    depth = min(RECALL_AT, n)
    exact = _exact(queries, chunks, depth)
    recall = 0.0
    for probes in PROBES:
        index.nprobe = min(probes, index.nlist)
        found = index.search(queries, depth)[1]
        recall = float(
            np.mean([len(np.intersect1d(a, b)) / depth for a, b in zip(found, exact, strict=True)])
        )
        if recall >= RECALL or probes >= index.nlist:
            break
    return int(index.nprobe), round(recall, 4)


def _exact(queries: Vectors, chunks: Chunks, depth: int) -> NDArray[np.int64]:
    best_scores, best_keys = (
        np.full((len(queries), depth), -np.inf, np.float32),
        np.full((len(queries), depth), -1, np.int64),
    )
    for keys, vectors in chunks():
        scores = np.concatenate([best_scores, queries @ vectors.T], axis=1)
        both = np.concatenate([best_keys, np.broadcast_to(keys, (len(queries), len(keys)))], axis=1)
        order = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
        best_scores, best_keys = (
            np.take_along_axis(scores, order, axis=1),
            np.take_along_axis(both, order, axis=1),
        )
    return best_keys


def _search(index: Any, vector: Vectors, top_k: int, parameters: Any) -> dict[int, float]:
    n = min(top_k, index.ntotal)
    if n == 0:
        return {}
    scores, keys = index.search(vector[None, :].astype(np.float32), n, params=parameters)
    return {int(key): float(score) for key, score in zip(keys[0], scores[0], strict=True) if key >= 0}


def _faiss() -> Any:
    """FAISS as it is called from Python; its stubs describe the C++ signatures."""
    import faiss

    return faiss
