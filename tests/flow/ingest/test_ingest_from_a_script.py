"""A script that ingests needs no ``if __name__ == "__main__"``: the processes that read do not run it
again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
from pathlib import Path
from ingest import pool
from ingest.run import ingest
from kgrag.library import Library
from kgrag.settings import Settings
import json
pool.SMALL_FILE_BYTES = {limit}
with Library(Settings(library=Path({folder!r}), embedder="hash", extractors=()), create=True) as library:
    print(json.dumps(ingest(library, [Path({papers!r})])))
"""


def test_the_script_runs_once(tmp_path: Path) -> None:
    """Small files in the pool and large ones in a process of their own: all are read, and the script prints
    one report.
    """
    papers = tmp_path / "papers"
    papers.mkdir()
    for number in range(6):
        (papers / f"{number}.ris").write_text(
            f"TY  - JOUR\nTI  - A paper with the number {number}\nAB  - It says {number}.\nER  - \n"
        )
    for limit in (32_000_000, 1):
        script = tmp_path / "script.py"
        script.write_text(
            SCRIPT.format(folder=str(tmp_path / f"library{limit}"), papers=str(papers), limit=limit)
        )
        done = subprocess.run(
            [sys.executable, str(script)],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        (line,) = done.stdout.splitlines()
        report = json.loads(line)
        assert (report["documents"], report["quarantined"]) == (6, [])
