"""Re-scores extracted terms and statements by a scorer that learns from what people rank of them.

Knows what can be seen of a term or statement within its document, the rankings kept as feedback of kind
``extraction``, and a threshold for each kind by the precision wanted. The loss is
``kgrag.reward.pairwise``'s, as for answers.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgrag.library import Library
from kgrag.reward.pairwise import Scorer
from kgrag.system.files import read_json
from kgrag.types import Entity, Extraction, Mention, Statement

GIVEN = ("title", "keyword", "heading", "vocabulary")
"""Methods that take over what people or authorities said; their terms are scored and never dropped."""


TERM_FEATURES = (
    "given",
    "tagger",
    "abbreviation",
    "name",
    "defined",
    "model",
    "score",
    "log count",
    "words",
    "capitals",
    "digits",
    "length",
    "authority",
    "early",
)


STATEMENT_FEATURES = (
    "score",
    "model",
    "negative",
    "sentence length",
    "subject words",
    "object words",
    "subject score",
    "object score",
    "subject known",
    "object known",
    "distance",
)


@dataclass(frozen=True, slots=True)
class Item:
    """A term or statement of one document: its id, how people read it, and its features."""

    id: str
    text: str
    features: tuple[float, ...]


def terms_of(found: Extraction) -> list[Item]:
    """The words and concepts of a document, by id."""
    terms, mentions = (*found.entities, *found.concepts), (*found.mentions, *found.named)
    by_entity: dict[str, list[Mention]] = {}
    for mention in mentions:
        by_entity.setdefault(mention.entity_id, []).append(mention)
    order = {passage: i for i, passage in enumerate(dict.fromkeys(m.passage_id for m in mentions))}
    return [Item(e.id, e.name, _term(e, by_entity[e.id], order)) for e in terms if e.id in by_entity]


def _term(entity: Entity, mentions: Sequence[Mention], order: Mapping[str, int]) -> tuple[float, ...]:
    methods = {mention.method.partition(":")[0] for mention in mentions}
    words = entity.name.split()
    return (
        float(bool(methods & set(GIVEN))),
        *(float(name in methods) for name in ("tagger", "abbreviation", "name", "defined", "model")),
        max(m.score for m in mentions),
        math.log(len(mentions)),
        float(len(words)),
        sum(w[0].isupper() for w in words) / max(len(words), 1),
        float(any(c.isdigit() for c in entity.name)),
        math.log(len(entity.name)),
        float(bool(entity.authorities)),
        1.0 - min(order[m.passage_id] for m in mentions) / max(len(order), 1),
    )


def statements_of(found: Extraction, texts: Mapping[str, str]) -> list[Item]:
    """The statements of a document with their sentences."""
    names = {entity.id: entity.name for entity in (*found.entities, *found.concepts)}
    best: dict[tuple[str, str], Mention] = {}
    for mention in (*found.mentions, *found.named):
        key = (mention.entity_id, mention.passage_id)
        if key not in best or mention.score > best[key].score:
            best[key] = mention
    return [
        Item(
            s.id,
            f"{names[s.subject]} | {'not ' if s.polarity == 'negative' else ''}{s.predicate} |"
            f" {names[s.object]} — {texts[s.passage_id][s.start : s.end]}",
            _statement(s, names, best),
        )
        for s in found.statements
    ]


def _statement(
    s: Statement, names: Mapping[str, str], best: Mapping[tuple[str, str], Mention]
) -> tuple[float, ...]:
    ends = [best.get((end, s.passage_id)) for end in (s.subject, s.object)]
    known = [float(m is not None and not m.method.startswith("name")) for m in ends]
    distance = abs(ends[0].start - ends[1].start) if ends[0] and ends[1] else 100
    return (
        s.score,
        float(s.method.startswith("model")),
        float(s.polarity == "negative"),
        math.log(max(s.end - s.start, 1)),
        *(float(len(names[end].split())) for end in (s.subject, s.object)),
        *(m.score if m else 0.0 for m in ends),
        *known,
        math.log(1 + distance),
    )


def scorer_file(library: Library) -> Path | None:
    """The library's scorer, if there is one."""
    path = library.folder / "extraction" / "scorer.json"
    return path if path.exists() else None


def rescored(found: Extraction, texts: Mapping[str, str], path: Path) -> Extraction:
    """An extraction with the scorer's scores in (0, 1), without what lies below the thresholds; what people
    or authorities named stays.
    """
    kinds = _read(path, path.stat().st_mtime_ns)
    if (scorer := kinds.get("statements")) is not None and found.statements:
        kept = _scores(statements_of(found, texts), *scorer)
        found = replace(
            found,
            statements=tuple(replace(s, score=kept[s.id][0]) for s in found.statements if kept[s.id][1]),
        )
    if (scorer := kinds.get("terms")) is not None and (found.mentions or found.named):
        items = terms_of(found)
        kept = _scores(items, *scorer)
        stated = {end for s in found.statements for end in (s.subject, s.object)}
        stays = {item.id for item in items if kept[item.id][1] or item.features[0] or item.id in stated}
        found = replace(
            found,
            entities=tuple(e for e in found.entities if e.id in stays or e.id not in kept),
            mentions=_kept_mentions(found.mentions, kept, stays),
            concepts=tuple(e for e in found.concepts if e.id in stays or e.id not in kept),
            named=_kept_mentions(found.named, kept, stays),
            facts=tuple(f for f in found.facts if f.target in stays or f.target not in kept),
        )
    return found


def _kept_mentions(
    mentions: Sequence[Mention], kept: Mapping[str, tuple[float, bool]], stays: set[str]
) -> tuple[Mention, ...]:
    """Mentions with their terms' scores, without those that fell; of what was not scored as they are."""
    return tuple(
        replace(m, score=kept[m.entity_id][0]) if m.entity_id in kept else m
        for m in mentions
        if m.entity_id in stays or m.entity_id not in kept
    )


def _scores(items: Sequence[Item], scorer: Scorer, threshold: float | None) -> dict[str, tuple[float, bool]]:
    rewards: NDArray[np.float64] = scorer(np.array([item.features for item in items]))
    shift = threshold or 0.0
    return {
        item.id: (round(1 / (1 + math.exp(shift - float(r))), 4), threshold is None or float(r) >= threshold)
        for item, r in zip(items, rewards, strict=True)
    }


@lru_cache(maxsize=4)
def _read(path: Path, _: int) -> dict[str, tuple[Scorer, float | None]]:
    stored = read_json(path)
    return {
        kind: (Scorer(*(np.array(each[name]) for name in ("mean", "deviation", "weight"))), each["threshold"])
        for kind, each in stored.items()
    }


def _mixed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
