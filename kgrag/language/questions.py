"""What kind of thing a question asks for (a number, a date, a name, what something is, a comparison), and
whether a text holds one. Knows forms of words in English and Chinese; no model.
"""

from __future__ import annotations

import re

from kgrag.language.words import has_han

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


_COMPARES = re.compile(r"\b(or|both|same|older|younger|first|earlier|later|more recently)\b", re.IGNORECASE)


def compares(text: str) -> bool:
    """Whether the question sets things side by side (``Which film is older, A or B?``)."""
    return _COMPARES.search(text) is not None


_OPENS = re.compile(
    r"^(?:(?:and|but|so|or)\s+)?(?:is|are|was|were|do|does|did|can|could|should|will|would|has|have|had|may|might|must)\b",
    re.I,
)


_CHOICE = re.compile(r"\bor\b(?!\s+not\b)|\beither\b|\bwhich\b", re.I)


def asks_for_verdict(question: str) -> bool:
    """Whether an English question can be answered by yes or no: it opens with an auxiliary verb (also after a
    colon or another sentence) and offers no choice.
    """
    text = question.strip()
    parts = [text, *(part.strip() for part in re.split(r"[:?.]\s+", text)[1:])]
    return not has_han(text) and any(
        _OPENS.search(part) and not _CHOICE.search(part) for part in parts if part
    )


_WORKS = r"(?:(?:newest|latest|(?:most\s+)?(?:recent|important|relevant)|new|good|key|main|scientific|academic)\s+)*(?:papers?|articles?|works?|studies|publications?|books?|documents?|literature|research|reviews?|anything)"


_ON = r"(?:on|about|regarding|concerning|dealing\s+with|(?:that|which)\s+(?:deal\s+with|discuss|cover|mention|are\s+about)|discussing|covering)"


_HELD = r"(?:\s+(?:do|does|have|has|are|is|can|you|we|i|there|here|the|this|your|library|hold|holds|in|available|read|find|got))*"


_SUBJECT = r"\s+(?P<subject>[^?]+?)(?:\s+(?:in|at)\s+(?:the|this|your|our)\s+(?:library|collection|catalogue)|\s+here|\s*,?\s+please)?\s*[?.!]*$"


_ZH_WORKS = r"(?:论文|文章|文献|资料|书籍|书|研究)"


_WORK_FORMS = ways_to_ask(
    ("work", rf"^(?:which|what)\s+{_WORKS}{_HELD}\s+{_ON}{_SUBJECT}"),
    (
        "work",
        rf"^(?:please\s+)?(?:(?:can|could)\s+you\s+)?(?:show|give|list|find|get|recommend|suggest)(?:\s+(?:me|us|a|the|all|some|any|list|of|your))*\s+{_WORKS}{_HELD}\s+{_ON}{_SUBJECT}",
    ),
    (
        "work",
        rf"^(?:(?:do|have)\s+(?:you|we)(?:\s+(?:have|got))?|does\s+the\s+library\s+(?:have|hold)|(?:is|are)\s+there|i(?:['’]m|\s+am)\s+looking\s+for|i\s+(?:need|want))(?:\s+(?:a|any|some|the))*\s+{_WORKS}{_HELD}\s+{_ON}{_SUBJECT}",
    ),
    ("work", rf"^(?:(?:a\s+)?list\s+of\s+)?{_WORKS}\s+(?:on|about){_SUBJECT}"),
    ("work", rf"^how\s+many\s+{_WORKS}{_HELD}\s+{_ON}{_SUBJECT}"),
    (
        "authors",
        rf"^who\s+(?:wrote|writes|has\s+written|have\s+written|published|has\s+published|works?|worked)\s+(?:about|on){_SUBJECT}",
    ),
    (
        "work",
        rf"^(?:请)?(?:给我|列出|推荐|查找|寻找|找|有没有|有哪些|有什么|我想找|我要找)?(?:一些|几篇|所有)?(?:最新的?|最近的?)?(?:关于|有关)(?P<subject>[^？?]+?)(?:方面)?的(?:最新|最近的?)?{_ZH_WORKS}(?:都)?(?:有哪些|有吗|有什么|有多少)?\s*[？?]*$",
    ),
    (
        "work",
        rf"^(?:有)?(?:哪些|什么){_ZH_WORKS}(?:是)?(?:关于|讨论|研究|涉及|提到)了?(?P<subject>[^？?]+?)的?\s*[？?]*$",
    ),
    ("authors", rf"^谁(?:写过|写了|发表过|发表了)?(?:关于|有关)(?P<subject>[^？?]+?)的{_ZH_WORKS}\s*[？?]*$"),
)


_ALL = re.compile(
    rf"^how\s+many\s+{_WORKS}{_HELD}\s*\?*$|^(?:图书馆|馆里|馆内|这里|库里)?(?:一共|共)?有多少(?:篇|本|种)?{_ZH_WORKS}\s*[？?]*$",
    re.I,
)


def subject_asked(question: str) -> tuple[str, str] | None:
    """What is asked of works (``work``: which there are; ``authors``: who wrote them) and the subject they
    shall be about; None for other questions.
    """
    return asked_in(_WORK_FORMS, question)


def asks_for_size(question: str) -> bool:
    """Whether a question asks how many works the library has."""
    return _ALL.match(question.strip()) is not None


def asks_for_works(question: str) -> bool:
    """Whether a question asks which works there are, or how many: no sentence of a paper answers it."""
    asked = subject_asked(question)
    return asks_for_size(question) or (asked is not None and asked[0] == "work")
