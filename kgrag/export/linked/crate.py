"""Writes an answer as an RO-Crate 1.1: a zip that describes its own files, with the sha256 of each.

Equal answers give equal bytes.

Holds the answer's JSON as it was given, the passages it quotes, the cited works' records, the chains, and the
other formats that need no further packages. ``kgrag verify`` checks it, with the library or without. Source:
https://www.researchobject.org/ro-crate/specification/1.1/
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from kgrag.export import FORMATS, write
from kgrag.export.material import VOCABULARY, Material, Plain
from kgrag.export.pages.chain_svg import chain_svg

METADATA = "ro-crate-metadata.json"
ALSO = {
    "annotation": "annotations.jsonld",
    "prov": "provenance.jsonld",
    "csl": "records.csl.json",
    "ris": "records.ris",
    "graphml": "chains.graphml",
    "markdown": "answer.md",
}
EPOCH = (1980, 1, 1, 0, 0, 0)
CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    {
        "sha256": "https://schema.org/sha256",
        "retraction": VOCABULARY + "retraction",
        "textSha256": VOCABULARY + "textSha256",
    },
]


def archive(material: Material) -> bytes:
    """The zip file."""
    files = contents(material)
    metadata = json.dumps(described(material, files), ensure_ascii=False, indent=1).encode("utf-8", "replace")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in {METADATA: metadata, **files}.items():
            zipped.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def contents(material: Material) -> dict[str, bytes]:
    """Every file of the crate but its metadata, by name."""
    files = {"answer.json": material.body.encode()}
    files |= {name: write(material, format) for format, name in ALSO.items()}
    passages = []
    for number, passage in enumerate(material.passages.values(), start=1):
        name = f"evidence/{number:03}.txt"
        files[name] = passage.text.encode("utf-8", "surrogatepass")
        passages.append(
            {
                "id": passage.id,
                "document_id": passage.document_id,
                "document_start": passage.start,
                "section": list(passage.section),
                "file": name,
            }
        )
    records = [
        dict(document)
        | {
            "retraction_now": material.mark(document["id"]),
            "notices_now": list(material.notices.get(document["id"], ())),
        }
        for document in material.documents.values()
    ]
    files["passages.json"], files["records.json"] = _json(passages), _json(records)
    for claim in material.answer["claims"]:
        if claim["path"]:
            files[f"chains/{claim['id']}.svg"] = chain_svg(claim["path"]).encode("utf-8", "replace")
    return files


_DESCRIPTOR = {
    "@id": METADATA,
    "@type": "CreativeWork",
    "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
    "about": {"@id": "./"},
}
_RIGHTS = {
    "@id": "#rights",
    "@type": "CreativeWork",
    "name": "Rights of the quoted works",
    "description": (
        "Quoted words and passages stay under the licence of the work they come from, told there where it is"
        " known."
    ),
}


def described(material: Material, files: dict[str, bytes]) -> dict[str, Any]:
    """The crate's metadata."""
    people = _people(material)
    works = [_work(material, document, people[document["id"]]) for document in material.documents.values()]
    return {
        "@context": CONTEXT,
        "@graph": [
            _DESCRIPTOR,
            _root(material, files, works),
            *(_file(material, name, files[name]) for name in files),
            *works,
            *(person for authors in people.values() for person in authors),
            *_answering(material),
            _RIGHTS,
        ],
    }


def _root(material: Material, files: dict[str, bytes], works: list[dict[str, Any]]) -> dict[str, Any]:
    """The crate itself: an answer with its files and what it cites."""
    answer = material.answer
    return {
        "@id": "./",
        "@type": "Dataset",
        "identifier": material.iri("answer", answer["id"]),
        "name": f"Answer: {answer['question']}",
        "description": answer["text"] or answer["reason"] or "An abstention.",
        "datePublished": material.created,
        "license": {"@id": "#rights"},
        "hasPart": [{"@id": name} for name in files],
        "citation": [{"@id": work["@id"]} for work in works],
        "mentions": [{"@id": "#answering"}],
    }


def _answering(material: Material) -> Iterator[dict[str, Any]]:
    """The act that made the answer, and the models it used."""
    answer = material.answer
    yield {
        "@id": "#answering",
        "@type": "CreateAction",
        "name": "Answering",
        "endTime": material.created,
        "object": answer["question"],
        "instrument": [{"@id": f"#model-{role}"} for role in answer["models"]],
        "result": {"@id": "answer.json"},
    }
    for role, identity in answer["models"].items():
        yield {
            "@id": f"#model-{role}",
            "@type": "SoftwareApplication",
            "name": identity,
            "description": role,
        }


def _file(material: Material, name: str, content: bytes) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "@id": name,
        "@type": "File",
        "name": name,
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
        "encodingFormat": _media_type(name),
    }
    if name.startswith("evidence/"):
        passage = list(material.passages.values())[int(name[9:12]) - 1]
        plain |= {"identifier": passage.id, "isPartOf": {"@id": material.document_iri(passage.document_id)}}
    return plain


def _media_type(name: str) -> str:
    own = next((FORMATS[format].media_type for format, file in ALSO.items() if file == name), None)
    return (
        own
        or {"json": "application/json", "txt": "text/plain", "svg": "image/svg+xml"}[name.rsplit(".", 1)[1]]
    )


def _people(material: Material) -> dict[str, list[dict[str, Any]]]:
    """The authors of each document as entities of their own, as RO-Crate's flat JSON-LD asks."""
    names = (("name", "literal"), ("familyName", "family"), ("givenName", "given"), ("identifier", "orcid"))
    return {
        document["id"]: [
            {
                "@id": f"#author-{place}-{number}",
                "@type": "Person",
                **{ours: author[theirs] for ours, theirs in names if author.get(theirs)},
            }
            for number, author in enumerate(document["authors"], start=1)
        ]
        for place, document in enumerate(material.documents.values(), start=1)
    }


def _work(material: Material, document: Plain, people: list[dict[str, Any]]) -> dict[str, Any]:
    mark = material.mark(document["id"])
    plain = {
        "@id": material.document_iri(document["id"]),
        "@type": "ScholarlyArticle",
        "identifier": document["id"],
        "name": document["title"] or document["id"],
        "author": [{"@id": person["@id"]} for person in people],
        "datePublished": str(document["year"]) if document["year"] else None,
        "isPartOf": document["venue"],
        "license": document["licence"],
        "creativeWorkStatus": "Retracted" if mark else None,
        "retraction": mark,
        "correction": material.notice(document["id"]),
        "textSha256": material.text_sha256.get(document["id"]),
    }
    return {name: value for name, value in plain.items() if value not in (None, [])}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace")
