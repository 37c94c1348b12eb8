"""Two lists that number their records alike lose nothing to each other, keep their ids at every reading, and
do not multiply.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ingest.run import ingest
from kgrag.library import Library
from kgrag.settings import Settings


def written(path: Path, *titles: str) -> Path:
    """A BEIR corpus with records 0, 1, …; every writing is newer than the one before."""
    before = path.stat().st_mtime if path.exists() else 0
    path.write_text(
        "".join(
            json.dumps({"_id": str(n), "title": title, "text": f"{title} is what this text is about."}) + "\n"
            for n, title in enumerate(titles)
        )
    )
    os.utime(path, (before + 10, before + 10))
    return path


def test_lists_with_the_same_numbers(tmp_path: Path) -> None:
    """The first keeps its ids; the second's are marked; a changed file changes its own; a copy of a file is
    known.
    """
    one, two = (
        written(tmp_path / "one.jsonl", "Curlews of the northern coast", "Windmills in autumn"),
        written(tmp_path / "two.jsonl", "Libraries of Prague", "Paper and its makers"),
    )
    with Library(
        Settings(library=tmp_path / "library", embedder="hash", extractors=()), create=True
    ) as library:

        def held() -> dict[str, str]:
            return {document.id: document.title for document in library.catalogue.documents()}

        ingest(library, [one])
        before = held()
        assert before == {"local:0": "Curlews of the northern coast", "local:1": "Windmills in autumn"}
        ingest(library, [two])
        assert {name: title for name, title in held().items() if name in before} == before
        assert len(held()) == 4
        marked = {title: name for name, title in held().items()}
        assert marked["Libraries of Prague"].startswith("local:0~")
        assert library.catalogue.passages_of(marked["Libraries of Prague"])[0].id.startswith(
            marked["Libraries of Prague"] + "#"
        )
        written(two, "Libraries of Prague and Brno", "Paper and its makers")
        ingest(library, [two])
        assert held()[marked["Libraries of Prague"]] == "Libraries of Prague and Brno"
        assert len(held()) == 4
        (tmp_path / "copy.jsonl").write_text(two.read_text())
        ingest(library, [tmp_path / "copy.jsonl"])
        assert len(held()) == 4
        for name in before:
            library.catalogue.delete(name)
        written(two, "Libraries of Prague, once more", "Paper and its makers")
        ingest(library, [two])
        assert sorted(held().values()) == ["Libraries of Prague, once more", "Paper and its makers"]
