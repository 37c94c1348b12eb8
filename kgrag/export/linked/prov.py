"""Writes an answer's provenance in W3C PROV-O (who made what from which words), as JSON-LD (no packages
needed) and as Turtle.

answer –hadMember→ claim –wasDerivedFrom→ quote –wasQuotedFrom→ passage –hadPrimarySource→ document; the
answering is the activity, the models are software agents. Terms PROV has not (span, page, path) are in our
own vocabulary. Source: https://www.w3.org/TR/prov-o/
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from kgrag.export.material import VOCABULARY, Material, Plain, Quote
from kgrag.export.records.csl import csl_type

CONTEXT = {
    "prov": "http://www.w3.org/ns/prov#",
    "dcterms": "http://purl.org/dc/terms/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "bibo": "http://purl.org/ontology/bibo/",
    "kgrag": VOCABULARY,
}


def json_ld(material: Material) -> bytes:
    """The JSON-LD document with its context inside: it can be read offline."""
    return json.dumps(described(material), ensure_ascii=False, indent=1).encode("utf-8", "replace")


def turtle(material: Material) -> bytes:
    """The same statements as Turtle (extra ``export``)."""
    import rdflib

    graph = rdflib.Graph()
    graph.parse(data=json_ld(material).decode(), format="json-ld")
    for prefix, iri in CONTEXT.items():
        graph.bind(prefix, iri)
    content: bytes = graph.serialize(format="turtle", encoding="utf-8")
    return content


def described(material: Material) -> dict[str, Any]:
    """The JSON-LD object."""
    return {
        "@context": CONTEXT,
        "@graph": [
            *_answer(material),
            *_agents(material),
            *_claims(material),
            *_passages(material),
            *_documents(material),
        ],
    }


def _answer(material: Material) -> Iterator[dict[str, Any]]:
    answer = material.answer
    name, activity, question = (
        material.iri(kind, answer["id"]) for kind in ("answer", "answering", "question")
    )
    ended = datetime.fromisoformat(material.created)
    started = ended - timedelta(milliseconds=sum(answer["trace"]["timings_ms"].values()))
    yield {
        "@id": question,
        "@type": "prov:Entity",
        "prov:value": _text(answer["question"], answer["language"]),
    }
    yield {
        "@id": activity,
        "@type": "prov:Activity",
        "prov:startedAtTime": _time(started),
        "prov:endedAtTime": _time(ended),
        "prov:used": [_ref(question), *(_ref(material.iri("passage", p)) for p in _passage_ids(material))],
        "prov:wasAssociatedWith": (
            [_ref(_agent(material, role)) for role in answer["models"]]
            + ([_ref(_asker(material))] if material.asker else [])
        ),
    }
    yield _dropped(
        {
            "@id": name,
            "@type": ["prov:Entity", "prov:Collection", "kgrag:Answer"],
            "dcterms:identifier": answer["id"],
            "prov:value": _text(answer["text"], answer["language"]),
            "kgrag:status": answer["status"],
            "kgrag:reason": answer["reason"],
            "prov:generatedAtTime": _time(ended),
            "prov:wasGeneratedBy": _ref(activity),
            "prov:wasDerivedFrom": _ref(question),
            "prov:hadMember": [_ref(claim_iri(material, claim)) for claim in answer["claims"]],
        }
    )


def _agents(material: Material) -> Iterator[dict[str, Any]]:
    for role, identity in material.answer["models"].items():
        yield {
            "@id": _agent(material, role),
            "@type": ["prov:Agent", "prov:SoftwareAgent"],
            "rdfs:label": identity,
            "kgrag:role": role,
        }

    if material.asker:
        yield {"@id": _asker(material), "@type": ["prov:Agent", "prov:Person"], "foaf:name": material.asker}


def _asker(material: Material) -> str:
    return material.iri("asker", material.asker or "")


def _claims(material: Material) -> Iterator[dict[str, Any]]:
    for claim in material.answer["claims"]:
        support = claim["support"]
        yield _dropped(
            {
                "@id": claim_iri(material, claim),
                "@type": ["prov:Entity", "kgrag:Claim"],
                "dcterms:identifier": claim["id"],
                "prov:value": _text(claim["text"], material.answer["language"]),
                "kgrag:label": support["label"],
                "kgrag:score": _number(support["score"]),
                "kgrag:threshold": _number(support["threshold"]),
                "kgrag:alpha": _number(support["alpha"]),
                "prov:wasDerivedFrom": [
                    _ref(quote_iri(material, q)) for q in material.quotes() if q.claim is claim
                ],
                "kgrag:path": {"@list": [_step(material, step) for step in claim["path"]]},
            }
        )
    yield from (_quote(material, q) for q in material.quotes())


def _step(material: Material, step: Plain) -> dict[str, Any]:
    node, edge = step["node"], step["edge"]
    return _dropped(
        {
            "@type": "kgrag:Step",
            "kgrag:node": _ref(material.node_iri(node)),
            "kgrag:nodeId": node["id"],
            "kgrag:nodeName": node["name"],
            "kgrag:nodeKind": node["kind"],
            "kgrag:edgeType": edge and edge["type"],
            "kgrag:statementId": edge and edge["statement_id"],
        }
    )


def _quote(material: Material, q: Quote) -> dict[str, Any]:
    evidence = q.evidence
    return _dropped(
        {
            "@id": quote_iri(material, q),
            "@type": ["prov:Entity", "kgrag:Quote"],
            "prov:value": evidence["quote"],
            "prov:wasQuotedFrom": _ref(material.iri("passage", evidence["passage_id"])),
            "prov:hadPrimarySource": _ref(material.document_iri(evidence["document_id"])),
            "kgrag:start": evidence["span"][0],
            "kgrag:end": evidence["span"][1],
            "kgrag:documentStart": q.start,
            "kgrag:documentEnd": q.end,
            "kgrag:page": evidence["page"],
            "kgrag:box": [" ".join(map(repr, box)) for box in evidence["boxes"]] or None,
            "kgrag:section": evidence["section"],
            "kgrag:score": _number(evidence["score"]),
        }
    )


def _passages(material: Material) -> Iterator[dict[str, Any]]:
    documents = {q.evidence["passage_id"]: q.evidence["document_id"] for q in material.quotes()}
    for passage_id, document_id in documents.items():
        held = material.passages.get(passage_id)
        yield _dropped(
            {
                "@id": material.iri("passage", passage_id),
                "@type": ["prov:Entity", "kgrag:Passage"],
                "dcterms:identifier": passage_id,
                "prov:value": held.text if held else None,
                "kgrag:documentStart": held.start if held else None,
                "prov:hadPrimarySource": _ref(material.document_iri(document_id)),
                "dcterms:isPartOf": _ref(material.document_iri(document_id)),
            }
        )


def _documents(material: Material) -> Iterator[dict[str, Any]]:
    for document in material.documents.values():
        source, identifiers = document["source"], document["identifiers"]
        yield _dropped(
            {
                "@id": material.document_iri(document["id"]),
                "@type": ["prov:Entity", "kgrag:Document"],
                "dcterms:identifier": document["id"],
                "dcterms:title": document["title"],
                "dcterms:issued": str(document["year"]) if document["year"] else None,
                "dcterms:creator": (
                    [
                        {"@type": "foaf:Person", "foaf:name": _name(a)}
                        | ({"kgrag:orcid": a["orcid"]} if a.get("orcid") else {})
                        for a in document["authors"]
                    ]
                    or None
                ),
                "dcterms:publisher": document["publisher"],
                "kgrag:venue": document["venue"],
                "dcterms:language": document["language"],
                "dcterms:license": document["licence"],
                "dcterms:type": csl_type(document),
                "bibo:doi": identifiers.get("doi"),
                "bibo:pmid": identifiers.get("pmid"),
                "kgrag:sourceSha256": source["sha256"],
                "kgrag:textSha256": material.text_sha256.get(document["id"]),
                "kgrag:retraction": material.mark(document["id"]),
                "kgrag:notice": list(material.notices.get(document["id"], ())) or None,
            }
        )


def claim_iri(material: Material, claim: Plain) -> str:
    """The name of a claim: the answer's id and the claim's."""
    return material.iri("claim", f"{material.answer['id']}/{claim['id']}")


def quote_iri(material: Material, q: Quote) -> str:
    """The name of a quote: the claim's name and the quote's number."""
    return material.iri("quote", f"{material.answer['id']}/{q.claim['id']}/{q.number}")


def _passage_ids(material: Material) -> list[str]:
    return list(dict.fromkeys(q.evidence["passage_id"] for q in material.quotes()))


def _agent(material: Material, role: str) -> str:
    return material.iri("model", f"{role}/{material.answer['models'][role]}")


def _name(author: Plain) -> str:
    return author.get("literal") or " ".join(author[part] for part in ("given", "family") if author.get(part))


def _ref(iri: str) -> dict[str, str]:
    return {"@id": iri}


def _text(value: str, language: str) -> dict[str, str]:
    return {"@value": value, "@language": language}


def _time(value: datetime) -> dict[str, str]:
    return {"@value": value.isoformat(), "@type": "xsd:dateTime"}


def _number(value: float) -> dict[str, str]:
    return {"@value": repr(float(value)), "@type": "xsd:double"}


def _dropped(plain: dict[str, Any]) -> dict[str, Any]:
    """What is not known is not said."""
    return {name: value for name, value in plain.items() if value is not None}
