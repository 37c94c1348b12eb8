"""Whether a language model that points chooses a quote that answers, beside the extractive order.

Run: ``KGRAG_LLM=… KGRAG_LLM_URL=… python -m tests.bench.answering.pointing LIBRARY [N [FILE]]``. Each
question has a pattern of what an answering quote says; questions of which none of the quotes given to the
model holds it are left out. Prints a line a question and one JSON object: how often the quotes of the first
draft hold it, for both generators, with requests, tokens and seconds.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from kgrag.ask.asker import Asker
from kgrag.ask.drafts import planned
from kgrag.ask.plans import plan_for
from kgrag.generate.extractive import ExtractiveGenerator
from kgrag.generate.llm import N_EVIDENCE, LlmGenerator
from kgrag.library import Library
from kgrag.search.understand import understand
from kgrag.settings import load_settings
from kgrag.types import Draft, Filters

QUESTIONS = Path(__file__).with_suffix(".jsonl")


def main() -> None:
    """Ask both generators every question."""
    folder, n = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 30
    os.environ.setdefault("KGRAG_LLM_TIMEOUT_S", "1500")
    os.environ.setdefault("KGRAG_LLM_MODE", "point")
    rows: list[dict[str, Any]] = []
    with Library(load_settings(folder)) as library:
        asker = Asker(library)
        generator = LlmGenerator(library.settings)
        questions = Path(sys.argv[3]) if len(sys.argv) > 3 else QUESTIONS
        for line in questions.read_text("utf-8").splitlines():
            case = json.loads(line)
            if len(rows) < n and (row := one(asker, generator, case["question"], re.compile(case["held"]))):
                rows.append(row)
                print(json.dumps(row, ensure_ascii=False), flush=True)
    total = {
        "questions": len(rows),
        "pointed": sum(row["pointed_right"] for row in rows),
        "extractive": sum(row["extractive_right"] for row in rows),
        "no_pointer": sum(not row["pointed"] for row in rows),
        "requests": sum(row["requests"] for row in rows),
        "prompt_tokens": sum(row["prompt_tokens"] for row in rows),
        "reply_tokens": sum(row["reply_tokens"] for row in rows),
        "seconds_p50": sorted(row["seconds"] for row in rows)[len(rows) // 2] if rows else None,
    }
    print(json.dumps(total))


def one(asker: Asker, generator: LlmGenerator, text: str, held: re.Pattern[str]) -> dict[str, Any] | None:
    """Both drafts of one question; None where no quote given to the model answers it."""
    understood = understand(text, asker.library)
    hits = asker.retriever.search(understood, top_k=asker.library.settings.top_k)
    evidence = asker.evidence(understood, hits)
    if not any(held.search(item.quote) for item in evidence[:N_EVIDENCE]):
        print(f"no quote answers: {text}", file=sys.stderr)
        return None
    plan = plan_for(asker, understood, evidence, hits, Filters())
    plain = planned(
        plan.draft if plan else None, ExtractiveGenerator().draft(understood, evidence, 4), whole=False
    )
    start = time.monotonic()
    written = generator.drafted(understood, evidence, asker.library.settings.candidates)
    drafts, cost = written.drafts, written.cost
    took = time.monotonic() - start
    return {
        "question": text,
        "pointed": [sentence for sentence, _ in drafts[0].sentences] if drafts else [],
        "extractive": [sentence for sentence, _ in plain[0].sentences],
        "pointed_right": bool(drafts) and holds(drafts[0], held),
        "extractive_right": holds(plain[0], held),
        "requests": cost.requests,
        "prompt_tokens": cost.prompt_tokens,
        "reply_tokens": cost.reply_tokens,
        "seconds": round(took, 1),
    }


def holds(draft: Draft, held: re.Pattern[str]) -> bool:
    """Whether one of a draft's quotes says what answers."""
    return any(held.search(sentence) for sentence, _ in draft.sentences)


if __name__ == "__main__":
    main()
