"""Reads exports back: the answer's JSON, PROV, annotations and crates, each as the claims, quotes, paths and
documents that it states.

Knows the shapes that the writers beside it write. Does not judge: ``recheck`` does.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kgrag.errors import ReadError

Plain = Mapping[str, Any]
MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class QuoteSaid:
    """A quote as a file states it; what the file does not state is None."""

    claim: str
    passage_id: str
    document_id: str
    span: tuple[int, int]
    quote: str
    page: int | None
    boxes: tuple[tuple[float, ...], ...]
    document_span: tuple[int, int] | None = None
    fragments: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """What a file states.

    ``plain`` is its JSON; ``files`` are a crate's files; ``marks`` are the documents it marks as retracted,
    ``notices`` their concerns and corrections.
    """

    format: str
    answer_id: str
    plain: dict[str, Any]
    quotes: tuple[QuoteSaid, ...]
    claims: Mapping[str, Plain] = field(default_factory=dict)
    paths: Mapping[str, tuple[Plain, ...]] = field(default_factory=dict)
    documents: Mapping[str, Plain] = field(default_factory=dict)
    passages: Mapping[str, str] = field(default_factory=dict)
    marks: frozenset[str] = frozenset()
    notices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    asker: str | None = None


def read_export(path: Path) -> Exported:
    """The export in a file.

    Raises:
        ReadError: no such file, or none of the formats that can be checked.
    """
    if not path.is_file():
        raise ReadError(f"No file '{path}'. Write one: kgrag export ANSWER_ID --format ro-crate -o {path}")
    return read_bytes(path.read_bytes(), str(path))


def read_bytes(content: bytes, name: str) -> Exported:
    """The export in bytes; see ``read_export``."""
    try:
        if (exported := _recognised(content, name)) is not None:
            _check_types(exported)
            return exported
    except (KeyError, TypeError, IndexError, AttributeError, ValueError, zipfile.BadZipFile) as error:
        raise ReadError(
            f"{name} is damaged: {type(error).__name__}: {error}. It cannot be checked."
        ) from error
    raise ReadError(f"{name} is no export that can be checked (these can: json, prov, annotation, ro-crate).")


def _recognised(content: bytes, name: str) -> Exported | None:
    if content[:4] == b"PK\x03\x04":
        return _crate(content, name)
    plain = json.loads(content)
    if not isinstance(plain, dict):
        return None
    if "claims" in plain and "models" in plain:
        return _answer(plain)
    if plain.get("type") == "AnnotationCollection":
        return _annotations(plain)
    return _prov(plain) if "@graph" in plain else None


def _check_types(exported: Exported) -> None:
    """Names are text and places are whole numbers: what is looked up with them may rely on it."""
    nodes = [step["node"]["id"] for path in exported.paths.values() for step in path]
    quoted = [value for q in exported.quotes for value in (q.claim, q.passage_id, q.document_id, q.quote)]
    for value in (exported.answer_id, *exported.documents, *exported.claims, *nodes, *quoted):
        if not isinstance(value, str):
            raise TypeError(f"{value!r} stands where a text should")
    for value in (place for q in exported.quotes for place in (*q.span, *(q.document_span or ()))):
        if not isinstance(value, int):
            raise TypeError(f"{value!r} stands where a whole number should")


def _answer(plain: dict[str, Any]) -> Exported:
    quotes = tuple(
        QuoteSaid(
            claim["id"],
            e["passage_id"],
            e["document_id"],
            (e["span"][0], e["span"][1]),
            e["quote"],
            e["page"],
            _boxes(e["boxes"]),
        )
        for claim in plain["claims"]
        for e in claim["evidence"]
    )
    claims = {c["id"]: {"text": c["text"], "span": c["span"], **c["support"]} for c in plain["claims"]}
    documents = {d["id"]: d for d in plain["documents"]}
    return Exported(
        "json",
        plain["id"],
        plain,
        quotes,
        claims,
        {c["id"]: tuple(c["path"]) for c in plain["claims"]},
        documents,
        marks=frozenset(d["id"] for d in plain["documents"] if d["retracted"]),
    )


def _annotations(plain: dict[str, Any]) -> Exported:
    items = plain["first"]["items"]
    claims = {
        i["kgrag:claim"]: {
            "text": i["body"][0]["value"],
            "score": i["kgrag:score"],
            "threshold": i["kgrag:threshold"],
        }
        for i in items
    }
    sources = {i["kgrag:document"]: i["target"]["source"] for i in items}
    documents = {
        name: {"id": name, "title": source.get("kgrag:title"), "text_sha256": source.get("kgrag:textSha256")}
        for name, source in sources.items()
    }
    return Exported(
        "annotation",
        plain["kgrag:answer"],
        plain,
        tuple(_annotated(i) for i in items),
        claims,
        documents=documents,
        marks=frozenset(name for name, source in sources.items() if "kgrag:retraction" in source),
        notices={name: tuple(source.get("kgrag:notice", ())) for name, source in sources.items()},
    )


def _annotated(item: Plain) -> QuoteSaid:
    selectors = item["target"]["selector"]
    by_type = {s["type"]: s for s in reversed(selectors)}
    words, position = by_type["TextQuoteSelector"], by_type.get("TextPositionSelector")
    return QuoteSaid(
        item["kgrag:claim"],
        item["kgrag:passage"],
        item["kgrag:document"],
        (item["kgrag:start"], item["kgrag:end"]),
        words["exact"],
        item["kgrag:page"],
        _boxes(box.split() for box in item["kgrag:boxes"]),
        (position["start"], position["end"]) if position else None,
        tuple(s["value"] for s in selectors if s["type"] == "FragmentSelector"),
    )


def _prov(plain: dict[str, Any]) -> Exported:
    nodes = {node["@id"]: node for node in plain["@graph"]}
    of = {
        kind: [n for n in nodes.values() if f"kgrag:{kind}" in n["@type"]]
        for kind in ("Answer", "Claim", "Quote", "Passage", "Document")
    }
    passages = {n["dcterms:identifier"]: n["prov:value"] for n in of["Passage"] if "prov:value" in n}
    quotes = tuple(
        _proved(nodes, claim["dcterms:identifier"], nodes[ref["@id"]])
        for claim in of["Claim"]
        for ref in claim["prov:wasDerivedFrom"]
    )
    claims = {
        n["dcterms:identifier"]: {
            "text": n["prov:value"]["@value"],
            "label": n["kgrag:label"],
            "score": float(n["kgrag:score"]["@value"]),
            "threshold": float(n["kgrag:threshold"]["@value"]),
        }
        for n in of["Claim"]
    }
    paths = {n["dcterms:identifier"]: tuple(map(_step, n["kgrag:path"]["@list"])) for n in of["Claim"]}
    documents = {
        n["dcterms:identifier"]: {
            "id": n["dcterms:identifier"],
            "title": n.get("dcterms:title"),
            "text_sha256": n.get("kgrag:textSha256"),
        }
        for n in of["Document"]
    }
    return Exported(
        "prov",
        of["Answer"][0]["dcterms:identifier"],
        plain,
        quotes,
        claims,
        paths,
        documents,
        passages,
        frozenset(n["dcterms:identifier"] for n in of["Document"] if "kgrag:retraction" in n),
        {n["dcterms:identifier"]: tuple(n.get("kgrag:notice", ())) for n in of["Document"]},
        asker=next((n["foaf:name"] for n in nodes.values() if "prov:Person" in n["@type"]), None),
    )


def _proved(nodes: Mapping[str, Plain], claim: str, quote: Plain) -> QuoteSaid:
    within = (
        (quote["kgrag:documentStart"], quote["kgrag:documentEnd"]) if "kgrag:documentStart" in quote else None
    )
    return QuoteSaid(
        claim,
        nodes[quote["prov:wasQuotedFrom"]["@id"]]["dcterms:identifier"],
        nodes[quote["prov:hadPrimarySource"]["@id"]]["dcterms:identifier"],
        (quote["kgrag:start"], quote["kgrag:end"]),
        quote["prov:value"],
        quote.get("kgrag:page"),
        _boxes(box.split() for box in quote.get("kgrag:box", [])),
        within,
    )


def _step(step: Plain) -> Plain:
    edge = (
        {"type": step["kgrag:edgeType"], "statement_id": step.get("kgrag:statementId")}
        if "kgrag:edgeType" in step
        else None
    )
    return {
        "node": {"id": step["kgrag:nodeId"], "name": step["kgrag:nodeName"], "kind": step["kgrag:nodeKind"]},
        "edge": edge,
    }


def _crate(content: bytes, name: str) -> Exported:
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        if sum(info.file_size for info in zipped.infolist()) > MAX_BYTES:
            raise ReadError(
                f"{name} unpacks to more than {MAX_BYTES // 1024 // 1024} MiB: it is no crate of one answer."
            )
        files = {info.filename: zipped.read(info) for info in zipped.infolist()}
    inner = _answer(json.loads(files["answer.json"]))
    texts = {
        p["id"]: files[p["file"]].decode("utf-8", "surrogatepass")
        for p in json.loads(files["passages.json"])
        if p["file"] in files
    }
    return Exported(
        "ro-crate",
        inner.answer_id,
        inner.plain,
        inner.quotes,
        inner.claims,
        inner.paths,
        inner.documents,
        texts,
        inner.marks,
        files=files,
    )


def _boxes(boxes: Any) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(edge) for edge in box) for box in boxes)
