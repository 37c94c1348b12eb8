"""A real small language model (SmolLM2-135M on llama.cpp, one slot, 1,024 tokens of context) drafts answers
to 100 questions: it points to quotes for every other one, and writes for the rest.

Run: ``python -m tests.bench.answering.small_model LIBRARY [N]``. Prints one JSON object: crashes, sentences
shown that are neither a quote nor supported, questions that cost more than allowed, and what was shown.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from kgrag.ask.asker import Asker
from kgrag.errors import KgragError
from kgrag.generate.extractive import ExtractiveGenerator
from kgrag.generate.llm import LlmGenerator
from kgrag.library import Library
from kgrag.settings import load_settings
from kgrag.types import Answer
from tests.service import llama

REQUESTS, SECONDS = 4, 120.0


def main() -> None:
    """Ask, check, count."""
    folder, n = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    tally: Counter[str] = Counter()
    with llama.running(context=1024) as model:
        settings = load_settings(folder).model_copy(
            update={
                "llm": "openai-like:smollm2-135m",
                "llm_url": model.url,
                "llm_timeout_s": SECONDS,
                "llm_requests": REQUESTS,
                "llm_max_tokens": 60,
                "llm_pause_s": 0,
            }
        )
        with Library(settings) as library:
            questions = questions_of(library)[:n]
        for mode in ("point", "write"):
            stream = mode == "write"
            with Library(settings.model_copy(update={"llm_mode": mode, "llm_stream": stream})) as library:
                asker = Asker(library)
                for question in questions[mode == "write" :: 2]:
                    ask(asker, question, tally, mode)
                if isinstance(asker.generator, LlmGenerator):
                    asker.generator.close()
    print(json.dumps(dict(sorted(tally.items()))))


def questions_of(library: Library) -> list[str]:
    """The questions of the other benches, then one about each paper."""
    here = Path(__file__).parent
    own = [
        json.loads(line)["question"]
        for name in ("pointing", "deep")
        for line in (here / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]
    titles = [document.record.title for document in library.catalogue.documents()]
    return [*own, *(f"What is known about {title}?" for title in titles if title)]


def ask(asker: Asker, question: str, tally: Counter[str], mode: str) -> None:
    """One question, counted."""
    tally["questions"] += 1
    try:
        answer = asker.ask(question, candidates=2)
    except KgragError as error:
        tally["crashes"] += 1
        print(error, file=sys.stderr)
        return
    tally["answered"] += bool(answer.claims)
    tally["claims"] += len(answer.claims)
    tally["claims neither quoted nor supported"] += unsound(answer)
    tally[f"{mode}: asked of the model"] += answer.cost is not None
    tally[f"{mode}: quotes answered instead"] += "extractive generator answered" in (answer.reason or "")
    tally["written sentences shown"] += sum(
        claim.text != claim.evidence[0].quote.strip() for claim in answer.claims
    )
    if answer.cost:
        tally["requests"] += answer.cost.requests
        tally["over budget"] += answer.cost.requests > REQUESTS or answer.cost.seconds > SECONDS + 1
    makers = {candidate.maker for candidate in answer.candidates if candidate.chosen}
    tally[f"{mode}: the model's draft chosen"] += bool(makers - {ExtractiveGenerator.identity})


def unsound(answer: Answer) -> int:
    """Claims that are shown and are neither a quote nor above the threshold."""
    return sum(
        claim.text != claim.evidence[0].quote.strip()
        and not (claim.verdict.label == "supported" and claim.verdict.score >= claim.threshold)
        for claim in answer.claims
    )


if __name__ == "__main__":
    main()
