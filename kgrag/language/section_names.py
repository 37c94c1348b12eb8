"""What a section is for, by its name and the names of the sections that it stands in.

Knows how papers name their sections, in English and Chinese. A name of its own (*DNA extraction*) says
nothing; then the section around it counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

SectionKind = Literal["background", "method", "result", "discussion", "conclusion", "limitation", "aside"]

_BESIDE = re.compile(r"^(?:[\divxIVX]+(?:\.\d+)*[.):]?\s+|[\d.]+(?=[^\W\d]))|[\s.:：—–-]+$")
"""``2.1 Methods:`` is *Methods*."""
_WHOLE: tuple[tuple[SectionKind, re.Pattern[str]], ...] = (
    ("background", re.compile(r"introduction|background|related work|literature review|statement of need")),
    (
        "method",
        re.compile(
            r"""
              (?:(?:materials?|patients?|subjects?|participants|data)\ (?:and|&)\ )?
                  methods?(?:\ (?:and|&)\ (?:materials?|procedures?|analys[ie]s))?  # patients and methods
            | (?:materials?|methodology|design|procedures?|study\ design|experimental)
            | experimental\ (?:procedures|section)  # 2. Experimental section
            | 资料与方法 | (?:研究)?方法 | 材料与方法 | 对象与方法
            """,
            re.X,
        ),
    ),
    (
        "discussion",
        re.compile(r"(?:results?\ (?:and|&)\ )?discussion(?: (?:and|&) conclusions?)?|讨论|结果与讨论"),
    ),
    ("conclusion", re.compile(r"(?:(?:summary|interpretation) (?:and|&) )?conclusions?|结论|结语|总结")),
    ("limitation", re.compile(r"(?:strengths? and )?limitations?|局限(?:性)?")),
    ("result", re.compile(r"(?:main |model and )?(?:results?|findings)|(?:研究)?结果")),
)
_ASIDE = re.compile(
    r"acknowledge?ment|funding|financial|author.{0,3} contribution|conflicts? of interest|competing interest"
    r"|disclosure|abbreviation|glossary|supporting information|data availability|ethical standards"
    r"|(?:trial |study |review |protocol )?registration(?: number| details)?$|trial status"
    r"|致谢|利益冲突"
)
_PART: tuple[tuple[SectionKind, re.Pattern[str]], ...] = (
    ("limitation", re.compile(r"\blimitation|局限")),
    ("background", re.compile(r"introduction|background|引言|背景|绪论|前言")),
    ("method", re.compile(r"method|materials|study design|statistical anal|方法|材料|设计")),
    ("discussion", re.compile(r"discussion|讨论")),
    ("conclusion", re.compile(r"\bconclusion|结论|结语|总结")),
    ("result", re.compile(r"\bresults?\b|findings?\b|结果")),
)
_WITHIN = ("conclusion", "limitation")
"""Kinds of parts of a discussion that tell more than that they discuss."""
_MIXED = re.compile(r"method.*(?:result|finding)|结果.*方法|方法.*结果")


def section_kind(section: Sequence[str]) -> SectionKind | None:
    """What a section is for: *aside* where it tells nothing of the work itself, None where no name says it
    or one says two things.

    Args:
        section: names from the outermost to the innermost.
    """
    names = [_BESIDE.sub("", _BESIDE.sub("", name.strip())).casefold() for name in section]
    if any(_ASIDE.search(name) for name in names):
        return "aside"
    whole = next(
        (kind for name in names for kind, pattern in _WHOLE if pattern.fullmatch(name)),
        None,
    )
    part = (
        kind
        for name in reversed(names)
        if not _MIXED.search(name)
        for kind, pattern in _PART
        if pattern.search(name)
    )
    inner = next(part, None)
    return inner if whole is None or (whole == "discussion" and inner in _WITHIN) else whole
