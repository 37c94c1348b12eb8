"""Measures statements on sentences whose relations people marked.

Knows lines of ``sentence`` and ``relations`` (subject, predicate, object). Ends match by their head words
(the last word of each, singular); ``recall_pair`` ignores the predicate. Predicates of SemRep's gold standard
are read as ours: what stimulates or augments *increases*, what inhibits or disrupts *decreases*.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kgrag.backends import load_backend
from kgrag.evaluate.lines import read_lines
from kgrag.language.phrase_keys import singular
from kgrag.language.predicates import SYMMETRIC

SAME = {
    "inhibits": "decreases",
    "disrupts": "decreases",
    "augments": "increases",
    "stimulates": "increases",
    "process_of": "occurs_in",
}
HOLDS = frozenset(("location_of",))
CONTAINMENT = frozenset(("location_of", "part_of", "occurs_in"))
"""That cells are the place of a gene, and that the gene is part of the cells, run the same way."""
Pair = tuple[str, str]


def evaluate_relations(file: Path) -> dict[str, Any]:
    """Figures over all lines.

    Returns:
        ``sentences``, ``gold``, ``found`` (relations proposed), ``recall`` (pair and predicate),
        ``recall_pair``, ``precision_on_gold_pairs`` (right predicates among pairs found) and ``reversed``
        (pairs found only turned round, as a share of those found).
    """
    rows = list(read_lines(file, ("sentence", "relations")))
    proposed = load_backend("ingest", "relations")([row["sentence"] for row in rows])
    gold = pairs = right = turned = found = 0
    for row, relations in zip(rows, proposed, strict=True):
        found += len(relations)
        by: dict[Pair, set[str]] = {}
        for subject, predicate, object_ in relations:
            by.setdefault((subject, object_), set()).add(predicate)
        for wanted in row["relations"]:
            gold += 1
            hit, predicate_right, reverse = _judged(wanted, by)
            pairs, right, turned = pairs + hit, right + predicate_right, turned + reverse
    return {
        "sentences": len(rows),
        "gold": gold,
        "found": found,
        "recall": _share(right, gold),
        "recall_pair": _share(pairs, gold),
        "precision_on_gold_pairs": _share(right, pairs),
        "reversed": _share(turned, pairs),
    }


def _judged(wanted: dict[str, Any], by: dict[Pair, set[str]]) -> tuple[bool, bool, bool]:
    """Whether the pair was found, with the right predicate, or only turned round."""
    one, other = head_word(wanted["subject"]), head_word(wanted["object"])
    predicate = our_predicate(wanted["predicate"])
    forwards, backwards = by.get((one, other), set()), by.get((other, one), set())
    either = forwards | (backwards & SYMMETRIC)
    hit = bool(forwards or backwards)
    agreeing = either or {name for name in backwards if (name in HOLDS) != (predicate in HOLDS)} & CONTAINMENT
    return hit, predicate in either, hit and not agreeing and predicate not in SYMMETRIC


def our_predicate(name: str) -> str:
    """A predicate of the gold standard as ours, without its marks of inference and negation."""
    bare = name.split("(")[0].removeprefix("neg_")
    return SAME.get(bare, bare)


def head_word(name: str) -> str:
    """The last word of a name, singular, in lower case."""
    words = name.lower().split()
    return singular(words[-1].strip(".,;:()[]")) if words else ""


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
