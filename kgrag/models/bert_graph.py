"""Writes BERT encoders as ONNX graphs, node by node from a safetensors file: no torch, no exporter.

Knows: the BERT architecture (Devlin et al. 2018) and ONNX Runtime's fused operators for it. Does not know
tokenizers, pooling policy, or where files lie. One graph serves the embedder and the verifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, NDArray[Any]]


def build_encoder(weights: Weights, n_layers: int, n_heads: int, *, quantize: bool) -> bytes:
    """A BERT encoder as a serialised ONNX model.

    Args:
        weights: tensors by their Hugging Face names (``embeddings.word_embeddings.weight`` …), float32; word
            embeddings may be float16, which halves the memory they hold.
        n_layers: layers to keep, counted from the bottom.
        n_heads: attention heads of a layer.
        quantize: 8-bit weights (a scale a column) and 8-bit activations (a scale a call) in all matrix
            products; embeddings stay float32. The activation scale spans the whole batch, so run texts one
            by one where a batch must equal its single texts.

    Returns:
        The model; inputs ``input_ids`` and ``attention_mask`` int64 (batch, tokens), output ``tokens``
        float32 (batch, tokens, hidden).
    """
    graph = _Graph(weights, quantize)
    hidden = graph.embeddings()
    for layer in range(n_layers):
        hidden = graph.layer(hidden, f"encoder.layer.{layer}.", n_heads)
    return graph.model(hidden)


def n_layers_of(weights: Weights) -> int:
    """How many layers, counted from the bottom, the tensors hold."""
    return 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))


def _columnwise_8bit(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Symmetric 8-bit codes of a (n_in, n_out) matrix and the scale of each column, float32 (n_out,)."""
    scale = np.maximum(np.abs(weight).max(axis=0), 1e-12) / 127.0
    return np.clip(np.rint(weight / scale), -127, 127).astype(np.int8), scale.astype(np.float32)


class _Graph:
    """Collects nodes and initialisers; each method returns the name of the tensor it made."""

    def __init__(self, weights: Weights, quantize: bool) -> None:
        from onnx import helper, numpy_helper

        self._helper: Any = helper
        self._to_tensor: Any = numpy_helper.from_array
        self.weights, self.quantize = weights, quantize
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.initializers.append(self._to_tensor(np.ascontiguousarray(value), name))
        return name

    def parameter(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def node(self, op: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(
            self._helper.make_node(op, inputs, [output], name=output, domain=domain, **attributes)
        )
        return output

    def embeddings(self) -> str:
        prefix = "embeddings."
        words = self.node("Gather", [self.parameter(prefix + "word_embeddings.weight"), "input_ids"], "words")
        if self.weights[prefix + "word_embeddings.weight"].dtype == np.float16:
            words = self.node("Cast", [words], "words32", to=1)
        types = self.weights[prefix + "token_type_embeddings.weight"][0]
        positions = self.constant("positions", self.weights[prefix + "position_embeddings.weight"] + types)
        self.node("Shape", ["input_ids"], "shape", start=1, end=2)
        start, axis = self.constant("zero", np.array([0])), self.constant("axis0", np.array([0]))
        self.node("Slice", [positions, start, "shape", axis], "positions_used")
        self.node("Add", [words, "positions_used"], "embedded")
        self.node("Cast", ["attention_mask"], "mask32", to=6)
        return self.node(
            "LayerNormalization",
            [
                "embedded",
                self.parameter(prefix + "LayerNorm.weight"),
                self.parameter(prefix + "LayerNorm.bias"),
            ],
            "normalised",
            epsilon=1e-12,
        )

    def product(self, x: str, name: str, weight: NDArray[np.float32]) -> str:
        """x @ weight, weight (n_in, n_out)."""
        if not self.quantize:
            return self.node("MatMul", [x, self.constant(name + ".w", weight)], name)
        codes, scale = _columnwise_8bit(weight)
        zeros = np.zeros(len(scale), np.int8)
        inputs = [
            self.constant(f"{name}.{part}", value)
            for part, value in (("q", codes), ("s", scale), ("z", zeros))
        ]
        return self.node("DynamicQuantizeMatMul", [x, *inputs], name, "com.microsoft")

    def layer(self, x: str, prefix: str, n_heads: int) -> str:
        w = self.weights
        attention = prefix + "attention."
        parts = [attention + f"self.{part}" for part in ("query", "key", "value")]
        fused = np.concatenate([w[p + ".weight"].T for p in parts], axis=1)
        bias = np.concatenate([w[p + ".bias"] for p in parts])
        self.product(x, prefix + "qkv", fused)
        size = fused.shape[0]
        names = [prefix + part for part in ("q", "k", "v")]
        self.nodes.append(
            self._helper.make_node(
                "Split",
                [prefix + "qkv", self.constant(prefix + "sizes", np.array([size] * 3))],
                names,
                axis=2,
                name=prefix + "split",
            )
        )
        self.node(
            "MultiHeadAttention",
            [*names, self.constant(prefix + "qkv_bias", bias), "mask32"],
            prefix + "context",
            "com.microsoft",
            num_heads=n_heads,
        )
        self.product(prefix + "context", prefix + "projected", w[attention + "output.dense.weight"].T)
        x = self.skip(
            prefix + "projected", x, attention + "output.LayerNorm", attention + "output.dense.bias"
        )
        self.product(x, prefix + "inner", w[prefix + "intermediate.dense.weight"].T)
        self.node(
            "BiasGelu",
            [prefix + "inner", self.parameter(prefix + "intermediate.dense.bias")],
            prefix + "gelu",
            "com.microsoft",
        )
        self.product(prefix + "gelu", prefix + "outer", w[prefix + "output.dense.weight"].T)
        return self.skip(prefix + "outer", x, prefix + "output.LayerNorm", prefix + "output.dense.bias")

    def skip(self, x: str, skip: str, norm: str, bias: str) -> str:
        inputs = [
            x,
            skip,
            self.parameter(norm + ".weight"),
            self.parameter(norm + ".bias"),
            self.parameter(bias),
        ]
        return self.node("SkipLayerNormalization", inputs, norm + ".out", "com.microsoft", epsilon=1e-12)

    def model(self, output: str) -> bytes:
        helper = self._helper
        self.node("Identity", [output], "tokens")
        ints = [
            helper.make_tensor_value_info(name, 7, ["batch", "length"])
            for name in ("input_ids", "attention_mask")
        ]
        floats = [helper.make_tensor_value_info("tokens", 1, ["batch", "length", "hidden"])]
        graph = helper.make_graph(self.nodes, "bert", ints, floats, self.initializers)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        serialised: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()
        return serialised
