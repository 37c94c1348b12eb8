"""Chinese questions as typed: pinyin, homophones and traditional characters become the library's own words;
the rest is left alone.
"""

from __future__ import annotations

import pytest

from kgrag.language.chinese_typing import Lexicon, repair

TEXTS = [
    "结直肠癌的早期筛查可以降低死亡率。",
    "神经网络在图像识别中的应用。",
    "图书馆的知识图谱与检索系统。",
    "机器学习方法与深度学习方法的比较。",
] * 3


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """The words of four sentences."""
    return Lexicon.of(TEXTS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("shenjingwangluo的应用", "神经网络的应用"),
        ("shen jing wang luo 的应用", "神经网络 的应用"),
        ("什么是知识tupu", "什么是知识图谱"),
        ("结直肠癌的早期晒查", "结直肠癌的早期筛查"),
        ("圖書館的檢索系統", "图书馆的检索系统"),
        ("zhishi tupu", "知识图谱"),
    ],
)
def test_what_is_meant_is_found(lexicon: Lexicon, typed: str, meant: str) -> None:
    """The repaired question holds the library's word, and each repair names what was typed, what is meant and
    why.
    """
    text, repairs = repair(typed, lexicon)
    assert text.replace(" ", "") == meant.replace(" ", "")
    assert repairs
    assert all(why in ("pinyin", "same sound", "traditional characters") for _, _, why in repairs)


@pytest.mark.parametrize(
    "typed",
    ["神经网络的应用", "DNA 的结构", "What is machine learning?", "Python 与 Java", "死亡率是多少？", ""],
)
def test_what_is_right_is_left_alone(lexicon: Lexicon, typed: str) -> None:
    """Correct Chinese, abbreviations, names and English stay as they are."""
    assert repair(typed, lexicon) == (typed, ())
