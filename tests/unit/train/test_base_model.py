"""The model that the verifier is fine-tuned from is read from an exporter's ONNX file as its tensors were
named.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from kgrag.errors import ReadError
from kgrag.train.steps.base import read_base


def exported(path: Path, width: int) -> np.ndarray:
    """An ONNX file of two layers as torch's exporter writes it: embeddings by name, matrices transposed under
    names of its own.
    """
    rng = np.random.default_rng(0)
    query = rng.normal(size=(width, width)).astype(np.float32)
    held = {
        "embeddings.word_embeddings.weight": rng.normal(size=(9, width)).astype(np.float32),
        "encoder.layer.1.attention.self.query.bias": query[0],
        "onnx::MatMul_7": np.ascontiguousarray(query.T),
    }
    node = helper.make_node(
        "MatMul", ["x", "onnx::MatMul_7"], ["y"], name="/encoder/layer.0/attention/self/query/MatMul"
    )
    ends = [helper.make_tensor_value_info(name, 1, ["n", width]) for name in ("x", "y")]
    graph = helper.make_graph(
        [node],
        "bert",
        ends[:1],
        ends[1:],
        [numpy_helper.from_array(value, name) for name, value in held.items()],
    )
    onnx.save(helper.make_model(graph), str(path))
    return query


def test_matrices_are_named_by_their_products(tmp_path: Path) -> None:
    """A matrix is found under its node's name, the right way round; layers above those asked for are left
    out.
    """
    query = exported(tmp_path / "base.onnx", 384)
    found = read_base(tmp_path / "base.onnx", 1)
    assert set(found) == {"embeddings.word_embeddings.weight", "encoder.layer.0.attention.self.query.weight"}
    assert np.array_equal(found["encoder.layer.0.attention.self.query.weight"], query)


def test_another_width_is_refused(tmp_path: Path) -> None:
    """A model whose vectors have another width is named as such."""
    exported(tmp_path / "base.onnx", 8)
    with pytest.raises(ReadError, match="width 384"):
        read_base(tmp_path / "base.onnx", None)
