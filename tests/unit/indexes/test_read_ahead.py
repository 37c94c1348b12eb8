"""Index files are read once from end to end, and a closing service is not held up by it."""

from __future__ import annotations

from pathlib import Path

from kgrag.indexes.read_ahead import read_ahead


def test_the_files_of_all_indexes_are_read_and_nothing_else(tmp_path: Path) -> None:
    """Snapshots of vectors, graph, words and the catalogue; not the store that only rebuilding reads."""
    for name, size in (
        ("vectors/nearest-1.faiss", 10),
        ("graph/seq-1/walk/rows.npy", 20),
        ("words/one.store", 30),
        ("vectors/vectors.sqlite", 40),
        ("catalogue.sqlite", 50),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    assert read_ahead(tmp_path) == 110
    assert read_ahead(tmp_path, lambda: False) == 0
