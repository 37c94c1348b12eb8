"""Fine-tunes the upper layers of a small BERT to read a claim beside its evidence (needs the extra ``train``:
torch).

Knows: BERT's forward pass in torch with the tensor names of ``bert_graph``, the head that compares the pooled
claim with the pooled evidence, and the loss over two-way and three-way labels. Does not know the training
loop (``kgrag.train.steps.loop``), which features stand beside the encoder, nor how it runs in the product
(``kgrag.verify.encoder``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from kgrag.models.bert_graph import n_layers_of
from kgrag.models.minilm import DIM, N_HEADS

CLS, SEP, MASK = 101, 102, 103
N_FROZEN = 2
"""Lower layers that stay as the base model has them."""
CLASSES = ("supported", "unsupported", "contradicted")
DROPPED, MASKED, SMOOTH, DECAY = 0.1, 0.06, 0.05, 0.85
"""What training hides and softens: share of activations, of the evidence's word pieces, of each label; and a
layer's rate over that of the one above.
"""
FAITHFUL = 5.0
"""Weight of staying near the base model in how like each piece of the claim is to the evidence's: what it
learnt of likeness carries over to claims of any kind, what is learnt here of labels less so.
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim and evidence as word pieces, with its class (0 supported, 1 unsupported, 2 contradicted, 3 = 1
    or 2).
    """

    claim: NDArray[np.int64]
    evidence: NDArray[np.int64]
    target: int
    weight: float = 1.0


class CrossEncoder(nn.Module):  # type: ignore[misc]  # torch is an extra, its types are not read
    """A BERT over ``[CLS] claim [SEP] evidence [SEP]``, means of both sides, and a head over their
    interaction.

    Args:
        base: the tensors of a BERT of MiniLM's width and heads by their Hugging Face names; all its layers
            are read.
        n_inner: units of the head.
    """

    def __init__(self, base: Mapping[str, NDArray[np.float32]], n_inner: int = 192) -> None:
        super().__init__()
        self.reads_plain, self.n_layers = False, n_layers_of(base)
        tensors = {
            name.replace(".", "/"): torch.from_numpy(np.array(value))
            for name, value in base.items()
            if value.dtype == np.float32
        }
        trained = tuple(f"encoder/layer/{layer}/" for layer in range(N_FROZEN, self.n_layers))
        self.plain = {name.replace("/", "."): value for name, value in tensors.items()}
        self.frozen = {
            name.replace("/", "."): value for name, value in tensors.items() if not name.startswith(trained)
        }
        self.layers = nn.ParameterDict(
            {name: nn.Parameter(value.clone()) for name, value in tensors.items() if name.startswith(trained)}
        )
        self.inner = nn.Linear(4 * DIM + 1, n_inner)
        self.outer = nn.Linear(n_inner, len(CLASSES))

    def weight(self, name: str) -> torch.Tensor:
        """A tensor by its Hugging Face name, trained or frozen."""
        found = (self.plain if self.reads_plain else self.frozen).get(name)
        return found if found is not None else self.layers[name.replace(".", "/")]

    def forward(self, ids: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
        """Class logits, float (n, 3); ids int64 (n, length); segments 1 claim, 2 evidence, 0 padding."""
        return self.classes(self.read(*self.lower(ids, segments)), segments)

    def lower(self, ids: torch.Tensor, segments: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the frozen layers make of the word pieces, (n, length, dim), and the mask of attention."""
        mask = torch.where(segments > 0, 0.0, -1e4)[:, None, None, :].to(torch.bfloat16)
        with torch.no_grad():
            hidden = self._embed(ids)
            for layer in range(N_FROZEN):
                hidden = self._layer(hidden, mask, layer)
        return hidden, mask

    def read(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The trained layers' token vectors, (n, length, dim)."""
        for layer in range(N_FROZEN, self.n_layers):
            hidden = self._layer(hidden, mask, layer)
        return hidden

    def read_plain(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The token vectors of the base model's own layers."""
        was, self.reads_plain = self.training, True
        with torch.no_grad():
            out = self.eval().read(hidden, mask)
        self.reads_plain = False
        self.train(was)
        return out

    def classes(self, hidden: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
        """Class logits, float (n, 3), from token vectors."""
        claim, evidence = (_mean(hidden, segments == side) for side in (1, 2))
        features = torch.cat(
            [
                claim,
                evidence,
                (claim - evidence).abs(),
                claim * evidence,
                F.cosine_similarity(claim, evidence)[:, None],
            ],
            dim=1,
        )
        out: torch.Tensor = self.outer(
            F.dropout(F.gelu(self.inner(F.dropout(features, 0.1, self.training))), 0.1, self.training)
        )
        return out

    def _embed(self, ids: torch.Tensor) -> torch.Tensor:
        prefix = "embeddings."
        x = (
            self.weight(prefix + "word_embeddings.weight")[ids]
            + self.weight(prefix + "token_type_embeddings.weight")[0]
        )
        x = x + self.weight(prefix + "position_embeddings.weight")[: ids.shape[1]]
        return F.layer_norm(
            x, (DIM,), self.weight(prefix + "LayerNorm.weight"), self.weight(prefix + "LayerNorm.bias"), 1e-12
        )

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, self.weight(name + ".weight"), self.weight(name + ".bias"))

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (DIM,), self.weight(name + ".weight"), self.weight(name + ".bias"), 1e-12)

    def _layer(self, x: torch.Tensor, mask: torch.Tensor, layer: int) -> torch.Tensor:
        prefix = f"encoder.layer.{layer}."
        n, length, _ = x.shape
        q, k, v = (
            self._linear(x, f"{prefix}attention.self.{part}").view(n, length, N_HEADS, -1).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        scores = (q * (DIM // N_HEADS) ** -0.5) @ k.transpose(
            2, 3
        ) + mask  # fused attention is slower on a CPU at these lengths
        context = (torch.softmax(scores, dim=-1).to(v.dtype) @ v).transpose(1, 2).reshape(n, length, DIM)
        x = self._norm(
            self._hidden(self._linear(context, prefix + "attention.output.dense"), layer) + x,
            prefix + "attention.output.LayerNorm",
        )
        inner = F.gelu(self._linear(x, prefix + "intermediate.dense"))
        return self._norm(
            self._hidden(self._linear(inner, prefix + "output.dense"), layer) + x, prefix + "output.LayerNorm"
        )

    def _hidden(self, x: torch.Tensor, layer: int) -> torch.Tensor:
        return F.dropout(x, DROPPED, self.training and layer >= N_FROZEN)


def nearest(hidden: torch.Tensor, ids: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
    """For each position the highest cosine with a piece of the evidence, (n, length)."""
    unit = F.normalize(hidden.float(), dim=2).to(torch.bfloat16)
    absent = (segments != 2) | (ids == SEP)
    likeness: torch.Tensor = (
        (unit @ unit.transpose(1, 2)).float().masked_fill(absent[:, None, :], -1.0).max(dim=2).values
    )
    return likeness


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
    picked = (1 - SMOOTH) * picked + SMOOTH * logs.mean(dim=1)
    return -(picked * weights).sum() / weights.sum()


def strayed(
    trained: torch.Tensor, plain: torch.Tensor, ids: torch.Tensor, segments: torch.Tensor
) -> torch.Tensor:
    """Mean squared difference, over the claims' pieces, of their nearest likeness by both readings' token
    vectors.
    """
    own = (segments == 1) & (ids != CLS) & (ids != SEP)
    gap = nearest(trained, ids, segments) - nearest(plain, ids, segments)
    out: torch.Tensor = (gap**2 * own).sum() / own.sum().clamp(min=1)
    return out


def exported(model: CrossEncoder) -> dict[str, NDArray[np.float32]]:
    """The trained tensors by name: the layers' Hugging Face names, and ``head.inner|outer.weight|bias``."""
    tensors = {name.replace("/", "."): value.detach().numpy() for name, value in model.layers.items()}
    for part in ("inner", "outer"):
        linear = getattr(model, part)
        tensors |= {
            f"head.{part}.weight": linear.weight.detach().numpy(),
            f"head.{part}.bias": linear.bias.detach().numpy(),
        }
    return {name: np.array(value, np.float32) for name, value in tensors.items()}


def load(model: CrossEncoder, tensors: Mapping[str, NDArray[np.float32]]) -> None:
    """Puts tensors named as ``exported`` names them into the model."""
    places = {name.replace("/", "."): value for name, value in model.layers.items()}
    places |= {
        f"head.{part}.{kind}": getattr(getattr(model, part), kind)
        for part in ("inner", "outer")
        for kind in ("weight", "bias")
    }
    with torch.no_grad():
        for name, place in places.items():
            place.copy_(torch.from_numpy(np.array(tensors[name], np.float32)))


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
