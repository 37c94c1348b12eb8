"""Issue C: 100 recorded searches, each run again three times – in the same process, after a restart, and in
another process.

Run: ``python -m tests.bench.replay ../shared/data/retrieval/hotpotqa100 [N]``. Prints one JSON object: how
many replays gave the same ids, order and scores.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from kgrag.catalogue.searches import searches_made, stored_search
from kgrag.evaluate.retrieval import ingest_corpus, read_collection
from kgrag.library import Library
from kgrag.search import Retriever
from kgrag.search.record import kept_search, replay
from kgrag.search.understand import understand
from kgrag.types import Filters


def main() -> None:
    """Search, replay, count; with ``--again LIBRARY`` only replay (the other process)."""
    if sys.argv[1] == "--again":
        print(identical(Path(sys.argv[2])))
        return
    folder, n = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with tempfile.TemporaryDirectory() as place:
        with Library.open(place, create=True) as library:
            ingest_corpus(library, folder)
            retriever = Retriever(library)
            questions = list(read_collection(folder).queries.values())[:n]
            for number, question in enumerate(questions):
                kept_search(
                    retriever,
                    understand(question, library),
                    10 + number % 3 * 20,
                    ("full", "nograph", "graph", "full")[number % 4],
                    Filters(),
                )
            same = sum(
                not replay(retriever, stored_search(library.catalogue, found["id"]))[1]
                for found in searches_made(library.catalogue)
            )
        restarted = identical(Path(place))
        other = int(
            subprocess.run(
                [sys.executable, "-m", "tests.bench.replay", "--again", place],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
    print(
        json.dumps(
            {
                "questions": len(questions),
                "same_process": same,
                "after_restart": restarted,
                "other_process": other,
            }
        )
    )


def identical(place: Path) -> int:
    """How many of a library's recorded searches give the same again."""
    with Library.open(place) as library:
        retriever = Retriever(library)
        return sum(
            not replay(retriever, stored_search(library.catalogue, found["id"]))[1]
            for found in searches_made(library.catalogue)
        )


if __name__ == "__main__":
    main()
