"""Finds in parsed sentences what a paper tells of its own doing: methods and data that it uses, what it
measures, whom it studies and where.

Knows the verbs of ``telling.toml`` and how each takes its ends in the tree. A sentence that tells of others'
work, denies or asks gives nothing. Does not know titles.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ingest.concepts.document import ReadSentence
from ingest.concepts.parse import TEXT
from ingest.facts.reading import Read
from ingest.statements.find import Concepts
from ingest.statements.stance import stance
from ingest.statements.tree import after, is_passive, objects, subjects, verb_forms
from kgrag.language.phrase_keys import concept_id, phrase_key
from kgrag.types import Fact, FactType

_WAYS = frozenset(("method_or_instrument", "software"))
_DATA = frozenset(("dataset_or_cohort",))
_WHO = frozenset(("population", "organism"))
_OUTCOME = frozenset(("measure_or_outcome",))
_METHODS = re.compile(
    r"method|material|patients|participants|subjects|data|design|procedure|statistic|experiment|sample"
    r"|setting|population|measure|analys|study|sampling|protocol",
    re.I,
)
OURS = re.compile(
    r"\b(?:we|our|this\ (?:study|paper|work|article|review)|the\ (?:present|current)\ study)\b", re.I | re.X
)
_OTHERS = re.compile(
    r"\bet al\b|\b(?:previous|earlier|prior|other|several|many) (?:stud|work|report|auth|trial)", re.I
)


_NOT_DONE = frozenset(("will", "would", "should", "can", "could", "may", "might", "must"))


def told_by(read: Read, score: float) -> Iterator[Fact]:
    """Facts in the order of the text; the same one may come more than once."""
    concepts = Concepts(read.found)
    for number, sentence in enumerate(read.sentences):
        if not _is_own(sentence):
            continue
        for kind, token, trigger in _of_sentence(sentence.doc, number, concepts):
            target = concepts.at(number, token)
            if target is not None and _is_asserted(sentence, trigger, token):
                yield Fact(kind, target, sentence.passage.id, sentence.start, sentence.end, score)


def _is_own(sentence: ReadSentence) -> bool:
    """Whether a sentence may tell of the paper's own doing: of a part on methods, or of the abstract, or in
    the first person.
    """
    doc = sentence.doc
    if sentence.aside or sentence.passage.kind == "caption" or not doc.has_annotation("DEP"):
        return False
    text = doc.user_data[TEXT]
    if _OTHERS.search(text):
        return False
    of_methods = any(_METHODS.search(part) for part in sentence.passage.section)
    return of_methods or sentence.prominent or OURS.search(text) is not None


def _is_asserted(sentence: ReadSentence, trigger: Any, token: Any) -> bool:
    if any(c.dep_ == "aux" and c.lower_ in _NOT_DONE for c in trigger.children) or (
        trigger.dep_ == "xcomp" and trigger.head.lower_ in ("need", "needs", "needed", "plan", "hope")
    ):
        return False
    polarity, modality = stance(sentence.doc, trigger, (token,))
    return polarity == "positive" and modality in ("asserted", "of others")


def _of_sentence(doc: Any, number: int, concepts: Concepts) -> Iterator[tuple[FactType, Any, Any]]:
    for token in doc:
        if token.pos_ == "VERB":
            yield from _of_verb(token, number, concepts)


def _of_verb(verb: Any, number: int, concepts: Concepts) -> Iterator[tuple[FactType, Any, Any]]:
    forms = set(verb_forms(verb.lower_))
    passive = is_passive(verb)
    done = [one for one in (subjects(verb, True) if passive else objects(verb))]
    ours = passive or _is_ours(verb)

    def of(nouns: list[Any], kinds: frozenset[str]) -> Iterator[Any]:
        for noun in nouns:
            identifier = concepts.at(number, noun)
            kind = concepts.kinds.get(identifier) if identifier is not None else None
            theirs = any(c.dep_ == "poss" and c.lower_ in ("their", "his", "her") for c in noun.children)
            if kind in kinds and not theirs and (kind != "organism" or _is_many(noun)):
                yield noun

    behind = after(verb)
    told = verb.dep_ != "acl" or verb.tag_ == "VBG"
    if ours and told and forms & _words("use"):
        yield from (("USES_METHOD", noun, verb) for noun in of(done, _WAYS))
    if ours and not passive and forms & _words("make"):
        yield from (("USES_METHOD", noun, verb) for noun in of(done, _WAYS))
    if ours and forms & _words("measure"):
        outcomes = (noun for noun in of(done, _OUTCOME) if concepts.at(number, noun) not in statistics())
        yield from (("MEASURES", noun, verb) for noun in outcomes)
    if ours and forms & _words("by_method"):
        ways = [noun for preposition, noun in behind if preposition in ("by", "with", "via", "through")]
        yield from (("USES_METHOD", noun, verb) for noun in of(ways, _WAYS))
    if ours and forms & (_words("take_from") | _words("use")):
        sources = done + [noun for preposition, noun in behind if preposition in ("from", "in", "on", "with")]
        yield from (("USES_DATA", noun, verb) for noun in of(sources, _DATA))
    if ours and forms & _words("include"):
        yield from (("IN_POPULATION", noun, verb) for noun in of(done, _WHO))
    if ours and forms & (_words("take_place") | _words("include")):
        where = [noun for preposition, noun in behind if preposition in ("in", "at", "from", "across")]
        yield from (("IN_PLACE", noun, verb) for noun in of(where, frozenset(("place",))))
        inside = [noun for preposition, noun in behind if preposition in ("in", "among")]
        yield from (("IN_POPULATION", noun, verb) for noun in of(inside, _WHO) if forms & _words("use_in"))


def _is_many(noun: Any) -> bool:
    """Whether animals or plants are told of, and not the name of one: *twelve rats*, *mice*."""
    counted = any(child.dep_ == "nummod" for child in noun.children)
    return counted or (noun.tag_ == "NNS" and bool(noun.lower_ == noun.text))


def _is_ours(verb: Any) -> bool:
    """Whether the paper is who does it: *we used*, *this study assessed*, *… using X* under such a verb."""
    if verb.tag_ == "VBG" and verb.lower_ in ("using", "applying", "employing"):
        return True
    heads = subjects(verb, False)
    if not heads:
        return bool(verb.dep_ in ("xcomp", "advcl") and verb.head.pos_ == "VERB" and _is_ours(verb.head))
    return any(
        head.lower_ in ("we", "i")
        or (
            head.lower_ in ("study", "paper", "work", "article", "trial", "review", "survey", "analysis")
            and any(c.lower_ in ("this", "our", "the", "present", "current") for c in head.children)
        )
        for head in heads
    )


@cache
def statistics() -> frozenset[str]:
    """Ids of concepts that are figures of statistics."""
    return frozenset(concept_id(phrase_key(name)) for name in _words("statistics"))


@cache
def _words(name: str) -> frozenset[str]:
    text = (Path(__file__).parent / "telling.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)[name])
