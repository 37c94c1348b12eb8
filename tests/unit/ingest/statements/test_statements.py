"""Statements of sentences: the right ends and direction, how the sentence stands to them, and its figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.concepts.parse import parsed, tagged
from ingest.statements.figures import quantity
from ingest.statements.find import SCORES
from ingest.statements.predicates import PREDICATES, chosen, indicators, plain
from ingest.statements.relations import find_relations
from ingest.statements.sentences import relations_of
from ingest.statements.stance import stance
from ingest.statements.tree import verb_forms

STANCES = Path(__file__).parents[3] / "data" / "graph"
SURE = (
    "active",
    "passive",
    "verb+prep",
    "is noun of",
    "light verb",
    "noun of on",
    "noun between",
    "is adjective",
)


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("Aspirin reduces inflammation.", ("aspirin", "decreases", "inflammation")),
        ("Inflammation is reduced by aspirin.", ("aspirin", "decreases", "inflammation")),
        ("Patients were treated with metformin.", ("metformin", "treats", "patient")),
        ("Smoking leads to cancer.", ("smoking", "causes", "cancer")),
        ("The effect of sleep on memory was large.", ("sleep", "affects", "memory")),
        ("Insulin plays a role in obesity.", ("insulin", "affects", "obesity")),
        ("We studied diseases such as malaria.", ("malaria", "isa", "disease")),
        ("Smoking is a risk factor for cancer.", ("smoking", "predisposes", "cancer")),
    ],
)
def test_ends_and_direction(sentence: str, wanted: tuple[str, str, str]) -> None:
    """Active and passive say the same thing the same way round."""
    assert wanted in relations_of([sentence])[0]


@pytest.mark.parametrize(("name", "most_missed"), [("stances.tsv", 0.1), ("stances_more.tsv", 0.2)])
def test_stance_of_planted_sentences(name: str, most_missed: float) -> None:
    """What is denied, doubted, asked or reported is read so, wherever the relation is found at all."""
    rows = [line.split("\t") for line in (STANCES / name).read_text("utf-8").splitlines()]
    wrong, missed = [], 0
    for (text, polarity, modality), doc in zip(rows, parsed(tagged([r[0] for r in rows])), strict=True):
        found = [r for r in find_relations(doc) if r.how in SURE]
        read = {stance(doc, r.trigger, (r.subject, r.object)) for r in found}
        missed += not read
        if read and (polarity, modality) not in read:
            wrong.append(text)
    assert not wrong
    assert missed <= most_missed * len(rows)


@pytest.mark.parametrize(
    ("sentence", "ends", "wanted"),
    [
        ("Zinc caused a reduction of inflammation.", ("zinc", "inflammation"), {"decreases"}),
        ("The level of insulin was reduced in patients.", ("patient", "insulin"), set()),
        ("The level of insulin was reduced by exercise.", ("exercise", "insulin"), {"decreases"}),
        ("We saw invasion into tissue, which leads to recurrence.", ("tissue", "recurrence"), set()),
        ("We saw a tumour that causes pain.", ("tumour", "pain"), {"causes"}),
        ("Volunteers were infused to increase glucose.", ("volunteer", "glucose"), set()),
        ("Aspirin was found to reduce inflammation.", ("aspirin", "inflammation"), {"decreases"}),
        ("Low levels of insulin reduced hunger.", ("insulin", "hunger"), set()),
        ("High levels of insulin reduced hunger.", ("insulin", "hunger"), {"decreases"}),
        ("Sleep and exercise reduce stress.", ("sleep", "exercise"), set()),
        ("All patients were insulin depleted.", ("patient", "insulin"), set()),
        ("Factors used in biology, such as hormones, matter.", ("hormone", "biology"), set()),
        ("Factors used in biology, such as hormones, matter.", ("hormone", "factor"), {"isa"}),
    ],
)
def test_what_is_meant(sentence: str, ends: tuple[str, str], wanted: set[str]) -> None:
    """What changes, who does it, and of what it is told, each beside a sentence that looks alike."""
    read = {name for one, name, other in relations_of([sentence])[0] if (one, other) == ends}
    assert read & {"causes", "increases", "decreases", "isa", "affects"} == wanted


def test_near_nouns_are_proposed_by_their_kinds() -> None:
    """Guesses from kinds are proposed where no word states a relation, and never become statements."""
    assert ("diabetes", "occurs_in", "patient") in relations_of(["Patients had meals for diabetes."])[0]
    assert "nearby" not in SCORES


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Nets reduced malaria (odds ratio = 0.62, 95% CI 0.50 to 0.77, p < 0.001).",
            {"measure": "odds ratio", "value": 0.62, "ci": [0.5, 0.77], "p": "< 0.001", "direction": "down"},
        ),
        (
            "Yield increased by 12.5%.",
            {"measure": "percentage", "value": 12.5, "unit": "%", "direction": "up"},
        ),
        ("Expression rose 3-fold.", {"measure": "fold change", "value": 3, "unit": "fold"}),
        ("Mortality was 12% vs 20%.", {"value": "12 vs 20", "unit": "%"}),
    ],
)
def test_figures(text: str, wanted: dict[str, object]) -> None:
    """Measure, value, unit, interval, p and direction, as the sentence gives them."""
    read = quantity(text, 8, "")
    assert read is not None
    assert {name: read[name] for name in wanted} == wanted


def test_a_sentence_without_a_figure_has_none() -> None:
    """Years and labels are no figures."""
    assert quantity("In 2004 nets reduced malaria (Figure 1).", 8, "decreases") is None


def test_the_lists_name_predicates_that_there_are() -> None:
    """Every indicator states a predicate of the closed list, and kinds choose among several."""
    named = {plain(name)[0] for rows in indicators().values() for row in rows.values() for name in row}
    assert named <= set(PREDICATES)
    assert chosen(("decreases", "prevents"), "chemical", "disease") == ("prevents", False, True)
    assert chosen(("treats",), "chemical", "place") is None


def test_plain_forms() -> None:
    """Endings are taken off so that a known verb is left."""
    assert [verb_forms(w)[0] for w in ("reduced", "failed", "controlled", "applies", "led", "binding")] == [
        "reduce",
        "fail",
        "control",
        "apply",
        "lead",
        "bind",
    ]
