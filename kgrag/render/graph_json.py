"""Concepts, statements and the paths between concepts as JSON and as a line of text.

Knows the values of ``kgrag.holdings``; opens nothing.
"""

from __future__ import annotations

from typing import Any, Protocol

READS = {"negative": "not ", "positive": ""}


class _Concept(Protocol):
    id: str
    name: str
    kind: str


def end_as_json(concept: _Concept) -> dict[str, str]:
    """An end of a statement."""
    return {"id": concept.id, "name": concept.name, "kind": concept.kind}


def concept_as_json(concept: Any) -> dict[str, Any]:
    """A concept as ``kgrag graph concepts`` prints it."""
    return {
        **end_as_json(concept),
        "aliases": list(concept.aliases),
        "authority": concept.authority,
        "documents": concept.documents,
        "mentions": concept.mentions,
    }


def statement_as_json(said: Any) -> dict[str, Any]:
    """A statement as ``kgrag graph statements`` prints it."""
    return {
        "id": said.id,
        "subject": end_as_json(said.subject),
        "predicate": said.predicate,
        "object": end_as_json(said.object),
        "polarity": said.polarity,
        "modality": said.modality,
        "quantity": said.quantity,
        "context": said.context,
        "section": said.section,
        "sentence": said.sentence,
        "document_id": said.document_id,
        "score": said.score,
    }


def statement_as_text(said: Any) -> str:
    """A statement as a line: what is said, how, and by which document."""
    how = "" if said.modality == "asserted" else f" ({said.modality})"
    what = READS[said.polarity] + said.predicate.replace("_", " ")
    return f"{said.subject.name} – {what} – {said.object.name}{how}\n    “{said.sentence}” {said.document_id}"


def connection_as_json(path: Any) -> dict[str, Any]:
    """A path as ``kgrag graph paths`` prints it."""
    return {
        "kind": path.kind,
        "score": path.score,
        "nodes": [{"id": node.id, "name": node.name, "kind": node.kind} for node in path.nodes],
        "edges": [
            {
                "type": step.type,
                "source": step.source,
                "target": step.target,
                "predicate": step.predicate,
                "polarity": step.polarity,
                "modality": step.modality,
                "statement_id": step.statement_id,
                "document_id": step.document_id,
                "sentence": step.sentence,
            }
            for step in path.steps
        ],
    }


def connection_as_text(path: Any) -> str:
    """A path as lines: its nodes, then what is quoted for each step."""
    names = " → ".join(node.name for node in path.nodes)
    quotes = "".join(f"\n    “{step.sentence}” {step.document_id}" for step in path.steps if step.sentence)
    return f"{names}  ({path.kind}){quotes}"
