"""Damages every file of a library in three ways and gives commands over it: what the doctor names, what is
healed, whose loss is told, and how often a command ended in a traceback.

    python -m tests.bench.running.damage
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from kgrag.cli.main import main
from tests.flow.upkeep.test_damage import (
    DAMAGES,
    LOST,
    QUESTION,
    UNSEEN,
    damaged,
    files_of,
    looked_at,
    make_library,
)

FOLLOWERS = ("words", "vectors", "graph")


def said(folder: Path, *command: str) -> tuple[int, str]:
    """A command as it is given in a terminal: its exit status and what it prints."""
    out = io.StringIO()
    sys.argv = ["kgrag", *command, "--library", str(folder)]
    try:
        with redirect_stdout(out), redirect_stderr(out):
            main()
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    except Exception as error:  # noqa: BLE001 - what a person would see as a traceback
        return -1, f"Traceback {error!r}"
    return 0, out.getvalue()


def main_bench() -> None:
    """Print a line for each file that is not as it should be, then the counts."""
    os.environ["COLUMNS"] = "200"
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "whole"
        make_library(whole)
        for how in DAMAGES:
            for file in files_of(whole):
                with damaged(whole, Path(place), file, how) as folder:
                    one(folder, file, how, counts)
    print(dict(sorted(counts.items())))


def one(folder: Path, file: Path, how: str, counts: Counter[str]) -> None:
    """All commands over one damaged library."""
    counts["damages"] += 1
    wrong = [f.what for f in looked_at(folder) if not f.ok and f.what != "disk"]
    named = bool(wrong) or (file.name, how) in UNSEEN
    backup = folder.parent / "backup.zip"
    backup.unlink(missing_ok=True)
    lines = [
        said(folder, "doctor"),
        said(folder, "ask", QUESTION),
        said(folder, "backup", str(backup)),
        *(said(folder, "rebuild", part) for part in FOLLOWERS if part in file.parts),
        said(folder, "doctor", "--repair"),
        said(folder, "ask", QUESTION),
    ]
    healed = not [f for f in looked_at(folder) if not f.ok and f.what != "disk"]
    counts["named"] += named
    counts["healed"] += healed
    counts["loss named"] += not healed and file.name in LOST
    counts["answered before repair"] += lines[1][0] == 0
    counts["answered after repair"] += lines[-1][0] == 0
    counts["broken catalogue called a backup"] += file.name == "catalogue.sqlite" and lines[2][0] == 0
    tracebacks = [text for code, text in lines if code == -1 or "Traceback" in text or "no words for" in text]
    counts["tracebacks"] += len(tracebacks)
    if not named or tracebacks or (not healed and file.name not in LOST):
        print(
            file, how, "named" if named else "NOT NAMED", "healed" if healed else "NOT HEALED", tracebacks[:1]
        )


if __name__ == "__main__":
    main_bench()
