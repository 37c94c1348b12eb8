"""Measures what files at the edge cost: 100,000 authors of one record, a PDF of 500 pages, 10,000 tiny files,
names of 255 bytes, and an account whose locale is C.

Run: ``python -m tests.bench.reading.limits``. Each case is a ``kgrag ingest`` in a process of its own, with
the default settings but the hash embedder; a row tells its exit code, the documents that came in of those
that should, seconds, and the most memory that one of its processes held (MB). Asserts nothing.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kgrag.library import Library
from kgrag.settings import Settings
from tests.commands import COMMAND, ENVIRONMENT

WORDS = "The basin was dredged in three summers and the water level rose by 12 cm at the lock."
NAMED = ("锁" * 83 + ".ris", "é" * 125 + ".ris", "x" * 251 + ".ris")
"""Names of 253, 254 and 255 bytes."""


def record(number: int, authors: list[str]) -> str:
    """One journal article as RIS."""
    names = "".join(f"AU  - {name}\n" for name in authors)
    return (
        f"TY  - JOUR\nTI  - Dredging of basin {number}\n{names}PY  - 1957\nDO  - 10.5555/b{number}\n"
        f"AB  - {WORDS}\nER  - \n\n"
    )


def many_authors(folder: Path) -> int:
    """A record of 100,000 authors."""
    names = [f"Silt{number}, Nora" for number in range(100_000)]
    (folder / "crowd.ris").write_text(record(1, names), "utf-8")
    return 1


def long_pdf(folder: Path) -> int:
    """A PDF of 500 pages, 40 lines each."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(folder / "long.pdf"))
    for page in range(500):
        for line in range(40):
            canvas.drawString(72, 780 - 18 * line, f"Page {page}, line {line}. {WORDS}"[:95])
        canvas.showPage()
    canvas.save()
    return 1


def tiny_files(folder: Path) -> int:
    """10,000 files of one record."""
    for number in range(10_000):
        (folder / f"{number}.ris").write_text(record(number, ["Silt, Nora"]), "utf-8")
    return 10_000


def long_names(folder: Path) -> int:
    """Files whose names fill what a file system allows."""
    for number, name in enumerate(NAMED):
        (folder / name).write_text(record(number, ["Silt, Nora"]), "utf-8")
    return len(NAMED)


def measured(make: Callable[[Path], int], locale: str | None = None) -> dict[str, Any]:
    """One row."""
    with tempfile.TemporaryDirectory() as place:
        files, library = Path(place, "in"), Path(place, "library")
        files.mkdir()
        wanted = make(files)
        environment = {k: v for k, v in ENVIRONMENT.items() if k != "KGRAG_EXTRACTORS"}
        if locale:
            environment |= {"LC_ALL": locale, "LANG": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        done = subprocess.run(
            [*COMMAND, "ingest", os.fspath(files), "--library", os.fspath(library), "--json"],
            env=environment,
            capture_output=True,
        )
        seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        with Library(Settings(library=library, embedder="hash")) as opened:
            held = sum(1 for _ in opened.catalogue.documents())
    return {
        "exit": done.returncode,
        "documents": held,
        "of": wanted,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "peak_mb": round(after.ru_maxrss / 1024),
        **({} if done.returncode == 0 else {"said": done.stderr.decode(errors="replace")[-300:]}),
    }


def main() -> None:
    """One JSON line a case. The peak of memory is that of the largest process so far, so cases that need
    more come later.
    """
    cases: list[tuple[str, Callable[[Path], int], str | None]] = [
        ("names of 255 bytes", long_names, None),
        ("the same in the C locale", long_names, "C"),
        ("100,000 authors of one record", many_authors, None),
        ("10,000 tiny files", tiny_files, None),
        ("a PDF of 500 pages", long_pdf, None),
    ]
    for name, make, locale in cases:
        print(json.dumps({"case": name} | measured(make, locale)), flush=True)


if __name__ == "__main__":
    main()
