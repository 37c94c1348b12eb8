"""All relations that are proposed in single sentences, of any score, by the head words of their ends: what
``kgrag eval relations`` measures.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.concepts.parse import parsed, tagged
from ingest.concepts.phrases import noun_phrases
from ingest.statements.nearby import nearby
from ingest.statements.predicates import chosen
from ingest.statements.relations import find_relations
from kgrag.language.phrase_keys import singular
from kgrag.models.kinds import kinds_of


def relations_of(sentences: Sequence[str]) -> list[list[tuple[str, str, str]]]:
    """(subject, predicate, object) of each sentence, head words in the singular."""
    found = []
    for doc in parsed(tagged(sentences)):
        phrases = {phrase.head: phrase.text for phrase in noun_phrases(doc)}
        relations = [*find_relations(doc), *nearby(doc)]
        names = sorted({phrases.get(t.i, t.text) for r in relations for t in (r.subject, r.object)})
        kinds = dict(zip(names, (kind for kind, _ in kinds_of(names)), strict=True))
        triples: dict[tuple[str, str, str], None] = {}
        stated: set[frozenset[int]] = set()
        for relation in relations:
            one, other = relation.subject, relation.object
            pair = frozenset((one.i, other.i))
            if relation.how == "nearby" and pair in stated:
                continue
            ends = tuple(kinds[phrases.get(token.i, token.text)] for token in (one, other))
            if (picked := chosen(relation.predicates, *ends)) is not None:
                name, turned, _ = picked
                stated.add(pair)
                first, second = (other, one) if turned else (one, other)
                triples[singular(first.lower_), name, singular(second.lower_)] = None
        found.append(list(triples))
    return found
