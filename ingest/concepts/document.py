"""The concepts of one English document: its noun phrases counted, judged and named, short forms with their
long ones.

Knows passages and sections. Every mention is a noun phrase of its own sentence, never a string that happens
to be there. Does not know other documents.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.concepts.gate import Candidate, family_names, is_concept, trimmed
from ingest.concepts.parse import TEXT
from ingest.concepts.phrases import Phrase, noun_phrases, phrase_of
from ingest.text.abbreviations import find_abbreviations
from kgrag.language.phrase_keys import concept_id, is_short_form, phrase_key, short_key
from kgrag.models.kinds import UNKNOWN, kinds_of
from kgrag.types import Document, Entity, Mention, Passage

METHOD = "concept"
_ASIDE = re.compile(
    r"acknowledge?ment|funding|affiliation|reference|bibliograph|author|conflict|competing|disclosure"
    r"|supporting information|supplement|abbreviation|ethic|consent|availability|correspondence|editor"
    r"|copyright|licen[cs]e",
    re.I,
)
_LABEL = re.compile(
    r"^(?:fig(?:ure|\.)?|table|box|scheme|plate|video|movie|text|dataset|file)\s*[A-Z]?\d", re.I
)


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence of a passage with its tagged words; ``start`` is its place in the passage's text."""

    passage: Passage
    start: int
    end: int
    doc: Any
    aside: bool
    prominent: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The concepts of a document, their mentions, and for each sentence the concept of its phrases by head
    token.
    """

    concepts: tuple[Entity, ...] = ()
    mentions: tuple[Mention, ...] = ()
    heads: tuple[Mapping[int, tuple[str, Phrase]], ...] = ()


@dataclass(slots=True)
class _Reading:
    candidates: dict[str, Candidate] = field(default_factory=dict)
    places: list[tuple[int, Phrase, str]] = field(default_factory=list)


def is_aside(passage: Passage) -> bool:
    """Whether a passage speaks of the paper's making and not of its matter."""
    return passage.kind in ("reference", "table") or any(_ASIDE.search(part) for part in passage.section[:1])


def find_concepts(document: Document, sentences: Sequence[ReadSentence], title: Any = None) -> Found:
    """Concepts with kinds, forms and mentions.

    Args:
        document: its record gives keywords and the names of people.
        sentences: all of its prose, tagged, in order.
        title: the tagged title, where there is one.
    """
    reading = _Reading()
    for number, sentence in enumerate(sentences):
        if not sentence.aside:
            _count(reading, number, sentence)
    if title is not None:
        _titled(title, reading)
    longs = _definitions(sentences, reading)
    _keywords(document, reading)
    kept = _judge(document, reading, longs)
    return _found(sentences, reading, longs, kept)


def _count(reading: _Reading, number: int, sentence: ReadSentence) -> None:
    for phrase in noun_phrases(sentence.doc):
        if _LABEL.match(phrase.text) or (cut := trimmed(sentence.doc, phrase)) is None:
            continue
        for place, part in enumerate(endings(sentence.doc, cut)):
            key = phrase_key(part.text)
            if not key:
                continue
            reading.places.append((number, part, key))
            candidate = reading.candidates.setdefault(key, Candidate(key))
            if sentence.passage.kind != "caption":
                candidate.sentences.add(number)
            if place == 0:
                candidate.alone += 1
                form = _form(part.text, sentence.doc[part.first].i == 0)
                candidate.forms[form] = candidate.forms.get(form, 0) + 1
                candidate.capital += part.text[:1].isupper() and sentence.doc[part.first].i > 0
                candidate.prominent |= sentence.prominent


def _titled(title: Any, reading: _Reading) -> None:
    """What the title names is prominent, where the text names it too."""
    for phrase in noun_phrases(title):
        if (cut := trimmed(title, phrase)) is not None:
            for part in endings(title, cut):
                if (candidate := reading.candidates.get(phrase_key(part.text))) is not None:
                    candidate.prominent = True


def endings(doc: Any, phrase: Phrase) -> Iterator[Phrase]:
    """The phrase, then what is left of it without its first word, and so on: *cancer screening* in *breast
    cancer screening*.
    """
    yield phrase
    for first in range(phrase.first + 1, phrase.head + 1):
        before = doc[first - 1]
        if (
            before.whitespace_
            and doc[first].is_alpha
            and (first < phrase.head or doc[first].pos_ in ("NOUN", "PROPN"))
        ):
            yield phrase_of(doc, first, phrase.head)


def _form(text: str, opens: bool) -> str:
    """How the phrase is written; a capital that only begins the sentence is taken back."""
    text = " ".join(text.split())
    if opens and text[:1].isupper() and text[1:2].islower() and " " in text and text.split()[1].islower():
        return text[0].lower() + text[1:]
    return text


def _definitions(sentences: Sequence[ReadSentence], reading: _Reading) -> dict[str, str]:
    """Key of each defined short form → key of its long form; the first definition holds."""
    longs: dict[str, str] = {}
    for sentence in sentences:
        if sentence.aside:
            continue
        for item in find_abbreviations(sentence.doc.user_data[TEXT]):
            if not _is_nominal(sentence.doc, *item.long_span):
                continue
            long = re.sub(r"^(?:the|an?|of|for|and)\s+", "", " ".join(item.long.split()), flags=re.I)
            key, short = phrase_key(long), short_key(item.short)
            if not key or (" " not in key and len(key) < 8) or key == short or short in longs:
                continue
            longs[short] = key
            candidate = reading.candidates.setdefault(key, Candidate(key))
            candidate.forms[long] = candidate.forms.get(long, 0) + 1
            candidate.defined = True
    return longs


def _is_nominal(doc: Any, start: int, end: int) -> bool:
    """Whether a long form is a noun phrase: it ends in a noun and holds no pronoun and no finite verb."""
    span = doc.char_span(start, end, alignment_mode="expand")
    return (
        span is not None
        and span[-1].pos_ in ("NOUN", "PROPN", "NUM", "X")
        and not any(
            token.pos_ in ("PRON", "AUX") or token.tag_ in ("VBZ", "VBP", "VBD", "MD") for token in span
        )
    )


def _keywords(document: Document, reading: _Reading) -> None:
    for keyword in document.record.keywords:
        candidate = reading.candidates.get(phrase_key(keyword))
        if candidate is not None:
            candidate.prominent = candidate.defined = True


def _judge(document: Document, reading: _Reading, longs: Mapping[str, str]) -> dict[str, str]:
    """Key → kind of every candidate that is a concept. Short forms count for their long ones."""
    for short, long in longs.items():
        if (one := reading.candidates.get(short)) is not None and long in reading.candidates:
            reading.candidates[long].sentences |= one.sentences
    wanted = [c for key, c in reading.candidates.items() if key not in longs and c.forms]
    kinds = kinds_of([candidate.name for candidate in wanted])
    record = document.record
    names = family_names(
        [a.name for a in (*record.authors, *record.editors)] + [r.author for r in record.references]
    )
    return {
        candidate.key: kind[0]
        for candidate, kind in zip(wanted, kinds, strict=True)
        if is_concept(candidate, kind, names)
    }


def _found(
    sentences: Sequence[ReadSentence], reading: _Reading, longs: Mapping[str, str], kept: Mapping[str, str]
) -> Found:
    heads: list[dict[int, tuple[str, Phrase]]] = [{} for _ in sentences]
    mentions: list[Mention] = []
    forms: dict[str, Counter[str]] = {}
    for number, phrase, key in reading.places:
        target = longs.get(key, key)
        if target not in kept or phrase.head in heads[number]:
            continue
        sentence = sentences[number]
        heads[number][phrase.head] = (concept_id(target), phrase)
        start = sentence.start + phrase.start
        mentions.append(
            Mention(concept_id(target), sentence.passage.id, start, sentence.start + phrase.end, METHOD)
        )
        forms.setdefault(target, Counter())[_form(phrase.text, phrase.first == 0)] += 1
    shorts: dict[str, list[str]] = {}
    for short, long in longs.items():
        shorts.setdefault(long, []).append(short)
    concepts: dict[str, Entity] = {}
    for key in forms:
        one = _concept(key, kept[key], forms[key], reading.candidates[key], shorts.get(key, ()))
        concepts.setdefault(one.id, one)
    return Found(tuple(concepts[i] for i in sorted(concepts)), tuple(mentions), tuple(heads))


def _concept(key: str, kind: str, forms: Counter[str], candidate: Candidate, shorts: Sequence[str]) -> Entity:
    written = set(forms) | {form for form in candidate.forms}
    long = [form for form in written if not (is_short_form(form) and short_key(form) in shorts)]
    name = (
        min(long, key=lambda f: (-forms[f] - candidate.forms.get(f, 0), f[:1].isupper(), len(f), f))
        if long
        else candidate.name
    )
    return Entity(concept_id(key), name, kind, tuple(sorted(written - {name})))


__all__ = ["UNKNOWN", "Found", "ReadSentence", "find_concepts", "is_aside"]
