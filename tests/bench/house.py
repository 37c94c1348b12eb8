"""Figures of the house itself: long lines, long modules, lengths of functions, the fullest folder.

Run: ``python -m tests.bench.house``. Prints one JSON object; asserts nothing. Lines under a folder
``data`` (word lists, grammars, samples), of tables and code blocks in documents, and of the lock file are
data.
"""

from __future__ import annotations

import ast
import json
import statistics
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LONGEST_LINE, LONGEST_MODULE, LONG_FUNCTION = 110, 400, 40
PACKAGES = ("kgrag", "ingest", "graph", "ui", "tests")
CODE = (".py", ".html", ".css", ".js", ".toml", ".yaml", ".sh")


def main() -> None:
    """The figures of the checkout that is the current folder."""
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    files = [Path(name) for name in listed if name and not name.startswith("tests/data/")]
    modules = [file for file in files if file.suffix == ".py"]
    folders = Counter(str(file.parent) for file in modules)
    written = [file for file in files if "data" not in file.parts]
    figures = {
        "lines_over_110": sum(1 for file in written for line in _lines(file) if len(line) > LONGEST_LINE),
        "modules": len(modules),
        "modules_over_400": [str(file) for file in modules if len(_text(file)) > LONGEST_MODULE],
        "fullest_folder": folders.most_common(1)[0],
        "functions": {name: _lengths(modules, name) for name in PACKAGES},
    }
    print(json.dumps(figures, indent=1))


def _text(file: Path) -> list[str]:
    return file.read_text("utf-8").split("\n")


def _lines(file: Path) -> Iterator[str]:
    """The lines that are neither data nor, in a document, a table or a block of code."""
    if file.suffix in CODE or file.name == "Makefile":
        yield from _text(file)
    elif file.suffix == ".md":
        quoted = False
        for line in _text(file):
            quoted ^= line.lstrip().startswith("```")
            if not quoted and not line.lstrip().startswith("|"):
                yield line


def _lengths(modules: list[Path], package: str) -> dict[str, Any]:
    """Number of functions, and the median, 95th percentile and maximum of their lines."""
    found = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for file in modules
        if file.parts[0] == package
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {
        "n": len(found),
        "median": statistics.median(found),
        "p95": found[int(0.95 * len(found))],
        "max": found[-1],
        "over_40": sum(length > LONG_FUNCTION for length in found),
    }


if __name__ == "__main__":
    main()
