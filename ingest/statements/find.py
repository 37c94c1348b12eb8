"""The statements of a document: relations of its parsed sentences between its concepts, with stance, figures
and context.

Knows how sure each way of finding is. A statement has its sentence always; one that is asked or denied keeps
that. Does not know how sentences are parsed or concepts found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ingest.concepts.document import Found, ReadSentence
from ingest.concepts.parse import TEXT
from ingest.statements.figures import quantity
from ingest.statements.meant import Relation
from ingest.statements.predicates import PREDICATES, STRICT, chosen
from ingest.statements.relations import find_relations
from ingest.statements.stance import stance
from ingest.statements.tree import after
from kgrag.language.phrase_keys import concept_id, phrase_key
from kgrag.language.predicates import SYMMETRIC
from kgrag.models.kinds import UNKNOWN, named_kind
from kgrag.types import Statement

METHOD = "parse"
SCORES = {
    "active": 0.85,
    "passive": 0.85,
    "verb+prep": 0.85,
    "is noun of": 0.85,
    "is adjective": 0.8,
    "light verb": 0.8,
    "noun of on": 0.75,
    "noun between": 0.75,
    "due to": 0.75,
    "hyphen": 0.75,
    "is a": 0.75,
    "such as": 0.8,
    "noun of by": 0.6,
    "noun modified": 0.5,
    "adjective": 0.6,
    "apposition": 0.55,
    "noun in": 0.45,
    "noun with": 0.45,
    "noun of": 0.3,
    "verb in": 0.3,
    "in brackets": 0.3,
    "compound": 0.3,
}
"""By the way of finding; from readings of samples (docs/MEASUREMENTS.md)."""
MIN_SCORE = 0.6
UNSURE, HEDGE = 0.1, 0.05
_WHO = frozenset(("population", "organism"))
_WHEN = ("during", "under", "after", "before", "following", "with", "without", "at")


class Concepts:
    """The concepts of a document by the tokens of its sentences."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.kinds = {entity.id: entity.kind for entity in found.concepts}

    def at(self, number: int, token: Any) -> str | None:
        """The concept whose phrase ends in a token of a sentence, also inside a longer phrase."""
        heads = self.found.heads[number]
        if token.i in heads:
            return heads[token.i][0]
        for _, phrase in heads.values():
            if phrase.first <= token.i < phrase.head:
                start = token.doc[phrase.first].idx
                key = concept_id(phrase_key(token.doc.user_data[TEXT][start : token.idx + len(token)]))
                alone = concept_id(phrase_key(token.text))
                return key if key in self.kinds else alone if alone in self.kinds else None
        return None

    def within(self, number: int, relation: Relation) -> bool:
        """Whether one end is part of the other's name: that *curvature-dependent adsorption* needs curvature
        tells nothing.
        """
        heads = self.found.heads[number]
        ends = ((relation.subject, relation.object), (relation.object, relation.subject))
        return any(whole.i in heads and heads[whole.i][1].first <= part.i < whole.i for part, whole in ends)


def find_statements(sentences: Sequence[ReadSentence], found: Found) -> Iterator[Statement]:
    """Statements in the order of the text, one for each pair of concepts, predicate and sentence."""
    concepts = Concepts(found)
    for number, sentence in enumerate(sentences):
        if sentence.aside or sentence.passage.kind == "caption" or not sentence.doc.has_annotation("DEP"):
            continue
        yield from _of_sentence(number, sentence, concepts)


def _of_sentence(number: int, sentence: ReadSentence, concepts: Concepts) -> Iterator[Statement]:
    best: dict[tuple[str, str], Statement] = {}
    name = partial(concepts.at, number)
    for relation in find_relations(sentence.doc):
        made = _statement(sentence, relation, name, partial(concepts.within, number), concepts.kinds)
        if made is None or made.score < MIN_SCORE:
            continue
        pair = (made.subject, made.object)
        other = (made.object, made.subject)
        kept = best.get(pair) or best.get(other)
        if kept is None or made.score > kept.score:
            best.pop(other, None)
            best[pair] = made
    yield from sorted(best.values(), key=lambda s: s.id)


def _statement(
    sentence: ReadSentence,
    relation: Relation,
    name: Callable[[Any], str | None],
    within: Callable[[Relation], bool],
    kinds: Mapping[str, str],
) -> Statement | None:
    one, other = name(relation.subject), name(relation.object)
    if one is None or other is None or one == other or within(relation):
        return None
    picked = chosen(relation.predicates, kinds.get(one, UNKNOWN), kinds.get(other, UNKNOWN))
    if picked is None:
        return None
    predicate, turned, sure = picked
    subject, object_ = (other, one) if turned and predicate not in SYMMETRIC else (one, other)
    ends = (relation.subject, relation.object)
    polarity, modality = stance(sentence.doc, relation.trigger, ends)
    known = kinds.get(subject, UNKNOWN) != UNKNOWN or not PREDICATES[predicate].domain
    known &= kinds.get(object_, UNKNOWN) != UNKNOWN or not PREDICATES[predicate].range
    if predicate in STRICT and not known:
        return None
    score = SCORES[relation.how] - (0 if sure else UNSURE) - (HEDGE if modality == "hedged" else 0)
    figure = (
        quantity(sentence.doc.user_data[TEXT], relation.trigger.idx, predicate)
        if modality == "asserted"
        else None
    )
    first, last = min(ends, key=lambda t: t.i), max(ends, key=lambda t: t.i)
    place = f"{sentence.start + first.idx}-{sentence.start + last.idx + len(last)}"
    return Statement(
        id=f"s:{sentence.passage.id}/{place}/{predicate}",
        subject=subject,
        predicate=predicate,
        object=object_,
        passage_id=sentence.passage.id,
        start=sentence.start,
        end=sentence.end,
        polarity="negative" if polarity == "negative" else "positive",
        method=METHOD,
        score=round(score, 2),
        modality=modality,
        quantity=figure,
        context=_context(relation, ends, name, kinds),
    )


def _context(
    relation: Relation, ends: Sequence[Any], name: Callable[[Any], str | None], kinds: Mapping[str, str]
) -> dict[str, str]:
    """In whom and when: what the verb's or the object's own phrases say."""
    taken = {token.i for token in ends}
    found: dict[str, str] = {}
    for word in (relation.trigger, *ends):
        for preposition, noun in after(word):
            identifier = name(noun)
            if noun.i in taken:
                continue
            phrase = _phrase(noun)
            kind = named_kind(noun.text) if identifier is None else kinds.get(identifier)
            if preposition in ("in", "among") and kind in _WHO:
                found.setdefault("population", phrase)
            elif preposition in _WHEN and word is relation.trigger and identifier is not None:
                found.setdefault("condition", f"{preposition} {phrase}")
    return found


def _phrase(noun: Any) -> str:
    """The noun with what stands before it."""
    return str(noun.doc[noun.left_edge.i : noun.i + 1].text)
