"""Writes the answer as the JSON object of the design (section 5), and its JSON Schema.

Knows the contract's names. Formats for researchers are in ``kgrag.export``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kgrag.render.openurl import link_for
from kgrag.types import Answer, Chain, Claim, Conclusion, Document, Evidence, Hit


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """The object that ``kgrag ask --json`` prints and the catalogue stores."""
    return {
        "id": answer.id,
        "question": answer.question,
        "language": answer.language,
        "status": answer.status,
        "reason": answer.reason,
        "text": answer.text,
        **({"verdict": _verdict(answer.verdict)} if answer.verdict else {}),
        **({"record": [asdict(fact) for fact in answer.record]} if answer.record else {}),
        "claims": [_claim(claim) for claim in answer.claims],
        "withheld": [{"text": text, "reason": reason} for text, reason in answer.withheld],
        "documents": [document_to_json(document) for document in answer.documents],
        "candidates": [
            {
                "text": c.text,
                "reward": round(c.reward, 6),
                "supported": round(c.supported, 6),
                "chosen": c.chosen,
                "maker": c.maker,
                "features": {name: round(value, 6) for name, value in sorted(c.features.items())},
            }
            for c in answer.candidates
        ],
        "models": dict(answer.models),
        "trace": {
            "timings_ms": {name: round(value, 1) for name, value in answer.timings_ms.items()},
            "retrieved": [hit_to_json(hit, text=False) for hit in answer.retrieved],
            "search": answer.search,
            **({"sight": answer.sight} if answer.sight else {}),
            "understood": (
                None
                if answer.understood is None
                else {
                    "text": answer.understood.text,
                    "repairs": [list(repair) for repair in answer.understood.repairs],
                    "entities": [{"id": e.id, "name": e.name} for e in answer.understood.entities],
                }
            ),
        },
    }


def document_to_json(document: Document, *, full: bool = False) -> dict[str, Any]:
    """A bibliographic record; ``full`` adds abstract, keywords, references and text."""
    record = document.record
    authors = [
        {
            key: value
            for key, value in (
                ("family", a.family),
                ("given", a.given),
                ("literal", a.literal),
                ("orcid", a.orcid),
                ("affiliation", a.affiliation),
            )
            if value or key in ("family", "given")
        }
        for a in record.authors
    ]
    plain: dict[str, Any] = {
        "id": document.id,
        "title": record.title,
        "authors": authors,
        "year": record.year,
        "venue": record.venue,
        "volume": record.volume,
        "issue": record.issue,
        "pages": record.pages,
        "publisher": record.publisher,
        "identifiers": dict(record.identifiers),
        "language": document.language,
        "kind": record.kind,
        "licence": record.licence,
        "retracted": document.retracted is not None,
        "retraction": document.retracted,
        "source": {
            "path": record.source.path,
            "sha256": record.source.sha256,
            "reader": record.source.reader,
            "record_number": record.source.record_number,
        },
    }
    if document.notices:
        plain["notices"] = [{"kind": kind, "text": text} for kind, text in document.notices]
    if full:
        plain |= {
            "abstract": record.abstract,
            "keywords": list(record.keywords),
            "headings": list(record.headings),
            "references": [{"text": r.text, "identifiers": dict(r.identifiers)} for r in record.references],
            "text": document.text,
            "warnings": [record.extra["warnings"]] if record.extra.get("warnings") else [],
        }
    return plain


def hit_to_json(hit: Hit, *, text: bool = True, pattern: str = "") -> dict[str, Any]:
    """A search result; without its text where only its place in the ranking matters, with a link to the full
    text elsewhere where there is an OpenURL pattern.
    """
    plain: dict[str, Any] = {
        "passage_id": hit.passage.id,
        "document_id": hit.document.id,
        "score": round(hit.score, 6),
        "channels": {name: round(value, 6) for name, value in sorted(hit.channels.items())},
    }
    if text:
        plain |= {
            "text": hit.passage.text,
            "title": hit.document.title,
            "year": hit.document.year,
            "section": " / ".join(hit.passage.section),
            "page": hit.passage.page,
            "retracted": hit.document.retracted is not None,
        }
        if hit.document.notices:
            plain["notices"] = [{"kind": kind, "text": told} for kind, told in hit.document.notices]
        if link := link_for(hit.document.record, pattern):
            plain["link"] = link
    return plain


def _verdict(verdict: Conclusion) -> dict[str, Any]:
    return {
        "label": verdict.label,
        "probability": round(verdict.probability, 4),
        "claims": list(verdict.claims),
    }


def _claim(claim: Claim) -> dict[str, Any]:
    verdict = claim.verdict
    aligned: dict[str, Any] = (
        {"statements": [{"id": name, "relation": relation} for name, relation in claim.statements]}
        if claim.statements
        else {}
    )
    if claim.contradicted_by:
        aligned["contradicted_by"] = [_evidence(evidence) for evidence in claim.contradicted_by]
    return {
        "id": claim.id,
        "text": claim.text,
        "span": [claim.start, claim.end],
        "support": {
            "label": verdict.label,
            "score": round(verdict.score, 6),
            "threshold": round(claim.threshold, 6),
            "alpha": claim.alpha,
        },
        "evidence": [_evidence(evidence) for evidence in claim.evidence],
        "path": path_to_json(claim.chain),
        **aligned,
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    passage = evidence.passage
    touched = [s for s in passage.sentences if s.start < evidence.end and evidence.start < s.end]
    page = touched[0].page if touched else None
    return {
        "passage_id": passage.id,
        "document_id": evidence.document.id,
        "section": " / ".join(passage.section) or None,
        "page": page,
        "boxes": [list(box) for s in touched if s.page == page for box in s.boxes],
        "span": [evidence.start, evidence.end],
        "quote": evidence.quote,
        "score": round(evidence.score, 6),
    }


def path_to_json(chain: Chain) -> list[dict[str, Any]]:
    """Nodes in order, each with the edge that leads on from it (None at the end)."""
    edges = [{"type": edge.type, "statement_id": edge.statement_id} for edge in chain.edges]
    return [
        {"node": {"id": node.id, "name": node.name, "kind": node.kind}, "edge": edge}
        for node, edge in zip(chain.nodes, [*edges, None], strict=False)
    ]


def answer_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the answer."""
    string, number, null = {"type": "string"}, {"type": "number"}, {"type": "null"}
    span = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
    maybe = {"type": ["string", "null"]}
    node = _object({"id": string, "name": string, "kind": string})
    edge = {"anyOf": [null, _object({"type": string, "statement_id": maybe})]}
    evidence = _object(
        {
            "passage_id": string,
            "document_id": string,
            "section": maybe,
            "page": {"type": ["integer", "null"]},
            "boxes": {
                "type": "array",
                "items": {"type": "array", "items": number, "minItems": 4, "maxItems": 4},
            },
            "span": span,
            "quote": string,
            "score": number,
        }
    )
    support = _object(
        {
            "label": {"enum": ["supported", "unsupported", "contradicted"]},
            "score": number,
            "threshold": number,
            "alpha": number,
        }
    )
    claim = _object(
        {
            "id": string,
            "text": string,
            "span": span,
            "support": support,
            "evidence": _array(evidence, 1),
            "path": _array(_object({"node": node, "edge": edge})),
        }
    )
    claim["properties"] |= {
        "statements": _array(
            _object({"id": string, "relation": {"enum": ["agrees", "conflicts", "unknown"]}}), 1
        ),
        "contradicted_by": _array(evidence, 1),
    }
    candidate = _object(
        {"text": string, "reward": number, "supported": number, "chosen": {"type": "boolean"}}
    )
    schema = _object(
        {
            "id": string,
            "question": string,
            "language": string,
            "status": {"enum": ["answered", "partial", "abstained"]},
            "reason": maybe,
            "text": string,
            "claims": _array(claim),
            "withheld": _array(_object({"text": string, "reason": string})),
            "documents": _array(_object({"id": string, "retracted": {"type": "boolean"}})),
            "candidates": _array(candidate),
            "models": {"type": "object", "additionalProperties": string},
            "trace": _object(
                {
                    "timings_ms": {"type": "object", "additionalProperties": number},
                    "retrieved": _array({"type": "object"}),
                }
            ),
        }
    )
    schema["properties"]["verdict"] = _object(
        {
            "label": {"enum": ["yes", "no", "maybe"]},
            "probability": number,
            "claims": {"type": "array", "items": string, "minItems": 1},
        }
    )
    schema["properties"]["record"] = _array(
        _object(
            {
                "document_id": string,
                "title": string,
                "field": {"enum": ["authors", "year", "venue", "doi", "work"]},
                "value": string,
                "retracted": {"type": "boolean"},
            }
        ),
        1,
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "kgrag answer", **schema}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _array(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least}
