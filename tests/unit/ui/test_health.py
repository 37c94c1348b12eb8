"""Whether a service says that it can answer, and what it waits for."""

from __future__ import annotations

import pytest

from kgrag.errors import ServiceUnavailable
from kgrag.library import Library
from ui.service.health import waiting_for


def test_a_part_that_does_not_answer_is_named(
    small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no more is said of it; the others are asked all the same."""
    assert waiting_for(small_library) == []

    def away() -> int:
        raise ServiceUnavailable("http://secret.example does not answer")

    monkeypatch.setattr(small_library.words, "applied_seq", away)
    assert waiting_for(small_library) == ["words"]
    monkeypatch.setattr(small_library.catalogue, "head", away)
    assert waiting_for(small_library) == ["catalogue", "words"]
