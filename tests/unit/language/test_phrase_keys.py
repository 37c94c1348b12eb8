"""One key for every way of writing a phrase, and another for another thing."""

from __future__ import annotations

import pytest

from kgrag.language.phrase_keys import american, concept_id, is_short_form, phrase_key, singular


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tumour cells", "tumor cell"),
        ("T-cells", "T cell"),
        ("data set", "dataset"),
        ("SNPs", "SNP"),
        ("IL-6", "IL6"),
        ("leukaemias", "leukemia"),
        ("Alzheimer's disease", "Alzheimer disease"),
        ("meta-analyses", "meta analysis"),
        ("mice", "mouse"),
    ],
)
def test_ways_of_writing_are_one(one: str, other: str) -> None:
    """Plural, hyphen, space, spelling and possessive do not matter."""
    assert concept_id(phrase_key(one)) == concept_id(phrase_key(other))


@pytest.mark.parametrize(("one", "other"), [("CAT", "cat"), ("AIDS", "aids"), ("gas", "GA"), ("lens", "len")])
def test_other_things_stay_apart(one: str, other: str) -> None:
    """A short form is no word, and an s that belongs to the word stays."""
    assert phrase_key(one) != phrase_key(other)


def test_parts() -> None:
    """What the rules take and what they leave."""
    assert [singular(w) for w in ("viruses", "basis", "series", "studies", "boxes", "gas")] == [
        "virus",
        "basis",
        "series",
        "study",
        "box",
        "gas",
    ]
    assert [american(w) for w in ("hour", "four", "colour", "organisation", "analyse")] == [
        "hour",
        "four",
        "color",
        "organization",
        "analyze",
    ]
    assert [is_short_form(w) for w in ("XMRV", "mRNA", "Table", "IL-6", "a b")] == [
        True,
        True,
        False,
        True,
        False,
    ]
    assert phrase_key("123") == phrase_key("") == ""
