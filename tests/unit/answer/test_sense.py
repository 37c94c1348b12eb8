"""What a quote is in its paper: role, voice and modality, in English and Chinese."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kgrag.answer.sense import sense_of
from kgrag.language.modality import lists, marks, modality_of
from kgrag.types import Evidence, Role
from tests.unit.answer.test_by_record import hit


def quote(text: str, section: str = "", role: Role | None = None) -> Evidence:
    """A quote that is all of its passage."""
    found = hit("Stockings", "d-1")
    passage = replace(found.passage, text=text, section=(section,) if section else ())
    return Evidence(passage, found.document, 0, len(text), 0.5, role)


@pytest.mark.parametrize("name", list(lists()))
def test_each_list_marks_its_examples_and_not_its_counters(name: str) -> None:
    """Every list of phrases has both."""
    held = lists()[name]
    assert held["examples"]
    assert held["counters"]
    assert all(marks(name, sentence) for sentence in held["examples"])
    assert not any(marks(name, sentence) for sentence in held["counters"])


@pytest.mark.parametrize(
    ("text", "section", "role", "voice"),
    [
        ("We found no XMRV in any of the 186 patients.", "Results", "result", "own"),
        ("Lombardi et al. found XMRV in 67% of patients.", "Introduction", "background", "cited"),
        ("XMRV has been linked to prostate cancer [3,4].", "Background", "background", "cited"),
        ("Chronic fatigue syndrome is a debilitating disorder.", "Introduction", "background", "common"),
        ("DNA was extracted as told before [12].", "Methods", "method", "own"),
        ("Subjects had no injuries of the lower limb.", "2.1 Subjects and methods:", "method", "own"),
        ("Lo et al. [37] found a lower rate of cough.", "Discussion", "background", "cited"),
        ("We found a lower rate of cough.", "Discussion", "result", "own"),
        ("Our results agree with those of (Lo et al., 2010).", "Results", "result", "own"),
        ("A limitation is the small sample.", "Discussion", "limitation", "own"),
        ("本研究发现两组差异显著。", "结果", "result", "own"),
        ("国外学者报道了类似现象。", "引言", "background", "cited"),
    ],
)
def test_role_and_voice(text: str, section: str, role: str, voice: str) -> None:
    """By section, phrases and marks of citation."""
    sense = sense_of(quote(text, section))
    assert (sense.role, sense.voice) == (role, voice)


def test_a_kept_role_outweighs_phrases() -> None:
    """A research question is the aim; a sentence that asks is a question."""
    assert sense_of(quote("To assess stockings after stroke.", role="question")).role == "aim"
    assert sense_of(quote("Do stockings help?", role="question")).role == "question"
    assert sense_of(quote("To evaluate whether they help, as trials suggest that they do.")).role == "aim"
    assert sense_of(quote("The trial confirms our hypothesis.", role="conclusion")).role == "conclusion"


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("Stockings reduced thrombosis.", "asserted"),
        ("Stockings did not reduce thrombosis.", "negated"),
        ("There was no evidence that stockings may help.", "negated"),
        ("Stockings may not help.", "hedged"),
        ("It is unclear whether stockings help.", "asked"),
        ("Stockings help not only the old.", "asserted"),
        ("两组无显著差异。", "negated"),
        ("不同组别均有效。", "asserted"),
        ("该药可能有效。", "hedged"),
    ],
)
def test_modality(text: str, modality: str) -> None:
    """The first phrase governs what follows."""
    assert modality_of(text) == modality
