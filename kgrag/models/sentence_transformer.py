"""Embeds texts with any sentence-transformers model, on a GPU where there is one.

Knows the library's own prompts for queries and passages. Needs the extra ``torch``; the model's files come
from a local folder or from what is already in the machine's cache.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgrag.errors import MissingExtra, NotFound
from kgrag.protocols import Vectors

GPU_BATCH, CPU_BATCH = 256, 16


class SentenceTransformerEmbedder:
    """See the module. Implements ``Embedder``.

    Args:
        model: name or folder, as sentence-transformers takes it.

    Raises:
        MissingExtra: sentence-transformers is not installed.
        NotFound: no such model on this machine or hub.
    """

    def __init__(self, model: str) -> None:
        try:
            import torch
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtra(f"The embedder '{model}'", "torch") from error
        on_gpu = torch.cuda.is_available()
        try:
            self._model = SentenceTransformer(
                model,
                device="cuda" if on_gpu else "cpu",
                model_kwargs={"dtype": torch.float16 if on_gpu else torch.float32},
            )
        except (OSError, ValueError) as error:
            raise NotFound(
                f"No sentence-transformers model '{model}' ({str(error)[:200]}). Give a folder, or use the"
                " default: minilm"
            ) from error
        self._batch = GPU_BATCH if on_gpu else CPU_BATCH
        self.identity = f"sentence-transformers/{model}"
        self.dim = len(self.embed_query("dimension"))

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """float32, (n_texts, dim), unit rows; empty text gives zeros.

        The library sorts by length, so batches are full.
        """
        if not len(texts):
            return np.zeros((0, self.dim), np.float32)
        return self._encode(texts, "passage")

    def embed_query(self, text: str) -> Vectors:
        """float32, (dim,), unit length."""
        vector: Vectors = self._encode([text], "query")[0]
        return vector

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        name = next(
            (
                p
                for p in (prompt, "document" if prompt == "passage" else prompt)
                if self._model.prompts.get(p)
            ),
            None,
        )
        rows: Vectors = self._model.encode(
            list(texts),
            prompt_name=name,
            batch_size=self._batch,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        rows = np.asarray(rows, np.float32)
        rows[[not text.strip() for text in texts]] = 0.0
        return rows
