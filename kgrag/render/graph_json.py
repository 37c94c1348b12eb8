"""Concepts, statements and the paths between concepts as JSON and as a line of text.

Knows the values of ``kgrag.holdings``; opens nothing.
"""

from __future__ import annotations

from typing import Any, Protocol

from kgrag.language.predicates import reading

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


def fact_as_json(fact: Any) -> dict[str, Any]:
    """What a paper as a whole does, as ``kgrag graph facts`` prints it."""
    return {
        "document_id": fact.document_id,
        "type": fact.type,
        "target": {"id": fact.target.id, "name": fact.target.name, "kind": fact.kind},
        "sentence": fact.sentence,
        "section": fact.section,
        "passage_id": fact.passage_id,
        "span": list(fact.span),
        "score": fact.score,
    }


def fact_as_text(fact: Any) -> str:
    """A fact as a line with its quote; a finding is its own quote."""
    what = fact.type.lower().replace("_", " ")
    if fact.target.kind == "KnowledgeObject":
        return f"{fact.document_id} – {what}\n    “{fact.sentence}”"
    return f"{fact.document_id} – {what} – {fact.target.name} ({fact.kind})\n    “{fact.sentence}”"


def conflict_as_json(conflict: Any) -> dict[str, Any]:
    """Two statements that contradict each other, and why."""
    return {
        "why": conflict.why,
        "one": statement_as_json(conflict.one),
        "other": statement_as_json(conflict.other),
    }


def conflict_as_text(conflict: Any) -> str:
    """Two statements that contradict each other, a line and a quote each."""
    return f"{statement_as_text(conflict.one)}\n  against\n{statement_as_text(conflict.other)}"


def relation_as_json(relation: Any) -> dict[str, Any]:
    """One relation of a concept, with the documents on each side."""
    return {
        "predicate": relation.predicate,
        "reads": reading(relation.predicate, relation.inverse),
        "inverse": relation.inverse,
        "other": end_as_json(relation.other),
        **{side: relation.documents(side) for side in ("for", "against", "mixed", "asked")},
        "since": relation.since,
        "until": relation.until,
        "statements": [
            {**statement_as_json(said), "year": said.year, "title": said.title, "retracted": said.retracted}
            for said in (*relation.supporting, *relation.against, *relation.asked)
        ],
    }


def dossier_as_json(dossier: Any) -> dict[str, Any]:
    """All that is said of a concept, as ``kgrag graph said`` prints it."""
    return {
        "concept": concept_as_json(dossier.concept),
        "relations": [relation_as_json(relation) for relation in dossier.relations],
        "facts": [fact_as_json(fact) for fact in dossier.facts],
        "conflicts": [conflict_as_json(conflict) for conflict in dossier.conflicts],
    }


def relation_as_text(relation: Any) -> str:
    """A relation with the number of documents on each side, its years, and the best quote of each side."""
    counts = ", ".join(
        f"{len(documents)} {side}"
        for side in ("for", "against", "mixed", "asked")
        if (documents := relation.documents(side))
    )
    years = f", {relation.since}–{relation.until}" if relation.since else ""
    quotes = [some[0] for some in (relation.supporting, relation.against) if some]
    told = "".join(f"\n    “{said.sentence}” {said.document_id}" for said in quotes)
    return f"{reading(relation.predicate, relation.inverse)} {relation.other.name}  ({counts}{years}){told}"
