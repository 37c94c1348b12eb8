"""Writes a deep search as JSON and as text.

Pure: takes values, returns plain ones.
"""

from __future__ import annotations

from typing import Any

from kgrag.ask.deep.rounds import DeepSearch, Done

_WHY = {
    "nothing new": "two rounds brought nothing new",
    "budget": "all steps are used",
    "stopped": "stopped",
}


def done_to_json(done: Done) -> dict[str, Any]:
    """A step that was run."""
    return {
        "tool": done.step.tool,
        "arguments": dict(done.step.arguments),
        "documents": list(done.documents),
        "new": list(done.new),
        "round": done.round,
        "ms": round(done.milliseconds, 1),
    }


def deep_to_json(found: DeepSearch) -> dict[str, Any]:
    """The object that ``kgrag deep --json`` prints; ``--replay`` reads its steps."""
    return {
        "question": found.question,
        "found": [
            {
                "document_id": item.document.id,
                "title": item.document.record.title,
                "chance": round(item.chance, 4),
                "passage_id": quote.passage.id,
                "span": [quote.start, quote.end],
                "quote": quote.quote,
            }
            for item, quote in found.quoted
        ],
        "steps": [done_to_json(done) for done in found.steps],
        "missing": found.missing,
        "ended": found.ended,
        "llm_tokens": 0,
    }


def done_as_text(done: Done) -> str:
    """One line of a step: its round, tool, first argument, and what it gave."""
    asked = str(next(iter(done.step.arguments.values()), ""))
    asked = asked if len(asked) <= 60 else f"{asked[:57]}…"
    return f"{done.round} {done.step.tool} “{asked}”: {len(done.documents)} documents, {len(done.new)} new"


def deep_as_text(found: DeepSearch) -> str:
    """What was found, as one reads it in a terminal."""
    lines = []
    for number, (item, quote) in enumerate(found.quoted, start=1):
        lines += [f"[{number}] {item.document.record.title or item.document.id}", f"    “{quote.quote}”"]
    told = "nothing tells how many are missing"
    if found.missing is not None:
        told = f"about {found.missing:g} more are likely not found"
    ended = f"{len(found.found)} documents in {len(found.steps)} steps ({_WHY[found.ended]}); {told}"
    return "\n".join([*lines, "", ended])
