"""Issue B: bibliographic records stream in at a constant rate, with memory flat.

Run: ``KGRAG_EMBEDDER=hash python tests/bench/running/million.py [N]`` (default 1,000,000; the hash embedder
is what the issue asks for, so that everything but embedding is measured). Prints one JSON object: records a
second and memory for each fiftieth of the way (`rss_mb` counts mapped pages of the database too, `own_mb`
does not).
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ingest.run import Tally, ingest
from kgrag.library import Library
from kgrag.settings import Settings

POINTS = 50
WORDS = (
    "radium",
    "library",
    "catalogue",
    "protein",
    "growth",
    "soil",
    "river",
    "memory",
    "learning",
    "school",
    "policy",
    "market",
    "galaxy",
    "enzyme",
    "therapy",
    "network",
    "graph",
    "sensor",
    "climate",
    "history",
    "language",
    "theory",
    "cell",
    "model",
    "survey",
    "method",
    "river basin",
)
FAMILIES = ("Curie", "Meyer", "Li", "Wang", "Garcia", "Okafor", "Singh", "Novak", "Rossi", "Dubois")


def main() -> None:
    """Make the file, ingest it, print the curve."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "records.ris"
        with path.open("w", encoding="utf-8") as stream:
            stream.writelines(record(number) for number in range(n))
        print(json.dumps(run(path, n, Path(place) / "library")))


def record(number: int) -> str:
    """A record with title, abstract, authors, keywords, journal and DOI, all made from its number."""
    rng = random.Random(number)
    some = rng.choices(WORDS, k=60)
    return (
        f"TY  - JOUR\nTI  - {some[0].title()} and {some[1]} in the {some[2]} of {some[3]}: study {number}\nAU"
        f"  - {rng.choice(FAMILIES)}, {chr(65 + number % 26)}.\nAU  - {rng.choice(FAMILIES)},"
        f" {chr(65 + number // 26 % 26)}.\nPY  - {1950 + number % 75}\nJO  - Journal of {some[4].title()}"
        f" {number % 500}\nDO  - 10.5555/bench.{number}\nKW  - {some[5]}\nKW  - {some[6]} {some[7]}\nAB  - We"
        f" studied {' '.join(some[8:30])}. The {some[30]} rose by {number % 97} percent."
        f" {' '.join(some[31:58]).capitalize()} were compared.\nER  - \n\n"
    )


def run(path: Path, n: int, folder: Path) -> dict[str, Any]:
    """The figures of one run."""
    curve: list[dict[str, float]] = []
    last = [0, time.perf_counter(), time.process_time()]

    def progress(tally: Tally) -> None:
        if tally.documents - last[0] >= max(1, n // POINTS):
            now, cpu_now, done = time.perf_counter(), time.process_time(), tally.documents - last[0]
            curve.append(
                {
                    "documents": tally.documents,
                    "per_second": round(done / (now - last[1]), 1),
                    "cpu_ms_each": round(1000 * (cpu_now - last[2]) / done, 3),
                    "rss_mb": round(memory_mb("VmRSS")),
                    "own_mb": round(memory_mb("RssAnon")),
                }
            )
            last[:] = [tally.documents, now, cpu_now]
            print(json.dumps(curve[-1]), file=sys.stderr, flush=True)

    cpu = time.process_time()
    with Library(Settings(library=folder), create=True) as library:
        report = ingest(library, [path], progress)
    cpu = time.process_time() - cpu
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {
        "documents": report["documents"],
        "seconds": report["seconds"],
        "per_second": round(report["documents"] / report["seconds"], 1),
        "cpu_seconds": round(cpu, 1),
        "own_mb_most": max(point["own_mb"] for point in curve),
        "rss_mb_most": max(point["rss_mb"] for point in curve),
        "library_mb": round(size / 1e6),
        "curve": curve,
    }


def memory_mb(name: str) -> float:
    """A figure of this process's memory now; ``RssAnon`` leaves out the pages of files that the system may
    drop at any time.
    """
    line = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name + ":")
    )
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    main()
