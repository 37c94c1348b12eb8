"""Defines the form of a question: what kind of answer it asks for, of what, compared with what, within which
works.

Knows values only; ``kgrag.language.question_form`` reads them from a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FormKind = Literal[
    "fact",
    "definition",
    "number",
    "date",
    "name",
    "verdict",
    "reason",
    "comparison",
    "list",
    "topic",
    "summary",
    "said",
    "connected",
    "record",
    "works",
    "size",
]
"""What kind of answer is asked for. ``said``: what is said of a thing; ``connected``: how two things are;
``record``: what a work's record says; ``works``: which works there are;
``size``: how many works the library holds.
"""

Wanted = Literal["number", "share", "date", "name"]
"""What the words of an answer must hold."""


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Works by what their records say, as a question names it; nothing of it is held against a catalogue yet.

    Args:
        count: whether their number is asked for.
        author: a name.
        venue: a journal, conference or publisher's series.
        year_from: first year; ``year_to`` the last one.
        cites: title of a work that they cite; ``cited_by`` of one that cites them.
        subject: words that their records hold.
    """

    count: bool = False
    author: str = ""
    venue: str = ""
    year_from: int | None = None
    year_to: int | None = None
    cites: str = ""
    cited_by: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """How a question is put, read once; a field that says nothing is empty.

    Args:
        kind: the kind of answer asked for; where several are, the most definite one.
        thing: of what it is asked: a work's title (``record``), a subject (``works``), the thing to be
            defined or summarised, of which it is asked what is said, the things to be listed.
        defined: the thing to be defined, whatever the kind.
        others: the things compared, in the order named.
        field: of a record: authors, year, venue, doi; of works: work or authors; of what is said: associated,
            causes, effects, treatments, or empty for all.
        wanted: what the words of an answer must hold.
        counted: the words after *how many*.
        within: the work, by author or title, that the answer shall come from.
        verdict: whether yes or no answers it.
        side_by_side: whether it sets things side by side (*which is older, A or B*).
        newest: whether the newest works are asked for.
        ends: the two things of which it is asked how they are connected.
        parts: the two questions of a question in two parts, each whole; empty for others.
        records: the works asked for by what their records say; None where none are.
    """

    kind: FormKind = "fact"
    thing: str = ""
    defined: str = ""
    others: tuple[str, ...] = ()
    field: str = ""
    wanted: Wanted | None = None
    counted: str = ""
    within: str = ""
    verdict: bool = False
    side_by_side: bool = False
    newest: bool = False
    ends: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    records: RecordQuery | None = None


ANY_FORM = QuestionForm()
"""The form of a question that was not read."""
