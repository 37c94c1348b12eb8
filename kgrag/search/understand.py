"""Turns a question as typed into a question as searched: language, repairs, and the entities of the library
that it names.

Knows the question and the graph store's look-up. Every change it makes is recorded in ``repairs``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from kgrag.catalogue.visible import visible_entities
from kgrag.holdings.vocabularies import expansions
from kgrag.language.chinese_typing import Repair, repair
from kgrag.language.names import normalise_name
from kgrag.language.question_form import first_reading, read_form
from kgrag.language.spelling import respelled
from kgrag.language.words import FUNCTION_WORDS, has_han, is_chinese, without_surrogates, words
from kgrag.library import Library
from kgrag.models.minilm import is_common_word
from kgrag.types import Entity, Filters, QuestionForm, Understood

MAX_NAME_WORDS = 12
MOST_MEANINGS = 3
_WORD = re.compile(r"[^\W_]+(?:['’\-–.][^\W_]+)*'?")
_PLURAL = re.compile(r"[^\Wsui]s\b(?=[^\w]*$)")
"""Of the last word of a thing: *statins*; not *analysis*, *virus*, *stress*."""
LookUp = Callable[[Sequence[str]], Sequence[Entity]]


def understand(
    question: str, library: Library, hidden: Sequence[int] = (), *, expand: bool | None = None
) -> Understood:
    """The question, cleaned, with its entities.

    Args:
        question: as typed.
        library: that is asked.
        hidden: collections that the person may not see: no word and no name is taken from their documents.
        expand: names in the other language from the library's vocabularies; default as the setting
            ``expansions`` says.

    Returns:
        ``entities`` longest name first; ``repairs`` as (from, to, why), expansions among them; ``queries``
        the words they add.
    """
    question = without_surrogates(question)
    text = " ".join(unicodedata.normalize("NFKC", question).split())
    repairs: tuple[tuple[str, str, str], ...] = (
        ((question, text, "full-width characters and spaces"),) if text != question.strip() else ()
    )
    if has_han(text) or (library.catalogue.holds_chinese() and _maybe_pinyin(text)):
        text, made = repair(text, library.lexicon(tuple(hidden)))
        repairs += made
    if not has_han(text):
        text, made = respelled(
            text,
            is_common_word,
            lambda word: bool(library.words.search(word, 1, Filters(hidden=tuple(hidden)))),
            lambda: library.spellings(tuple(hidden)),
        )
        repairs += made
    text, form, made = _put_plainly(text, look_up(library, hidden))
    repairs += tuple((question, to, why) for _, to, why in made)
    language = "zh" if is_chinese(text) else "en"
    wanted = library.settings.expansions if expand is None else expand
    added = expanded(text, language, library) if wanted else []
    repairs += tuple((span, words, f"vocabulary {name}") for span, words, name in added)
    return Understood(
        question,
        text,
        language,
        repairs,
        find_entities(text, language, look_up(library, hidden)),
        tuple(words for _, words, _ in added),
        form,
    )


def expanded(text: str, language: str, library: Library) -> list[tuple[str, str, str]]:
    """(words of the question, what a vocabulary calls them in the other language, its name); of spans that
    overlap the longest.
    """
    spans = _chinese_spans(text) if language == "zh" else _spans(text, needs_capitals=False)
    by_name = {name: (start, end) for start, end, name in reversed(spans)}
    kept: list[tuple[str, str, str]] = []
    taken: set[int] = set()
    for name, form, vocabulary in expansions(
        library.catalogue, list(dict.fromkeys(name for _, _, name in spans)), language
    ):
        place = set(range(*by_name[name]))
        if taken.isdisjoint(place) or any(name == other for other, _, _ in kept):
            taken |= place
            kept.append((name, form, vocabulary))
    return kept


def _put_plainly(text: str, find: LookUp) -> tuple[str, QuestionForm, tuple[Repair, ...]]:
    """The question as it is searched, its form, and what was put in other words: what a short name stands
    for, and *tell me about* as *what is*.
    """
    if short := first_reading("stands_for", text):
        plain = _spelled_out(short[1][0], find)
        return plain, read_form(f"What is {short[1][0]}?"), ((text, plain, "what it stands for"),)
    if thing := first_reading("tell_me", text):
        plain = f"{thing[1][0]}是什么?" if has_han(text) else f"What is {thing[1][0]}?"
        return plain, read_form(plain), ((text, plain, "what it is"),)
    plain = in_one_wording(text)
    made = ((text, plain, "the same question"),) if plain != text else ()
    return plain, read_form(plain), made


def in_one_wording(text: str) -> str:
    """A question for the direction of an outcome in one wording, whatever its voice and verb: the same
    question finds the same and gets the same verdict.
    """
    for slot, verb in (("raises", "increase"), ("lowers", "reduce")):
        if read := first_reading(slot, text):
            kind, (first, second, *rest) = read[0].field, read[1]
            by, outcome, against = {
                "against first": (second, rest[0] if rest else "", first),
                "passive": (second, first, rest[0] if rest else ""),
                "active": (first, second, rest[0] if rest else ""),
            }[kind]
            do = "Do" if _PLURAL.search(by) else "Does"
            return f"{do} {by} {verb} {outcome}{f' compared with {against}' if against else ''}?"
    return text


def _spelled_out(short: str, find: LookUp) -> str:
    """The question what a short name is, with the long names that papers give it."""
    forms = [short, f"{short}s"]
    wanted = {normalise_name(form) for form in forms}
    longer = {
        entity.name.lower(): entity.name
        for entity in find(forms)
        if " " in entity.name and wanted & {normalise_name(form) for form in entity.aliases}
    }
    return f"What is {', '.join([short, *list(longer.values())[:MOST_MEANINGS]])}?"


def look_up(library: Library, hidden: Sequence[int]) -> LookUp:
    """Entities by name, as far as visible documents name them."""
    return lambda names: visible_entities(library.catalogue, library.graph.find(names), hidden)


def _maybe_pinyin(text: str) -> bool:
    """Whether every word could be a syllable or more of pinyin: lower case, no letter that pinyin lacks."""
    return re.fullmatch(r"[a-uw-zü' ]{4,}", text) is not None


def find_entities(text: str, language: str, find: LookUp, *, capitals: bool = True) -> tuple[Entity, ...]:
    """The library's entities that a question names: the longest spans that are names, none inside another.

    Args:
        text: the question.
        language: ``zh`` cuts words by the dictionary and needs no capitals.
        find: entities by name or alias, as ``GraphStore.find``.
        capitals: names must hold a capital or a digit (for ranking); else any words will do (for chains).

    Returns:
        Longest span first; every entity that bears the span's name.
    """
    spans = _chinese_spans(text) if language == "zh" else _spans(text, capitals)
    found: dict[str, list[Entity]] = {}
    for entity in find(list(dict.fromkeys(name for _, _, name in spans))):
        for key in {normalise_name(form) for form in (entity.name, *entity.aliases)}:
            found.setdefault(key, []).append(entity)
    kept: dict[str, Entity] = {}
    taken: set[int] = set()
    for start, end, name in spans:
        if name in found and taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            kept.update((entity.id, entity) for entity in found[name] if entity.id not in kept)
    return tuple(kept.values())


def _spans(text: str, needs_capitals: bool) -> list[tuple[int, int, str]]:
    """(first word, end, normalised name) of every span that may be a name, longest first: it holds a capital
    or a digit.
    """
    tokens = list(_WORD.finditer(text))
    spans = []
    for size in range(min(MAX_NAME_WORDS, len(tokens)), 0, -1):
        for start in range(len(tokens) - size + 1):
            words_in = [token.group() for token in tokens[start : start + size]]
            name = normalise_name(text[tokens[start].start() : tokens[start + size - 1].end()])
            capitals = [word for word in words_in if word[0].isupper() or word[0].isdigit()]
            if (
                name
                and name not in FUNCTION_WORDS
                and (capitals or not needs_capitals)
                and not (start == 0 and len(capitals) == 1 and words_in[0].lower() in FUNCTION_WORDS)
            ):
                spans.append((start, start + size, name))
    return spans


def _chinese_spans(text: str) -> list[tuple[int, int, str]]:
    tokens = words(text)
    spans = [
        (start, start + size, normalise_name("".join(tokens[start : start + size])))
        for size in range(min(MAX_NAME_WORDS, len(tokens)), 0, -1)
        for start in range(len(tokens) - size + 1)
    ]
    return [span for span in spans if len(span[2]) > 1]
