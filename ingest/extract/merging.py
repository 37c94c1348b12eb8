"""Decisions that two names are one thing, applied to what was found in a document.

Knows ids; who decided is ``kgrag.holdings.entities``' business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kgrag.types import Entity, Extraction, Statement


def merged(found: Extraction, same: Mapping[str, str]) -> Extraction:
    """The extraction with every merged entity under the id it was merged into; its name becomes an alias."""
    entities: dict[str, Entity] = {}
    for entity in sorted(found.entities, key=lambda e: (e.id in same, e.id)):
        target = same.get(entity.id, entity.id)
        kept = entities.get(target)
        if kept is None:
            entities[target] = replace(entity, id=target)
        else:
            forms = {*kept.aliases, *entity.aliases, entity.name} - {kept.name}
            entities[target] = replace(
                kept, aliases=tuple(sorted(forms)), authorities={**entity.authorities, **kept.authorities}
            )
    mentions = dict.fromkeys(replace(m, entity_id=same.get(m.entity_id, m.entity_id)) for m in found.mentions)
    statements = (_renamed(s, same) for s in found.statements)
    return replace(
        found,
        entities=tuple(entities[key] for key in sorted(entities)),
        mentions=tuple(mentions),
        statements=tuple(s for s in statements if s.subject != s.object),
    )


def _renamed(statement: Statement, same: Mapping[str, str]) -> Statement:
    return replace(
        statement,
        subject=same.get(statement.subject, statement.subject),
        object=same.get(statement.object, statement.object),
    )
