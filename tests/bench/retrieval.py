"""Prints the retrieval table: each BEIR folder, each mode (nograph is the control), and latency.

python -m tests.bench.retrieval ../shared/data/retrieval/2wiki164 … [--modes full nograph words dense]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from kgrag.evaluate.retrieval import evaluate_modes
from kgrag.search import MODES


def main() -> None:
    """One JSON line a folder and mode; every folder is ingested once."""
    parser = argparse.ArgumentParser(description="Retrieval figures with their controls.")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--modes", nargs="+", default=["full", "nograph", "words", "dense"], choices=MODES)
    arguments = parser.parse_args()
    for folder in arguments.folders:
        for mode, figures in evaluate_modes(folder, arguments.modes).items():
            print(json.dumps({"set": folder.name, "mode": mode, **figures}))


if __name__ == "__main__":
    main()
