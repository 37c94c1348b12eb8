"""Writes the answer as the JSON object of the design (section 5), and its JSON Schema.

Knows the contract's names. Formats for researchers are in ``kgrag.export``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast, get_args

from kgrag.render.kept_fields import kept_fields, name_to_json
from kgrag.render.openurl import link_for
from kgrag.types import (
    Answer,
    Candidate,
    Chain,
    Claim,
    Conclusion,
    Document,
    Evidence,
    Hit,
    Modality,
    Section,
    SentenceRole,
    Table,
    Understood,
    Voice,
)
from kgrag.types.answer_json import (
    AnswerJson,
    CandidateJson,
    ClaimJson,
    DocumentJson,
    EdgeJson,
    EvidenceJson,
    HitJson,
    NoticeJson,
    SectionJson,
    StepJson,
    TableJson,
    TraceJson,
    UnderstoodJson,
    VerdictJson,
)


def answer_to_json(answer: Answer) -> AnswerJson:
    """The object that ``kgrag ask --json`` prints and the catalogue stores."""
    head: dict[str, Any] = {
        "id": answer.id,
        "question": answer.question,
        "language": answer.language,
        "status": answer.status,
        "reason": answer.reason,
        "text": answer.text,
        **({"verdict": _verdict(answer.verdict)} if answer.verdict else {}),
        **({"record": [asdict(fact) for fact in answer.record]} if answer.record else {}),
        **({"table": _table(answer.table)} if answer.table else {}),
        **({"missing": list(answer.missing)} if answer.missing else {}),
        **({"sections": [_section(part) for part in answer.sections]} if answer.sections else {}),
    }
    body = {
        "claims": [_claim(claim) for claim in answer.claims],
        "withheld": [{"text": text, "reason": reason} for text, reason in answer.withheld],
        "documents": [document_to_json(document) for document in answer.documents],
        "candidates": [_candidate(candidate) for candidate in answer.candidates],
        "models": dict(answer.models),
        "trace": _trace(answer),
    }
    return cast(AnswerJson, head | body)  # what is optional stands where the contract has it


def _candidate(candidate: Candidate) -> CandidateJson:
    return {
        "text": candidate.text,
        "reward": round(candidate.reward, 6),
        "supported": round(candidate.supported, 6),
        "chosen": candidate.chosen,
        "maker": candidate.maker,
        "features": {name: round(value, 6) for name, value in sorted(candidate.features.items())},
    }


def _trace(answer: Answer) -> TraceJson:
    """How the answer came about."""
    trace: TraceJson = {
        "timings_ms": {name: round(value, 1) for name, value in answer.timings_ms.items()},
        "retrieved": [_hit(hit) for hit in answer.retrieved],
        "search": answer.search,
    }
    if answer.sight:
        trace["sight"] = answer.sight
    trace["understood"] = _understood(answer.understood) if answer.understood else None
    if answer.cost:
        cost = answer.cost
        trace["model"] = {
            "requests": cost.requests,
            "prompt_tokens": cost.prompt_tokens,
            "reply_tokens": cost.reply_tokens,
        }
    return trace


def _understood(understood: Understood) -> UnderstoodJson:
    return {
        "text": understood.text,
        "repairs": [list(repair) for repair in understood.repairs],
        "entities": [{"id": entity.id, "name": entity.name} for entity in understood.entities],
    }


def document_to_json(document: Document, *, full: bool = False) -> DocumentJson:
    """A bibliographic record; ``full`` adds abstract, keywords, references and text."""
    record = document.record
    plain: DocumentJson = {
        "id": document.id,
        "title": record.title,
        "authors": [name_to_json(author) for author in record.authors],
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
    plain.update(cast(DocumentJson, kept_fields(record)))
    if document.notices:
        plain["notices"] = _notices(document)
    if full:
        plain["abstract"] = record.abstract
        plain["keywords"] = list(record.keywords)
        plain["headings"] = list(record.headings)
        plain["references"] = [
            {"text": r.text, "identifiers": dict(r.identifiers)} for r in record.references
        ]
        plain["text"] = document.text
        plain["corrections"] = {
            name.removeprefix("corrected:"): told
            for name, told in record.extra.items()
            if name.startswith("corrected:")
        }
        plain["warnings"] = [record.extra["warnings"]] if record.extra.get("warnings") else []
    return plain


def _notices(document: Document) -> list[NoticeJson]:
    return [{"kind": kind, "text": text} for kind, text in document.notices]


def hit_to_json(hit: Hit, *, pattern: str = "") -> dict[str, Any]:
    """A search result, with a link to the full text elsewhere where there is an OpenURL pattern."""
    plain = _hit(hit)
    plain["text"] = hit.passage.text
    plain["title"] = hit.document.title
    plain["year"] = hit.document.year
    plain["section"] = " / ".join(hit.passage.section)
    plain["page"] = hit.passage.page
    plain["retracted"] = hit.document.retracted is not None
    if hit.document.notices:
        plain["notices"] = _notices(hit.document)
    if link := link_for(hit.document.record, pattern):
        plain["link"] = link
    return cast("dict[str, Any]", plain)


def _hit(hit: Hit) -> HitJson:
    """A search result of which only the place in the ranking matters."""
    return {
        "passage_id": hit.passage.id,
        "document_id": hit.document.id,
        "score": round(hit.score, 6),
        "channels": {name: round(value, 6) for name, value in sorted(hit.channels.items())},
    }


def _verdict(verdict: Conclusion) -> VerdictJson:
    return {
        "label": verdict.label,
        "probability": round(verdict.probability, 4),
        "claims": list(verdict.claims),
    }


def _section(section: Section) -> SectionJson:
    return {"heading": section.heading, "claims": list(section.claims)}


def _claim(claim: Claim) -> ClaimJson:
    verdict = claim.verdict
    plain: ClaimJson = {
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
    }
    if claim.statements:
        plain["statements"] = [{"id": name, "relation": relation} for name, relation in claim.statements]
    if claim.sense:
        plain |= {
            "role": claim.sense.role,
            "voice": claim.sense.voice,
            "modality": claim.sense.modality,
        }
    if claim.contradicted_by:
        plain["contradicted_by"] = [_evidence(evidence) for evidence in claim.contradicted_by]
    return plain


def _evidence(evidence: Evidence) -> EvidenceJson:
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


def _table(table: Table) -> TableJson:
    return {
        "columns": list(table.columns),
        "rows": [
            [{"text": cell.text, "evidence": [_evidence(item) for item in cell.evidence]} for cell in row]
            for row in table.rows
        ],
    }


def path_to_json(chain: Chain) -> list[StepJson]:
    """Nodes in order, each with the edge that leads on from it (None at the end)."""
    edges: list[EdgeJson] = [{"type": edge.type, "statement_id": edge.statement_id} for edge in chain.edges]
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
        "role": {"enum": [*get_args(SentenceRole), None]},
        "voice": {"enum": list(get_args(Voice))},
        "modality": {"enum": list(get_args(Modality))},
    }
    cell = _object({"text": string, "evidence": _array(evidence)})
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
            "label": {"enum": ["yes", "no", "mixed", "unclear", "maybe"]},
            "probability": number,
            "claims": {"type": "array", "items": string, "minItems": 1},
        }
    )
    schema["properties"]["missing"] = _array(string, 1)
    schema["properties"]["sections"] = _array(_object({"heading": string, "claims": _array(string, 1)}), 1)
    schema["properties"]["table"] = _object({"columns": _array(string), "rows": _array(_array(cell))})
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
