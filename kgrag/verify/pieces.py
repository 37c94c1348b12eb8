"""Compares a claim with the clause that says most of it, piece by piece: number and unit, direction,
negation, of whom it is said, and whether it is said at all or only asked.

Knows words, in English and Chinese; no model. What it finds is told with the words on both sides. It speaks
only where a clause has most of the claim's words: a claim in words of its own is the models' matter.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from kgrag.language.facts import negations, numbers, opposite_words
from kgrag.language.modality import any_of, modality_of
from kgrag.language.words import content_words, has_han, short_stem
from kgrag.verify.direction.features import begins

CLOSE, CLOSE_ZH, BEHIND, SAME = 0.5, 0.4, 0.2, 0.6
"""Share of a claim's words from which a clause is compared with it (of Chinese characters), how far behind
the nearest one another clause may be that says what the claim says, and from where a clause says it.
"""
_REFERENCE = re.compile(r"\[\d+(?:\s*[,–-]\s*\d+)*\]")
_FIGURE = re.compile(r"(?<![A-Za-z0-9_.,–-])\d+(?:[.,]\d+)*(?![A-Za-z0-9–-])")
_QUANTITY = re.compile(
    r"""
    (?<![A-Za-z0-9_.])(\d+(?:[.,]\d+)*)\s*
    ( % | [kmµμnp]?(?:g|[mM]|[lL]|mol|Pa|Hz|IU)(?![A-Za-z]) | °C   # 43 nM, 5 mg
    | (?:years?|months?|weeks?|days?|hours?|minutes?)\b              # 3 weeks
    | [个名例位只篇册份天年月岁倍万亿]                                    # 117例
    )?
    """,
    re.X,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a claim says otherwise than a clause: the kind of piece, and the words on both sides.

    ``kind``: number, unit, direction, negation, population (of whom it is said) or voice (it is asked there,
    or denied by who writes).
    """

    kind: str
    said: str
    written: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A claim beside the clause nearest to it.

    Args:
        share: of the claim's words that the clause has, in [0, 1].
        difference: the first piece that differs; None where none does.
        agrees: whether the clause says most of it, and denies where the claim does.
    """

    clause: str
    share: float
    difference: Difference | None
    agrees: bool


def kind_of(difference: Difference | None) -> tuple[str, ...]:
    """The kind of a difference, as a check that failed; none for none."""
    return (difference.kind,) if difference else ()


def says_contrary(difference: Difference | None) -> bool:
    """Whether the evidence says the contrary, and not only something else."""
    return difference is not None and difference.kind in ("direction", "negation", "unit")


def compare(claim: str, sentences: Sequence[str]) -> Compared | None:
    """The claim beside the clause of the sentences that has most of its words and says what it says, or else
    beside the nearest; None where none has half of its words, or where the claim itself sets two things
    against each other.
    """
    if len(clauses_of(claim)) > 1 or not (said := _words(claim)):
        return None
    near = [
        (len(said & _words(clause)) / len(said), clause, sentence)
        for sentence in sentences
        for clause in clauses_of(sentence)
    ]
    best = max((share for share, _, _ in near), default=0.0)
    least = CLOSE_ZH if has_han(claim) else CLOSE
    if best < least:
        return None
    compared = []
    for share, clause, sentence in sorted(near, key=lambda item: -item[0]):
        if share >= max(least, best - BEHIND):
            difference = _difference(claim, clause, sentence)
            even = bool(negations(claim) % 2) == bool(negations(clause) % 2)
            compared.append(
                Compared(clause, share, difference, difference is None and even and share >= SAME)
            )
    return next((item for item in compared if item.difference is None), compared[0])


def _difference(claim: str, clause: str, sentence: str) -> Difference | None:
    return (
        _unit(claim, sentence)
        or _direction(claim, clause)
        or _negation(claim, clause)
        or _whom(claim, clause, sentence)
        or _voice(claim, clause, sentence)
    )


def differs(claim: str, evidence: Sequence[str], sentences: Sequence[str]) -> Difference | None:
    """In which piece a claim differs from its evidence; None where it stands there word for word.

    Args:
        claim: one sentence.
        evidence: all its texts, in any of which its figures may stand.
        sentences: of these the ones that it is compared with.
    """
    if any(_stands(claim, sentence) for sentence in sentences):
        return None
    beside = compare(claim, sentences)
    return lacks_number(claim, evidence) or (beside.difference if beside else None)


def _stands(claim: str, sentence: str) -> bool:
    """Whether a sentence has the claim word for word, and does not only ask it (*whether the app helps*)."""
    said, written = claim.strip().rstrip(".。").casefold(), sentence.casefold()
    return said in written and (modality_of(sentence) != "asked" or modality_of(claim) == "asked")


def lacks_number(claim: str, evidence: Sequence[str]) -> Difference | None:
    """A figure of the claim that no text of the evidence has; digits of names (*COVID-19*) and of references
    are none.
    """
    known = numbers(" ".join(evidence))
    for figure in _FIGURE.findall(_REFERENCE.sub("", claim)):
        if not numbers(figure) <= known:
            return Difference("number", figure, "–")
    return None


def _unit(claim: str, sentence: str) -> Difference | None:
    """A number that the sentence has with other units only."""
    written: dict[str, set[str]] = {}
    for number, unit in _QUANTITY.findall(sentence):
        written.setdefault(number, set()).add(_plain(unit))
    for number, unit in _QUANTITY.findall(claim):
        units = written.get(number, {""})
        if unit and "" not in units and _plain(unit) not in units:
            return Difference("unit", f"{number} {unit}", f"{number} {', '.join(sorted(units))}")
    return None


def _plain(unit: str) -> str:
    return unit.replace("μ", "µ").rstrip("s")


def _direction(claim: str, clause: str) -> Difference | None:
    if has_han(claim):
        found = _opposites_zh(claim, clause)
    else:
        found = opposite_words(claim, clause) or _up_and_down(claim, clause)
    return Difference("direction", *found) if found else None


def _up_and_down(claim: str, clause: str) -> tuple[str, str] | None:
    """A word of more where the clause has only words of less, or the other way round."""
    for one, other in (("up", "down"), ("down", "up")):
        said, written = _moves(one, claim), _moves(other, clause)
        if said and written and not _moves(other, claim) and not _moves(one, clause):
            return said, written
    return None


def _moves(name: str, text: str) -> str | None:
    """The first word of more (*up*) or of less (*down*)."""
    match = begins(name).search(text) or _pattern(name).search(text)
    return match.group() if match else None


def _opposites_zh(claim: str, clause: str) -> tuple[str, str] | None:
    said, written = _directions_zh(claim), _directions_zh(clause)
    for word in said - written:
        if other := next((other for other in sorted(written - said) if (word, other) in _opposed_zh()), None):
            return word, other
    return None


def _directions_zh(text: str) -> set[str]:
    """Words of direction; *A比B长* as *长于*."""
    found = {word for pair in _opposed_zh() for word in pair if word in text}
    signs = _data()["compares_zh"]
    for match in re.finditer(
        rf"比[^，,。；]{{1,20}}?(?:更|要|明显|显著)?([{signs}])(?=[，,。；]|$|得|了|[0-9])", text
    ):
        found.add(f"{match[1]}于")
    return found


def _negation(claim: str, clause: str) -> Difference | None:
    """One of both denies, in Chinese; in English the exact checks of whole sentences read it better."""
    said, written = modality_of(claim) == "negated", modality_of(clause) == "negated"
    if said == written or not has_han(claim):
        return None
    return Difference("negation", claim if said else "–", clause if written else "–")


def _whom(claim: str, clause: str, sentence: str) -> Difference | None:
    """Words of the claim that the nearest clause lacks and that a clause set against it has, all of them."""
    missing = _words(claim) - _words(clause)
    for other in clauses_of(sentence):
        after = other if sentence.find(other) > sentence.find(clause) else clause
        if other == clause or _pattern("anaphor").search(after):
            continue
        if missing and missing <= _words(other):
            return Difference("population", " ".join(sorted(missing)), clause)
    return None


def _voice(claim: str, clause: str, sentence: str) -> Difference | None:
    """The clause only asks, or tells what others think and the next one does not hold with it."""
    if modality_of(claim) == "asked":
        return None
    if modality_of(clause) == "asked":
        return Difference("voice", claim, clause)
    parts = clauses_of(sentence)
    after = parts[parts.index(clause) + 1] if clause in parts[:-1] else ""
    turned = after and _pattern("turned").search(after) and modality_of(claim) != "negated"
    return Difference("voice", claim, after) if turned else None


def clauses_of(sentence: str) -> list[str]:
    """The parts of a sentence that are set against each other."""
    starts = [0, *(match.end() for match in _cuts().finditer(sentence)), len(sentence)]
    return [part for a, b in pairwise(starts) if (part := sentence[a:b].strip())]


def _words(text: str) -> set[str]:
    """Stems of content words; of Chinese its characters."""
    if not has_han(text):
        return {short_stem(word) for word in content_words(text)}
    return set(re.findall(r"[\u4e00-\u9fff]|[A-Za-z0-9.]+", text)) - set("的了在是有和与之于")


@cache
def _cuts() -> re.Pattern[str]:
    """What stands before a clause that is set against another."""
    english, chinese = "|".join(_data()["against"]), "|".join(_data()["against_zh"])
    return re.compile(
        rf"""
          [;；]\s*                        # helps; harms
        | ,\s+(?=(?:{english})\b)         # helps, but harms
        | [，,]\s*(?=(?:{chinese}))        # 有效，但有害
        """,
        re.I | re.X,
    )


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return any_of(_data()[name])


@cache
def _opposed_zh() -> frozenset[tuple[str, str]]:
    pairs = [tuple(pair.split("/")) for pair in _data()["opposite_zh"]]
    return frozenset([(a, b) for a, b in pairs] + [(b, a) for a, b in pairs])


@cache
def _data() -> Mapping[str, Any]:
    text = files("kgrag.verify").joinpath("data", "pieces.toml").read_text("utf-8")
    return tomllib.loads(text)
