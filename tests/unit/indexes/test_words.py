"""Chinese as the word index sees it."""

from __future__ import annotations

from kgrag.indexes.words import analysed


def test_traditional_and_simplified_text_are_the_same_words() -> None:
    """A question in traditional characters finds a passage in simplified ones."""
    assert analysed("圖書館開放獲取") == analysed("图书馆开放获取")


def test_pairs_of_characters_stand_beside_the_words() -> None:
    """What is cut differently is still found by its pairs."""
    assert {"放获", "获取"} <= set(analysed("开放获取").split())


def test_other_text_is_left_alone() -> None:
    """No word is changed or added."""
    assert analysed("Open access, 2020") == "Open access, 2020"
