"""The closed list of predicates, with inverses, domains and ranges, and the words that state them.

Knows the indicator lists in ``data`` (SemRep's, and our own for other fields). Does not know sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SUBSTANCE = frozenset(("chemical", "gene_or_protein"))
_ILL = frozenset(("disease",))
_LIVING = frozenset(("population", "organism", "anatomy_or_cell"))
_ACT = frozenset(("method_or_instrument", "chemical", "software", "gene_or_protein", "process"))
_ANY: frozenset[str] = frozenset()
REVERSED = "_r"


@dataclass(frozen=True, slots=True)
class Predicate:
    """A relation and which kinds its ends have (empty: any); how it reads: ``kgrag.language.predicates``."""

    name: str
    domain: frozenset[str] = _ANY
    range: frozenset[str] = _ANY


PREDICATES = {
    one.name: one
    for one in (
        Predicate("treats", _ACT, _ILL | frozenset(("population",))),
        Predicate("prevents", _ANY, _ILL | frozenset(("event",))),
        Predicate(
            "diagnoses",
            _ACT | frozenset(("measure_or_outcome",)),
            _ILL | _SUBSTANCE,
        ),
        Predicate(
            "predisposes",
            _ANY,
            _ILL | frozenset(("event", "measure_or_outcome")),
        ),
        Predicate("causes", _ANY, _ANY),
        Predicate("complicates", _ANY, _ILL),
        Predicate("manifestation_of", _ANY, _ANY),
        Predicate("infects", frozenset(("organism",)), _LIVING),
        Predicate("administered_to", _ACT, _LIVING),
        Predicate(
            "occurs_in",
            _ILL | frozenset(("process",)),
            frozenset(("population", "organism", "place")),
        ),
        Predicate(
            "location_of",
            frozenset(("anatomy_or_cell", "place", "organisation", "organism", "gene_or_protein")),
        ),
        Predicate("part_of"),
        Predicate("isa"),
        Predicate(
            "produces",
            _SUBSTANCE | _LIVING | _ILL | frozenset(("process", "organisation", "software")),
        ),
        Predicate("converts_to"),
        Predicate("increases"),
        Predicate("decreases"),
        Predicate("interacts_with", _SUBSTANCE | _LIVING, _SUBSTANCE | _LIVING),
        Predicate("affects"),
        Predicate("associated_with"),
        Predicate("coexists_with"),
        Predicate("precedes"),
        Predicate("predicts"),
        Predicate(
            "measures",
            _ACT | frozenset(("measure_or_outcome", "dataset_or_cohort")),
        ),
        Predicate("method_of"),
        Predicate("uses"),
        Predicate("requires"),
        Predicate("enables"),
        Predicate("provides"),
        Predicate("resists"),
        Predicate("compared_with"),
        Predicate("higher_than"),
        Predicate("better_than"),
        Predicate("differs_from"),
    )
}
_ALIASES = {"required_by": "requires_r"}
_ORDER = tuple(PREDICATES)
SURE_FIT = 4
STRICT = frozenset(
    (
        "administered_to",
        "diagnoses",
        "infects",
        "interacts_with",
        "location_of",
        "measures",
        "occurs_in",
        "produces",
        "treats",
    )
)
"""Predicates that are only believed where both kinds are known to fit."""


_COMPOUNDS = (
    ("disease", "population", "occurs_in"),
    ("disease", "organism", "occurs_in"),
    ("anatomy_or_cell", "disease", "location_of"),
    ("anatomy_or_cell", "anatomy_or_cell", "part_of_r"),
    ("organism", "anatomy_or_cell", "part_of_r"),
    ("population", "anatomy_or_cell", "part_of_r"),
    ("anatomy_or_cell", "gene_or_protein", "location_of"),
    ("anatomy_or_cell", "chemical", "location_of"),
    ("organism", "gene_or_protein", "part_of_r"),
    ("chemical", "method_or_instrument", "uses_r"),
    ("organism", "disease", "causes"),
)
"""What a noun before a noun means by their kinds: *liver disease*, *mouse brain*, *HIV infection*."""


_PARTS = frozenset(("gene_or_protein", "anatomy_or_cell"))
"""What is in one another among these is a part: *receptors in cells*."""
_NEARBY = (
    ("disease", "population", "occurs_in"),
    ("disease", "organism", "occurs_in"),
    ("anatomy_or_cell", "disease", "location_of"),
    ("anatomy_or_cell", "chemical", "location_of"),
    ("gene_or_protein", "anatomy_or_cell", "part_of"),
    ("organism", "gene_or_protein", "location_of"),
    ("chemical", "population", "administered_to"),
    ("anatomy_or_cell", "population", "part_of"),
    ("anatomy_or_cell", "organism", "part_of"),
)
"""What two nouns near each other most likely have to do with each other, by their kinds."""


def of_nearby(one: str, other: str) -> str | None:
    """The predicate between two near nouns, ``_r`` where it is said of the second; None where the kinds tell
    none.
    """
    for first, second, name in _NEARBY:
        if (first, second) == (one, other):
            return name
        if (second, first) == (one, other):
            return name + REVERSED
    return None


def of_compound(modifier: str, head: str) -> str | None:
    """The predicate between a noun and the noun before it, by their kinds; None where they say none."""
    return next((name for first, second, name in _COMPOUNDS if (first, second) == (modifier, head)), None)


def chosen(candidates: Sequence[str], subject: str, object_: str) -> tuple[str, bool, bool] | None:
    """The predicate of a word that may state several, by the kinds of its ends.

    Args:
        candidates: as the lists name them, ``_r`` for turned round.
        subject, object_: kinds of the ends as the sentence has them.

    Returns:
        Name, whether it is turned round, and whether both kinds were known to fit; None where none fits.
    """
    if candidates[0] == "compound":
        candidates = [name for name in [of_compound(subject, object_)] if name]
    elif candidates[0] == "nearby":
        candidates = [name for name in [of_nearby(subject, object_)] if name]
    elif "location_of_r" in candidates and {subject, object_} <= _PARTS:
        candidates = ["part_of"]
    found = []
    for place, candidate in enumerate(candidates):
        name, turned = plain(candidate)
        ends = (object_, subject) if turned else (subject, object_)
        fit = _fit(PREDICATES[name], *ends)
        if fit is not None and (name != "isa" or may_be_one(*ends)):
            found.append((-fit, _specific(name, *ends), place, name, turned))
    if not found:
        return None
    fit, _, _, name, turned = min(found)
    return name, turned, fit <= -SURE_FIT


_ALIKE = (
    frozenset(("chemical", "gene_or_protein")),
    frozenset(("disease", "process", "event")),
    frozenset(("method_or_instrument", "software", "process")),
    frozenset(("method_or_instrument", "dataset_or_cohort", "measure_or_outcome")),
    frozenset(("population", "organism")),
    frozenset(("place", "organisation")),
)


def may_be_one(kind: str, other: str) -> bool:
    """Whether a thing of a kind can be a thing of another kind: a drug a protein, but no patient a cell."""
    return kind == other or "unknown" in (kind, other) or any({kind, other} <= group for group in _ALIKE)


def plain(candidate: str) -> tuple[str, bool]:
    """The predicate's name without its turn, and whether it is turned."""
    candidate = _ALIASES.get(candidate, candidate)
    return (candidate[: -len(REVERSED)], True) if candidate.endswith(REVERSED) else (candidate, False)


def _fit(predicate: Predicate, subject: str, object_: str) -> float | None:
    """How well the kinds fit: three for an end that must be and is of a kind, two where any may be, one where
    the kind is not known; None where it must be another.
    """
    fit = 0
    for kind, allowed in ((subject, predicate.domain), (object_, predicate.range)):
        if allowed and kind in allowed:
            fit += 3
        elif not allowed:
            fit += 2
        elif kind == "unknown":
            fit += 1
        else:
            return None
    return fit


def _specific(name: str, subject: str, object_: str) -> int:
    """Rank among fitting predicates: two substances interact, else what is said of an end's kind first."""
    if name == "interacts_with" and not {subject, object_} <= _SUBSTANCE:
        return len(_ORDER)
    return _ORDER.index(name)


@cache
def indicators() -> dict[tuple[str, str], dict[str, tuple[str, ...]]]:
    """(word, part of speech) → preposition (empty for none) → predicates; our own list goes before
    SemRep's.
    """
    found: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    for name in ("more_indicators", "indicators"):
        for line in (Path(__file__).parent / "data" / f"{name}.tsv").read_text("utf-8").splitlines():
            if line[:1] != "#":
                word, part, preposition, predicates = line.split("\t")
                found.setdefault((word, part), {}).setdefault(preposition, tuple(predicates.split()))
    return {word: {p: row for p, row in rows.items() if row != ("none",)} for word, rows in found.items()}
