"""Reads a question's form once: what kind of answer it asks for, of what, compared with what.

Knows the grammar in ``data/question_forms.toml`` and the order in which its slots count; no document, no
model. Every later step reads the ``QuestionForm`` and never the question's text again.

    read_form("What is the difference between sensitivity and specificity?").others
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from kgrag.language.words import has_han
from kgrag.types.questions import FormKind, QuestionForm, RecordQuery, Wanted

LONGEST_NAME = 6
"""Words of a thing to be defined, at most; more are a sentence."""

_KINDS: tuple[tuple[str, FormKind], ...] = (
    ("size", "size"),
    ("works", "works"),
    ("record", "record"),
    ("summary", "summary"),
    ("connected", "connected"),
    ("said", "said"),
    ("comparison", "comparison"),
    ("verdict", "verdict"),
    ("counted", "number"),
    ("number", "number"),
    ("share", "number"),
    ("date", "date"),
    ("topic", "topic"),
    ("definition", "definition"),
    ("reason", "reason"),
    ("list", "list"),
    ("name", "name"),
)
"""Slots in the order in which they decide the kind: the most definite first."""

_NAMED = ("author", "venue", "cites", "cited_by", "subject")
_PRONOUN = re.compile(r"\b(?:it|they)\b", re.IGNORECASE)
_PARTS = re.compile(r"(?:(?<=[:?.])\s+)")


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of asking, with a question that it reads and one that it must not read."""

    slot: str
    field: str
    pattern: re.Pattern[str]
    example: str
    gives: tuple[str, ...]
    counter: str


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The grammar, in the order of its file."""
    text = files("kgrag.language").joinpath("data", "question_forms.toml").read_text("utf-8")
    grammar = tomllib.loads(text)
    parts: dict[str, str] = grammar["parts"]
    return tuple(
        Rule(
            row["slot"],
            row.get("field", ""),
            re.compile(_filled(row["pattern"], parts), re.IGNORECASE | re.VERBOSE),
            row["example"],
            tuple(row.get("gives", ())),
            row["counter"],
        )
        for row in grammar["rule"]
    )


def _filled(pattern: str, parts: dict[str, str]) -> str:
    for name, part in parts.items():
        pattern = pattern.replace(f"{{{name}}}", f"(?:{part})")
    return pattern


def first_reading(slot: str, question: str) -> tuple[Rule, tuple[str, ...]] | None:
    """The first rule of a slot that reads the question, and what its groups hold; None where none does."""
    for rule in rules():
        if rule.slot == slot and (match := rule.pattern.search(question)):
            return rule, tuple(group.strip() for group in match.groups() if group)
    return None


def read_form(question: str) -> QuestionForm:
    """The form of a question.

    Args:
        question: as it is searched: repaired, white space single.
    """
    text = question.strip()
    read = {rule.slot: (rule, groups) for rule, groups in _readings(text)}
    wanted = _wanted(text)
    verdict = _asks_for_verdict(text)
    defined = _thing("definition", read)
    defined = defined if len(defined.split()) <= LONGEST_NAME else ""
    present = {
        *(read.keys() - {"definition", "wanted"}),
        *(["verdict"] if verdict else []),
        *(["definition"] if defined else []),
        *([wanted] if wanted else []),
    }
    slot, kind = next(((slot, kind) for slot, kind in _KINDS if slot in present), ("", "fact"))
    return QuestionForm(
        kind=kind,
        thing=defined if kind == "definition" else _thing(slot, read),
        defined="" if kind in ("said", "connected") else defined,
        others=read["comparison"][1] if "comparison" in read else (),
        field=read[slot][0].field if slot in read and slot != "wanted" else "",
        wanted=wanted,
        counted=_thing("counted", read),
        within=_thing("within", read),
        verdict=verdict,
        side_by_side="side_by_side" in read,
        newest="newest" in read,
        ends=read["connected"][1] if "connected" in read else (),
        parts=_parts_of(read),
        records=_record_query(text, read),
    )


def _readings(text: str) -> Iterator[tuple[Rule, tuple[str, ...]]]:
    for slot in dict.fromkeys(rule.slot for rule in rules()):
        if found := first_reading(slot, text):
            yield found


def _parts_of(read: dict[str, tuple[Rule, tuple[str, ...]]]) -> tuple[str, ...]:
    """The two questions; what the first wants defined takes the place of a pronoun in the second, and where
    it is not known what that means, the question stays whole.
    """
    if "two_parts" not in read:
        return ()
    first, second = read["two_parts"][1]
    if _PRONOUN.search(second):
        if not (defined := first_reading("definition", first)):
            return ()
        second = _PRONOUN.sub(re.escape(defined[1][0]).replace("\\", ""), second, count=1)
    return f"{first}?", f"{second[0].upper()}{second[1:]}"


def _record_query(text: str, read: dict[str, tuple[Rule, tuple[str, ...]]]) -> RecordQuery | None:
    """Which works are asked for by author, journal, year, citation; None where nothing of that is said."""
    if "records" not in read:
        return None
    chosen = _selected(text)
    if not chosen.keys() - {"subject"}:
        return None
    between = [int(year) for year in chosen.get("between", ())]
    year, since, after, before = (
        int(chosen[name][0]) if name in chosen else None for name in ("year", "since", "after", "before")
    )
    first = between[0] if between else since if since else after + 1 if after else year
    return RecordQuery(
        count=read["records"][0].field == "count",
        year_from=first,
        year_to=between[1] if between else before - 1 if before else year,
        **{name: chosen[name][0] for name in _NAMED if name in chosen},
    )


def _selected(text: str) -> dict[str, tuple[str, ...]]:
    """What each field of the ``select`` rules is said to be, by its first rule that fits."""
    chosen: dict[str, tuple[str, ...]] = {}
    for rule in rules():
        if rule.slot == "select" and rule.field not in chosen and (match := rule.pattern.search(text)):
            chosen[rule.field] = tuple(group.strip() for group in match.groups() if group)
    return chosen


def _thing(slot: str, read: dict[str, tuple[Rule, tuple[str, ...]]]) -> str:
    return read[slot][1][0] if slot in read and read[slot][1] else ""


def _wanted(text: str) -> Wanted | None:
    """What an answer must hold; a Chinese name has no capitals by which it could be seen."""
    found = first_reading("wanted", text)
    names: dict[str, Wanted] = {
        "number": "number",
        "share": "share",
        "date": "date",
        "name": "name",
    }
    wanted = names[found[0].field] if found else None
    return None if wanted == "name" and has_han(text) else wanted


def _asks_for_verdict(text: str) -> bool:
    """Whether an English question can be answered by yes or no: it opens with an auxiliary verb (also after a
    colon or another sentence) and offers no choice.
    """
    parts = [text, *(part.strip() for part in _PARTS.split(text)[1:])]
    return not has_han(text) and any(
        first_reading("opens", part) is not None and first_reading("choice", part) is None
        for part in parts
        if part
    )
