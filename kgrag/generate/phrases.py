"""Tells what of a reply says something of the world: without Markdown, lead-ins, and phrases about the reply
itself.

Knows the words with which replies speak of themselves (``about_answers.txt``) and CommonMark. Does not know
whether what is said is true.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kgrag.language.wordlists import word_list
from kgrag.language.words import content_words, words

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_ABOUT = word_list("about_answers")
_YES_OR_NO = frozenset({"yes", "no", "是", "否", "不", "不是"})
_FEW = 3
"""Words of a fragment that only repeats the question."""


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def plain_blocks(text: str) -> list[str]:
    """The paragraphs, items and cells of a text in Markdown as plain text; headings and code say nothing."""
    blocks, heading = [], False
    for token in _markdown().parse(text):
        if token.type in ("heading_open", "heading_close"):
            heading = token.type == "heading_open"
        elif token.type == "inline" and not heading:
            children = token.children or []
            plain = "".join(" " if c.type in ("softbreak", "hardbreak") else c.content for c in children)
            blocks.append(plain.strip())
    # a number alone reads as an empty item of a list
    return [block for block in blocks if block] or (
        [text.strip()] if text.strip().rstrip(".").isdigit() else []
    )


def is_empty(sentence: str, question: str = "") -> bool:
    """Whether a sentence claims nothing: it leads in (``as follows:``), asks, speaks of the reply or the
    quotes, or only repeats words of the question.
    """
    if sentence.rstrip().endswith((":", "：", "?", "？")):
        return True
    said = [word for word in words(sentence) if not word.isdigit() or len(word) > 2]
    told = [word for word in content_words(sentence) if word in said or not word.isdigit()]
    of_its_own = [word for word in told if word not in _ABOUT and word not in _YES_OR_NO]
    if not of_its_own:
        return not any(char.isdigit() for char in sentence)
    asked = set(content_words(question))
    repeats = set(of_its_own) <= asked
    return repeats and (any(word in _ABOUT for word in told) or len(said) <= _FEW)


def without_opening(sentence: str, question: str = "") -> str:
    """A sentence without an opening clause that speaks of the quotes (``Based on the quotes, …``) or says yes
    or no.
    """
    for mark in (", ", "，", ": ", "："):
        opening, found, rest = sentence.partition(mark)
        if found and rest and is_empty(opening, "") and len(rest.split()) >= _FEW:
            return rest[:1].upper() + rest[1:]
    return sentence
