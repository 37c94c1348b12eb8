"""Trains sequence labellers: hashed features and vectors of items → two-way LSTM → conditional random field.

Knows items as hash rows with vectors, and labels as numbers. Does not know words, files or what a label
means: the taggers (``kgrag.train.tagger``) and the sentence roles (``kgrag.train.roles``) use it alike.
Source: Lample et al. 2016 (LSTM-CRF).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

FORBIDDEN = -1e4


@dataclass(frozen=True, slots=True)
class Sequence_:
    """The items of one sequence: rows of the hash table for each, vectors (n, dim), and labels (n,)."""

    hashes: tuple[tuple[int, ...], ...]
    vectors: NDArray[np.float32]
    labels: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a labeller is; ``forbidden`` holds label pairs that may not follow each other."""

    n_labels: int
    dim: int
    n_buckets: int = 8192
    hashed: int = 48
    projected: int = 96
    hidden: int = 96
    forbidden: tuple[tuple[int, int], ...] = ()


class Labeller(nn.Module):  # type: ignore[misc]  # torch is an extra, its types are not read
    """See the module; ``forward`` gives emissions (n, length, n_labels)."""

    def __init__(self, size: Size, dropout: float = 0.4) -> None:
        super().__init__()
        self.size, self.dropout = size, dropout
        self.table = nn.EmbeddingBag(size.n_buckets, size.hashed, mode="mean")
        nn.init.normal_(self.table.weight, std=0.3)
        self.project = nn.Linear(size.dim, size.projected)
        self.lstm = nn.LSTM(size.hashed + size.projected, size.hidden, bidirectional=True, batch_first=True)
        self.emit = nn.Linear(2 * size.hidden, size.n_labels)
        self.transitions = nn.Parameter(torch.zeros(size.n_labels, size.n_labels))
        mask = torch.zeros(size.n_labels, size.n_labels)
        for before, after in size.forbidden:
            mask[before, after] = FORBIDDEN
        self.register_buffer("mask", mask)

    def forward(
        self, bags: tuple[torch.Tensor, torch.Tensor], vectors: torch.Tensor, lengths: torch.Tensor
    ) -> torch.Tensor:
        """Emissions, float (n, longest, n_labels); bags are flat rows and offsets of n·longest items."""
        n, longest, _ = vectors.shape
        hashed = self.table(*bags).view(n, longest, -1)
        x = F.dropout(
            torch.cat([hashed, torch.tanh(self.project(F.dropout(vectors, 0.1, self.training)))], dim=2),
            self.dropout,
            self.training,
        )
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, _ = nn.utils.rnn.pad_packed_sequence(
            self.lstm(packed)[0], batch_first=True, total_length=longest
        )
        emissions: torch.Tensor = self.emit(F.dropout(out, self.dropout, self.training))
        return emissions

    def loss(self, emissions: torch.Tensor, labels: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Mean negative log likelihood of the label sequences."""
        steps = self.transitions + self.mask
        _n, longest, _ = emissions.shape
        inside = torch.arange(longest)[None, :] < lengths[:, None]
        gold = (emissions.gather(2, labels[:, :, None])[:, :, 0] * inside).sum(1)
        gold = gold + (steps[labels[:, :-1], labels[:, 1:]] * inside[:, 1:]).sum(1)
        alpha = emissions[:, 0]
        for t in range(1, longest):
            nxt = torch.logsumexp(alpha[:, :, None] + steps[None], dim=1) + emissions[:, t]
            alpha = torch.where(inside[:, t, None], nxt, alpha)
        return (torch.logsumexp(alpha, dim=1) - gold).mean()


def collate(
    rows: Sequence[Sequence_],
) -> tuple[tuple[torch.Tensor, torch.Tensor], torch.Tensor, torch.Tensor, torch.Tensor]:
    """(bags, vectors, lengths, labels) of a batch, padded to the longest."""
    longest, dim = max(len(row.hashes) for row in rows), rows[0].vectors.shape[1]
    vectors, labels = (
        np.zeros((len(rows), longest, dim), np.float32),
        np.zeros((len(rows), longest), np.int64),
    )
    flat: list[int] = []
    offsets: list[int] = []
    for i, row in enumerate(rows):
        vectors[i, : len(row.hashes)], labels[i, : len(row.hashes)] = row.vectors, row.labels
        for place in range(longest):
            offsets.append(len(flat))
            flat.extend(row.hashes[place] if place < len(row.hashes) else ())
    lengths = torch.tensor([len(row.hashes) for row in rows])
    return (
        (torch.tensor(flat, dtype=torch.long), torch.tensor(offsets)),
        torch.from_numpy(vectors),
        lengths,
        torch.from_numpy(labels),
    )


def train(
    rows: Sequence[Sequence_],
    size: Size,
    n_epochs: int,
    *,
    rate: float = 2e-3,
    batch_size: int = 16,
    seed: int = 7,
    dropout: float = 0.4,
    after_epoch: Callable[
        [int, float, dict[str, NDArray[np.float32]]], None
    ] = lambda _number, _loss, _tensors: None,
) -> dict[str, NDArray[np.float32]]:
    """A fixed number of epochs, the rate falling linearly to a twentieth; returns the mean of the weights
    after each step of the last half.

    Args:
        rows: the sequences.
        size: of the model.
        n_epochs: times that each sequence is seen.
        after_epoch: called with (number, mean loss, tensors).
    """
    torch.manual_seed(seed)
    chance = random.Random(seed)
    model = Labeller(size, dropout)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    n_steps = n_epochs * -(-len(rows) // batch_size)
    mean = {name: value.detach().clone() for name, value in model.state_dict().items()}
    step = 0
    for epoch in range(n_epochs):
        running, start = 0.0, time.monotonic()
        batches = _batches(rows, batch_size, chance)
        for batch in batches:
            for group in optimiser.param_groups:
                group["lr"] = rate * (0.05 + 0.95 * (1 - step / n_steps)) * min(1.0, (step + 1) / 50)
            running += _step(model, optimiser, batch)
            step += 1
            if step % 5 == 0:
                decay = min(0.99, (step / 5) / (step / 5 + 10))
                for name, value in model.state_dict().items():
                    mean[name].lerp_(value, 1 - decay)
        del start
        after_epoch(epoch, running / len(batches), exported(mean))
    return exported(mean)


def _step(model: Labeller, optimiser: Any, batch: Sequence[Sequence_]) -> float:
    model.train()
    bags, vectors, lengths, labels = collate(batch)
    loss = model.loss(model(bags, vectors, lengths), labels, lengths)
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimiser.step()
    return float(loss.detach())


def _batches(rows: Sequence[Sequence_], size: int, chance: random.Random) -> list[Sequence[Sequence_]]:
    """Batches of nearly like length in random order."""
    keyed = sorted(rows, key=lambda row: len(row.hashes) + chance.random() * 6)
    batches: list[Sequence[Sequence_]] = [keyed[i : i + size] for i in range(0, len(keyed), size)]
    chance.shuffle(batches)
    return batches


def exported(tensors: dict[str, torch.Tensor]) -> dict[str, NDArray[np.float32]]:
    """Tensors by name as ``kgrag.models.labeller`` reads them."""
    plain = {name: np.array(value.detach().numpy(), np.float32) for name, value in tensors.items()}
    plain["transitions"] = plain["transitions"] + plain.pop("mask")
    return plain
