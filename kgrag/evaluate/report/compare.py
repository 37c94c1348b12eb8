"""Two evaluations side by side: each figure's change, and item by item what became right and what became
wrong.

Knows the object that ``kgrag.evaluate.report`` makes. Items are compared only where both read the same data
(equal digests); figures always, with a note where the data differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KINDS_OF_DATA = ("claims", "preferences", "qa", "retrieval", "library")


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the old evaluation to the new one.

    Returns:
        ``versions``: name to (old, new) of those that differ; ``parts``: for each part of both, ``kind``,
            ``name``, ``same_data``, ``figures`` (name to old, new,
        change), and ``better`` and ``worse``: the items wrong in one of them only (None where the data
        differ).
    """
    names = dict.fromkeys((*old["versions"], *new["versions"]))
    changed = {
        name: (old["versions"].get(name), new["versions"].get(name))
        for name in names
        if old["versions"].get(name) != new["versions"].get(name)
    }
    parts = [
        _part(kind, before, part)
        for kind in KINDS_OF_DATA
        for part in new.get(kind, ())
        for before in old.get(kind, ())
        if before["name"] == part["name"]
    ]
    return {"from": old["created"], "to": new["created"], "versions": changed, "parts": parts}


def as_text(found: Mapping[str, Any]) -> str:
    """The differences as lines for a terminal."""
    lines = [
        f"compared with {found['from']}",
        *(f"  {name}: {before} -> {after}" for name, (before, after) in found["versions"].items()),
    ]
    for part in found["parts"]:
        lines.append(
            f"{part['kind']} {part['name']}"
            + ("" if part["same_data"] else " (other data: items are not compared)")
        )
        lines += [
            f"  {name}: {_number(row['old'])} -> {_number(row['new'])}"
            for name, row in part["figures"].items()
            if row["old"] != row["new"]
        ]
        for word in ("better", "worse"):
            lines += [
                f"  {word}: [{item['kind']}] {item.get('claim') or item.get('question')}"
                for item in part[word] or ()
            ]
    return "\n".join(lines)


def _part(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    before, after = _items(old), _items(new)
    same = old["sha256"] == new["sha256"] or kind == "library"  # people's verdicts grow; a claim keeps its id
    return {
        "kind": kind,
        "name": new["name"],
        "same_data": same,
        "figures": {name: _change(old["figures"].get(name), value) for name, value in new["figures"].items()},
        "better": [item for name, item in before.items() if name not in after] if same else None,
        "worse": [item for name, item in after.items() if name not in before] if same else None,
    }


def _items(part: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {item["id"]: item for item in (*part.get("wrong", ()), *part.get("missed", ()))}


def _change(old: Any, new: Any) -> dict[str, Any]:
    return {
        "old": old,
        "new": new,
        "change": new - old if isinstance(old, int | float) and isinstance(new, int | float) else None,
    }


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else "–"
