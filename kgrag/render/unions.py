"""Writes what was united as text, from its JSON (``ingest.works.unions``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def union_as_text(union: Mapping[str, Any]) -> str:
    """A union as people read it: its sources, and the fields in which they differ."""
    lines = [f"{union['document']}\t{union['title']}"]
    lines += [
        f"\t{each['number']}. {each['path']}#{each['record']} ({each['reader']}) {each['reason']}"
        for each in union["sources"]
    ]
    lines += [
        f"\t{field['field']}: {written(field['value'])} (from {field['from']})"
        + "".join(f"; {written(other['value'])} (from {other['from']})" for other in field["others"])
        for field in union["fields"]
        if field["others"]
    ]
    return "\n".join(lines)


def written(value: Any) -> str:
    """A field's value as people read it."""
    if isinstance(value, list):
        return ", ".join(" ".join(author.values()) for author in value)
    return str(value)
