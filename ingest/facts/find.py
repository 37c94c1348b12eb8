"""What a paper as a whole does: which concepts it studies, by what method, on what data, measuring what, in
whom and where; and which of its sentences are its findings and its conclusion.

Knows the paper's card (``kgrag.answer.card``), its title, and the verbs by which papers tell of their own
work. Every fact has the sentence that says it. Does not know other papers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ingest.concepts.gate import COMMON, commonness
from ingest.facts.own_work import OURS, statistics, told_by
from ingest.facts.reading import Read
from kgrag.answer.card import Card, card_of
from kgrag.answer.cues import has_cue
from kgrag.language.phrase_keys import PREFIX, concept_id, phrase_key
from kgrag.models.kinds import UNKNOWN
from kgrag.types import Document, Evidence, Fact, FactType, KnowledgeObject, Mention, Passage, object_id

MOST: Mapping[FactType, int] = {
    "STUDIES": 6,
    "USES_METHOD": 6,
    "USES_DATA": 4,
    "MEASURES": 6,
    "IN_POPULATION": 3,
    "IN_PLACE": 3,
    "FINDS": 3,
    "CONCLUDES": 1,
}
"""Facts of a type that a paper has at most: those that it says best."""
IN_TITLE, IN_AIM, TOLD, MOST_NAMED = 0.9, 0.7, 0.8, 0.6
RECURS, OFTEN, FEW = 3, 5, 3
"""Times that a concept of the aim, and one that is named most, must be named; facts from which on a paper has
enough.
"""
OF_KIND: Mapping[str, FactType] = {
    "method_or_instrument": "USES_METHOD",
    "software": "USES_METHOD",
    "dataset_or_cohort": "USES_DATA",
    "population": "IN_POPULATION",
    "place": "IN_PLACE",
}
"""What a paper does with a thing of this kind that its title names, where it is not what is studied."""
_WITHIN = re.compile(r"\b(?:in|among|from|across)\s+(?:the\s+|an?\s+)?(?:[\w-]+\s+){0,2}$", re.I)
"""What stands before the animals in which: *memory in aged rats*."""
_BY = re.compile(
    r"""
    (?: [:;–—]\s*(?:an?\s+|the\s+|results\s+from\s+)?{plain}  # Sleep in adolescents: a cohort study
      | \busing\s+{plain}  # using machine learning
      | \b(?:by|with|from|in)\s+an?\s+{plain}  # in a randomized trial
    )$""".replace("{plain}", r"(?:(?!(?:into|of|on|for|in|and)\b)[\w-]+\s+){0,3}"),
    re.I | re.X,
)
"""What stands before the way in which it was done: *…: a cohort study*, *… using machine learning*."""


_OPENS = re.compile(r"(?:an?\s+|the\s+)?(?:[\w-]+\s+){0,3}(?:and\s+)?(?:[\w-]+\s+)?", re.I)
"""What stands before a way that a title opens with: *A systematic review and meta-analysis of …*."""
_PURPOSE = re.compile(r"\b(?:aims?|objectives?|purposes?|goals?)\b|^To\s", re.I)
_CONCLUDING = re.compile(r"conclu|discuss|summary|abstract|结论|讨论", re.I)


def find_facts(
    document: Document, passages: Sequence[Passage], read: Read, objects: Sequence[KnowledgeObject]
) -> tuple[Fact, ...]:
    """The facts of a paper, the best of each type; one for each type and target.

    Args:
        document: the paper.
        passages: of it, in order.
        read: its sentences and concepts.
        objects: its knowledge objects.
    """
    by_passage: dict[str, list[KnowledgeObject]] = {}
    for one in objects:
        by_passage.setdefault(one.passage_id, []).append(one)
    card = card_of(document, passages, by_passage)
    proposed = [
        *_titled(document, passages, read, card),
        *_aimed(read, card),
        *told_by(read, TOLD),
        *_said(passages, by_passage, card),
    ]
    found = tuple(_best(proposed))
    if len(found) >= FEW:
        return found
    return tuple(_best([*proposed, *_most_named(passages, read, card, FEW - len(found))]))


def _best(proposed: Iterable[Fact]) -> Iterator[Fact]:
    """The surest fact of each type and target, and of a type as many as may be."""
    best: dict[tuple[str, str], Fact] = {}
    for fact in proposed:
        kept = best.get((fact.type, fact.target))
        if kept is None or fact.score > kept.score:
            best[fact.type, fact.target] = fact
    counted: Counter[str] = Counter()
    for fact in sorted(best.values(), key=lambda one: -one.score):
        counted[fact.type] += 1
        if counted[fact.type] <= MOST[fact.type]:
            yield fact


def _titled(document: Document, passages: Sequence[Passage], read: Read, card: Card) -> Iterator[Fact]:
    """What the title names: studied, or the way, the people or the place of the study."""
    title = document.record.title or ""
    kinds = {one.id: one.kind for one in read.found.concepts}
    for target, start in named_in(title, read):
        place = _sentence_naming(target, read.found.mentions, passages, card)
        if place is None:
            continue
        before = title[:start]
        kind = kinds.get(target, UNKNOWN)
        of_kind = OF_KIND.get(kind)
        if kind in ("population", "place") or (kind == "organism" and _WITHIN.search(before)):
            yield Fact(OF_KIND.get(kind, "IN_POPULATION"), target, *place, IN_TITLE)
        elif of_kind is not None and (_BY.search(before) or _OPENS.fullmatch(before)):
            yield Fact(of_kind, target, *place, IN_TITLE)
        elif not _is_common(target):
            yield Fact("STUDIES", target, *place, IN_TITLE)


def _is_common(target: str) -> bool:
    """Whether a concept is one word that papers of all fields use: *stage*, *duration*."""
    word = target.removeprefix(PREFIX)
    return " " not in word and commonness(word) > COMMON


def named_in(title: str, read: Read) -> list[tuple[str, int]]:
    """(concept, place) of the longest concepts that a title names, in order."""
    known = {one.id for one in read.found.concepts}
    if read.title is not None:
        phrases = [(phrase.text, phrase.start) for phrase in read.title_phrases()]
    else:
        forms = {form for one in read.found.concepts for form in (one.name, *one.aliases)}
        phrases = [(form, title.find(form)) for form in sorted(forms, key=len, reverse=True) if form in title]
    found: list[tuple[str, int, int]] = []
    for text, start in phrases:
        identifier = concept_id(phrase_key(text) or text)
        end = start + len(text)
        if identifier in known and not any(a <= start and end <= b for _, a, b in found):
            found.append((identifier, start, end))
    return [(identifier, start) for identifier, start, _ in sorted(found, key=lambda one: one[1])]


def _sentence_naming(
    target: str, mentions: Sequence[Mention], passages: Sequence[Passage], card: Card
) -> tuple[str, int, int] | None:
    """The sentence that best says that a concept is dealt with: the aim, else the first of the abstract, else
    the first that names it.
    """
    order = {passage.id: passage for passage in passages}
    places = [m for m in mentions if m.entity_id == target and m.passage_id in order]
    told = [item for item in (*card.aim, *card.results, *card.conclusion)]
    for item in told:
        if any(m.passage_id == item.passage.id and item.start <= m.start < item.end for m in places):
            return item.passage.id, item.start, item.end
    places.sort(
        key=lambda m: (
            order[m.passage_id].kind not in ("abstract", "title"),
            order[m.passage_id].ordinal,
            m.start,
        )
    )
    for mention in places:
        for sentence in order[mention.passage_id].sentences:
            if sentence.start <= mention.start < sentence.end:
                return mention.passage_id, sentence.start, sentence.end
    return None


def _aimed(read: Read, card: Card) -> Iterator[Fact]:
    """The concepts that recur and stand in the sentence that says the aim."""
    kinds = {one.id: one.kind for one in read.found.concepts}
    counted = Counter(mention.entity_id for mention in read.found.mentions)
    for item in card.aim:
        own = OURS.search(item.quote) or _PURPOSE.search(item.quote)
        if not own or not has_cue("aim", item.quote) or has_cue("cited", item.quote):
            continue
        for target in _inside(item, read.found.mentions):
            kind = kinds.get(target, UNKNOWN)
            aside = kind in OF_KIND or kind in ("organisation", "event")
            if (
                counted[target] >= RECURS
                and not aside
                and not _is_common(target)
                and target not in statistics()
            ):
                yield Fact("STUDIES", target, item.passage.id, item.start, item.end, IN_AIM)


def _most_named(passages: Sequence[Passage], read: Read, card: Card, n: int) -> Iterator[Fact]:
    """The concepts that a paper names most, where its title and aim tell little: essays do so."""
    kinds = {one.id: one.kind for one in read.found.concepts}
    counted = Counter(mention.entity_id for mention in read.found.mentions)
    often = [target for target, times in counted.most_common() if times >= OFTEN]
    told = [t for t in often if kinds.get(t, UNKNOWN) not in OF_KIND and not _is_common(t)]
    for target in told[:n]:
        place = _sentence_naming(target, read.found.mentions, passages, card)
        if place is not None and target not in statistics():
            yield Fact("STUDIES", target, *place, MOST_NAMED)


def _inside(item: Evidence, mentions: Sequence[Mention]) -> list[str]:
    return list(
        dict.fromkeys(
            m.entity_id
            for m in mentions
            if m.passage_id == item.passage.id and item.start <= m.start and m.end <= item.end
        )
    )


def _said(
    passages: Sequence[Passage], objects: Mapping[str, Sequence[KnowledgeObject]], card: Card
) -> Iterator[Fact]:
    """The card's results and conclusion; where the abstract tells none, the surest of the body."""
    kinds: tuple[tuple[FactType, str, Sequence[Evidence]], ...] = (
        ("FINDS", "result", card.results),
        ("CONCLUDES", "conclusion", card.conclusion),
    )
    for kind, role, items in kinds:
        held = [one for item in items for one in _held(item, role, objects)]
        if not held:
            in_order = _of_body(passages, objects, role)
            held = sorted(in_order, key=lambda one: -one.score)[:2] if kind == "FINDS" else in_order[-1:]
        for one in held:
            target = object_id(one.passage_id, one.start, one.end, one.role)
            yield Fact(kind, target, one.passage_id, one.start, one.end, min(one.score, IN_TITLE))


def _of_body(
    passages: Sequence[Passage], objects: Mapping[str, Sequence[KnowledgeObject]], role: str
) -> list[KnowledgeObject]:
    """The body's sentences with a role, in order; conclusions where papers conclude, if there is such a
    part.
    """
    bodies = [passage for passage in passages if passage.kind == "paragraph"]
    ends = [p for p in bodies if any(_CONCLUDING.search(part) for part in p.section)]
    chosen = ends if role == "conclusion" and ends else bodies
    return [one for p in chosen for one in objects.get(p.id, ()) if one.role == role]


def _held(
    item: Evidence, role: str, objects: Mapping[str, Sequence[KnowledgeObject]]
) -> list[KnowledgeObject]:
    """The knowledge object that a quote of the card is."""
    return [
        one
        for one in objects.get(item.passage.id, ())
        if one.role == role and one.start < item.end and item.start < one.end
    ][:1]
