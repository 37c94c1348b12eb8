"""Issue A: the first ``kgrag ask`` after start, as a whole process, and the warm service on the bundled 20
papers.

Run: ``python -m tests.bench.running.latency``. Prints medians and p95; asserts nothing.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ingest.run import ingest
from kgrag.ask.asker import Asker
from kgrag.library import Library
from kgrag.settings import Settings
from tests.bench.laws import questions

PAPERS = Path(__file__).parents[3] / "kgrag" / "demo" / "papers"


def main() -> None:
    """Cold runs, then warm questions."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "library"
        with Library(Settings(library=folder), create=True) as library:
            ingest(library, [PAPERS])
        command = [
            sys.executable,
            "-c",
            "from kgrag.cli.main import main; main()",
            "ask",
            "What is blue marble health?",
            "--library",
            str(folder),
        ]
        print(json.dumps({"cold_ask_s": [round(timed(command), 2) for _ in range(5)]}))
        with Library(Settings(library=folder)) as library:
            print(json.dumps(warm(library)))


def timed(command: list[str]) -> float:
    """Seconds of a whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def warm(library: Library) -> dict[str, object]:
    """Milliseconds a question in one process, after the first; each question is new."""
    asker = Asker(library)
    asked = questions(library)
    asker.ask("Is the service warm?")
    took, steps = [], []
    for question in asked:
        start = time.perf_counter()
        steps.append(asker.ask(question).timings_ms)
        took.append((time.perf_counter() - start) * 1000)
    took.sort()
    names = sorted({name for timings in steps for name in timings})
    return {
        "questions": len(took),
        "p50_ms": round(statistics.median(took)),
        "p95_ms": round(took[int(len(took) * 0.95)]),
        "steps_p50_ms": {
            name: round(statistics.median([s.get(name, 0.0) for s in steps]), 1) for name in names
        },
    }


if __name__ == "__main__":
    main()
