"""Words of one language in the other, by the dictionary."""

from __future__ import annotations

import pytest

from kgrag.language.bilingual import chinese_of, english_of


@pytest.mark.parametrize(
    ("word", "gloss"), [("图书馆", "library"), ("改善", "improve"), ("推荐", "recommendation")]
)
def test_english_of_a_chinese_word(word: str, gloss: str) -> None:
    """Without articles, *to* and remarks."""
    assert gloss in english_of(word)


def test_one_word_glosses_come_first() -> None:
    """*to make better* stands behind *to improve*."""
    glosses = english_of("改善")
    assert glosses.index("improve") < glosses.index("make better")


@pytest.mark.parametrize(
    ("phrase", "word"),
    [("libraries", "图书馆"), ("rats", "老鼠"), ("climate change", "气候变化"), ("endothelial", "内皮")],
)
def test_chinese_of_an_english_phrase(phrase: str, word: str) -> None:
    """In the plural, as a phrase, and by the root of an adjective."""
    assert word in chinese_of(phrase)


def test_what_the_dictionary_lacks() -> None:
    """Gives nothing, in both directions; remarks are no glosses."""
    assert english_of("魑魅魍魉魍") == ()
    assert chinese_of("xyzzyplugh") == ()
    assert not any("CL" in gloss or "variant of" in gloss for gloss in english_of("图书馆"))
