"""One suite for every embedder: unit rows, empty text is zero, a batch equals its single texts, near texts
are near.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from kgrag.errors import MissingExtra, NotFound
from kgrag.models.minilm import MiniLM, model_folder
from kgrag.testing import HashEmbedder

TEXTS = [
    "Thresher sharks hunt with their tails.",
    "Sharks use tail-slaps to stun prey.",
    "The stock market fell.",
    "",
    "  ",
    "图书馆",
    "a" * 5000,
    "\x00 odd \u200b text",
]
needs_torch = pytest.mark.skipif(
    find_spec("sentence_transformers") is None, reason="the extra `torch` is not installed"
)


def made(name: str) -> Any:
    """An embedder by name."""
    if name == "sentence-transformers":
        from kgrag.models.sentence_transformer import SentenceTransformerEmbedder

        return SentenceTransformerEmbedder(str(model_folder()))
    return {"hash": HashEmbedder, "minilm-int8": MiniLM, "minilm-fp32": lambda: MiniLM(quantize=False)}[
        name
    ]()


@pytest.mark.parametrize(
    "name", ["hash", "minilm-int8", "minilm-fp32", pytest.param("sentence-transformers", marks=needs_torch)]
)
def test_the_contract_of_embedders(name: str) -> None:
    """Shapes, types, lengths, zeros, and batch equals single."""
    embedder = made(name)
    rows = embedder.embed_passages(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dim)
    assert rows.dtype == np.float32
    assert np.allclose(
        np.linalg.norm(rows, axis=1), [0.0 if not text.strip() else 1.0 for text in TEXTS], atol=1e-3
    )
    for text, row in zip(TEXTS, rows, strict=True):
        assert np.allclose(embedder.embed_passages([text])[0], row, atol=1e-4)
    assert embedder.embed_passages([]).shape == (0, embedder.dim)
    assert embedder.identity == made(name).identity


@pytest.mark.parametrize("name", ["minilm-int8", "minilm-fp32"])
def test_near_texts_are_near(name: str) -> None:
    """Sentences that say the same are nearer than those that do not."""
    rows = made(name).embed_passages(TEXTS[:3])
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.3


def test_quantised_vectors_are_close_to_exact() -> None:
    """8-bit products move a vector by less than 0.03 in cosine."""
    texts = [text for text in TEXTS if text.strip()]
    assert (
        np.sum(
            made("minilm-int8").embed_passages(texts) * made("minilm-fp32").embed_passages(texts), axis=1
        ).min()
        > 0.97
    )


@needs_torch
def test_our_graph_equals_sentence_transformers() -> None:
    """The hand-written ONNX graph gives the vectors of the official implementation."""
    texts = [text for text in TEXTS if text.strip()]
    assert np.allclose(
        made("minilm-fp32").embed_passages(texts),
        made("sentence-transformers").embed_passages(texts),
        atol=1e-4,
    )


def test_an_unknown_model_is_a_clear_error() -> None:
    """A name that is nowhere says so and names the default; without the extra it says what to install."""
    from kgrag.models.sentence_transformer import SentenceTransformerEmbedder

    with pytest.raises((NotFound, MissingExtra), match=r"minilm|kgrag\[torch\]"):
        SentenceTransformerEmbedder("/no/such/folder")
