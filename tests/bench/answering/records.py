"""Questions that the catalogue's records answer, held against SQL.

Run: ``python -m tests.bench.answering.records LIBRARY…`` (folders of libraries). For each library up to 30
questions are made from its records by rule, a fixed seed: who wrote a work, when and where it appeared, how
many works are of a year, which are in a journal; in Chinese where the record is. Right: the status is
*answered* and the facts are the rows that SQL finds. Prints one JSON object and the wrong ones on stderr;
asserts nothing.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from kgrag.ask import Asker
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json

N = 30
MOST = 20
"""Works that a list names at most."""
Right = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True)
class Row:
    """What SQL says of a work."""

    title: str
    year: int | None
    venue: str | None
    authors: tuple[str, ...]
    language: str | None


def main() -> None:
    """Asks and counts."""
    counts = {"n": 0, "right": 0}
    for folder in sys.argv[1:]:
        with Library.open(Path(folder)) as library:
            library.catch_up()
            asker = Asker(library)
            for question, right in list(_questions(_rows(library)))[:N]:
                answer: Any = answer_to_json(asker.ask(question))
                good = answer["status"] == "answered" and right(answer)
                counts["n"] += 1
                counts["right"] += good
                if not good:
                    told = [(fact["title"], fact["value"]) for fact in answer.get("record", ())][:3]
                    print(question, "|", answer["status"], answer["reason"], told, file=sys.stderr)
    print(json.dumps(counts))


def _rows(library: Library) -> list[Row]:
    found = library.catalogue.rows(
        text("SELECT title, year, venue, language, record FROM documents ORDER BY id")
    )
    return [
        Row(
            row.title,
            row.year,
            row.venue,
            tuple(
                a.get("family") or a.get("literal") or "" for a in json.loads(row.record).get("authors", ())
            ),
            row.language,
        )
        for row in found
        if row.title
    ]


def _questions(rows: list[Row]) -> Iterator[tuple[str, Right]]:
    """Questions of each kind by turns."""
    chance = random.Random(7)
    titled = [row for row in rows if row.authors and row.year and row.venue and len(row.title) > 15]
    for row in chance.sample(titled, min(6, len(titled))):
        zh = row.language == "zh"
        yield f"《{row.title}》的作者是谁？" if zh else f"Who wrote “{row.title}”?", _tells(row.authors[0])
        yield (
            f"《{row.title}》是哪一年发表的？" if zh else f"When was “{row.title}” published?",
            _tells(str(row.year)),
        )
        yield (
            (f"《{row.title}》发表在哪个期刊？" if zh else f"In which journal did “{row.title}” appear?"),
            _tells(row.venue or ""),
        )
        year = [other for other in rows if other.year == row.year]
        yield (
            (f"馆藏有多少篇{row.year}年的论文？" if zh else f"How many papers from {row.year} are there?"),
            _counts(len(year)),
        )
        venue = [other for other in rows if (other.venue or "").casefold() == (row.venue or "").casefold()]
        yield (
            f"《{row.venue}》上有哪些论文？" if zh else f"Which papers appeared in {row.venue}?",
            _lists(venue),
        )


def _tells(value: str) -> Right:
    return lambda answer: any(value.casefold() in fact["value"].casefold() for fact in answer["record"])


def _counts(n: int) -> Right:
    return lambda answer: str(n) in (answer["reason"] or "").split() or f" {n} " in f" {answer['reason']} "


def _lists(rows: list[Row]) -> Right:
    wanted = {row.title for row in rows}
    return lambda answer: (
        {fact["title"] for fact in answer["record"]} <= wanted
        and len(answer["record"]) >= min(len(wanted), MOST)
    )


if __name__ == "__main__":
    main()
