"""Facts of a paper, edited: numbers, directions and names, each in a sentence that stands once."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.readers import read_file
from ingest.readers.base import BrokenRecord
from kgrag.language.sentences import split_sentences
from kgrag.language.words import content_words

KINDS = ("number", "direction", "name")
OPPOSITES = {
    "increased": "decreased",
    "decreased": "increased",
    "higher": "lower",
    "lower": "higher",
    "increase": "decrease",
    "decrease": "increase",
    "increases": "decreases",
    "decreases": "increases",
    "positively": "negatively",
    "negatively": "positively",
    "upregulated": "downregulated",
    "downregulated": "upregulated",
    "improved": "worsened",
    "reduced": "increased",
    "greater": "smaller",
    "larger": "smaller",
    "smaller": "larger",
    "longer": "shorter",
    "shorter": "longer",
    "faster": "slower",
    "slower": "faster",
    "reduces": "increases",
    "enhanced": "reduced",
}
NUMBER = re.compile(
    r"(?<![\w.,–/-])(\d{1,3}(?:\.\d+)?)(?=( ?%| [a-z]{4,}))(?!"
    r" ?(?:January|February|March|April|May|June|July|August|September|October|November|December))"
)
NAME = re.compile(r"(?<=[a-z,] )([A-Z][a-z]{4,})(?=[ ,.;])")
CITES = re.compile(r"\[\d|\(\d{4}\)|et al|[Ff]ig(?:ure|\.)|[Tt]able|doi|http|[<>&]")
SAME = 0.6


@dataclass(frozen=True, slots=True)
class Edit:
    """A fact of one paper: the sentence as it was and as it is now, the fact old and new, and the question
    that asks for it.
    """

    path: Path
    kind: str
    before: str
    after: str
    old: str
    new: str
    question: str


def word(text: str) -> re.Pattern[str]:
    """The text as a whole word or number."""
    return re.compile(
        rf"(?<![\w.]){re.escape(text)}(?![\w%]|\.\d)" if text[-1] != "%" else rf"(?<![\w.]){re.escape(text)}"
    )


def sentences_of(path: Path, raw: str) -> Iterator[str]:
    """Sentences that stand in the file as they are read: once, and without citations."""
    for record in read_file(path):
        if isinstance(record, BrokenRecord):
            continue
        for text in [
            record.abstract or "",
            *(block.text for block in record.blocks if block.kind == "paragraph"),
        ]:
            for start, end in split_sentences(text):
                sentence = text[start:end]
                if (
                    8 <= len(sentence.split()) <= 45
                    and not CITES.search(sentence)
                    and raw.count(sentence) == 1
                    and sentence[0].isupper()
                ):
                    yield sentence


def edit_of(path: Path, raw: str, kind: str, names: list[str], chance: random.Random) -> Edit | None:
    """The first sentence of the paper with a fact of this kind, edited."""
    for sentence in sentences_of(path, raw):
        found = FINDERS[kind](sentence, raw, names, chance)
        if found:
            old, new, asked = found
            after = word(old).sub(new, sentence)
            body = sentence.rstrip(".")
            question = word(old).sub(asked, body, count=1) + "?"
            if (
                word(new).search(sentence) is None
                and after != sentence
                and len(set(content_words(question))) >= 6
            ):
                return Edit(path, kind, sentence, after, old, new, question)
    return None


def _number(sentence: str, raw: str, names: list[str], chance: random.Random) -> tuple[str, str, str] | None:
    found = [m for m in NUMBER.finditer(sentence) if float(m.group(1)) > 3]
    if len(found) != 1:
        return None
    old = found[0].group(1)
    unit = found[0].group(2)
    place = chance.randrange(len(old.replace(".", "")))
    digits = [i for i, sign in enumerate(old) if sign.isdigit()]
    new = next(
        (
            new
            for step in range(1, 9)
            if (new := _with_digit(old, digits[place], step)) and word(new).search(raw) is None
        ),
        None,
    )
    asked = "what percentage" if "%" in unit else "what value" if "." in old else "how many"
    return None if new is None else (old, new, asked)


def _with_digit(number: str, place: int, step: int) -> str:
    digit = (int(number[place]) + step) % 10
    made = number[:place] + str(digit) + number[place + 1 :]
    return "" if made.startswith("0") else made


def _direction(
    sentence: str, raw: str, names: list[str], chance: random.Random
) -> tuple[str, str, str] | None:
    said = [w for w in re.findall(r"[a-z]+", sentence) if w in OPPOSITES]
    return (said[0], OPPOSITES[said[0]], f"{said[0]} or {OPPOSITES[said[0]]}") if len(said) == 1 else None


def _name(sentence: str, raw: str, names: list[str], chance: random.Random) -> tuple[str, str, str] | None:
    said = [m.group(1) for m in NAME.finditer(sentence)]
    if len(said) != 1 or re.search(rf"\b{said[0].lower()}\b", raw):
        return None
    new = next((name for name in names if name not in raw), None)
    names.append(said[0])
    return None if new is None else (said[0], new, "which one")


FINDERS: dict[str, Callable[[str, str, list[str], random.Random], tuple[str, str, str] | None]] = {
    "number": _number,
    "direction": _direction,
    "name": _name,
}


def edited(raw: str, edit: Edit) -> str:
    """The file with the fact changed: a direction in its sentence, a number or name wherever the text has
    it.
    """
    if edit.kind == "direction":
        return raw.replace(edit.before, edit.after)
    if raw.lstrip().startswith("<"):
        return re.sub(r">[^<]+<", lambda text: word(edit.old).sub(edit.new, text.group()), raw)
    return word(edit.old).sub(edit.new, raw)
