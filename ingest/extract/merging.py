"""Decisions that two names are one thing, applied to what was found in a document.

Knows ids; who decided is ``kgrag.holdings.entities``' business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kgrag.types import Entity, Extraction, Mention, Statement


def merged(found: Extraction, same: Mapping[str, str]) -> Extraction:
    """The extraction with every merged entity and concept under the id it was merged into; its name becomes
    an alias.
    """
    statements = (_renamed(s, same) for s in found.statements)
    return replace(
        found,
        entities=_united(found.entities, same),
        mentions=_moved(found.mentions, same),
        concepts=_united(found.concepts, same),
        named=_moved(found.named, same),
        statements=tuple(s for s in statements if s.subject != s.object),
        facts=tuple(replace(fact, target=same.get(fact.target, fact.target)) for fact in found.facts),
    )


def _united(those: Sequence[Entity], same: Mapping[str, str]) -> tuple[Entity, ...]:
    entities: dict[str, Entity] = {}
    for entity in sorted(those, key=lambda e: (e.id in same, e.id)):
        target = same.get(entity.id, entity.id)
        kept = entities.get(target)
        if kept is None:
            entities[target] = replace(entity, id=target)
        else:
            forms = {*kept.aliases, *entity.aliases, entity.name} - {kept.name}
            entities[target] = replace(
                kept, aliases=tuple(sorted(forms)), authorities={**entity.authorities, **kept.authorities}
            )
    return tuple(entities[key] for key in sorted(entities))


def _moved(mentions: Sequence[Mention], same: Mapping[str, str]) -> tuple[Mention, ...]:
    return tuple(dict.fromkeys(replace(m, entity_id=same.get(m.entity_id, m.entity_id)) for m in mentions))


def _renamed(statement: Statement, same: Mapping[str, str]) -> Statement:
    return replace(
        statement,
        subject=same.get(statement.subject, statement.subject),
        object=same.get(statement.object, statement.object),
    )
