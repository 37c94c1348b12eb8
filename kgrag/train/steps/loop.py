"""Trains the verifier's encoder in a loop that processor time bounds and that can go on from disk (needs
torch).

Knows: the schedule, the running mean of the weights, what a checkpoint holds. Does not know the data nor the
model's inside.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kgrag.train.steps.encoder import (
    CLS,
    DECAY,
    FAITHFUL,
    MASK,
    MASKED,
    N_FROZEN,
    CrossEncoder,
    Pair,
    collate,
    exported,
    load,
    loss_of,
    strayed,
)

Tensors = dict[str, NDArray[np.float32]]
EVERY, KEPT = 5, 0.985
"""Steps between two updates of the running mean of the weights, and what an update keeps of it."""
FALLS_FROM = 0.5
"""Share of the time after which the rate falls linearly, to a twentieth."""
COMPARED = 0.5
"""Share of steps that are compared with the base model's own reading, which costs a quarter of a step."""
CHECKPOINT = 300
"""Seconds of processor time between two checkpoints."""


def train(
    base: Mapping[str, NDArray[np.float32]],
    pools: Callable[[int], Iterable[Sequence[Pair]]],
    minutes: float,
    save: Callable[[Tensors], None],
    *,
    batch_size: int = 32,
    rate: float = 1e-4,
    seed: int = 7,
    compared: float = COMPARED,
    start: Mapping[str, NDArray[np.float32]] | None = None,
    state: Path | None = None,
    log: Callable[[str], None] = lambda _: None,
) -> CrossEncoder:
    """Trains for a number of minutes of processor time over epochs.

    Args:
        base: the tensors of the model to fine-tune, as for ``CrossEncoder``.
        pools: the examples of an epoch in random order, in pools of some forty batches within which they are
            sorted by length.
        minutes: how long in all, with what a checkpoint has behind it; the schedule follows the processor's
            time, so that a busy machine sees as many examples as an idle one.
        save: called every five minutes and at the end with the trained tensors by name, as a running mean
            over the last some hundreds of steps, which carries over to other sets better than the last step.
        compared: share of steps that are compared with the base model's own reading.
        start: tensors as ``exported`` gives them to go on from; the base model and a new head by default.
        state: a checkpoint that is written beside each ``save``; where it exists, training goes on from it.
    """
    torch.manual_seed(seed)
    chance = random.Random(seed)
    model = CrossEncoder(base)
    if start is not None:
        load(model, start)
    optimiser = torch.optim.AdamW(_groups(model, rate), weight_decay=0.01, fused=True)
    at = _resumed(state, model, optimiser) or {
        "mean": exported(model),
        "step": 0,
        "seen": 0,
        "spent": 0.0,
        "epoch": 0,
    }
    began = saved = time.process_time()
    before, epoch, running = at["spent"], at["epoch"], 0.0
    while True:
        for batch in (batch for pool in pools(epoch) for batch in _batches(pool, batch_size, chance)):
            at["spent"] = before + time.process_time() - began
            done = at["spent"] / (60 * minutes)
            if done >= 1.0 or time.process_time() - saved > CHECKPOINT:
                saved = time.process_time()
                save(at["mean"])
                _keep(state, model, optimiser, at | {"epoch": epoch + 1})
                if done >= 1.0:
                    return model
            for group in optimiser.param_groups:
                group["lr"] = group["base"] * _factor(at["step"], done)
            loss = _step(model, optimiser, batch, compared)
            running = 0.98 * running + 0.02 * loss if running else loss
            at["step"], at["seen"] = at["step"] + 1, at["seen"] + len(batch)
            if at["step"] % EVERY == 0:
                at["mean"] = blended(at["mean"], exported(model), max(1 - KEPT, EVERY / at["step"]))
            if at["step"] % 50 == 0:
                log(
                    f"epoch {epoch} step {at['step']} seen {at['seen']} loss {running:.4f}"
                    f" {at['seen'] / max(at['spent'], 1e-9):.1f} pairs/s"
                )
        epoch += 1


def _groups(model: CrossEncoder, rate: float) -> list[dict[str, Any]]:
    """Parameters with their rates: a layer learns ``DECAY`` as fast as the one above, the head eight times as
    fast.
    """
    layers = [
        {
            "params": [value for name, value in model.layers.items() if f"/layer/{layer}/" in f"/{name}"],
            "base": rate * DECAY ** (model.n_layers - 1 - layer),
        }
        for layer in range(N_FROZEN, model.n_layers)
    ]
    groups = [*layers, {"params": [*model.inner.parameters(), *model.outer.parameters()], "base": 8 * rate}]
    return [group | {"lr": group["base"]} for group in groups]


def _factor(step: int, done: float) -> float:
    return min(1.0, (step + 1) / 200) * min(1.0, 0.05 + 0.95 * (1 - done) / (1 - FALLS_FROM))


def _step(model: CrossEncoder, optimiser: Any, batch: Sequence[Pair], compared: float) -> float:
    model.train()
    ids, segments = collate(batch)
    hidden = (torch.rand(ids.shape) < MASKED) & (segments == 2) & (ids > CLS + 1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        lower, mask = model.lower(ids.masked_fill(hidden, MASK), segments)
        tokens = model.read(lower, mask)
        logits = model.classes(tokens, segments)
        stray = (
            strayed(tokens, model.read_plain(lower, mask), ids, segments)
            if torch.rand(()) < compared
            else torch.zeros(())
        )
    targets = torch.tensor([p.target for p in batch])
    loss = loss_of(logits, targets, torch.tensor([p.weight for p in batch]))
    whole = loss + FAITHFUL * stray
    optimiser.zero_grad()
    whole.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return float(whole.detach())


def _batches(pool: Sequence[Pair], size: int, chance: random.Random) -> list[Sequence[Pair]]:
    """Batches of like length, in random order."""
    ranked = sorted(pool, key=lambda p: len(p.claim) + len(p.evidence))
    batches: list[Sequence[Pair]] = [ranked[i : i + size] for i in range(0, len(ranked), size)]
    chance.shuffle(batches)
    return batches


def _keep(path: Path | None, model: CrossEncoder, optimiser: Any, at: Mapping[str, Any]) -> None:
    """Writes a checkpoint, whole or not at all."""
    if path is None:
        return
    partial = path.with_suffix(".partial")
    mean = {name: torch.from_numpy(np.array(value)) for name, value in at["mean"].items()}
    torch.save(
        {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "at": dict(at) | {"mean": mean}},
        partial,
    )
    partial.replace(path)


def _resumed(path: Path | None, model: CrossEncoder, optimiser: Any) -> dict[str, Any] | None:
    """Loads a checkpoint into model and optimiser; None where there is none."""
    if path is None or not path.is_file():
        return None
    kept = torch.load(path, weights_only=True)
    model.load_state_dict(kept["model"])
    optimiser.load_state_dict(kept["optimiser"])
    at: dict[str, Any] = kept["at"]
    return at | {"mean": {name: value.numpy() for name, value in at["mean"].items()}}


def blended(
    a: Mapping[str, NDArray[np.float32]], b: Mapping[str, NDArray[np.float32]], share: float
) -> Tensors:
    """Tensor by tensor (1 - share) * a + share * b."""
    return {name: (1 - share) * value + share * b[name] for name, value in a.items()}


def save_tensors(path: Path, tensors: Tensors) -> None:
    """Writes a safetensors file, whole or not at all."""
    from safetensors.numpy import save_file

    partial = path.with_suffix(".partial")
    save_file(tensors, partial)
    partial.replace(path)
