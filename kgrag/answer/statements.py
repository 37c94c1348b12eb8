"""Compares a claim with the graph's statements (agrees, conflicts, unknown) by words alone, without any
model.

Knows the catalogue's statements and the names of their ends. A claim is aligned with a statement only where
it names both its subject and its object. Does not know whether a claim is true: that is the verifier's word;
this ties text to the graph at fine grain.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.language.facts import negations, opposed
from kgrag.language.names import normalise_name
from kgrag.language.words import content_words, has_han

MAX_STATEMENTS, MAX_FORMS = 8, 400
LONGEST_NAME, MOSTLY = 5, 0.8
_KEYS: Any = bindparam("keys", expanding=True)
_FORMS: Any = bindparam("forms", expanding=True)
_BETWEEN = (
    select(t.statements, t.passages.c.text.label("passage"), t.documents.c.id.label("document_id"))
    .join(t.passages, t.passages.c.key == t.statements.c.passage_key)
    .join(t.documents, t.documents.c.key == t.passages.c.document_key)
    .where(
        t.statements.c.subject_key.in_(_KEYS),
        t.statements.c.object_key.in_(_KEYS),
        t.statements.c.subject_key != t.statements.c.object_key,
        t.statements.c.modality == "asserted",
    )
)
_CALLED = select(t.forms.c.entity_key, t.forms.c.form_key).where(t.forms.c.form_key.in_(_FORMS)).distinct()
"""Made once: making a query costs as much as running it."""


def align(
    catalogue: Catalogue, claim: str, documents: Sequence[str] | None = None
) -> tuple[tuple[str, str], ...]:
    """The statements whose subject and object a claim names.

    Args:
        catalogue: of the library.
        claim: one sentence.
        documents: only statements said in these documents; None for all. Who may not see a document is not
            shown its statements.

    What a paper asks, doubts or reports of others neither agrees nor conflicts with anything.

    Returns:
        (statement id, ``agrees`` | ``conflicts`` | ``unknown``) by id, at most ``MAX_STATEMENTS``.
        *Conflicts*: the same relation with the other polarity or the opposite direction. *Agrees*: the same
        relation, the same polarity, the ends in the same order. *Unknown*: another relation.
    """
    named = _named(catalogue, claim)
    if len(named) < 2:
        return ()
    rows = sorted(catalogue.rows(_BETWEEN, keys=list(named)), key=lambda row: str(row.id))
    allowed = None if documents is None else set(documents)
    return tuple(
        (
            row.id,
            relation(
                claim,
                row.predicate,
                row.polarity,
                row.passage[row.start : row.end],
                named[row.subject_key] < named[row.object_key],
            ),
        )
        for row in rows
        if allowed is None or row.document_id in allowed
    )[:MAX_STATEMENTS]


def relation(claim: str, predicate: str, polarity: str, sentence: str, same_order: bool) -> str:
    """How a claim that names both ends stands to a statement (see ``align``)."""
    if opposed(claim, sentence):
        return "conflicts"
    shared = set(content_words(predicate)) & set(content_words(claim)) or _overlap(claim, sentence) >= MOSTLY
    if not shared:
        return "unknown"
    if bool(negations(claim) % 2) != (polarity == "negative"):
        return "conflicts"
    return "agrees" if same_order else "unknown"


def _overlap(claim: str, sentence: str) -> float:
    said = set(content_words(claim))
    return len(said & set(content_words(sentence))) / len(said) if said else 0.0


def _named(catalogue: Catalogue, claim: str) -> dict[int, int]:
    """Keys of entities that the claim names, each with the place of its first mention."""
    places: dict[str, int] = {}
    for form, place in _spans(claim):
        places.setdefault(form, place)
    found: dict[int, int] = {}
    for row in catalogue.rows(_CALLED, forms=list(places)[:MAX_FORMS]):
        found[row.entity_key] = min(places[row.form_key], found.get(row.entity_key, len(claim)))
    return found


def _spans(claim: str) -> list[tuple[str, int]]:
    """Normalised runs of up to ``LONGEST_NAME`` words (Chinese: two to ten signs) with their places."""
    words = list(re.finditer(r"\S+", claim))
    runs = [
        (claim[words[a].start() : words[b].end()].strip(".,;:()"), words[a].start())
        for a in range(len(words))
        for b in range(a, min(a + LONGEST_NAME, len(words)))
    ]
    if has_han(claim):
        runs += [
            (claim[a:b], a) for a in range(len(claim)) for b in range(a + 2, min(a + 10, len(claim)) + 1)
        ]
    return [(form, place) for text, place in runs if len(form := normalise_name(text)) > 1]
