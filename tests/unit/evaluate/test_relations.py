"""Figures of marked relations: pairs, predicates, direction."""

from __future__ import annotations

import json
from pathlib import Path

from kgrag.evaluate.relations import evaluate_relations, head_word, our_predicate


def test_figures_are_those_of_the_lines(tmp_path: Path) -> None:
    """A pair that is found with its predicate, one with another, one turned round, and one that is missed."""
    lines = [
        ("Aspirin reduces inflammation.", ("Aspirin", "disrupts", "inflammation")),
        ("Smoking leads to cancer.", ("smoking", "treats", "cancer")),
        ("Smoking leads to cancer.", ("cancer", "causes", "smoking")),
        ("The sun shines.", ("sun", "affects", "moon")),
    ]
    file = tmp_path / "gold.jsonl"
    names = ("subject", "predicate", "object")
    rows = [{"sentence": s, "relations": [dict(zip(names, r, strict=True))]} for s, r in lines]
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    figures = evaluate_relations(file)
    assert (figures["sentences"], figures["gold"]) == (4, 4)
    assert (figures["recall"], figures["recall_pair"]) == (0.25, 0.75)
    assert figures["precision_on_gold_pairs"] == figures["reversed"] == 0.3333


def test_names_of_the_gold_standard() -> None:
    """Its marks are taken off and its predicates read as ours; an end matches by its last word."""
    assert [our_predicate(p) for p in ("neg_affects", "process_of(spec)", "stimulates")] == [
        "affects",
        "occurs_in",
        "increases",
    ]
    assert head_word("proton pump inhibitors.") == head_word("Inhibitor")
