"""Checks a claim exactly against the words of its evidence: numbers, units, years, names, negation,
direction.

Knows: how numbers, units and names are written in English and Chinese, which words negate, and which are
opposites. Does not know any model: a failed check is a fact about the words, and the stacker learns what it
means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from kgrag.language.wordlists import ordered_words, word_list

_NUMBERS = ordered_words("number_words")
_WORDS = dict(zip(_NUMBERS[::2], _NUMBERS[1::2], strict=True))
_SCALE = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "万": 1e4,
    "亿": 1e8,
}
_CHINESE = {char: str(value) for value, char in enumerate("零一二三四五六七八九十")} | {"两": "2"}
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])[-−]?\d+(?:[,，]\d{3})*(?:\.\d+)?")
_UNIT = re.compile(
    r"""
      \d\s*(
          % | percent | per\ cent | mg | µg | μg | ug | kg | g | ml | mL | l | L | km | cm | mm
        | nm | µm | m | years? | months? | weeks? | days? | hours? | minutes? | °C | Hz | kPa
        | mmHg | 岁 | 年 | 月 | 天 | 人 | 例
      )(?![A-Za-z])
    """,
    re.X,
)
NEGATION = re.compile(
    r"""
      \b(?:
          not | no | never | none | neither | nor | cannot | without | fail(?:s|ed)?
        | lack(?:s|ed|ing)? | unable | unlikely | nobody | nothing | absence | rather\ than
      )\b
    | n['’]t\b | 不 | 没 | 未 | 无 | 非 | 否  # doesn't
    """,
    re.IGNORECASE | re.X,
)
_NAME = re.compile(r"\b(?:[A-Z][\w'’\-]*[a-z0-9][\w'’\-]*|[A-Z]{2,}[\w\-]*|[a-z]+[A-Z]\w*)")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)?")
_OPPOSITE: dict[str, frozenset[str]] = {}
for _a, _b in (pair.split("/") for pair in ordered_words("opposites")):
    _OPPOSITE[_a] = _OPPOSITE.get(_a, frozenset()) | {_b}
    _OPPOSITE[_b] = _OPPOSITE.get(_b, frozenset()) | {_a}


COPIED = 0.7
"""Share of the shorter one's words that claim and sentence have in the same order, from which the claim is
that sentence with words exchanged.
"""
MAX_EXCHANGED, FEW = 4, 5
_FOR_NAMES = word_list("for_names")
"""Words that may stand in a name's place and say nothing else."""
_WORD_PART = re.compile(r"[a-z]+")
_TOKEN = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*%?")


@dataclass(frozen=True, slots=True)
class Checks:
    """What the words say. Counts are of the claim's items that the evidence lacks; flags are 0 or 1."""

    n_numbers: int
    numbers_missing: int
    units_missing: int
    n_names: int
    names_missing: int
    negation: int
    opposites: int

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the failed checks, for people."""
        found = {
            "number": self.numbers_missing,
            "unit": self.units_missing,
            "name": self.names_missing,
            "negation": self.negation,
            "direction": self.opposites,
        }
        return tuple(name for name, n in found.items() if n)


def check(claim: str, evidence: str, best: str) -> Checks:
    """Compares a claim with its evidence.

    Args:
        claim: one sentence.
        evidence: all the evidence chosen for it; numbers, units and names may stand anywhere in it.
        best: the sentence that covers the claim best; negation and direction are compared with it.
    """
    said, known = numbers(claim), numbers(evidence)
    names, written = names_of(claim), evidence.lower()
    return Checks(
        len(said),
        sum(not _among(value, known) for value in said),
        len(_units(claim) - _units(evidence)) if said else 0,
        len(names),
        sum(name not in written for name in names),
        int(bool(negations(claim) % 2) != bool(negations(best) % 2)),
        _opposites(claim, best),
    )


def numbers(text: str) -> frozenset[float]:
    """The numbers of a text as values: digits (with thousands commas), English number words, Chinese
    numerals.
    """
    found = set()
    for match in _NUMBER.finditer(text):
        value = float(re.sub("[,，]", "", match.group()).replace("−", "-"))
        found.add(abs(value))
        following = re.match(r"\s*(hundred|thousand|million|billion|trillion|万|亿)", text[match.end() :])
        if following:
            found.add(abs(value) * _SCALE[following.group(1)])
    found |= {
        float(_WORDS[word])
        for word in re.findall(r"[a-z]+", text.lower())
        if word in _WORDS and word not in _SCALE
    }
    found |= {
        float(_CHINESE[char])
        for char in re.findall(r"[零一二三四五六七八九十两](?=[个名位只条人年岁项篇种次倍月日天])", text)
    }
    return frozenset(found)


def names_of(text: str) -> frozenset[str]:
    """Proper names and symbols in lower case: capitalised words after the first, acronyms, mixed case
    (``mRNA``).
    """
    found = set()
    for match in _NAME.finditer(text):
        name = match.group()
        plain = name[0].isupper() and name[1:].islower()
        if plain and (match.start() == 0 or text[: match.start()].rstrip()[-1:] in '.!?:"“'):
            continue
        found.add(re.sub(r"['’]s$", "", name).lower())
    return frozenset(found)


def negations(text: str) -> int:
    """How many words of a text negate."""
    return len(NEGATION.findall(text))


def opposed(claim: str, sentence: str) -> bool:
    """Whether a word of the claim has its opposite in the sentence, while the word itself has not."""
    return opposite_words(claim, sentence) is not None


def opposite_words(claim: str, sentence: str) -> tuple[str, str] | None:
    """The first word of the claim whose opposite stands in the sentence, and that opposite."""
    said, known = set(_WORD.findall(claim.lower())), set(_WORD.findall(sentence.lower()))
    for word in sorted(said - known):
        if other := min(_OPPOSITE.get(word, frozenset()) & (known - said), default=None):
            return word, other
    return None


def substitutions(claim: str, sentence: str) -> tuple[str, ...]:
    """What a claim that copies a sentence has put in the place of the sentence's own words: number, name or
    direction.

    Args:
        claim: one sentence.
        sentence: of the evidence. Where less than ``COPIED`` of the shorter one's words stand in both in this
            order, nothing is said: the claim is in words of its own.
    """
    said, written = _TOKEN.findall(claim), _TOKEN.findall(sentence)
    aligned = SequenceMatcher(None, [w.lower() for w in said], [w.lower() for w in written], autojunk=False)
    if min(len(said), len(written)) < FEW or sum(
        block.size for block in aligned.get_matching_blocks()
    ) < COPIED * min(len(said), len(written)):
        return ()
    exchanged = [
        (said[a:b], _opposite_part(written[c:d], b - a, a == 0, b == len(said)))
        for kind, a, b, c, d in aligned.get_opcodes()
        if kind == "replace"
    ]
    exchanged = [(new, old) for new, old in exchanged if max(len(new), len(old)) <= MAX_EXCHANGED]
    return tuple(
        dict.fromkeys(kind for new, old in exchanged for kind in _exchanged(new, old, claim, sentence))
    )


def _opposite_part(old: list[str], n: int, opens: bool, closes: bool) -> list[str]:
    """Of the sentence's words in the place of one that opens or closes the claim, that beside what both have:
    a claim may be a part of the sentence.
    """
    return old if n > 1 or opens == closes else old[-1:] if opens else old[:1]


def _exchanged(new: list[str], old: list[str], claim: str, sentence: str) -> list[str]:
    """Which facts differ between words of a claim and those that they replace; a name and its initials, or a
    longer form of it, are one.
    """
    a, b = " ".join(new), " ".join(old)
    said, written = numbers(a), numbers(b)
    kinds = (
        ["number"]
        if said and written and said != written and (said - numbers(sentence) or written - numbers(claim))
        else []
    )
    mine, theirs = (
        _names_within(new, claim) - _lowered(sentence),
        _names_within(old, sentence) - _lowered(claim),
    )
    if len(new) == len(old) == 1 and bool(mine) != bool(
        theirs
    ):  # what stands in a name's place is a name, also where its capital tells nothing
        mine, theirs = mine or _unmarked_name(new[0], claim), theirs or _unmarked_name(old[0], sentence)
    if (
        mine
        and theirs
        and not any(x in y or y in x for x in mine for y in theirs)
        and _initials(new) != b.lower()
        and _initials(old) != a.lower()
    ):
        kinds.append("name")
    if any(
        _OPPOSITE.get(part, frozenset()) & set(_WORD_PART.findall(b.lower()))
        for part in _WORD_PART.findall(a.lower())
    ):
        kinds.append("direction")
    return kinds


def _unmarked_name(word: str, text: str) -> set[str]:
    """The word, where the text opens with it or has no capitals that could mark a name, and the word is none
    that stands for names.
    """
    plain = word.lower()
    unmarked = not names_of(text) if word.islower() else text.startswith(word) and not plain.endswith("ly")
    return {plain} if unmarked and len(plain) > 3 and plain.isalpha() and plain not in _FOR_NAMES else set()


def _names_within(words: list[str], text: str) -> set[str]:
    return {word.lower() for word in words if len(word) > 2} & names_of(text)


def _lowered(text: str) -> set[str]:
    return {word.lower() for word in _TOKEN.findall(text)}


def _initials(words: list[str]) -> str:
    return "".join(word[0] for word in words).lower()


def _among(value: float, known: frozenset[float]) -> bool:
    return any(abs(value - other) <= 1e-9 * max(1.0, abs(value)) for other in known)


def _units(text: str) -> set[str]:
    plain = {"percent": "%", "per cent": "%", "ug": "µg", "μg": "µg", "mL": "ml", "L": "l"}
    return {plain.get(unit, unit).rstrip("s") for unit in _UNIT.findall(text)}


def _opposites(claim: str, best: str) -> int:
    """Words of the claim whose opposite stands in the best sentence while the word itself does not."""
    said, known = set(_WORD.findall(claim.lower())), set(_WORD.findall(best.lower()))
    return sum(1 for word in said - known if _OPPOSITE.get(word, frozenset()) & (known - said))
