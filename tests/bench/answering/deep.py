"""Deep search: of 20 questions with known sets of papers, how many papers it finds, in how many steps, and
whether its steps give the same again.

Run: ``python -m tests.bench.answering.deep LIBRARY [MAX_STEPS]``; the library holds the papers of
``../shared/data/papers`` (PLOS and JOSE). Prints a line a question and one JSON object; ``once`` is the
recall of the first step alone, a plain search.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from kgrag.ask.asker import Asker
from kgrag.ask.deep import deep_search, replayed
from kgrag.library import Library
from kgrag.settings import load_settings


def main() -> None:
    """Search each question, replay its steps, count."""
    folder, max_steps = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 60
    rows: list[dict[str, Any]] = []
    with Library(load_settings(folder)) as library:
        asker = Asker(library)
        for line in Path(__file__).with_suffix(".jsonl").read_text("utf-8").splitlines():
            case = json.loads(line)
            known = set(case["documents"])
            found = deep_search(asker, case["question"], max_steps=max_steps)
            names = [item.document.id for item in found.found]
            row = {
                "question": case["question"],
                "recall": len(known & set(names)) / len(known),
                "once": len(known & set(found.steps[0].documents[:10])) / len(known),
                "known": len(known),
                "found": len(names),
                "steps": len(found.steps),
                "missing": found.missing,
                "ended": found.ended,
                "lost": sorted(known - set(names)),
                "identical": all(replayed(asker, found.steps)),
            }
            rows.append(row)
            print(json.dumps(row), flush=True)
    n = len(rows)
    total = {name: sum(row[name] for row in rows) / n for name in ("recall", "once", "found", "steps")}
    print(json.dumps({**total, "identical": sum(bool(row["identical"]) for row in rows), "questions": n}))


if __name__ == "__main__":
    main()
