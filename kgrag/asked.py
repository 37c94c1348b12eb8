"""What kind of thing a question asks for (a number, a date, a name), and whether a text holds one. Knows forms of words in English and Chinese; no model."""

from __future__ import annotations

import re

from kgrag.text import has_han

_NUMBER = re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|million|half|twice)\b|[一二三四五六七八九十百千万亿两]", re.I)
_DATE = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b|[0-9一二三四五六七八九十]+\s*[年月日]", re.I)
_NAME = re.compile(r"(?<=[a-z,;:(] )[A-Z][\w'’-]+")
_ASKS = (
    (_NUMBER, re.compile(r"\bhow (?:many|much|long|old|often|far|large|tall|big)\b|\bwhat (?:percentage|proportion|number|age|rate)\b|多少|几[个名位次年月日天]|多[长大高久]", re.I)),
    (_DATE, re.compile(r"\bwhen\b|\b(?:what|which|in what) (?:year|date|century|decade|month|day)\b|什么时候|何时|哪一?年|几年|哪天", re.I)),
    (_NAME, re.compile(r"\bwho(?:m|se)?\b|\bwhere\b|\b(?:what|which) (?:person|city|country|state|company|band|team|county|film|actor|author|university|city)\b|谁|哪里|哪个人|什么地方", re.I)))
_HOW_MANY = re.compile(r"\bhow many\s+((?:[^\W\d_]+\W+){0,3}[^\W\d_]{3,})", re.I)
_COUNT = (r"(?:\b(?!(?:1[89]|20)\d\d\b)\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]{3,5}teen|[a-z]{3,5}ty|dozens?|hundreds?|thousands?|[mb]illions?)\b)")
STEM = 6
_REFERENCE = re.compile(r"\[[\d,;–\s-]+\]|\([^()]*\b(?:1[0-9]{3}|20[0-9]{2})[a-z]?\)|\b(?:[Ff]igs?|[Tt]ables?|[Ss]ections?)\.?\s*\d+")

_COMPARED = re.compile(r"\b(?:differences?|compar(?:e|ed|ison)|distinction|distinguish)\s+(?:(?:between|of|with)\s+)?(?P<one>[^?]+?)\s+(?:and|with|to|from|versus|vs\.?)\s+(?P<other>[^?]+?)\s*\??$|^(?:比较)?(?P<eins>[^？?]+?)[和与跟](?P<zwei>[^？?]+?)(?:之间)?(?:有什么|有何|的)(?:区别|不同|差异|比较)[^？?]*[？?]?$", re.I)


def things_compared(question: str) -> tuple[str, ...]:
    """The two things whose difference a question asks for; empty for other questions."""
    match = _COMPARED.search(question.strip())
    return tuple(part.strip() for part in match.groups() if part) if match else ()


def kind_held(question: str, text: str) -> bool:
    """Whether a number, date or name that is asked for stands in the text; True where none is asked for."""
    wanted = next((held for held, asks in _ASKS if asks.search(question)), None)
    return wanted is None or (wanted is _NAME and has_han(question)) or wanted.search(text) is not None


def figure_held(question: str, text: str) -> bool:
    """Whether a number or date that is asked for stands in the text, other than as a reference or year of one; True where neither is asked for.

    *How many* asks for a number with one of the question's words soon after it.
    """
    bare = _REFERENCE.sub(" ", text)
    if counted := _HOW_MANY.search(question):
        things = "|".join(re.escape(word[:STEM]) for word in re.findall(r"[^\W\d_]{3,}", counted.group(1)))
        return re.search(rf"{_COUNT}(?:\W+\w+){{0,3}}?\W+(?:{things})", bare, re.I) is not None
    wanted = next((held for held, asks in _ASKS[:2] if asks.search(question)), None)
    return wanted is None or wanted.search(bare) is not None
