"""A question put in the other language of a library, word by word: English over Chinese papers, Chinese over
English ones.

Knows the dictionary, the library's vocabularies and which words its papers hold. What it makes is no
translation but the words by which papers in the other language are found.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from kgrag.language.bilingual import LONGEST_GLOSS, chinese_of, english_of
from kgrag.language.names import normalise_name
from kgrag.language.words import content_words, has_han, short_stem
from kgrag.library import Library
from kgrag.search.understand import expanded, find_entities, look_up
from kgrag.types import Evidence, Filters, QuestionForm, Understood

N_COUNTED, MOST_WORDS = 200, 2
"""Passages up to which a word's are counted, and how many words stand for one."""
HELD = 0.7
"""Share of the words that a passage must have to be read."""
KINDS = ("definition", "number", "date", "name", "reason", "summary", "record", "works", "size")
"""Forms of a question that are answered alike in both languages."""
WHY = "dictionary CC-CEDICT"
_SIGN = re.compile(r"\d[\w.%]*")
"""A figure, which both languages write alike."""


@dataclass(frozen=True)
class Across:
    """A question in the words of the other language.

    Args:
        understood: the question; its text are the words, its repairs tell what stands for what.
        filters: of the search, kept to papers in that language.
        missing: the question's words for which the library's papers have none.
        share: of the letters of the question's words those of words that were found, in (0, 1]: the rare and
            telling ones are long.
        words: for each word of the question that was found the words that stand for it, with a weight: the
            rarer in the library, the more.
    """

    understood: Understood
    filters: Filters
    missing: tuple[str, ...]
    share: float
    words: Mapping[tuple[str, ...], float]

    def holds(self, item: Evidence) -> bool:
        """Whether the passage of a quote with its title has most of the words by their weights: a passage
        with half of them is about something else.
        """
        text = f"{item.document.title or ''} {item.passage.text}"
        stems = {short_stem(word) for word in content_words(text)}
        lowered = text.casefold()
        held = sum(
            weight
            for forms, weight in self.words.items()
            if any(_stands(word, lowered, stems) for word in forms)
        )
        return held >= HELD * sum(self.words.values())


@dataclass(frozen=True)
class _Dictionary:
    """Finds the words of the other language that a library's papers hold."""

    to_chinese: bool
    named: dict[str, str]
    count: Callable[[str], int]

    def pairs(self, text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """(words of the text, words of the other language for them, none where there are none), the longest
        that the dictionary has first; names and figures that both languages write alike stand as they are.
        """
        tokens = [word for word in content_words(text) if len(word) > 1]
        between = "" if has_han(text) else " "
        place = 0
        while place < len(tokens):
            for size in range(min(LONGEST_GLOSS, len(tokens) - place), 0, -1):
                span = between.join(tokens[place : place + size])
                if found := self._of(span):
                    yield span, found
                    place += size
                    break
            else:
                yield from self._in_parts(tokens[place]) if has_han(tokens[place]) else ((tokens[place], ()),)
                place += 1

    def text(self, text: str) -> str:
        """The words found for a text."""
        return " ".join(found[0] for _, found in self.pairs(text) if found)

    def _of(self, span: str) -> tuple[str, ...]:
        if name := self.named.get(normalise_name(span)):
            return (name,)
        if _SIGN.fullmatch(span):
            return (span,) if self.count(span) else ()
        found = chinese_of(span) if self.to_chinese else english_of(span)
        held = [(n, word) for word in dict.fromkeys(found) if (n := self.count(word))]
        # of the many words that the dictionary has, a library uses one or two; whole words before phrases
        held.sort(key=lambda pair: (" " in pair[1], -pair[0]))
        if held or has_han(span):
            return tuple(word for _, word in held[:MOST_WORDS])
        return (span,) if " " not in span and self.count(span) else ()

    def _in_parts(self, token: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What the dictionary holds of a Chinese word that it lacks whole."""
        place, lacking = 0, ""
        while place < len(token):
            ends = (end for end in range(len(token), place + 1, -1) if self._of(token[place:end]))
            end = next(ends, place)
            if end > place:
                yield token[place:end], self._of(token[place:end])
                place = end
            else:
                lacking += token[place]
                place += 1
        if lacking:
            yield lacking, ()


def in_other_language(understood: Understood, library: Library, filters: Filters) -> Across | None:
    """The question in the words of the library's other language.

    Args:
        understood: the question.
        library: that is asked.
        filters: of the search; one that names languages is kept to.

    Returns:
        None where the library has no paper in the other language with any of the words.
    """
    language = "en" if understood.language == "zh" else "zh"
    if filters.languages and language not in filters.languages:
        return None
    if language == "zh" and not library.catalogue.holds_chinese():
        return None
    limits = replace(filters, languages=(language,))
    known = expanded(understood.text, understood.language, library)
    named = {normalise_name(span): form for span, form, _ in known}
    dictionary = _Dictionary(language == "zh", named, _counter(library, limits, chinese=language == "zh"))
    pairs = list(dictionary.pairs(understood.text))
    found = [(span, words) for span, words in pairs if words]
    if not found:
        return None
    text = " ".join(words[0] for _, words in found)
    told = tuple((span, words[0], WHY) for span, words in found if words[0] != span)
    put = replace(
        understood,
        text=text,
        language=language,
        repairs=(*understood.repairs, *told),
        entities=find_entities(text, language, look_up(library, filters.hidden)),
        queries=tuple(word for _, words in found for word in words[1:]),
        form=_form(understood.form, dictionary),
    )
    missing = tuple(span for span, words in pairs if not words)
    share = sum(len(span) for span, _ in found) / sum(len(span) for span, _ in pairs)
    weights = {words: math.log(1 + N_COUNTED / dictionary.count(words[0])) for _, words in found}
    return Across(put, limits, missing, share, weights)


def _stands(phrase: str, lowered: str, stems: Collection[str]) -> bool:
    if has_han(phrase):
        return phrase in lowered
    return all(short_stem(word) in stems for word in content_words(phrase))


def _counter(library: Library, limits: Filters, *, chinese: bool) -> Callable[[str], int]:
    """How often the papers in the other language hold a word; of a phrase, its rarest word."""
    beside = library.lexicon(limits.hidden).pairs if chinese else {}

    def count(word: str) -> int:
        if has_han(word):
            return min((beside.get(a + b, 0) for a, b in pairwise(word)), default=0)
        return min((len(library.words.search(part, N_COUNTED, limits)) for part in word.split()), default=0)

    return count


def _form(form: QuestionForm, dictionary: _Dictionary) -> QuestionForm:
    """The form with its things in the other language; what is read from the words of one language is not."""
    return replace(
        form,
        kind=form.kind if form.kind in KINDS else "fact",
        thing=dictionary.text(form.thing),
        defined=dictionary.text(form.defined),
        others=(),
        counted="",
        within="",
        verdict=False,
        side_by_side=False,
        parts=(),
    )
