"""Issue D: real models' recorded answers, replayed over a library; how many of the sentences that are shown
people call unsupported.

Run: ``python -m tests.bench.replayed [N] [DATA]`` (default 150 questions). ExpertQA holds sentences that real
systems answered, each with the web pages they cite and experts' verdicts. The pages become a library; a fake
OpenAI-compatible server replays each question's recorded sentences with their faults. Prints one JSON object:
of the recorded sentences and of those shown at α = .05, .10, .20 how many the labels call unsupported. A
shown sentence counts by the recorded one it is part of; quotes that the library put in a sentence's place are
counted apart. Part of ExpertQA was trained on (``kgrag/train/steps/data.py``); ``held`` counts only questions
that were not.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ingest.run import ingest
from kgrag.ask.asker import Asker
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.train.steps.data import Labelled, is_held, read_claims
from kgrag.verify.calibrate import threshold_for
from tests.service.fake_openai import FakeOpenAI, replaying

DATA = Path(__file__).parents[2].parent / "shared" / "data"
ALPHAS = (0.05, 0.10, 0.20)


def plain(text: str) -> str:
    """For comparing: letters and digits of any kind, in lower case."""
    return "".join(char for char in text.lower() if char.isalnum())


def recordings(path: Path, n: int) -> dict[str, list[Labelled]]:
    """The first n questions with their recorded sentences."""
    found: dict[str, list[Labelled]] = defaultdict(list)
    for example in read_claims(path):
        found[example.group].append(example)
    return dict(list(found.items())[:n])


def files_of(recorded: Sequence[Labelled], place: Path) -> Path:
    """The cited pages as records, each once."""
    folder = place / "pages"
    folder.mkdir()
    texts = dict.fromkeys(" ".join(text.split()) for example in recorded for text in example.evidence)
    for number, text in enumerate(texts):
        (folder / f"{number}.ris").write_text(
            f"TY  - JOUR\nTI  - {text[:80]}\nAB  - {text}\nER  - \n", encoding="utf-8"
        )
    return folder


def tallied(questions: dict[str, list[Labelled]], asker: Asker) -> dict[str, Any]:
    """Ask everything at the loosest α; stricter ones show the part that reaches their thresholds."""
    tally: Counter[str] = Counter()
    for question, recorded in questions.items():
        answer = asker.ask(question, candidates=1, alpha=max(ALPHAS))
        tally["questions"] += 1
        tally["abstained"] += answer.status == "abstained"
        for example in recorded:
            tally[f"recorded, {example.label}"] += 1
        for claim in answer.claims:
            said = next((example for example in recorded if plain(claim.text) in plain(example.claim)), None)
            if said is None:
                tally["quotes shown"] += 1
                continue
            for alpha in (alpha for alpha in ALPHAS if claim.verdict.score >= threshold_for(alpha)):
                for part in ("all", "held") if is_held(said) else ("all",):
                    tally[f"α {alpha}, {part}, {said.label}"] += 1
    shares = {
        f"α {alpha}, {part}, unsupported_of_shown": round(
            tally[f"α {alpha}, {part}, unsupported"]
            / max(tally[f"α {alpha}, {part}, unsupported"] + tally[f"α {alpha}, {part}, supported"], 1),
            3,
        )
        for alpha in ALPHAS
        for part in ("all", "held")
    }
    return {**{name: tally[name] for name in sorted(tally)}, **shares}


def main() -> None:
    """Make the library, replay, print."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    data = Path(sys.argv[2]) if len(sys.argv) > 2 else DATA
    questions = recordings(data / "claims" / "expertqa.jsonl", n)
    answers = {
        question: " ".join(example.claim for example in recorded) for question, recorded in questions.items()
    }
    with tempfile.TemporaryDirectory() as name, FakeOpenAI(reply=replaying(answers)) as fake:
        settings = Settings(
            library=Path(name) / "library",
            extractors=(),
            llm="openai-like:replayed",
            llm_url=fake.url,
            llm_key=SecretStr("k"),
        )
        with Library(settings, create=True) as library:
            report = ingest(
                library,
                [files_of([example for recorded in questions.values() for example in recorded], Path(name))],
            )
            print(
                json.dumps(
                    {"documents": report["documents"], **tallied(questions, Asker(library))},
                    ensure_ascii=False,
                )
            )


if __name__ == "__main__":
    main()
