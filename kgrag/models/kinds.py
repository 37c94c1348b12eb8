"""Says what kind of thing a phrase names: one of fourteen kinds, or *unknown*.

Knows the packaged names (MeSH headings with the kind of their tree) and a small classifier over word pieces
and spellings for all others (card: ``kgrag/models/data/kinds/README.md``). Does not know sentences.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.language.phrase_keys import is_short_form, phrase_key
from kgrag.models.item_features import ItemVectors, bucket, shape

FOLDER = Path(__file__).parent / "data" / "kinds"
UNKNOWN = "unknown"
MIN_SCORE, MIN_AGREED, MIN_SHORT = 0.55, 0.3, 0.93
"""A short form tells little of its kind: it must be surer."""
_TAIL = re.compile(r"\s+(?:of|in|for|with|by|to|from|on)\s.*$")


def kind_of(name: str) -> tuple[str, float]:
    """(kind, score in [0, 1]) of a name; ``unknown`` where the classifier is not sure."""
    return kinds_of((name,))[0]


def kinds_of(names: Sequence[str]) -> list[tuple[str, float]]:
    """As ``kind_of``, for many names at once."""
    known = [named_kind(name) for name in names]
    rest = [name for name, kind in zip(names, known, strict=True) if kind is None]
    judged = dict(zip(rest, _judged(rest), strict=True))
    return [(kind, 1.0) if kind else judged[name] for name, kind in zip(names, known, strict=True)]


def named_kind(name: str) -> str | None:
    """The kind of a packaged name, in any case and number; None where it is none."""
    return packaged_names().get(phrase_key(name).lower().replace(" ", ""))


@lru_cache(maxsize=1)
def packaged_names() -> dict[str, str]:
    """Kind by the name's key without spaces."""
    found = {}
    for line in gzip.decompress((FOLDER / "names.tsv.gz").read_bytes()).decode().splitlines():
        key, _, number = line.partition("\t")
        found[key] = str(_model()["labels"][int(number)])
    return found


def _judged(names: Sequence[str]) -> list[tuple[str, float]]:
    if not names:
        return []
    scores = probabilities(names)
    labels = _model()["labels"]
    out = []
    for name, row in zip(names, scores, strict=True):
        best = int(row.argmax())
        kind, score = str(labels[best]), float(row[best])
        agreed = score >= MIN_AGREED and named_kind(_without_first(name)) == kind
        least = MIN_SHORT if is_short_form(name) else MIN_SCORE
        out.append((kind if score >= least or agreed else UNKNOWN, score))
    return out


def _without_first(name: str) -> str:
    return name.partition(" ")[2]


def probabilities(names: Sequence[str]) -> NDArray[np.float64]:
    """float64, (n_names, n_labels): of each kind, rows sum to one."""
    model = _model()
    dense = np.stack([dense_features(name) for name in names]) / model["scale"]
    hashed = np.stack(
        [model["table"][spelling_features(name, len(model["table"]))].mean(0) for name in names]
    )
    hidden = np.maximum(dense @ model["w1"] + model["b1"], 0)
    z = hashed * float(model["gain"]) + hidden @ model["w2"] + model["b2"]
    z = np.exp(z - z.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = z / z.sum(axis=1, keepdims=True)
    return shares


def dense_features(name: str) -> NDArray[np.float32]:
    """float32, (768,): the word pieces' rows of the whole name and of its head word."""
    vectors = _vectors()
    return np.concatenate([vectors.of_text(name), vectors.of_text(head_word(name))])


@lru_cache(maxsize=1 << 16)
def spelling_features(name: str, n_buckets: int) -> list[int]:
    """Rows of the table for the words, the head's ends and pieces, and the case."""
    low = name.lower()
    words, head = low.split(), head_word(low)
    case = "A" if name.isupper() else "a" if name.islower() else "Aa"
    found = [f"n={low}", f"h={head}", *(f"w={word}" for word in words), f"l={min(len(words), 4)}"]
    found.append(f"c={case}{any(c.isdigit() for c in name)}")
    found += [f"e{i}={head[-i:]}" for i in (2, 3, 4, 5, 6)]
    found += [f"W{i}={word[-i:]}" for word in words for i in (4, 5)]
    found += [f"<{head}>"[i : i + 4] for i in range(len(head) - 1)]
    if len(words) == 1:
        found.append(f"S={shape(name)}")
    return [bucket(feature, n_buckets) for feature in dict.fromkeys(found)]


def head_word(name: str) -> str:
    """The last word before a preposition."""
    return (_TAIL.sub("", name).split() or [name])[-1]


@lru_cache(maxsize=1)
def _model() -> dict[str, Any]:
    with np.load(FOLDER / "kinds.npz") as stored:
        return {
            name: (stored[name].astype(np.float32) if stored[name].dtype == np.float16 else stored[name])
            for name in stored.files
        }


@lru_cache(maxsize=1)
def _vectors() -> ItemVectors:
    return ItemVectors()
