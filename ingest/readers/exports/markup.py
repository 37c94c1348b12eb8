"""Fields that carry tags of HTML, JATS or MathML: their text, with powers as raised signs.

Knows the names of tags, so that ``a < b`` stays. Does not know whole pages.
"""

from __future__ import annotations

import html
import re

from ingest.readers.xml import Element, descendants, text_of
from ingest.text.clean import clean
from kgrag.language.wordlists import word_list

_NAMES = "|".join(sorted(word_list("inline_tags", __file__), key=len, reverse=True))
_TAG = re.compile(rf"</?(?:[a-z]+:)?({_NAMES})(?:\s[^<>]*)?/?>", re.I)
_ESCAPED = re.compile(rf"&lt;(/?(?:[a-z]+:)?(?:{_NAMES})(?:\s[^<>&]*)?/?)&gt;", re.I)
_RAISED = re.compile(r"<((?:[a-z]+:)?sup)(?:\s[^<>]*)?>([^<>]*)</\1>", re.I)
_LINES = frozenset({"p", "title", "sec", "br", "li", "div"})
_SIGNS = dict(zip("0123456789+-−–=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿ", strict=True))


def raised(text: str) -> str:
    """A power as raised signs (``10⁻³``), or behind ``^`` where it holds others."""
    bare = text.strip()
    if not bare:
        return ""
    if all(sign in _SIGNS for sign in bare):
        return "".join(_SIGNS[sign] for sign in bare)
    return f"^{bare}" if re.search(r"\d", bare) else bare


def marked_text(element: Element | None) -> str:
    """The clean text of an element, powers as raised signs."""
    if element is None:
        return ""
    for one in descendants(element, "sup"):
        if len(one) == 0 and re.fullmatch(r"\s*[-+−–]?\s*\d+\s*", one.text or ""):
            one.text = raised(one.text or "")
    return text_of(element)


def strip_tags(text: str) -> str:
    """Text of a field without tags and character references; paragraphs and headings become lines."""
    if "<" not in text and "&" not in text:
        return text
    text = _ESCAPED.sub(r"<\1>", text)
    text = _RAISED.sub(lambda match: raised(html.unescape(match[2])), text)
    text = _TAG.sub(lambda match: "\n" if match[1].lower() in _LINES else "", text)
    lines = (clean(line) for line in html.unescape(text).split("\n"))
    return "\n".join(line for line in lines if line and line.lower() != "abstract")
