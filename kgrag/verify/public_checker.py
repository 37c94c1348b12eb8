"""Uses any public checker of claims as the verifier: a sequence-classification model of Hugging Face's format
(NLI, MiniCheck, FactCG …), by setting ``verifier = "cross-encoder:MODEL"``.

Knows how such models name their classes and how long they read. The exact checks stand beside it as beside
the shipped verifier: a claim that copies a sentence with another fact in it is never supported. Its scores
are its own: a threshold for α needs ``kgrag calibrate --claims FILE`` first. Needs the extra ``torch``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgrag.errors import MissingExtra, UsageError
from kgrag.language.facts import check, substitutions
from kgrag.language.sentences import split_sentences
from kgrag.types import SupportLabel, Verdict
from kgrag.verify.model import CHANGED, label_of

BATCH, MAX_TOKENS, MAX_TEXTS = 16, 512, 12
_NAMES: tuple[tuple[SupportLabel, re.Pattern[str]], ...] = (
    ("contradicted", re.compile(r"contradict|refut", re.I)),
    (
        "unsupported",
        re.compile(
            r"neutral|unsupport|not[ _-]?(?:support|entail)|hallucinat|not[ _-]?enough|^no$|^label_0$", re.I
        ),
    ),
    ("supported", re.compile(r"entail|support|factual|attributable|consistent|^yes$|^label_1$", re.I)),
)


class PublicChecker:
    """See the module. Implements ``Verifier``.

    Args:
        model: a folder, or any name that transformers can load.

    Raises:
        MissingExtra: torch or transformers are not installed.
        UsageError: there is no such model, or its classes have no known names.
    """

    def __init__(self, model: str) -> None:
        try:
            import torch
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
        except ModuleNotFoundError as error:
            raise MissingExtra("A public checker of claims", "torch") from error
        try:
            self._tokenizer, self._model = (
                AutoTokenizer.from_pretrained(model),
                AutoModelForSequenceClassification.from_pretrained(model).eval(),
            )
        except (OSError, ValueError) as error:
            raise UsageError(
                f"verifier = 'cross-encoder:{model}' is no model that can be loaded"
                f" ({str(error).splitlines()[0][:200]})."
            ) from error
        self._model.to("cuda" if torch.cuda.is_available() else "cpu")
        self._columns = columns_of(self._model.config.id2label)
        self.identity = f"cross-encoder:{model}"

    def verify(self, claims: Sequence[str], evidence: Sequence[Sequence[str]]) -> list[Verdict]:
        """One verdict a claim: by the text of its evidence that supports it most."""
        texts = [
            [text for text in given if text.strip()][:MAX_TEXTS] if claim.strip() else []
            for claim, given in zip(claims, evidence, strict=True)
        ]
        read = iter(
            self._read([(text, claim) for claim, given in zip(claims, texts, strict=True) for text in given])
        )
        return [
            _verdict(claim, list(given), kept, np.array([next(read) for _ in kept]))
            for claim, given, kept in zip(claims, evidence, texts, strict=True)
        ]

    def _read(self, pairs: Sequence[tuple[str, str]]) -> list[NDArray[np.float64]]:
        """Probabilities of supported, unsupported and contradicted for each (text, claim)."""
        import torch

        found: list[NDArray[np.float64]] = []
        for start in range(0, len(pairs), BATCH):
            part = pairs[start : start + BATCH]
            inputs = self._tokenizer(
                [text for text, _ in part],
                [claim for _, claim in part],
                truncation="only_first",
                max_length=self._longest(),
                padding=True,
                return_tensors="pt",
            )
            with torch.no_grad():
                logits = self._model(**inputs.to(self._model.device)).logits.double().cpu()
            found += list(np.asarray(torch.softmax(logits, dim=1)) @ self._columns)
        return found

    def _longest(self) -> int:
        return min(MAX_TOKENS, int(getattr(self._model.config, "max_position_embeddings", MAX_TOKENS)))


def columns_of(names: dict[int, str]) -> NDArray[np.float64]:
    """Which of a model's classes counts for which verdict, float64 (n_classes, 3): supported, unsupported,
    contradicted.

    Raises:
        UsageError: no class means supported.
    """
    order: tuple[SupportLabel, ...] = ("supported", "unsupported", "contradicted")
    columns = np.zeros((len(names), 3))
    for number, name in names.items():
        kind = next((label for label, pattern in _NAMES if pattern.search(str(name))), "unsupported")
        columns[int(number), order.index(kind)] = 1.0
    if not columns[:, 0].any():
        raise UsageError(
            f"None of the classes {', '.join(map(str, names.values()))} of this checker is known to mean"
            " 'supported'."
        )
    return columns


def _verdict(claim: str, given: list[str], kept: Sequence[str], shares: NDArray[np.float64]) -> Verdict:
    if not kept:
        return Verdict("unsupported", 0.0)
    best = int(shares[:, 0].argmax())
    sentences = [kept[best][a:b] for a, b in split_sentences(kept[best])]
    score, against = float(shares[best, 0]), float(shares[:, 2].max())
    exchanged = (
        []
        if any(claim.strip().rstrip(".。").lower() in text.lower() for text in kept)
        else [kind for sentence in sentences for kind in substitutions(claim, sentence)]
    )
    if exchanged:
        score, against = min(score, CHANGED), max(against, 1 - CHANGED)
    checks = (
        dict.fromkeys((*check(claim, " ".join(kept), sentences[0] if sentences else "").failed, *exchanged))
        if exchanged or score < 0.5
        else ()
    )
    return Verdict(label_of(score, against), score, given.index(kept[best]), against, tuple(checks))
