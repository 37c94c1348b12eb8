"""The doctor sees a whole library as whole, names what is missing, and mends it by rebuilding."""

from __future__ import annotations

from kgrag.library import Library
from kgrag.testing import random_parcel
from kgrag.upkeep.doctor import examine


def test_a_whole_library_is_whole(small_library: Library) -> None:
    """Nothing is wrong with a fresh library."""
    wrong = [
        f for f in examine(small_library) if not f.ok and f.what not in ("disk", "faiss", "package names")
    ]
    assert wrong == []


def test_what_is_behind_is_named_and_mended(small_library: Library) -> None:
    """A follower that is behind is named with the command; repair brings it to the head."""
    small_library.catalogue.put(random_parcel(99))
    behind = {f.what: f.detail for f in examine(small_library) if not f.ok}
    assert {"vectors", "words", "graph"} <= set(behind)
    assert "kgrag rebuild vectors" in behind["vectors"]
    assert {f.what for f in examine(small_library, repair=True) if not f.ok} <= {
        "disk",
        "faiss",
        "package names",
    }
