"""Questions in one language over papers in the other: answered from the right paper, or silent.

Run: ``python -m tests.bench.answering.across [WORK]`` over the libraries that the answer cases'
``score.py`` made in WORK (A and B hold English papers, C Chinese ones). Each line of ``data/across.jsonl``
names words of the title of the paper that answers, or null where the library has none. Prints one JSON
object; asserts nothing. The questions were written from titles while the method was made: they are no
unseen ones.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from kgrag.ask import Asker
from kgrag.library import Library
from kgrag.types import Answer

QUESTIONS = Path(__file__).parent / "data" / "across.jsonl"


def main() -> None:
    """Counts over both kinds of question."""
    parser = argparse.ArgumentParser(description="Questions across languages.")
    parser.add_argument("work", nargs="?", type=Path, default=Path(tempfile.gettempdir()) / "answer-cases")
    work = parser.parse_args().work
    counts = dict.fromkeys(("held", "right", "wrong_paper", "silent", "nearest", "not_held", "invented"), 0)
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    for name in sorted({row["library"] for row in rows}):
        with Library.open(work / name) as library:
            library.catch_up()
            asker = Asker(library)
            for row in rows:
                if row["library"] == name:
                    _count(counts, row["title"], asker.ask(row["question"]))
    print(json.dumps(counts))


def _count(counts: dict[str, int], title: str | None, answer: Answer) -> None:
    silent = answer.status == "abstained"
    if title is None:
        counts["not_held"] += 1
        counts["invented"] += not silent
        return
    counts["held"] += 1
    facts = [fact.title for fact in answer.record]
    told = [item.document.title or "" for claim in answer.claims for item in claim.evidence] + facts
    near = [document.title or "" for document in answer.documents]
    right = any(title in held for held in told)
    counts["right"] += right
    counts["silent"] += silent
    counts["nearest"] += silent and any(title in held for held in near)
    counts["wrong_paper"] += not silent and not right


if __name__ == "__main__":
    main()
