"""Trains a library's own scorer of extracted terms and relations from its people's rankings.

Knows rankings and the catalogue. The scorer itself is in ``kgrag.reward.extraction``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Table, insert, select

from kgrag.catalogue import schema as t
from kgrag.errors import NotFound, UsageError
from kgrag.language.phrase_keys import PREFIX
from kgrag.library import Library
from kgrag.people.feedback import read_feedback
from kgrag.reward.extraction import (
    STATEMENT_FEATURES,
    TERM_FEATURES,
    _mixed,
    scorer_file,
    statements_of,
    terms_of,
)
from kgrag.reward.pairwise import Group, agreement, train_pairwise
from kgrag.system.files import now, write_whole
from kgrag.types import Entity, Extraction, Mention, Statement

KINDS = ("terms", "statements")


MIN_GROUPS = 5


HELD = 5
"""Every fifth group is held out."""


def sampled(library: Library, kind: str, n_groups: int, size: int) -> Iterator[dict[str, Any]]:
    """Groups of a document's items, spread over the library by a hash so that the same library gives the same
    groups.

    Raises:
        UsageError: no such kind.
    """
    if kind not in KINDS:
        raise UsageError(f"No kind '{kind}' (found: {', '.join(KINDS)}).")
    made = 0
    for document_id in sorted((d.id for d in library.catalogue.documents()), key=_mixed):
        found, texts = stored_extraction(library, document_id)
        named = {item.text: item for item in terms_of(found)}  # a word and the concept of its name are one
        items = sorted(
            named.values() if kind == "terms" else statements_of(found, texts),
            key=lambda item: _mixed(item.id),
        )[:size]
        if len(items) > 1 and made < n_groups:
            made += 1
            yield {
                "kind": kind,
                "document": document_id,
                "items": [{"id": i.id, "text": i.text, "features": list(i.features)} for i in items],
                "ranking": [],
                "right": [],
            }


def stored_extraction(library: Library, document_id: str) -> tuple[Extraction, dict[str, str]]:
    """What the catalogue holds of a document's extraction, and its passages' texts by id."""
    texts = {passage.id: passage.text for passage in library.catalogue.passages_of(document_id)}
    key = select(t.documents.c.key).where(t.documents.c.id == document_id).scalar_subquery()
    entities = _entities(library, key)
    found = Extraction(
        tuple(one for one in entities if not one.id.startswith(PREFIX)),
        _mentions(library, key, t.mentions),
        _statements(library, key),
        concepts=tuple(one for one in entities if one.id.startswith(PREFIX)),
        named=_mentions(library, key, t.concept_mentions),
    )
    return found, texts


def _entities(library: Library, document_key: Any) -> tuple[Entity, ...]:
    query = (
        select(t.entities.c.id, t.forms)
        .join(t.entities)
        .where(t.forms.c.document_key == document_key, t.forms.c.is_name == 1)
    )
    rows = library.catalogue.rows(query)
    return tuple(Entity(row.id, row.form, row.kind, (), row.authorities or {}) for row in rows)


def _mentions(library: Library, document_key: Any, table: Table) -> tuple[Mention, ...]:
    m, p = table.c, t.passages.c
    query = (
        select(t.entities.c.id, p.id.label("passage"), m.start, m.end, m.method, m.score)
        .select_from(table.join(t.entities).join(t.passages))
        .where(p.document_key == document_key)
        .order_by(m.key)
    )
    return tuple(Mention(*row) for row in library.catalogue.rows(query))


def _statements(library: Library, document_key: Any) -> tuple[Statement, ...]:
    subject, object_, s, p = t.entities.alias(), t.entities.alias(), t.statements.c, t.passages.c
    named = (s.id, subject.c.id.label("subject"), s.predicate, object_.c.id.label("object"))
    query = (
        select(*named, p.id.label("passage"), s.start, s.end, s.polarity, s.method, s.score)
        .select_from(
            t.statements.join(t.passages)
            .join(subject, s.subject_key == subject.c.key)
            .join(object_, s.object_key == object_.c.key)
        )
        .where(p.document_key == document_key)
        .order_by(s.id)
    )
    return tuple(Statement(*row) for row in library.catalogue.rows(query))


def store_rankings(library: Library, file: Path, rater: str) -> int:
    """Keep the ranked groups of a file; returns how many.

    Raises:
        UsageError: a line whose ``ranking`` does not name every item once, or whose ``right`` has not one
            word an item.
    """
    rows = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if line.strip():
            group = json.loads(line)
            n = len(group.get("items", ()))
            if (
                group.get("kind") not in KINDS
                or sorted(group.get("ranking", ())) != list(range(n))
                or len(group.get("right") or [True] * n) != n
                or n < 2
            ):
                raise UsageError(
                    f"{file.name}, line {number}: 'ranking' must name each of the {n} items once by its"
                    " number from 0, best first; 'right' is empty or has one true or false an item. Make"
                    " groups: kgrag extraction sample"
                )
            rows.append(
                {
                    "answer_id": group["document"],
                    "created": now(),
                    "rater": rater,
                    "kind": "extraction",
                    "body": group,
                }
            )
    with library.catalogue.writing() as connection:
        if rows:
            connection.execute(insert(t.feedback), rows)
    return len(rows)


def train(library: Library, precision: float) -> dict[str, Any]:
    """Scorers from all rankings kept, written beside the library's other models.

    Args:
        library: whose people ranked.
        precision: share of right items wanted among those kept; needs ``right`` in the rankings, else nothing
            is dropped.

    Returns:
        For each kind with enough rankings: ``groups``, ``pairs`` held out, ``agreement`` with people there
            (``by_method_score`` beside it),
        ``threshold`` and the ``kept`` share of right items at it.

    Raises:
        NotFound: no kind has enough rankings.
    """
    stored, figures = {}, {}
    for kind in KINDS:
        groups = [entry for entry in read_feedback(library.catalogue, "extraction") if entry["kind"] == kind]
        if len(groups) >= MIN_GROUPS:
            stored[kind], figures[kind] = _learn(groups, kind, precision)
    if not stored:
        raise NotFound(
            f"Fewer than {MIN_GROUPS} rankings of terms or of statements. Make groups: kgrag extraction"
            " sample; keep them: kgrag extraction rank FILE"
        )
    path = library.folder / "extraction" / "scorer.json"
    path.parent.mkdir(exist_ok=True)
    write_whole(path, json.dumps(stored))
    return figures


def _learn(
    entries: Sequence[Mapping[str, Any]], kind: str, precision: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    groups = [
        Group(
            np.array([item["features"] for item in e["items"]], np.float64),
            -np.argsort(np.array(e["ranking"])).astype(np.float64),
        )
        for e in entries
    ]
    seen, held = (
        [g for i, g in enumerate(groups) if i % HELD],
        [g for i, g in enumerate(groups) if not i % HELD],
    )
    trial = train_pairwise(seen)
    score = (TERM_FEATURES if kind == "terms" else STATEMENT_FEATURES).index("score")
    n_pairs, agrees = agreement(held, [trial(g.features) for g in held])
    _, plain = agreement(held, [g.features[:, score] for g in held])
    scorer = train_pairwise(groups)
    marked = [
        (float(r), bool(right))
        for g, e in zip(groups, entries, strict=True)
        if e["right"]
        for r, right in zip(scorer(g.features), e["right"], strict=True)
    ]
    threshold, kept = threshold_for(marked, precision)
    stored = {
        "mean": scorer.mean.tolist(),
        "deviation": scorer.deviation.tolist(),
        "weight": scorer.weight.tolist(),
        "threshold": threshold,
    }
    return stored, {
        "groups": len(groups),
        "pairs": n_pairs,
        "agreement": round(agrees, 3),
        "by_method_score": round(plain, 3),
        "threshold": threshold,
        "kept": kept,
    }


def threshold_for(marked: Sequence[tuple[float, bool]], precision: float) -> tuple[float | None, float]:
    """The lowest score from which the wanted share is right, and the share of all right items that it keeps;
    None where nothing is marked or no score does.
    """
    ranked = sorted(marked, reverse=True)
    rights = np.cumsum([right for _, right in ranked])
    enough = [
        i
        for i in range(len(ranked))
        if rights[i] / (i + 1) >= precision and (i + 1 == len(ranked) or ranked[i + 1][0] < ranked[i][0])
    ]
    if not enough:
        return None, 1.0
    return ranked[enough[-1]][0], round(float(rights[enough[-1]] / max(rights[-1], 1)), 3)


def forget(library: Library) -> None:
    """Back to scores by method.

    Raises:
        NotFound: there is no scorer.
    """
    path = scorer_file(library)
    if path is None:
        raise NotFound("No scorer of extraction in this library. Train one: kgrag extraction train")
    path.unlink()
