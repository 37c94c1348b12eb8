"""Values of JSON as texts and lists, whatever form a service gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Work = Mapping[str, Any]


def as_list(value: Any) -> list[Any]:
    """The value as a list; none for null."""
    return [] if value is None else value if isinstance(value, list) else [value]


def as_text(value: Any) -> str | None:
    """The first text of a value that may be a list."""
    found = next(
        (one for one in as_list(value) if isinstance(one, (str, int, float)) and str(one).strip()), None
    )
    return None if found is None else str(found)


def rest(item: Work, known: frozenset[str]) -> dict[str, str]:
    """The plain values under keys that are not read otherwise."""
    return {
        key: str(value)
        for key, value in item.items()
        if key not in known and isinstance(value, (str, int, float))
    }
