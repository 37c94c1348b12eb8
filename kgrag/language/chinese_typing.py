"""Repairs Chinese questions as people type them: traditional characters, pinyin instead of characters,
homophones.

Knows sounds and the library's own words (``Lexicon``). It never guesses a word that the library does not
hold, and every repair is told as (from, to, why), so that it can be shown and refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kgrag.language.words import has_han, simplified, words

Repair = tuple[str, str, str]

_LATIN = re.compile(r"[A-Za-züÜ']+(?:[ ][a-züÜ']+)*")
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]+")
MAX_WORD = 6
MIN_COUNT = 2
"""A word the library holds only once may itself be a slip."""


@dataclass(frozen=True)
class Lexicon:
    """The Chinese words of a library by their sounds, and which characters stand side by side in it.

    Attributes:
        counts: how often each word of two characters or more occurs.
        by_sound: words by their pinyin without tones, syllables joined by a space.
        by_letters: words by the same letters without spaces, as people type them.
        pairs: how often two characters stand side by side.
    """

    counts: Counter[str]
    by_sound: dict[str, list[str]]
    by_letters: dict[str, list[str]]
    pairs: Counter[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Lexicon:
        """The lexicon of some texts."""
        from pypinyin import lazy_pinyin

        counts: Counter[str] = Counter()
        pairs: Counter[str] = Counter()
        for text in map(simplified, texts):
            counts.update(word for word in words(text) if 1 < len(word) <= MAX_WORD and has_han(word))
            for run in _HAN_RUN.findall(text):
                pairs.update(run[i : i + 2] for i in range(len(run) - 1))
        by_sound: dict[str, list[str]] = {}
        by_letters: dict[str, list[str]] = {}
        for word in sorted(counts, key=lambda word: (-counts[word], word)):
            syllables = lazy_pinyin(word)
            by_sound.setdefault(" ".join(syllables), []).append(word)
            by_letters.setdefault("".join(syllables), []).append(word)
        return cls(counts, by_sound, by_letters, pairs)

    def best(self, found: Sequence[str], before: str, after: str) -> str | None:
        """Of several words of one sound, the one that fits its neighbours best, then the most frequent."""

        def fit(word: str) -> tuple[int, int, str]:
            return (
                self.pairs[before[-1:] + word[0]] + self.pairs[word[-1] + after[:1]],
                self.counts[word],
                word,
            )

        return max(found, key=fit) if found else None


def repair(question: str, lexicon: Lexicon) -> tuple[str, tuple[Repair, ...]]:
    """A question with what can be repaired, and the repairs made.

    Args:
        question: in Chinese, or in Chinese and pinyin, or in pinyin alone.
        lexicon: of the library that is asked.

    Returns:
        The repaired question and (from, to, why) for each change.
    """
    plain = simplified(question)
    made: list[Repair] = [(question, plain, "traditional characters")] if plain != question else []
    for step in (_without_pinyin, _without_homophones):
        plain, changes = step(plain, lexicon)
        made.extend(changes)
    return plain, tuple(made)


def _without_pinyin(text: str, lexicon: Lexicon) -> tuple[str, list[Repair]]:
    made: list[Repair] = []
    parts, last = [], 0
    for match in _LATIN.finditer(text):
        word = _heard(match.group(), lexicon, text[: match.start()], text[match.end() :])
        if word is not None:
            made.append((match.group(), word, "pinyin"))
            parts += [text[last : match.start()], word]
            last = match.end()
    return "".join([*parts, text[last:]]), made


def _heard(typed: str, lexicon: Lexicon, before: str, after: str) -> str | None:
    """The words behind a run of pinyin: the whole run as one word, else cut into the fewest words."""
    letters = re.sub(r"[ ']", "", typed.lower())
    if len(letters) < 3:
        return None
    best: dict[int, tuple[int, str]] = {0: (0, "")}
    for end in range(1, len(letters) + 1):
        for start in range(end):
            if start not in best or letters[start:end] not in lexicon.by_letters:
                continue
            n_words, said = best[start]
            word = lexicon.best(
                lexicon.by_letters[letters[start:end]], said or before, after if end == len(letters) else ""
            )
            if word is not None and (end not in best or n_words + 1 < best[end][0]):
                best[end] = (n_words + 1, said + word)
    found = best.get(len(letters))
    return found[1] if found and found[0] <= max(1, len(letters) // 5) else None


def _without_homophones(text: str, lexicon: Lexicon) -> tuple[str, list[Repair]]:
    """Where two characters never stand side by side in the library, a word of the same sound that does may be
    meant.
    """
    made: list[Repair] = []
    for start, end in _strange_spans(text, lexicon):
        written = text[start:end]
        word = _same_sound(written, lexicon, text[:start], text[end:])
        if word is not None:
            made.append((written, word, "same sound"))
            text = text[:start] + word + text[end:]
    return text, made


def _strange_spans(text: str, lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    """Spans of two to four characters around a pair that the library never has, shortest first, none
    twice.
    """
    done: set[int] = set()
    for run in _HAN_RUN.finditer(text):
        strange = [i for i in range(run.start(), run.end() - 1) if not lexicon.pairs[text[i : i + 2]]]
        for size in (2, 3, 4):
            for start in range(run.start(), run.end() - size + 1):
                span = range(start, start + size)
                if (
                    any(start <= i < start + size - 1 for i in strange)
                    and done.isdisjoint(span)
                    and _same_sound(text[start : start + size], lexicon, "", "")
                ):
                    done.update(span)
                    yield start, start + size


def _same_sound(written: str, lexicon: Lexicon, before: str, after: str) -> str | None:
    from pypinyin import lazy_pinyin

    found = [
        word
        for word in lexicon.by_sound.get(" ".join(lazy_pinyin(written)), [])
        if lexicon.counts[word] >= MIN_COUNT and word != written
    ]
    near = [
        word
        for word in found
        if sum(a != b for a, b in zip(word, written, strict=True)) <= max(1, len(written) // 2)
    ]
    return lexicon.best(near, before, after)
