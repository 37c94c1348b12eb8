"""Where a fact that the library holds is lost on the way to the answer.

Run: ``python -m tests.bench.answering.lost [QUESTIONS] [WORK] [--show] [--only ID,…]`` (default: the answer
cases beside the checkout, and the libraries that ``score.py`` made in WORK). For each question whose facts
are known: whether every group of facts stands in the passages found, in the evidence, in some candidate, in
what is shown. Prints one JSON object; asserts nothing. A question is right when its status is the expected
one, each group of facts is shown and no forbidden one is.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kgrag.ask import Asker
from kgrag.ask.clock import Clock
from kgrag.ask.look import Found, Looked
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from kgrag.types import Answer, Evidence, Filters, Understood

CASES = Path(__file__).parents[3].parent / "shared" / "cases" / "answers" / "questions.jsonl"
STAGES = ("passages", "evidence", "candidates", "shown")
EXPECTED = {
    "answered": ("answered", "partial"),
    "partial": ("partial", "abstained"),
    "abstained": ("abstained",),
}


class Watched(Asker):
    """An asker that keeps the evidence of its last question."""

    quotes: Sequence[Evidence]

    def look(self, understood: Understood, filters: Filters, clock: Clock, found: Found) -> Looked:
        """As ``Asker.look``."""
        looked = super().look(understood, filters, clock, found)
        self.quotes = looked.evidence
        return looked


def main() -> None:
    """One line a question with ``--show``, then the sums."""
    parser = argparse.ArgumentParser(description="Where facts are lost.")
    parser.add_argument("questions", nargs="?", type=Path, default=CASES)
    parser.add_argument("work", nargs="?", type=Path, default=Path(tempfile.gettempdir()) / "answer-cases")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.questions.read_text("utf-8").splitlines()]
    rows = [row for row in rows if not options.only or row["id"] in options.only.split(",")]
    results = []
    for name in sorted({row["library"] for row in rows}):
        asked = [row for row in rows if row["library"] == name]
        results += list(_library(options.work / name, asked, options.show))
    known = [result for result in results if result["groups"]]
    print(
        json.dumps(
            {
                "n": len(results),
                "right": sum(result["right"] for result in results),
                "silent_although_held": [r["id"] for r in results if r["silent"]],
                "with_facts": len(known),
                **{stage: sum(result[stage] for result in known) for stage in STAGES},
            }
        )
    )


def _library(folder: Path, rows: list[dict[str, Any]], show: bool) -> Iterator[dict[str, Any]]:
    with Library.open(folder) as library:
        library.catch_up()
        asker = Watched(library)
        for row in rows:
            asker.quotes = []
            answer = asker.ask(row["question"])
            result = _result(row, answer, asker.quotes)
            if show:
                print(_line(row, result, answer), file=sys.stderr)
            yield result


def _result(row: dict[str, Any], answer: Answer, evidence: Sequence[Evidence]) -> dict[str, Any]:
    groups = row.get("must_contain_all") or []
    texts = {
        "passages": "\n".join(f"{hit.document.title}\n{hit.passage.text}" for hit in answer.retrieved),
        "evidence": "\n".join(item.quote for item in evidence),
        "candidates": "\n".join(candidate.text for candidate in answer.candidates),
        "shown": _shown(answer),
    }
    held = {stage: all(_any(group, texts[stage]) for group in groups) for stage in STAGES}
    forbidden = any(re.search(pattern, texts["shown"], re.I) for pattern in row.get("must_not", []))
    asked_for_facts = row["expect"] == "answered" or answer.status != "abstained"
    return {
        "id": row["id"],
        "groups": bool(groups) and row["expect"] == "answered",
        "right": answer.status in EXPECTED[row["expect"]]
        and (held["shown"] or not asked_for_facts)
        and not forbidden,
        "silent": row["expect"] == "answered" and answer.status == "abstained",
        **held,
    }


def _any(patterns: Sequence[str], text: str) -> bool:
    return any(re.search(pattern, text, re.I) for pattern in patterns)


def _shown(answer: Answer) -> str:
    plain: dict[str, Any] = dict(answer_to_json(answer))
    parts = [plain["text"], *(claim["text"] for claim in plain["claims"]), plain["reason"] or ""]
    parts += [
        json.dumps(plain.get(name) or [], ensure_ascii=False)
        for name in ("record", "table", "sections", "missing")
    ]
    return "\n".join([*parts, str((plain.get("verdict") or {}).get("label", ""))])


def _line(row: dict[str, Any], result: dict[str, Any], answer: Answer) -> str:
    stages = " ".join(f"{stage[:4]}{'+' if result[stage] else '-'}" for stage in STAGES)
    told = " | ".join(claim.text for claim in answer.claims) or answer.reason or ""
    verdict = f" [{answer.verdict.label}]" if answer.verdict else ""
    return (
        f"{'ok ' if result['right'] else 'NO '} {row['id']} {row['kind']:12} {answer.status:9} {stages}"
        f" | {row['question']} | {told[:600]}{verdict}"
    )


if __name__ == "__main__":
    main()
