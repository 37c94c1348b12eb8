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
    """A relation: how it reads, how its inverse reads, and which kinds its ends have (empty: any)."""

    name: str
    reads: str
    inverse: str
    domain: frozenset[str] = _ANY
    range: frozenset[str] = _ANY


PREDICATES = {
    one.name: one
    for one in (
        Predicate("treats", "treats", "is treated by", _ACT, _ILL | frozenset(("population",))),
        Predicate("prevents", "prevents", "is prevented by", _ANY, _ILL | frozenset(("event",))),
        Predicate(
            "diagnoses",
            "detects",
            "is detected by",
            _ACT | frozenset(("measure_or_outcome",)),
            _ILL | _SUBSTANCE,
        ),
        Predicate(
            "predisposes",
            "is a risk factor for",
            "has as risk factor",
            _ANY,
            _ILL | frozenset(("event", "measure_or_outcome")),
        ),
        Predicate("causes", "causes", "is caused by", _ANY, _ANY),
        Predicate("complicates", "complicates", "is complicated by", _ANY, _ILL),
        Predicate("manifestation_of", "is a sign of", "shows as", _ANY, _ANY),
        Predicate("infects", "infects", "is infected by", frozenset(("organism",)), _LIVING),
        Predicate("administered_to", "is given to", "is given", _ACT, _LIVING),
        Predicate(
            "occurs_in",
            "occurs in",
            "has",
            _ILL | frozenset(("process",)),
            frozenset(("population", "organism", "place")),
        ),
        Predicate(
            "location_of",
            "is the place of",
            "is in",
            frozenset(
                (
                    "anatomy_or_cell",
                    "place",
                    "organisation",
                    "organism",
                    "gene_or_protein",
                    "unknown",
                    "population",
                )
            ),
        ),
        Predicate("part_of", "is part of", "has part"),
        Predicate("isa", "is a", "has as kind"),
        Predicate(
            "produces",
            "produces",
            "is produced by",
            _SUBSTANCE | _LIVING | _ILL | frozenset(("process", "organisation", "software")),
        ),
        Predicate("converts_to", "becomes", "comes from"),
        Predicate("increases", "increases", "is increased by"),
        Predicate("decreases", "decreases", "is decreased by"),
        Predicate(
            "interacts_with", "interacts with", "interacts with", _SUBSTANCE | _LIVING, _SUBSTANCE | _LIVING
        ),
        Predicate("affects", "affects", "is affected by"),
        Predicate("associated_with", "is associated with", "is associated with"),
        Predicate("coexists_with", "occurs together with", "occurs together with"),
        Predicate("precedes", "precedes", "follows"),
        Predicate("predicts", "predicts", "is predicted by"),
        Predicate(
            "measures",
            "measures",
            "is measured by",
            _ACT | frozenset(("measure_or_outcome", "dataset_or_cohort")),
        ),
        Predicate("method_of", "is a method of", "has as method"),
        Predicate("uses", "uses", "is used by"),
        Predicate("requires", "requires", "is required by"),
        Predicate("enables", "supports", "is supported by"),
        Predicate("provides", "provides", "is provided by"),
        Predicate("resists", "resists", "is resisted by"),
        Predicate("compared_with", "is compared with", "is compared with"),
        Predicate("higher_than", "is higher than", "is lower than"),
        Predicate("better_than", "does better than", "does worse than"),
        Predicate("differs_from", "differs from", "differs from"),
    )
}
SYMMETRIC = frozenset(("associated_with", "coexists_with", "interacts_with", "compared_with", "differs_from"))
_ALIASES = {"required_by": "requires_r"}
_ORDER = tuple(PREDICATES)
SURE_FIT = 4
STRICT = frozenset(
    ("administered_to", "diagnoses", "infects", "measures", "produces", "treats", "interacts_with")
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
    found = []
    for place, candidate in enumerate(candidates):
        name, turned = plain(candidate)
        ends = (object_, subject) if turned else (subject, object_)
        fit = _fit(PREDICATES[name], *ends)
        if fit is not None:
            found.append((-fit, _specific(name, *ends), place, name, turned))
    if not found:
        return None
    fit, _, _, name, turned = min(found)
    return name, turned, fit <= -SURE_FIT


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
