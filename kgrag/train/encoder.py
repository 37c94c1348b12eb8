"""Fine-tunes MiniLM's upper layers to read a claim beside its evidence (needs the extra ``train``: torch).

Knows: BERT's forward pass in torch with the tensor names of ``bert_graph``, the head that compares the pooled claim with
the pooled evidence, the loss over two-way and three-way labels, and a training loop bounded by time. Seeded. Does not
know which features stand beside the encoder, nor how it runs in the product (``kgrag.verify.encoder``).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from kgrag.models.minilm import DIM, N_HEADS, N_LAYERS, load_weights

CLS, SEP = 101, 102
N_FROZEN = 2
"""Lower layers that stay as the embedder has them."""
CLASSES = ("supported", "unsupported", "contradicted")
EVERY, KEPT = 5, 0.98
"""Steps between two updates of the running mean of the weights, and what an update keeps of it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim and evidence as word pieces, with its class (0 supported, 1 unsupported, 2 contradicted, 3 = 1 or 2)."""

    claim: NDArray[np.int64]
    evidence: NDArray[np.int64]
    target: int
    weight: float = 1.0


class CrossEncoder(nn.Module):  # type: ignore[misc]  # torch is an extra, its types are not read
    """MiniLM over ``[CLS] claim [SEP] evidence [SEP]``, means of both sides, and a head over their interaction."""

    def __init__(self, n_inner: int = 192) -> None:
        super().__init__()
        tensors = {name.replace(".", "/"): torch.from_numpy(np.array(value)) for name, value in load_weights().items()
                   if value.dtype == np.float32}
        trained = tuple(f"encoder/layer/{layer}/" for layer in range(N_FROZEN, N_LAYERS))
        self.frozen = {name.replace("/", "."): value for name, value in tensors.items() if not name.startswith(trained)}
        self.layers = nn.ParameterDict({name: nn.Parameter(value) for name, value in tensors.items() if name.startswith(trained)})
        self.inner = nn.Linear(4 * DIM + 1, n_inner)
        self.outer = nn.Linear(n_inner, len(CLASSES))

    def weight(self, name: str) -> torch.Tensor:
        """A tensor by its Hugging Face name, trained or frozen."""
        found = self.frozen.get(name)
        return found if found is not None else self.layers[name.replace(".", "/")]

    def forward(self, ids: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
        """Class logits, float (n, 3); ids int64 (n, length); segments 1 claim, 2 evidence, 0 padding."""
        mask = torch.where(segments > 0, 0.0, -1e4)[:, None, None, :].to(torch.bfloat16)
        with torch.no_grad():
            hidden = self._embed(ids)
            for layer in range(N_FROZEN):
                hidden = self._layer(hidden, mask, layer)
        for layer in range(N_FROZEN, N_LAYERS):
            hidden = self._layer(hidden, mask, layer)
        claim, evidence = (_mean(hidden, segments == side) for side in (1, 2))
        features = torch.cat([claim, evidence, (claim - evidence).abs(), claim * evidence,
                              F.cosine_similarity(claim, evidence)[:, None]], dim=1)
        out: torch.Tensor = self.outer(F.dropout(F.gelu(self.inner(F.dropout(features, 0.1, self.training))), 0.1, self.training))
        return out

    def _embed(self, ids: torch.Tensor) -> torch.Tensor:
        prefix = "embeddings."
        x = self.weight(prefix + "word_embeddings.weight")[ids] + self.weight(prefix + "token_type_embeddings.weight")[0]
        x = x + self.weight(prefix + "position_embeddings.weight")[: ids.shape[1]]
        return F.layer_norm(x, (DIM,), self.weight(prefix + "LayerNorm.weight"), self.weight(prefix + "LayerNorm.bias"), 1e-12)

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, self.weight(name + ".weight"), self.weight(name + ".bias"))

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (DIM,), self.weight(name + ".weight"), self.weight(name + ".bias"), 1e-12)

    def _layer(self, x: torch.Tensor, mask: torch.Tensor, layer: int) -> torch.Tensor:
        prefix = f"encoder.layer.{layer}."
        n, length, _ = x.shape
        q, k, v = (self._linear(x, f"{prefix}attention.self.{part}").view(n, length, N_HEADS, -1).transpose(1, 2)
                   for part in ("query", "key", "value"))
        scores = (q * (DIM // N_HEADS) ** -0.5) @ k.transpose(2, 3) + mask  # fused attention is slower on a CPU at these lengths
        context = (torch.softmax(scores, dim=-1).to(v.dtype) @ v).transpose(1, 2).reshape(n, length, DIM)
        x = self._norm(self._linear(context, prefix + "attention.output.dense") + x, prefix + "attention.output.LayerNorm")
        inner = F.gelu(self._linear(x, prefix + "intermediate.dense"))
        return self._norm(self._linear(inner, prefix + "output.dense") + x, prefix + "output.LayerNorm")


def _mean(hidden: torch.Tensor, side: torch.Tensor) -> torch.Tensor:
    weights = side[:, :, None].float()
    return (hidden.float() * weights).sum(1) / weights.sum(1).clamp(min=1.0)


def collate(pairs: Sequence[Pair]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and segments of a batch, int64 (n, longest)."""
    rows = [np.concatenate([[CLS], p.claim, [SEP], p.evidence, [SEP]]) for p in pairs]
    width = max(len(row) for row in rows)
    ids, segments = np.zeros((len(rows), width), np.int64), np.zeros((len(rows), width), np.int64)
    for i, (row, pair) in enumerate(zip(rows, pairs, strict=True)):
        ids[i, : len(row)] = row
        segments[i, : len(row)] = 2
        segments[i, : len(pair.claim) + 2] = 1
    return torch.from_numpy(ids), torch.from_numpy(segments)


def loss_of(logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Cross-entropy; target 3 (not supported, kind unknown) counts the mass of both failing classes."""
    logs = torch.log_softmax(logits.float(), dim=1)
    rest = torch.logsumexp(logs[:, 1:], dim=1, keepdim=True)
    picked = torch.cat([logs, rest], dim=1).gather(1, targets[:, None])[:, 0]
    return -(picked * weights).sum() / weights.sum()


def train(pools: Callable[[int], Iterable[Sequence[Pair]]], minutes: float, save: Callable[[dict[str, NDArray[np.float32]]], None], *,
          batch_size: int = 32, rate: float = 1e-4, seed: int = 7, start: Mapping[str, NDArray[np.float32]] | None = None,
          log: Callable[[str], None] = lambda _: None) -> CrossEncoder:
    """Trains for a number of minutes of processor time over epochs; the rate falls linearly to a twentieth.

    Args:
        pools: the examples of an epoch in random order, in pools of some forty batches within which they are sorted by length.
        minutes: how long; the schedule follows the processor's time, so that a busy machine sees as many examples as an idle one.
        save: called every five minutes and at the end with the trained tensors by name, as a running mean over the last
            some hundreds of steps, which carries over to other sets better than the last step.
        start: tensors as ``exported`` gives them to go on from; MiniLM and a new head by default.
    """
    torch.manual_seed(seed)
    chance = random.Random(seed)
    model = CrossEncoder()
    if start is not None:
        load(model, start)
    mean = exported(model)
    head = [*model.inner.parameters(), *model.outer.parameters()]
    optimiser = torch.optim.AdamW([{"params": list(model.layers.values()), "lr": rate, "base": rate},
                                   {"params": head, "lr": 8 * rate, "base": 8 * rate}], weight_decay=0.01)
    began, saved, step, seen, running = time.process_time(), time.process_time(), 0, 0, 0.0
    epoch = 0
    while True:
        for batch in (batch for pool in pools(epoch) for batch in _batches(pool, batch_size, chance)):
            done = (time.process_time() - began) / (60 * minutes)
            if done >= 1.0:
                save(mean)
                return model
            factor = min(1.0, (step + 1) / 200) * (0.05 + 0.95 * (1 - done))
            for group in optimiser.param_groups:
                group["lr"] = group["base"] * factor
            running = 0.98 * running + 0.02 * _step(model, optimiser, batch) if step else _step(model, optimiser, batch)
            step, seen = step + 1, seen + len(batch)
            if step % EVERY == 0:
                mean = blended(mean, exported(model), max(1 - KEPT, EVERY / step))
            if step % 50 == 0:
                log(f"epoch {epoch} step {step} seen {seen} loss {running:.4f} {seen / (time.process_time() - began):.1f} pairs/s")
            if time.process_time() - saved > 300:
                saved = time.process_time()
                save(mean)
        epoch += 1


def _step(model: CrossEncoder, optimiser: Any, batch: Sequence[Pair]) -> float:
    model.train()
    ids, segments = collate(batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(ids, segments)
    targets = torch.tensor([p.target for p in batch])
    loss = loss_of(logits, targets, torch.tensor([p.weight for p in batch]))
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def _batches(pool: Sequence[Pair], size: int, chance: random.Random) -> list[Sequence[Pair]]:
    """Batches of like length, in random order."""
    ranked = sorted(pool, key=lambda p: len(p.claim) + len(p.evidence))
    batches: list[Sequence[Pair]] = [ranked[i : i + size] for i in range(0, len(ranked), size)]
    chance.shuffle(batches)
    return batches


def exported(model: CrossEncoder) -> dict[str, NDArray[np.float32]]:
    """The trained tensors by name: the layers' Hugging Face names, and ``head.inner|outer.weight|bias``."""
    tensors = {name.replace("/", "."): value.detach().numpy() for name, value in model.layers.items()}
    for part in ("inner", "outer"):
        linear = getattr(model, part)
        tensors |= {f"head.{part}.weight": linear.weight.detach().numpy(), f"head.{part}.bias": linear.bias.detach().numpy()}
    return {name: np.array(value, np.float32) for name, value in tensors.items()}


def load(model: CrossEncoder, tensors: Mapping[str, NDArray[np.float32]]) -> None:
    """Puts tensors named as ``exported`` names them into the model."""
    places = {name.replace("/", "."): value for name, value in model.layers.items()}
    places |= {f"head.{part}.{kind}": getattr(getattr(model, part), kind) for part in ("inner", "outer") for kind in ("weight", "bias")}
    with torch.no_grad():
        for name, place in places.items():
            place.copy_(torch.from_numpy(np.array(tensors[name], np.float32)))


def blended(a: Mapping[str, NDArray[np.float32]], b: Mapping[str, NDArray[np.float32]], share: float) -> dict[str, NDArray[np.float32]]:
    """Tensor by tensor (1 - share) * a + share * b."""
    return {name: (1 - share) * value + share * b[name] for name, value in a.items()}


def save_tensors(path: Path, tensors: dict[str, NDArray[np.float32]]) -> None:
    """Writes a safetensors file, whole or not at all."""
    from safetensors.numpy import save_file

    partial = path.with_suffix(".partial")
    save_file(tensors, partial)
    partial.replace(path)


def probabilities(model: CrossEncoder, pairs: Sequence[Pair], batch_size: int = 64) -> NDArray[np.float64]:
    """Class probabilities in the order of ``CLASSES``, (n, 3)."""
    model.eval()
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i].claim) + len(pairs[i].evidence))
    out = np.zeros((len(pairs), 3))
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(*collate([pairs[i] for i in rows]))
        out[rows] = torch.softmax(logits.double(), dim=1).numpy()
    return out
