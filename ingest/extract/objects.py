"""Knowledge objects by cue and section: the sentences that say what a paper asks, does, uses, finds and
concludes.

Knows the phrases by which authors announce these, in English and Chinese, and the names of sections. Source:
the moves of research articles (Swales 1990; Teufel & Moens 2002, argumentative zoning).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kgrag.language.section_names import SectionKind, section_kind
from kgrag.types import KnowledgeObject, Passage, Role

CUE_SCORE, SECTION_SCORE = 0.8, 0.6

_CUES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        "conclusion",
        re.compile(
            r"""
              \b(?:
                  in\ conclusion | we\ conclude | to\ conclude | in\ summary | taken\ together
                | (?:these|our)\ (?:results|findings|data)\ (?:suggest|indicate|imply)  # our data suggest
              )\b
            | 综上 | 总之 | 结论 | 由此可见
            """,
            re.I | re.X,
        ),
    ),
    (
        "question",
        re.compile(
            r"""
              \b(?:
                  (?:the|our|this)\ (?:aim|objective|purpose|goal)s?\ (?:of|was|is|were)  # the aim of
                | we\ (?:aim(?:ed)?|sought|set\ out|ask(?:ed)?|hypothesi[sz]ed?)[ ]  # we sought to
                | whether\ .{3,80}\ (?:remains|is)\ (?:unknown|unclear)  # whether it helps remains unknown
                | here,?\ we\ (?:investigate|examine|study|ask)  # here, we study
              )
            | 本文旨在 | 目的 | 本研究旨在
            """,
            re.I | re.X,
        ),
    ),
    (
        "result",
        re.compile(
            r"""
              \b(?:
                  we\ (?:found|show(?:ed)?|observed|demonstrated?|report|identified)  # we found
                | (?:the|our)\ results?\ (?:show|demonstrate|reveal)  # our results show
                | (?:was|were)\ significantly  # was significantly lower
                | p\s*[<=]\s*0?\.\d  # p < 0.05
              )
            | 结果表明 | 结果显示 | 研究发现
            """,
            re.I | re.X,
        ),
    ),
    (
        "data",
        re.compile(
            r"""
              \b(?:
                  data\ ?sets? | corpus | cohort\ of | participants\ were
                | patients\ were\ (?:recruited|enrolled)  # patients were enrolled
                | samples?\ (?:was|were)\ (?:collected|obtained)  # samples were collected
                | n\s*=\s*\d{2,}  # n = 120
              )\b
            | 数据集 | 样本 | 收集
            """,
            re.I | re.X,
        ),
    ),
    (
        "method",
        re.compile(
            r"""
              \b(?:
                  we\ (?:
                      used | applied | performed | developed | propose | measured | conducted
                    | analy[sz]ed | designed
                  )
                | (?:was|were)\ (?:
                      performed | measured | calculated | conducted | analy[sz]ed
                  )\ (?:using|with|by)  # were measured with
              )\b
            | 采用 | 方法 | 提出
            """,
            re.I | re.X,
        ),
    ),
)
_AIM = re.compile(r"\bobjective|\baims?\b|\bpurpose|目的", re.I)
_BY_KIND: dict[SectionKind, Role] = {"conclusion": "conclusion", "result": "result", "method": "method"}


def section_role(section: Sequence[str]) -> Role | None:
    """The role that the section's name, or else one around it, says; None where they say none."""
    if section and _AIM.search(section[-1]):
        return "question"
    kind = section_kind(section)
    return _BY_KIND.get(kind) if kind else None


def cue_role(sentence: str) -> Role | None:
    """The role that a phrase of the sentence announces; the first of conclusion, question, result, data,
    method.
    """
    return next((role for role, pattern in _CUES if pattern.search(sentence)), None)


def find_objects(passage: Passage) -> Iterator[KnowledgeObject]:
    """The knowledge objects of one passage, in order: sentences with a cue, and the first of a section named
    for its role.
    """
    of_section = section_role(passage.section)
    for number, sentence in enumerate(passage.sentences):
        text = passage.text[sentence.start : sentence.end]
        role = cue_role(text)
        if role is not None:
            yield KnowledgeObject(passage.id, sentence.start, sentence.end, role, CUE_SCORE)
        elif of_section is not None and (number == 0 or of_section == "conclusion"):
            yield KnowledgeObject(passage.id, sentence.start, sentence.end, of_section, SECTION_SCORE)
