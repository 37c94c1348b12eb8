"""Reads the model that the verifier's encoder is fine-tuned from: MiniLM as the embedder has it, or a BERT of
its width from an ONNX file.

Knows: how exporters name a BERT's tensors in ONNX (matrices lie transposed and nameless, their product's node
is named). Does not know training.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.errors import ReadError
from kgrag.models.bert_graph import n_layers_of
from kgrag.models.minilm import DIM, load_weights

Tensors = dict[str, NDArray[np.float32]]


def read_base(path: Path | None, n_layers: int | None) -> Tensors:
    """The tensors of a base model by their Hugging Face names, its lowest layers only.

    Args:
        path: an ONNX file of a BERT of MiniLM's width with its word pieces; MiniLM itself where None.
        n_layers: layers to keep from the bottom; all where None.

    Raises:
        ReadError: the file holds no BERT of that width.
    """
    tensors = load_weights() if path is None else tensors_of(path)
    words = tensors.get("embeddings.word_embeddings.weight")
    if words is None or words.shape[1] != DIM:
        raise ReadError(
            f"'{path}' holds no BERT of width {DIM}. Give the ONNX file of such a model, as e5-small-v2's."
        )
    last = n_layers_of(tensors) if n_layers is None else n_layers
    return {
        name: value
        for name, value in tensors.items()
        if name.startswith(("embeddings.", "encoder.layer.")) and _layer(name) < last
    }


def tensors_of(path: Path) -> Tensors:
    """The float tensors of an exported BERT by their Hugging Face names; a product's matrix is named by its
    node.
    """
    import onnx
    from onnx import numpy_helper

    graph: Any = onnx.load(str(path)).graph
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found = {name: value for name, value in held.items() if name.startswith(("embeddings.", "encoder."))}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in held and node.input[1] not in found:
            found[node.name.strip("/").removesuffix("/MatMul").replace("/", ".") + ".weight"] = held[
                node.input[1]
            ].T
    return {name: np.ascontiguousarray(value) for name, value in found.items() if value.dtype == np.float32}


def _layer(name: str) -> int:
    return int(name.split(".")[2]) if name.startswith("encoder.layer.") else -1
