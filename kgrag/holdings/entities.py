"""Keeps people's decisions that two names are one thing or not, in the order they were made; each is
reversible.

Knows the table of decisions and which pairs look alike (plural, spelling, abbreviation, vectors). Ids of two
different concepts of one authority are never merged. What a decision changes is found anew in the documents
concerned (``ingest.extract.again``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, insert, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.errors import NotFound, UsageError
from kgrag.language.names import entity_id, normalise_name
from kgrag.language.phrase_keys import concept_id, phrase_key
from kgrag.protocols import Embedder
from kgrag.system.files import now

MAX_COMPARED = 3000
NEAR = 0.93
"""Cosine of two names from which they are shown to a person as doubtful; a cautious choice that was not
calibrated, and never merges by itself.
"""


def in_force(catalogue: Catalogue) -> dict[str, str]:
    """(merged id → id it was merged into), chains followed to their end; a later split undoes a merge."""
    direct: dict[str, str] = {}
    for row in catalogue.rows(select(t.entity_decisions).order_by(t.entity_decisions.c.key)):
        if row.kind == "merge":
            direct[row.entity_id] = row.into_id
        else:
            direct.pop(row.entity_id, None)
    return {one: _end(one, direct) for one in direct}


def _end(one: str, direct: dict[str, str]) -> str:
    seen = {one}
    while (following := direct.get(one)) is not None and following not in seen:
        seen.add(following)
        one = following
    return one


def merge(catalogue: Catalogue, one: str, into: str, who: str, reason: str = "by hand") -> tuple[str, str]:
    """Decide that a name is another one; returns both ids.

    Raises:
        NotFound: no entity of that name.
        UsageError: they are one already, or an authority tells them apart.
    """
    first, second = _known(catalogue, one), _known(catalogue, into)
    if first == second or in_force(catalogue).get(second) == first:
        raise UsageError(f"'{one}' and '{into}' are one already.")
    if conflict := conflicting(authorities(catalogue, first), authorities(catalogue, second)):
        raise UsageError(f"'{one}' and '{into}' are two concepts of {conflict}; they are not merged.")
    _decide(catalogue, "merge", first, second, reason, who)
    ours = _concepts(one), _concepts(into)
    if ours[0] != ours[1] and len(catalogue.entity_keys(list(ours))) == len(ours):
        _decide(catalogue, "merge", *ours, reason, who)
    return first, second


def split(catalogue: Catalogue, one: str, who: str, reason: str = "by hand") -> tuple[str, str]:
    """Undo the merge of a name; returns its id and the id it was part of.

    Raises:
        NotFound: it is merged into nothing.
    """
    identifier = one if one.startswith("e:") else entity_id(one)
    into = in_force(catalogue).get(identifier)
    if into is None:
        raise NotFound(f"'{one}' is merged into nothing. See what is: kgrag entities decisions")
    _decide(catalogue, "split", identifier, into, reason, who)
    if (concept := _concepts(one)) in (held := in_force(catalogue)):
        _decide(catalogue, "split", concept, held[concept], reason, who)
    return identifier, into


def _concepts(name: str) -> str:
    """The id of the concept of a name."""
    return concept_id(phrase_key(name.removeprefix("e:")))


def decisions(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Every decision in order."""
    return [
        dict(row._mapping)
        for row in catalogue.rows(select(t.entity_decisions).order_by(t.entity_decisions.c.key))
    ]


def documents_naming(catalogue: Catalogue, ids: Sequence[str]) -> list[str]:
    """Ids of the documents that name one of the entities, in order."""
    query = (
        select(t.documents.c.id)
        .distinct()
        .select_from(t.forms.join(t.entities).join(t.documents))
        .where(t.entities.c.id.in_(list(ids)))
    )
    return [row.id for row in catalogue.rows(query.order_by(t.documents.c.id))]


def authorities(catalogue: Catalogue, identifier: str) -> dict[str, str]:
    """What authorities call an entity."""
    query = select(t.forms.c.authorities).join(t.entities).where(t.entities.c.id == identifier)
    return {
        scheme: value for row in catalogue.rows(query) for scheme, value in (row.authorities or {}).items()
    }


def conflicting(one: dict[str, str], other: dict[str, str]) -> str | None:
    """The authority that has two different ids for them, if any."""
    return next(
        (scheme for scheme in sorted(one.keys() & other.keys()) if one[scheme] != other[scheme]), None
    )


def doubtful(catalogue: Catalogue, embedder: Embedder | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Pairs of frequent names that may be one thing, the surest first: plural, spelling, then near vectors;
    decided pairs are left out.

    Args:
        catalogue: of the library.
        embedder: compares names by meaning where it is given.
        limit: how many pairs.
    """
    number = func.count(t.mentions.c.key).label("n")
    query = (
        select(t.entities.c.id, number)
        .join(t.mentions, t.mentions.c.entity_key == t.entities.c.key)
        .group_by(t.entities.c.id)
        .order_by(number.desc(), t.entities.c.id)
    )
    counts = {row.id: int(row.n) for row in catalogue.rows(query.limit(MAX_COMPARED)) if len(row.id) > 5}
    decided = {frozenset((row["entity_id"], row["into_id"])) for row in decisions(catalogue)}
    found: dict[frozenset[str], dict[str, Any]] = {}
    for one, other, why, score in (
        *_alike(list(counts)),
        *(_near(list(counts), embedder) if embedder else ()),
    ):
        pair = frozenset((one, other))
        if pair not in decided and pair not in found:
            first, second = sorted((one, other), key=lambda e: (counts[e], e))
            found[pair] = {
                "entity": first,
                "into": second,
                "why": why,
                "score": round(score, 3),
                "mentions": [counts[first], counts[second]],
            }
    ranked = sorted(found.values(), key=lambda pair: (-pair["score"], pair["entity"]))
    kept = (
        pair
        for pair in ranked
        if not conflicting(authorities(catalogue, pair["entity"]), authorities(catalogue, pair["into"]))
    )
    return [pair for pair, _ in zip(kept, range(limit), strict=False)]


def _alike(ids: Sequence[str]) -> Iterator[tuple[str, str, str, float]]:
    by_form: dict[str, str] = {}
    for identifier in ids:
        form = " ".join(_singular(word) for word in identifier[2:].split())
        plain = re.sub(r"\W", "", form)
        for key, why, score in (
            (form, "singular and plural", 1.0),
            (plain, "spaces and hyphens", 0.99),
            (_american(plain), "spelling", 0.98),
        ):
            other = by_form.setdefault(key, identifier)
            if other != identifier:
                yield identifier, other, why, score
                break


def _singular(word: str) -> str:
    return (
        word[:-3] + "y"
        if word.endswith("ies") and len(word) > 5
        else (
            word[:-1]
            if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
            else word
        )
    )


def _american(form: str) -> str:
    return (
        form.replace("our", "or")
        .replace("ae", "e")
        .replace("oe", "e")
        .replace("isation", "ization")
        .replace("yse", "yze")
    )


def _near(ids: Sequence[str], embedder: Embedder) -> Iterator[tuple[str, str, str, float]]:
    import numpy as np

    named = [
        identifier for identifier in ids if len(identifier.split()) > 1 and not re.search(r"\d", identifier)
    ][:1500]
    vectors = embedder.embed_passages([identifier[2:] for identifier in named])
    for i in range(len(named)):
        near = vectors[i + 1 :] @ vectors[i]
        for j in np.flatnonzero(near >= NEAR):
            yield named[i], named[i + 1 + int(j)], "meaning", min(float(near[j]), 0.97)


def _known(catalogue: Catalogue, name: str) -> str:
    identifier = name if name.startswith("e:") else "e:" + normalise_name(name)
    if not catalogue.entity_keys([identifier]):
        raise NotFound(
            f"No entity '{name}' in this library. Pairs that look alike: kgrag entities list-doubtful"
        )
    return identifier


def _decide(catalogue: Catalogue, kind: str, one: str, into: str, reason: str, who: str) -> None:
    with catalogue.writing() as connection:
        connection.execute(
            insert(t.entity_decisions).values(
                created=now(),
                kind=kind,
                entity_id=one,
                into_id=into,
                reason=reason,
                who=who,
            )
        )
