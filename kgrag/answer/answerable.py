"""Judges whether the evidence found can answer the question, by a small logistic model over named features.

Knows the question and the ranked evidence. It does not judge truth (the verifier does), only whether silence
is wiser. Its weights are in ``models/data/answerable.json`` with a card; made by ``python -m
kgrag.train.answerable``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np

from kgrag.generate.fitting import defines
from kgrag.language.wanted import holds, holds_figure
from kgrag.language.wordlists import word_list
from kgrag.language.words import content_words, has_han, short_stem, words
from kgrag.models.minilm import is_common_word
from kgrag.types import Evidence, Hit, QuestionForm, Understood

FEATURES = (
    "best",
    "mean3",
    "spread",
    "coverage_best",
    "coverage_passage",
    "coverage_all",
    "rarest_missing",
    "rare_missing",
    "rare_passage",
    "names_passage",
    "names_all",
    "title",
    "titles",
    "title_near",
    "phrases",
    "phrases_title",
    "n_phrases",
    "pairs",
    "kind",
    "n_words",
    "hit",
    "hits",
    "near",
)


_JOIN = r"(?:of|the|and|in|for|to|de|la|le|von|van|der|&|a|at|on|with|by)"


_PHRASE = re.compile(
    rf"[\"“«]([^\"”»]{{3,80}})[\"”»]|\b([A-Z0-9][\w'’.-]*(?:,?\s+(?:{_JOIN}\s+){{0,2}}[A-Z0-9][\w'’.-]*)*)"
)


_QUALIFIER = re.compile(r"\s*\([^)]*\)\s*$")


_OPENERS = word_list("opening_words", __file__)


SHORT_TITLE = 6
ANSWERABLE, N_READ = 0.5, 16
"""From which probability sentences answer, and the quotes by which the model has learned to tell."""


_TALK = word_list("talk", __file__)


COMMON, MOST_OF_IT = 0.66, 0.6
"""Rarity up to which a word alone says little of a thing that it names with others."""


def features(
    question: Understood, evidence: Sequence[Evidence], hits: Sequence[Hit] = ()
) -> dict[str, float]:
    """Named features in [0, 1]: scores of the best quotes, how much of the question and of its rare words and
    names stands in them.

    ``*_passage`` look at one passage with its title, ``*_all`` at all passages read; ``rarest_missing`` is
    the rarity of the rarest word found nowhere; ``title`` whether a title stands in the question, ``titles``
    how many of the question's words such titles hold; ``kind`` whether the best quotes hold a number, date or
    name where the question asks for one.
    """
    rare = {short_stem(word): _rarity(word) for word in content_words(question.text)}
    asked = set(rare)
    told = [set(map(short_stem, content_words(item.quote))) for item in evidence[:5]]
    passages = {item.passage.id: f"{_title(item)} {item.passage.text}" for item in evidence}
    read = [set(map(short_stem, content_words(text))) for text in passages.values()]
    everything: set[str] = set().union(*read)
    names = {short_stem(stem) for name in _names(question.text) for stem in content_words(name)}
    phrases = _phrases(question.text)
    heads = {item.passage.id: _plain(_QUALIFIER.sub("", _title(item))) for item in evidence}
    headings = [set(map(short_stem, content_words(head))) for head in heads.values()]
    titles = [words for words in headings if words and words <= asked]
    scores = [item.score for item in evidence[:3]] or [0.0]
    missing = sorted((rare[word] for word in asked if word not in everything), reverse=True)
    return {
        "best": scores[0],
        "mean3": sum(scores) / len(scores),
        "spread": scores[0] - (evidence[-1].score if evidence else 0.0),
        "coverage_best": max((_share(rare, words) for words in told), default=0.0),
        "coverage_passage": max((_share(rare, words) for words in read), default=0.0),
        "coverage_all": _share(rare, everything),
        "rarest_missing": missing[0] if missing else 0.0,
        "rare_missing": min(sum(m > 0.6 for m in missing), 4) / 4,
        "rare_passage": max(
            (_share({w: r for w, r in rare.items() if r > 0.6}, words) for words in read), default=0.0
        ),
        "names_passage": max((_share(dict.fromkeys(names, 1.0), words) for words in read), default=0.0),
        "names_all": _share(dict.fromkeys(names, 1.0), everything),
        "title": float(bool(titles)),
        "titles": _share(rare, set().union(*titles)) if titles else 0.0,
        "title_near": max(
            (_share(rare, words) * len(words & asked) / len(words) for words in headings if words),
            default=0.0,
        ),
        "phrases": (
            sum(any(phrase in _plain(text) for text in passages.values()) for phrase in phrases)
            / len(phrases)
            if phrases
            else 1.0
        ),
        "phrases_title": (
            sum(
                any(phrase in head or head in phrase for head in heads.values() if head) for phrase in phrases
            )
            / len(phrases)
            if phrases
            else 0.5
        ),
        "n_phrases": min(len(phrases), 4) / 4,
        "pairs": _pairs(question.text, passages.values()),
        "kind": float(holds(question.form.wanted, " ".join(item.quote for item in evidence[:4]))),
        "n_words": min(len(asked), 20) / 20,
        "hit": max((hit.score for hit in hits), default=0.0) / 10,
        "hits": sum(hit.score for hit in hits[:3]) / 30,
        "near": max((hit.channels.get("dense", 0.0) for hit in hits), default=0.0),
    }


def probability(question: Understood, evidence: Sequence[Evidence], hits: Sequence[Hit] = ()) -> float:
    """How likely the evidence answers the question, in [0, 1]; 0 without evidence, for a question without a
    word of meaning, where one of two things to be compared is not found, and where a name made of common
    words is only found in pieces.

    Args:
        question: as understood.
        evidence: quotes, best first.
        hits: the passages they are from, as the search ranked them.
    """
    if (
        not evidence
        or not asks_something(question.text)
        or not _both_held(question.form, evidence)
        or not _named_as_one(question.form, evidence)
    ):
        return 0.0
    model = _model(kind_of(question, evidence))
    found = features(question, evidence, hits)
    logit = model["bias"] + sum(model[name] * found[name] for name in FEATURES)
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


def about_the_named(question: Understood, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence whose passage or title names what the question names by a word that is no common English
    one (*nbgrader*), or by a Chinese word of two signs and more; all of it where none does, or where the
    question has no such word.
    """
    asked = content_words(question.text)
    if has_han(question.text):
        terms = [word for word in asked if has_han(word) and len(word) > 1]
        held = [
            item for item in evidence if any(term in f"{_title(item)} {item.passage.text}" for term in terms)
        ]
    else:
        rare = {short_stem(word) for word in asked if not is_common_word(word)}
        held = [item for item in evidence if rare & _read(item)]
    return held or list(evidence)


def can_answer(question: Understood, evidence: Sequence[Evidence], hits: Sequence[Hit]) -> bool:
    """Whether sentences can answer: one defines the thing asked for, or a number asked for is there and the
    model says so.

    Args:
        question: as understood.
        evidence: quotes, nearest first.
        hits: the passages they are from.
    """
    defined = question.form.defined
    if defined and any(defines(defined, item.quote) for item in evidence):
        return True
    return (
        figure_is_there(question, evidence) and probability(question, evidence[:N_READ], hits) >= ANSWERABLE
    )


def figure_is_there(question: Understood, evidence: Sequence[Evidence]) -> bool:
    """Whether a quote that may answer holds the number or date asked for, in a passage that holds most of
    what it is asked of (the question's words that are no names); True where none is asked for.
    """
    form = question.form
    if form.wanted not in ("number", "share", "date") or has_han(question.text):
        return True
    names = {short_stem(stem) for name in _names(question.text) for stem in content_words(name)}
    asked = {short_stem(word): _rarity(word) for word in content_words(question.text)}
    asked = {stem: rarity for stem, rarity in asked.items() if stem not in names}
    return any(
        holds_figure(form, item.quote) and _share(asked, _read(item)) >= MOST_OF_IT for item in evidence
    )


def _read(item: Evidence) -> set[str]:
    """Stems of a passage with its title."""
    return set(map(short_stem, content_words(f"{_title(item)} {item.passage.text}")))


def _both_held(form: QuestionForm, evidence: Sequence[Evidence]) -> bool:
    """Whether of two things to be compared the words of both stand in the passages read; True where none are
    compared. Word for word: the *specific* are not *specificity*.
    """
    wanted = {word for thing in form.others for word in content_words(thing)}
    return not wanted or wanted <= {
        word for item in evidence for word in content_words(f"{_title(item)} {item.passage.text}")
    }


def _named_as_one(form: QuestionForm, evidence: Sequence[Evidence]) -> bool:
    """Whether a thing to be defined whose name is made of common words (*impact factor*) has two of them side
    by side in a passage or its title; True for other questions.
    """
    thing = form.defined
    name = content_words(thing)
    if (
        has_han(thing)
        or not 1 < len(name) == len(words(thing))
        or any(_rarity(word) > COMMON for word in name)
    ):
        return True
    return any(
        _pairs(thing, [order])
        for item in evidence
        for order in (
            f"{_title(item)} {item.passage.text}",
            " ".join(reversed(content_words(item.passage.text))),
        )
    )


def asks_something(question: str) -> bool:
    """Whether a question has a word that a paper could tell of: a greeting and “who are you?” have none."""
    return any(word not in _TALK for word in content_words(question))


def kind_of(question: Understood, evidence: Sequence[Evidence]) -> str:
    """Which model judges: ``zh``; ``named`` where most documents are about a thing that their title names;
    ``papers`` otherwise.

    Where titles are names, a question whose names are no title has lost its documents; a paper's title says
    nothing of the kind.
    """
    if has_han(question.text):
        return "zh"
    documents = {item.document.id: item for item in evidence}.values()
    named = [0 < len(_title(item).split()) <= SHORT_TITLE and not _is_paper(item) for item in documents]
    return "named" if sum(named) * 2 >= max(len(named), 1) else "papers"


def _is_paper(item: Evidence) -> bool:
    """Whether a record says who wrote the document, when, or where it appeared; papers' records do."""
    record = item.document.record
    return bool(record.authors or record.year or record.venue or record.identifiers)


def _title(item: Evidence) -> str:
    """The record's title; none where the document is only called by its file's name, which is short but names
    no subject.
    """
    return item.document.record.title or ""


def _share(weights: dict[str, float], words: set[str]) -> float:
    """Share of the weight that the words hold; 1 where nothing weighs."""
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in words) / total if total else 1.0


def _plain(text: str) -> str:
    """Lower case, words apart by one blank."""
    return " ".join(re.findall(r"\w+", text.lower()))


def _phrases(text: str) -> set[str]:
    """Quoted strings and runs of capitalised words, without the word that opens the question."""
    found = set()
    for match in _PHRASE.finditer(text):
        plain = _plain(match.group(1) or match.group(2)).split()
        while plain and match.start() == 0 and plain[0] in _OPENERS:
            plain = plain[1:]
        if len("".join(plain)) > 2:
            found.add(" ".join(plain))
    return found


def _pairs(question: str, texts: Iterable[str]) -> float:
    """Share of the question's neighbouring content words that are neighbours in one text too, at its best."""
    asked = set(pairwise(map(short_stem, content_words(question))))
    return (
        max(
            (len(asked & set(pairwise(map(short_stem, content_words(text))))) / len(asked) for text in texts),
            default=0.0,
        )
        if asked
        else 0.0
    )


def _names(text: str) -> set[str]:
    """Capitalised words after the first, and words with a digit."""
    return {word for word in text.split()[1:] if word[:1].isupper() or any(c.isdigit() for c in word)}


@lru_cache(maxsize=20_000)
def _rarity(word: str) -> float:
    """How rare a word is, 0 … 1: by its rarest word piece; a Chinese word by its length."""
    if has_han(word):
        return min(len(word), 4) / 4
    tokenizer, idf = _pieces()
    pieces = tokenizer.encode(word, add_special_tokens=False).ids
    return min(float(max((idf[i] for i in pieces), default=10.0)) + 0.5 * (len(pieces) - 1), 10.0) / 10


@lru_cache(maxsize=1)
def _pieces() -> tuple[Any, np.ndarray[Any, Any]]:
    from kgrag.models.minilm import load_tokenizer

    with files("kgrag.models").joinpath("data", "verifier", "idf.npy").open("rb") as file:
        return load_tokenizer(), np.load(file).astype(np.float32)


@lru_cache(maxsize=4)
def _model(kind: str) -> dict[str, float]:
    text = files("kgrag.models").joinpath("data", "answerable.json").read_text("utf-8")
    weights: dict[str, float] = json.loads(text)[kind]
    return weights
