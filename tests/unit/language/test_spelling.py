"""Slips of the keyboard are mended by the library's own words, and by nothing else."""

from __future__ import annotations

from collections import Counter

import pytest

from kgrag.language.spelling import respelled, word_counts
from kgrag.library import Library
from kgrag.models.minilm import is_common_word
from kgrag.people.rights import Person, Rights
from kgrag.search.understand import understand

COUNTS = Counter(
    {"malaria": 40, "treatment": 30, "intermittent": 9, "cystein": 3, "cysteine": 8, "locus": 5, "curve": 9}
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("what is malria", "what is malaria"),
        ("Does intermittant treatmant help?", "Does intermittent treatment help?"),
        ("what is mlaaria", "what is malaria"),
        ("about cysteinn", "about cysteine"),
        ("What is Malria?", "What is Malria?"),
        ("what is xalaria", "what is xalaria"),
        ("what is malr", "what is malr"),
        ("what is mallariaa", "what is mallariaa"),
        ("marie curie", "marie curie"),
        ("what is lupus", "what is lupus"),
        ("anti-malria drugs", "anti-malria drugs"),
        ("", ""),
    ],
)
def test_one_letter_off(typed: str, meant: str) -> None:
    """A letter missing, too many, wrong or out of order; names, first letters, short words, two slips,
    English words and parts of compounds stay.
    """
    text, made = respelled(typed, is_common_word, COUNTS.__contains__, lambda: COUNTS)
    assert text == meant
    assert [f"{old} {new}" for old, new, _ in made] == [
        f"{old} {new}"
        for old, new in zip(typed.split(), meant.rstrip("?").split(), strict=False)
        if old.rstrip("?") != new.rstrip("?")
    ]


def test_texts_are_read_only_for_strange_words() -> None:
    """A question of known words costs no look at the library's texts."""

    def never() -> Counter[str]:
        raise AssertionError

    assert respelled("what is malaria in children", is_common_word, COUNTS.__contains__, never) == (
        "what is malaria in children",
        (),
    )
    assert word_counts(["Malaria, malaria and malria", "malaria-free MALARIA zinc"]) == {"malaria": 3}


def test_hidden_words_mend_nothing(small_library: Library) -> None:
    """A word that only hidden documents hold is not offered; seen, it is, and the repair is told."""
    seen = understand("what is poloniumm", small_library)
    assert (seen.text, seen.repairs) == ("what is polonium", (("poloniumm", "polonium", "one letter off"),))
    rights = Rights(small_library.catalogue)
    rights.set_collection(
        "Secret",
        documents=[document.id for document in small_library.catalogue.documents()],
        groups=["staff"],
    )
    assert (
        understand("what is poloniumm", small_library, rights.hidden(Person("u-1", "rita", "reader"))).repairs
        == ()
    )
