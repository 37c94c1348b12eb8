"""What kind of thing a question asks for (a number, a date, a name, what something is, a comparison), and
whether a text holds one. Knows forms of words in English and Chinese; no model.
"""

from __future__ import annotations

import re

from kgrag.text import has_han

_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|million|half|twice)\b|[一二三四五六七八九十百千万亿两]",
    re.I,
)
_DATE = re.compile(
    r"\b(?:1[0-9]{3}|20[0-9]{2})\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b|[0-9一二三四五六七八九十]+\s*[年月日]",
    re.I,
)
_NAME = re.compile(r"(?<=[a-z,;:(] )[A-Z][\w'’-]+")
_ASKS = (
    (
        _NUMBER,
        re.compile(
            r"\bhow (?:many|much|long|old|often|far|large|tall|big)\b|\bwhat"
            r" (?:percentage|proportion|number|age|rate)\b|多少|几[个名位次年月日天]|多[长大高久]",
            re.I,
        ),
    ),
    (
        _DATE,
        re.compile(
            r"\bwhen\b|\b(?:what|which|in what)"
            r" (?:year|date|century|decade|month|day)\b|什么时候|何时|哪一?年|几年|哪天",
            re.I,
        ),
    ),
    (
        _NAME,
        re.compile(
            r"\bwho(?:m|se)?\b|\bwhere\b|\b(?:what|which)"
            r" (?:person|city|country|state|company|band|team|county|film|actor|author|university|city)\b|谁|哪里|哪个人|什么地方",
            re.I,
        ),
    ),
)
_HOW_MANY = re.compile(r"\bhow many\s+((?:[^\W\d_]+\W+){0,3}[^\W\d_]{3,})", re.I)
_COUNT = r"(?:\b(?!(?:1[89]|20)\d\d\b)\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]{3,5}teen|[a-z]{3,5}ty|dozens?|hundreds?|thousands?|[mb]illions?)\b)"
STEM = 6
LONGEST = 6
_DEFINE = re.compile(
    r"^(?:what|who)(?:\s+(?:is|are|was|were)|['’]s)\s+(?:(?:an?|the|meant\s+by)\s+)?(?P<what>[^?]+?)\s*\??$|^(?:define|what\s+does)\s+(?P<term>[^?]+?)(?:\s+mean|\s+stand\s+for)?\s*\??$|^(?P<bare>[A-Z][\w.-]*[A-Z0-9][\w.-]*)\s*\??$"
    r"|^什么(?:是|叫|叫做)(?P<first>[^？?]+)[？?]?$|^(?P<last>[^？?]+?)(?:是什么|指什么|是指什么|是什么意思)[？?]?$",
    re.I,
)
_REFERENCE = re.compile(
    r"\[[\d,;–\s-]+\]|\([^()]*\b(?:1[0-9]{3}|20[0-9]{2})[a-z]?\)|\b(?:[Ff]igs?|[Tt]ables?|[Ss]ections?)\.?\s*\d+"
)

_COMPARED = re.compile(
    r"^(?:(?:please\s+)?compare\s+|(?:what(?:\s+(?:is|are)|['’]s)|explain|describe|(?:is|are)\s+there)\s+(?:(?:the|an?|any|main|key)\s+)*(?:differences?|distinctions?)\s+between\s+)(?P<one>[^?]+?)\s+(?:and|with|to|versus|vs\.?)\s+(?P<other>[^?]+?)\s*\??$"
    r"|^(?:比较)?(?P<eins>[^？?]+?)[和与跟](?P<zwei>[^？?]+?)(?:之间)?(?:有什么|有何|的)(?:区别|不同|差异|比较)[^？?]*[？?]?$",
    re.I,
)


Ways = tuple[tuple[str, re.Pattern[str]], ...]
"""What is asked for, and how that is put; the one group of a pattern is what it is asked of."""


def ways_to_ask(*ways: tuple[str, str]) -> Ways:
    """Names of what is asked for with their patterns, whatever the case of the letters."""
    return tuple((field, re.compile(pattern, re.I)) for field, pattern in ways)


def asked_in(ways: Ways, question: str) -> tuple[str, str] | None:
    """What the first way that fits asks for, and of what; None where none fits."""
    return next(
        ((field, match.group(1)) for field, pattern in ways if (match := pattern.match(question.strip()))),
        None,
    )


def things_compared(question: str) -> tuple[str, ...]:
    """The two things whose difference a question asks for; empty for other questions."""
    match = _COMPARED.search(question.strip())
    return tuple(part.strip() for part in match.groups() if part) if match else ()


def kind_held(question: str, text: str) -> bool:
    """Whether a number, date or name that is asked for stands in the text; True where none is asked for."""
    wanted = next((held for held, asks in _ASKS if asks.search(question)), None)
    return wanted is None or (wanted is _NAME and has_han(question)) or wanted.search(text) is not None


def figure_held(question: str, text: str) -> bool:
    """Whether a number or date that is asked for stands in the text, other than as a reference or year of
    one; True where neither is asked for.

    *How many* asks for a number with one of the question's words soon after it.
    """
    bare = _REFERENCE.sub(" ", text)
    if counted := _HOW_MANY.search(question):
        things = "|".join(re.escape(word[:STEM]) for word in re.findall(r"[^\W\d_]{3,}", counted.group(1)))
        return re.search(rf"{_COUNT}(?:\W+\w+){{0,3}}?\W+(?:{things})", bare, re.I) is not None
    wanted = next((held for held, asks in _ASKS[:2] if asks.search(question)), None)
    return wanted is None or wanted.search(bare) is not None


def thing_asked(question: str) -> str | None:
    """What a question wants defined: *open access* of “What is open access?”; None for other questions."""
    match = _DEFINE.match(question.strip())
    found = next((part.strip() for part in match.groups() if part), None) if match else None
    return found if found and len(found.split()) <= LONGEST else None
