"""Finds what a word of a sentence governs in its dependency tree: subjects, objects, what follows a
preposition, and plain forms of verbs.

Knows the labels of the parser (ClearNLP's). Does not know predicates.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ingest.statements.verbs import known_verbs, words
from kgrag.language.phrase_keys import singular

NOMINAL = ("NOUN", "PROPN", "PRON", "NUM")
_IRREGULAR = {
    "led": "lead",
    "found": "find",
    "bound": "bind",
    "made": "make",
    "shown": "show",
    "given": "give",
    "gave": "give",
    "got": "get",
    "arose": "arise",
    "arisen": "arise",
    "underwent": "undergo",
    "became": "become",
    "grew": "grow",
    "grown": "grow",
    "held": "hold",
    "kept": "keep",
    "rose": "rise",
    "risen": "rise",
    "fell": "fall",
    "fallen": "fall",
    "sought": "seek",
    "thought": "think",
    "saw": "see",
    "seen": "see",
    "built": "build",
    "drove": "drive",
    "driven": "drive",
    "undertaken": "undertake",
    "has": "have",
    "had": "have",
    "having": "have",
    "is": "be",
    "are": "be",
    "was": "be",
    "were": "be",
    "been": "be",
    "being": "be",
    "did": "do",
    "does": "do",
    "spread": "spread",
    "brought": "bring",
    "taken": "take",
    "took": "take",
    "known": "know",
    "knew": "know",
    "fed": "feed",
    "understood": "understand",
}


def base_form(token: Any) -> str:
    """The plain form of a word: of verbs without tense, of nouns the singular."""
    low = token.lower_
    if token.pos_ in ("NOUN", "PROPN"):
        return singular(low)
    return verb_form(low) if token.pos_ in ("VERB", "AUX", "ADJ") else str(low)


@lru_cache(maxsize=1 << 15)
def verb_form(word: str) -> str:
    """The best guess of a verb's plain form."""
    return verb_forms(word)[0]


@lru_cache(maxsize=1 << 15)
def verb_forms(word: str) -> tuple[str, ...]:
    """Plain forms that a verb's form may have, those that are known words first.

    >>> verb_forms("reduced")[0], verb_forms("controlled")[0], verb_forms("applies")[0],
    verb_forms("failed")[0] ('reduce', 'control', 'apply', 'fail')
    """
    if word in _IRREGULAR:
        return (_IRREGULAR[word],)
    found = [word]
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            bare = word[: -len(ending)] + instead
            found.append(bare)
            if ending in ("ed", "ing") and not instead and len(bare) > 3 and bare[-1] == bare[-2]:
                found.append(bare[:-1])
    return tuple(sorted(found, key=lambda form: (form not in known_verbs(), form == word)))


_ENDINGS = (
    ("ied", "y"),
    ("ies", "y"),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
    ("es", ""),
    ("s", ""),
)


def is_passive(verb: Any) -> bool:
    """Whether a verb stands in the passive, or as a participle behind its noun."""
    if any(child.dep_ in ("auxpass", "nsubjpass", "agent") for child in verb.children):
        return True
    return bool(
        verb.tag_ == "VBN"
        and verb.dep_ in ("acl", "amod", "relcl", "ROOT", "conj", "advcl")
        and not _has_aux(verb)
    )


def _has_aux(verb: Any) -> bool:
    return any(child.dep_ == "aux" for child in verb.children)


def conjoined(token: Any) -> Iterator[Any]:
    """A noun and what "and", "or" and commas join to it."""
    yield token
    for child in token.children:
        if child.dep_ == "conj" and child.pos_ in NOMINAL:
            yield from conjoined(child)
        elif child.dep_ in ("nmod", "compound") and any(c.dep_ == "cc" for c in child.children):
            yield child


def subjects(verb: Any, passive: bool) -> list[Any]:
    """Heads of the nouns that the verb is said of, directly or through the verbs above it."""
    label = "nsubjpass" if passive else "nsubj"
    own = [child for child in verb.children if child.dep_ in (label, "csubj")]
    if (own and own[0].tag_ in ("WDT", "WP")) or (own and own[0].lower_ == "that"):
        own = [verb.head] if verb.dep_ == "relcl" and not _tells_of_more(own[0], verb.head) else []
    if not own:
        own = _inherited(verb)
    return [one for first in own for one in conjoined(first)]


def _for_a_purpose(verb: Any) -> bool:
    """Whether it is said what a passive act was for: *subjects were infused to raise glucose*; what they were
    *found to* do is theirs.
    """
    infinitive = any(c.dep_ == "aux" and c.lower_ == "to" for c in verb.children)
    above = verb.head
    told = words("find") | words("hedge") | words("told")
    return bool(
        infinitive
        and verb.dep_ in ("xcomp", "advcl")
        and any(c.dep_ in ("auxpass", "nsubjpass") for c in above.children)
        and not set(verb_forms(above.lower_)) & told
    )


def _tells_of_more(pronoun: Any, head: Any) -> bool:
    """Whether a relative clause behind a comma may tell of more than the noun before it: *invasion into
    tissue, which leads to recurrence*.
    """
    behind_comma = pronoun.lower_ == "which" and pronoun.i > 0 and pronoun.nbor(-1).text == ","
    return bool(behind_comma and head.dep_ == "pobj")


def _inherited(verb: Any) -> list[Any]:
    if verb.dep_ in ("acl",) and verb.head.pos_ in NOMINAL:
        return [verb.head]
    if verb.dep_ in ("relcl",) and any(
        c.tag_ in ("WDT", "WP") and c.dep_ in ("nsubj", "nsubjpass") and not _tells_of_more(c, verb.head)
        for c in verb.children
    ):
        return [verb.head]
    if _for_a_purpose(verb):
        return []
    if verb.dep_ in ("conj", "xcomp", "advcl") and verb.head.pos_ in ("VERB", "AUX", "ADJ"):
        if verb.dep_ == "xcomp":
            raised = [c for c in verb.head.children if c.dep_ == "dobj"]
            if raised and verb.head.pos_ == "VERB":
                return raised
        for label in ("nsubj", "nsubjpass"):
            found = [c for c in verb.head.children if c.dep_ == label]
            if found:
                if found[0].tag_ in ("WDT", "WP") and verb.head.dep_ == "relcl":
                    return [verb.head.head]
                return found
        return _inherited(verb.head)
    return []


def objects(verb: Any) -> list[Any]:
    """Heads of a verb's direct objects."""
    return [
        one for c in verb.children if c.dep_ in ("dobj", "oprd") and c.pos_ in NOMINAL for one in conjoined(c)
    ]


def after(word: Any, prepositions: tuple[str, ...] | None = None) -> list[tuple[str, Any]]:
    """(preposition, head of its noun) of the phrases that hang on a word."""
    found: list[tuple[str, Any]] = []
    for child in word.children:
        if child.dep_ in ("prep", "agent", "dative") and (
            prepositions is None or child.lower_ in prepositions
        ):
            for noun in child.children:
                if noun.dep_ == "pobj" and noun.pos_ in NOMINAL:
                    found.extend((str(child.lower_), one) for one in conjoined(noun))
    return found
