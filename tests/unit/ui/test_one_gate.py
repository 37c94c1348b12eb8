"""Whatever looks into a library for a person goes through what they may see, and every CSV through one
writer: read from the code itself, so that a new page cannot forget it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STORES = ("graph", "catalogue", "vectors", "words", "sentences")
GATES = (
    "filters(",
    "filters: Filters",
    ".hidden",
    ".rights.",
    ".sees(",
    "require",
    "service.answer(",
    "theirs.answer(",
    ".records",
)
"""What holds back what a person may not see, as it stands in code."""
BARE = {
    ("ui/pages/ranking.py", "_picks"): "counts of rankings, by answers that the person sees",
    ("ui/pages/ranking.py", "_models"): "figures of all rankings, no text",
    ("ui/api/routes.py", "answers"): "the scope admin, whose holder sees all",
    ("ui/service/library.py", "union"): "of a document that ``paper`` has looked for by the gate",
    ("ui/service/service.py", "__init__"): "opens it",
    ("ui/service/service.py", "close"): "closes it",
    ("ui/service/service.py", "_remember_sentences"): "for nobody: vectors made in idle time",
    ("ui/service/service.py", "retracted_since"): "of an answer that the person was given",
    ("ui/service/service.py", "passages"): "of an answer that the person was given",
    ("ui/service/batches.py", "__init__"): "jobs, not documents",
    ("ui/service/sources.py", "_reading"): "how many files of a job are done, no name",
    ("ui/service/health.py", "waiting_for"): "whether each part answers, nothing of what it holds",
    ("ui/service/answerers.py", "_answered"): "given the filters by whoever asks",
}


def functions(folder: str) -> Iterator[tuple[str, ast.FunctionDef, str]]:
    """Every function of a folder with its file and its source."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        text = path.read_text("utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                yield str(path.relative_to(ROOT)), node, ast.get_source_segment(text, node) or ""


def looks_in(node: ast.AST) -> bool:
    """Whether something like ``….library.catalogue`` stands in it."""
    return any(
        isinstance(each, ast.Attribute)
        and each.attr in STORES
        and (
            (isinstance(each.value, ast.Attribute) and each.value.attr == "library")
            or (isinstance(each.value, ast.Name) and each.value.id == "library")
        )
        for each in ast.walk(node)
    )


@pytest.mark.parametrize("folder", ["ui/pages", "ui/api", "ui/service"])
def test_what_people_see_goes_through_the_gate(folder: str) -> None:
    """A function that looks into the library holds a gate, or stands above with its reason."""
    bare = [
        (file, node.name)
        for file, node, source in functions(folder)
        if looks_in(node) and not any(gate in source for gate in GATES) and (file, node.name) not in BARE
    ]
    assert bare == []


def test_one_writer_of_csv() -> None:
    """Nobody else writes one, so no cell is a formula."""
    writers = [
        str(path.relative_to(ROOT))
        for folder in ("kgrag", "ui", "ingest", "graph")
        for path in (ROOT / folder).rglob("*.py")
        if "csv.writer" in (text := path.read_text("utf-8")) or "csv.DictWriter" in text
    ]
    assert writers == ["kgrag/render/csv_text.py"]


def test_one_opener_of_addresses() -> None:
    """What a vocabulary or a harvest names is opened by one function; the others speak to one server each
    that the settings name.
    """
    words = ("urlopen", "build_opener", "httpx.get", "requests.get")
    openers = sorted(
        str(path.relative_to(ROOT))
        for folder in ("kgrag", "ui", "ingest", "graph")
        for path in (ROOT / folder).rglob("*.py")
        if any(word in path.read_text("utf-8") for word in words)
    )
    assert openers == ["ui/door/oidc.py"]
