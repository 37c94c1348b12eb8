"""Runs a trained sequence labeller: ONNX Runtime for the two-way LSTM, Viterbi in NumPy; no torch.

Knows the file that ``kgrag.train.steps.sequence`` writes and how to run it. Does not know what items or
labels stand for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.models.minilm import cpu_session

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Labelled:
    """The best labels of a sequence and the probability of each, as the forward and backward pass gives
    it.
    """

    labels: tuple[int, ...]
    scores: tuple[float, ...]


class Labeller:
    """Runs one model.

    Args:
        path: an ``.npz`` of tensors, with ``header`` (JSON: labels, n_buckets, n_layers, kind …).
    """

    def __init__(self, path: Path) -> None:
        with np.load(path) as stored:
            tensors = {name: stored[name] for name in stored.files}
        self._start(
            json.loads(bytes(tensors.pop("header"))),
            {name: _unpacked(tensors, name) for name in tensors if not name.endswith(".scale")},
        )

    @classmethod
    def of(cls, header: dict[str, Any], tensors: dict[str, Floats]) -> Labeller:
        """A labeller from tensors in memory."""
        made = cls.__new__(cls)
        made._start(header, tensors)
        return made

    def _start(self, header: dict[str, Any], tensors: dict[str, Floats]) -> None:
        self.header = header
        self.table, self.transitions = tensors["table.weight"], tensors["transitions"]
        self._project = tensors["project.weight"].T.copy(), tensors["project.bias"]
        self._session = cpu_session(_lstm_graph(tensors))

    def label(self, sequences: Sequence[tuple[Sequence[tuple[int, ...]], Floats]]) -> list[Labelled]:
        """Labels of each sequence of (hash rows, vectors (n, dim)); empty ones give empty labels."""
        return self.label_inputs([self.inputs(hashes, vectors) for hashes, vectors in sequences])

    def inputs(self, hashes: Sequence[tuple[int, ...]], vectors: Floats) -> Floats:
        """What the network reads of each item, float32 (n, features); it depends on the item alone, so
        callers may remember it.
        """
        if not len(hashes):
            return np.zeros((0, self.table.shape[1] + len(self._project[1])), np.float32)
        return np.concatenate(
            [self._hashed(hashes), np.tanh(vectors @ self._project[0] + self._project[1])], axis=1
        )

    def label_inputs(self, sequences: Sequence[Floats]) -> list[Labelled]:
        """Labels of each sequence of inputs, in batches of like length."""
        out: list[Labelled] = [Labelled((), ())] * len(sequences)
        order = sorted(
            (i for i in range(len(sequences)) if len(sequences[i])), key=lambda i: len(sequences[i])
        )
        for start in range(0, len(order), 32):
            rows = order[start : start + 32]
            for row, found in zip(rows, self._batch([sequences[i] for i in rows]), strict=True):
                out[row] = found
        return out

    def _batch(self, sequences: Sequence[Floats]) -> list[Labelled]:
        lengths = np.array([len(items) for items in sequences], np.int32)
        x = np.zeros((int(lengths.max()), len(sequences), sequences[0].shape[1]), np.float32)
        for column, items in enumerate(sequences):
            x[: len(items), column] = items
        (emissions,) = self._session.run(None, {"x": x, "lengths": lengths})
        return viterbi(emissions, self.transitions, lengths)

    def _hashed(self, hashes: Sequence[tuple[int, ...]]) -> Floats:
        sizes = np.array([len(rows) for rows in hashes])
        flat = np.fromiter((row for rows in hashes for row in rows), np.int64, int(sizes.sum()))
        summed: Floats = np.add.reduceat(
            self.table[flat], np.concatenate([[0], np.cumsum(sizes)[:-1]]), axis=0
        )
        mean: Floats = (summed / sizes[:, None]).astype(np.float32)
        return mean


def viterbi(emissions: Floats, transitions: Floats, lengths: NDArray[np.int32]) -> list[Labelled]:
    """Best paths of a batch.

    Args:
        emissions: (longest, n, n_labels); after a sequence's length anything may stand.
        transitions: (n_labels, n_labels), from row to column.
        lengths: (n,).

    Returns:
        A path a sequence; scores are each label's share of all paths through its place.
    """
    longest, n, n_labels = emissions.shape
    best, back = np.zeros((longest, n, n_labels), np.float32), np.zeros((longest, n, n_labels), np.int64)
    before, after = np.zeros_like(best), np.zeros_like(best)
    best[0] = before[0] = emissions[0]
    for t in range(1, longest):
        steps = best[t - 1][:, :, None] + transitions
        back[t] = steps.argmax(axis=1)
        best[t] = steps.max(axis=1) + emissions[t]
        before[t] = _logsum(before[t - 1][:, :, None] + transitions, 1) + emissions[t]
    for t in range(longest - 2, -1, -1):
        onward = _logsum(transitions + (after[t + 1] + emissions[t + 1])[:, None, :], 2)
        after[t] = np.where((t + 1 < lengths)[:, None], onward, 0.0)
    return [_path(best[:, i], back[:, i], before[:, i] + after[:, i], int(lengths[i])) for i in range(n)]


def _logsum(x: Floats, axis: int) -> Floats:
    top = x.max(axis=axis, keepdims=True)
    out: Floats = (np.log(np.exp(x - top).sum(axis=axis, keepdims=True)) + top).squeeze(axis)
    return out


def _path(best: Floats, back: NDArray[np.int64], total: Floats, length: int) -> Labelled:
    label = int(best[length - 1].argmax())
    path = [label]
    for t in range(length - 1, 0, -1):
        label = int(back[t, label])
        path.append(label)
    path.reverse()
    shares = np.exp(total[:length] - _logsum(total[:length], 1)[:, None])
    return Labelled(tuple(path), tuple(float(shares[t, label]) for t, label in enumerate(path)))


def save_labeller(path: Path, header: dict[str, Any], tensors: dict[str, Floats]) -> None:
    """Writes the file that ``Labeller`` reads: the hash table in 8 bits a number, the rest in half
    precision.
    """
    stored: dict[str, Any] = {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)}
    for name, value in tensors.items():
        if name == "table.weight":
            scale = np.maximum(np.abs(value).max(axis=1, keepdims=True), 1e-9) / 127
            stored[name], stored[name + ".scale"] = (
                np.rint(value / scale).astype(np.int8),
                scale.astype(np.float16),
            )
        else:
            stored[name] = value.astype(np.float32 if name == "transitions" else np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **stored)


def _unpacked(tensors: dict[str, NDArray[Any]], name: str) -> Floats:
    scale = tensors.get(name + ".scale")
    value: Floats = tensors[name].astype(np.float32)
    return value if scale is None else value * scale.astype(np.float32)


_GATES = (0, 3, 1, 2)
"""torch orders gates input, forget, cell, output; ONNX input, output, forget, cell."""


def _lstm_graph(tensors: dict[str, Floats]) -> bytes:
    """x (longest, n, features), lengths (n,) → emissions (longest, n, n_labels)."""
    from onnx import helper, numpy_helper

    def gates(name: str) -> Floats:
        return np.concatenate([np.split(tensors[name], 4)[gate] for gate in _GATES])

    both = ("", "_reverse")
    w = np.stack([gates(f"lstm.weight_ih_l0{side}") for side in both])
    r = np.stack([gates(f"lstm.weight_hh_l0{side}") for side in both])
    b = np.stack(
        [np.concatenate([gates(f"lstm.bias_{part}_l0{side}") for part in ("ih", "hh")]) for side in both]
    )
    constants = {
        "w": w,
        "r": r,
        "b": b,
        "emit": tensors["emit.weight"].T.copy(),
        "bias": tensors["emit.bias"],
        "shape": np.array([0, 0, -1]),
    }
    nodes = [
        helper.make_node(
            "LSTM",
            ["x", "w", "r", "b", "lengths"],
            ["states"],
            direction="bidirectional",
            hidden_size=r.shape[2],
        ),
        helper.make_node("Transpose", ["states"], ["turned"], perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", ["turned", "shape"], ["joined"]),
        helper.make_node("MatMul", ["joined", "emit"], ["products"]),
        helper.make_node("Add", ["products", "bias"], ["emissions"]),
    ]
    inputs = [
        helper.make_tensor_value_info("x", 1, ["longest", "n", w.shape[2]]),
        helper.make_tensor_value_info("lengths", 6, ["n"]),
    ]
    outputs = [helper.make_tensor_value_info("emissions", 1, ["longest", "n", len(tensors["emit.bias"])])]
    initializers = [
        numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()
    ]
    graph = helper.make_graph(nodes, "labeller", inputs, outputs, initializers)
    serialised: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9
    ).SerializeToString()
    return serialised
