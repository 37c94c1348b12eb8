"""Claims: where sentences end, where compound ones are cut, and that every span is exact."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrag.language.sentences import split_claims, split_sentences, without_joint
from kgrag.language.words import is_chinese


def texts(text: str) -> list[str]:
    return [text[a:b] for a, b in split_sentences(text)]


def test_stops_of_abbreviations_numbers_and_initials_end_no_sentence() -> None:
    """A full stop in "e.g.", "Fig. 2", "0.05" or "J. Smith" ends nothing."""
    text = "Smith et al. found p = 0.05 (Fig. 2). J. Smith disagreed, e.g. in 2019. It was 3.5 mg."
    assert texts(text) == [
        "Smith et al. found p = 0.05 (Fig. 2).",
        "J. Smith disagreed, e.g. in 2019.",
        "It was 3.5 mg.",
    ]


def test_chinese_stops_end_sentences_without_a_blank() -> None:
    """。！？ end a sentence, with a closing quote after them."""
    assert texts("他说：“好。”我们走了！真的？是。") == ["他说：“好。”", "我们走了！", "真的？", "是。"]


def test_a_citation_after_the_stop_belongs_to_its_sentence() -> None:
    """ "[1]" after a full stop stays with the sentence that it cites for."""
    assert texts("Aspirin helps.[1] It is cheap.") == ["Aspirin helps.[1]", "It is cheap."]


def test_compound_sentences_become_one_claim_a_part() -> None:
    """Both sides of "; " or ", but" are claims when each can be checked alone."""
    text = "Aspirin reduces the risk of stroke, but ibuprofen increases the risk of bleeding. Done."
    assert [c.text for c in split_claims(text)] == [
        "Aspirin reduces the risk of stroke, but",
        "ibuprofen increases the risk of bleeding.",
        "Done.",
    ]
    assert [c.sentence for c in split_claims(text)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("part", "bare"),
    [
        ("Aspirin helps, but", "Aspirin helps"),
        ("Aspirin helps;", "Aspirin helps"),
        ("阿司匹林有效，但是", "阿司匹林有效"),
        ("Aspirin helps.", "Aspirin helps."),
        ("salt and", "salt and"),
    ],
)
def test_what_leads_on_can_be_left_out(part: str, bare: str) -> None:
    """The comma with its conjunction, or the semicolon; nothing else."""
    assert without_joint(part) == bare


def test_a_part_that_leans_on_the_other_is_not_cut_off() -> None:
    """ "and it …" means nothing alone, so the sentence stays whole."""
    assert len(split_claims("Aspirin reduces the risk of stroke, and it lowers the fever of children.")) == 1


@given(st.text(max_size=300))
def test_every_span_is_exact_ordered_and_trimmed(text: str) -> None:
    """For any text: claims are in order, do not overlap, are not blank, and equal their span."""
    claims = split_claims(text)
    assert all(text[c.start : c.end] == c.text == c.text.strip() for c in claims)
    assert all(a.end <= b.start for a, b in pairwise(claims))
    assert "".join(text.split()) == "".join("".join(c.text.split()) for c in claims)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("咖啡因提高记忆力", True),
        ("PCR 检测 SARS-CoV-2", False),
        ("用 PCR 检测病毒", True),
        ("COVID-19 感染者", True),
        ("hello", False),
        ("", False),
        ("123", False),
    ],
)
def test_chinese_is_told_by_its_share_of_characters(text: str, wanted: bool) -> None:
    """At least a fifth of the letters."""
    assert is_chinese(text) is wanted
