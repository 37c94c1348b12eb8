"""Checks exports again: what a file says against itself, then, with a library, every quote, span, page, edge,
record and retraction.

Knows the laws of an answer. A finding names the thing, where it is, and what is there instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from kgrag.catalogue.answers import answer_id
from kgrag.errors import NotFound, ReadError
from kgrag.export.linked import annotation, prov
from kgrag.export.material import MANY, Material, gather
from kgrag.export.read_back import Exported, QuoteSaid, read_bytes
from kgrag.library import Library
from kgrag.render.as_json import document_to_json
from kgrag.types import Passage

METADATA = "ro-crate-metadata.json"
CHANGING = ("retracted", "retraction", "notices", "source")
"""Fields of a record that other checks judge."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: what kind of thing, where, and in words what is wrong."""

    what: str
    where: str
    detail: str


def recheck(exported: Exported, library: Library | None = None) -> list[Finding]:
    """Everything that does not hold, in the order of the checks; empty when all holds.

    Args:
        exported: a file, read by ``reading.read_export``.
        library: also against this library; None: the file against itself only.
    """
    found = [*_claims(exported), *_quotes(exported), *_paths(exported), *_identity(exported)]
    if exported.files:
        found += [*_files(exported), *_parts(exported)]
    if library is not None:
        found += [*_against(exported, library)]
    return list(dict.fromkeys(found))


# -- a file against itself -------------------------------------------------------------------------


def _claims(exported: Exported) -> Iterator[Finding]:
    for name, claim in exported.claims.items():
        if "span" in claim and exported.plain["text"][slice(*claim["span"])] != claim["text"]:
            yield Finding("claim", name, "The answer's text at the claim's span is not the claim.")
        if claim.get("label", "supported") != "supported" or claim["score"] < claim["threshold"]:
            yield Finding(
                "support",
                name,
                f"The claim is shown, but its support is {claim['score']} where {claim['threshold']} is"
                " asked.",
            )
        if not any(q.claim == name for q in exported.quotes):
            yield Finding("quote", name, "The claim has no quote.")


def _quotes(exported: Exported) -> Iterator[Finding]:
    for place, q in _placed(exported.quotes):
        if q.span[1] - q.span[0] != len(q.quote):
            yield Finding(
                "span",
                place,
                f"The span {list(q.span)} is not as long as its quote of {len(q.quote)} characters.",
            )
        if q.document_span and q.document_span[1] - q.document_span[0] != len(q.quote):
            yield Finding(
                "span",
                place,
                f"The position {list(q.document_span)} is not as long as its quote of {len(q.quote)}"
                " characters.",
            )
        if q.document_id not in exported.documents:
            yield Finding("record", place, f"The record of {q.document_id} is missing.")
        text = exported.passages.get(q.passage_id)
        if text is not None and text[slice(*q.span)] != q.quote:
            yield Finding(
                "quote",
                place,
                f"The passage {q.passage_id} in the file says “{text[slice(*q.span)]}” there, the quote is"
                f" “{q.quote}”.",
            )
        if q.fragments and any(not _on_page(fragment, q.page) for fragment in q.fragments):
            yield Finding("page", place, f"A fragment selector names another page than {q.page}.")


def _on_page(fragment: str, page: int | None) -> bool:
    return fragment.split("&")[0] == f"page={page}"


def _paths(exported: Exported) -> Iterator[Finding]:
    for name, path in exported.paths.items():
        ids = {step["node"]["id"] for step in path}
        for q in (q for q in exported.quotes if q.claim == name and path):
            if not {q.passage_id, q.document_id} <= ids:
                yield Finding(
                    "edge", name, "The path does not lead to the passage and the document of its quote."
                )
        if any(step["edge"] is None for step in path[:-1]) or (path and path[-1]["edge"] is not None):
            yield Finding(
                "edge",
                name,
                "The path is broken: an edge is missing between two nodes, or leads on from the last.",
            )


def _identity(exported: Exported) -> Iterator[Finding]:
    if exported.format in ("json", "ro-crate") and (made := answer_id(exported.plain)) != exported.answer_id:
        yield Finding(
            "identity", exported.answer_id, f"The answer's content was changed: it makes the id {made}."
        )


def _files(exported: Exported) -> Iterator[Finding]:
    """Files of a crate against its metadata."""
    if METADATA not in exported.files:
        yield Finding("file", METADATA, "The crate's metadata are missing.")
        return
    described = {
        node["@id"]: node
        for node in json.loads(exported.files[METADATA])["@graph"]
        if node.get("@type") == "File"
    }
    for name, node in described.items():
        if name not in exported.files:
            yield Finding("file", name, "The crate describes the file but does not hold it.")
        elif (made := hashlib.sha256(exported.files[name]).hexdigest()) != node.get("sha256"):
            yield Finding(
                "checksum", name, f"The file's sha256 is {made}, the crate says {node.get('sha256')}."
            )
    for name in sorted(set(exported.files) - set(described) - {METADATA}):
        yield Finding("file", name, "The crate holds the file but does not describe it.")


def _parts(exported: Exported) -> Iterator[Finding]:
    """The formats within a crate against its answer."""
    for name in ("annotations.jsonld", "provenance.jsonld"):
        if name not in exported.files:
            continue
        try:
            part = read_bytes(exported.files[name], name)
        except ReadError as error:
            yield Finding("file", name, str(error))
            continue
        said = [(q.claim, q.passage_id, q.document_id, q.span, q.quote, q.page, q.boxes) for q in part.quotes]
        if said != [
            (q.claim, q.passage_id, q.document_id, q.span, q.quote, q.page, q.boxes) for q in exported.quotes
        ]:
            yield Finding("quote", name, "The quotes are not those of answer.json.")
        if part.paths and part.paths != exported.paths:
            yield Finding("edge", name, "The paths are not those of answer.json.")
        yield from (replace(finding, where=f"{name}: {finding.where}") for finding in recheck(part))
    records = {
        r["id"]: {k: v for k, v in r.items() if k not in ("retraction_now", "notices_now")}
        for r in json.loads(exported.files.get("records.json", b"[]"))
    }
    for name in exported.documents:
        for place, ours, theirs in differences(exported.documents[name], records.get(name, {})):
            yield Finding(
                "record",
                f"records.json: {name}{place}",
                f"says {_short(theirs)}, answer.json says {_short(ours)}.",
            )


# -- a file against a library ----------------------------------------------------------------------


def _against(exported: Exported, library: Library) -> Iterator[Finding]:
    catalogue = library.catalogue
    keys = catalogue.passage_keys(list({q.passage_id for q in exported.quotes}))
    passages = {p.id: p for p, _ in catalogue.passages_by_key(keys.values()).values()}
    for place, q in _placed(exported.quotes):
        yield from _quote_held(place, q, passages.get(q.passage_id))
    for name, path in exported.paths.items():
        yield from _path_held(name, path, library)
    for name, text in exported.passages.items():
        if name in passages and passages[name].text != text:
            yield Finding("passage", name, "The passage in the file is not the library's.")
    for name, record in exported.documents.items():
        yield from _record_held(name, record, exported, library)
    yield from _stored(exported, library)


def _quote_held(place: str, q: QuoteSaid, passage: Passage | None) -> Iterator[Finding]:
    if passage is None:
        yield Finding("passage", place, f"The library does not hold the passage {q.passage_id} (any more).")
        return
    start, end = q.span
    if passage.text[start:end] != q.quote:
        yield Finding(
            "quote",
            place,
            f"The passage {q.passage_id} says “{passage.text[start:end]}” there, the quote is “{q.quote}”.",
        )
    if passage.document_id != q.document_id:
        yield Finding(
            "passage",
            place,
            f"The passage {q.passage_id} is of {passage.document_id}, not of {q.document_id}.",
        )
    if q.document_span and q.document_span != (passage.start + start, passage.start + end):
        yield Finding(
            "span",
            place,
            f"The document has the words at {[passage.start + start, passage.start + end]}, not at"
            f" {list(q.document_span)}.",
        )
    touched = [s for s in passage.sentences if s.start < end and start < s.end]
    page = touched[0].page if touched else None
    if page != q.page:
        yield Finding("page", place, f"The words are on page {page}, not on page {q.page}.")
    elif (
        boxes := tuple(tuple(map(float, box)) for s in touched if s.page == page for box in s.boxes)
    ) != q.boxes:
        yield Finding("box", place, f"The words are in {boxes}, not in {q.boxes}.")


def _path_held(name: str, path: tuple[Mapping[str, Any], ...], library: Library) -> Iterator[Finding]:
    for here, there in pairwise(path):
        ends, type = (here["node"]["id"], there["node"]["id"]), (here["edge"] or {}).get("type")
        statement = (here["edge"] or {}).get("statement_id")
        if not any(
            {e.source, e.target} == set(ends) and e.type == type and e.statement_id == statement
            for e in library.graph.neighbours(ends[0], limit=MANY)
        ):
            yield Finding("edge", name, f"The graph has no edge {type} between {ends[0]} and {ends[1]}.")


def _record_held(
    name: str, record: Mapping[str, Any], exported: Exported, library: Library
) -> Iterator[Finding]:
    try:
        document = library.catalogue.document(name)
    except NotFound:
        yield Finding("record", name, "The library does not hold this document (any more).")
        return
    held = document_to_json(document) | {
        "text_sha256": hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
    }
    for key, value in record.items():
        if (
            key in held
            and key not in CHANGING
            and held[key] != value
            and not (key == "text_sha256" and value is None)
        ):
            yield Finding(
                "record", f"{name}.{key}", f"says {_short(value)}, the library says {_short(held[key])}."
            )
    if document.retracted:
        when = (
            "is retracted, as the file says"
            if name in exported.marks
            else "was retracted since, or its mark was removed"
        )
        yield Finding("retraction", name, f"The document {when}: {document.retracted}")


def _stored(exported: Exported, library: Library) -> Iterator[Finding]:
    """The file against what the library would write of the stored answer today; only the retraction marks may
    be older.
    """
    try:
        material = gather(library, exported.answer_id)
    except NotFound as error:
        yield Finding("identity", exported.answer_id, str(error))
        return
    for place, expected, found in differences(_written(exported, material), exported.plain):
        yield Finding(
            "stored", place.lstrip("."), f"says {_short(found)}, the stored answer says {_short(expected)}."
        )
    if exported.format == "annotation":
        for (place, said), q in zip(_placed(exported.quotes), material.quotes(), strict=False):
            true = annotation.fragments(material, q)
            if true and "viewrect" in true[0] and tuple(true) != said.fragments:
                yield Finding(
                    "page", place, f"The fragment selectors say {said.fragments}, the pages say {true}."
                )


def _written(exported: Exported, material: Material) -> dict[str, Any]:
    if exported.format in ("json", "ro-crate"):
        return material.answer
    noticed = {
        name: tuple(text for text in texts if text in exported.notices.get(name, ()))
        for name, texts in material.notices.items()
    }
    then = replace(
        material,
        notices=noticed,
        asker=exported.asker,
        since={name: notice for name, notice in material.since.items() if name in exported.marks},
    )
    return prov.described(then) if exported.format == "prov" else annotation.collection(then)


def differences(expected: Any, found: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two JSON values differ: place, what is expected, what is found.

    Fragment selectors are judged apart: they need the PDF.
    """
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        if expected.get("type") == found.get("type") == "FragmentSelector":
            return
        for key in dict.fromkeys((*expected, *found)):
            yield from differences(expected.get(key), found.get(key), f"{place}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, pair in enumerate(zip(expected, found, strict=True)):
            yield from differences(*pair, f"{place}[{number}]")
    elif expected != found and not _only_fragments(expected, found):
        yield place, expected, found


def _only_fragments(expected: Any, found: Any) -> bool:
    """Two lists of selectors that differ in the number of fragment selectors only: the PDF was there for one
    of them.
    """
    if not (isinstance(expected, list) and isinstance(found, list)):
        return False
    kept = [
        [item for item in side if not (isinstance(item, Mapping) and item.get("type") == "FragmentSelector")]
        for side in (expected, found)
    ]
    return kept[0] == kept[1] and kept != [expected, found]


def _placed(quotes: tuple[QuoteSaid, ...]) -> Iterator[tuple[str, QuoteSaid]]:
    counts: dict[str, int] = {}
    for q in quotes:
        counts[q.claim] = counts.get(q.claim, 0) + 1
        yield f"{q.claim}/{counts[q.claim]}", q


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else text[:159] + "…"


def report(path: Path, library: Library | None) -> dict[str, Any]:
    """The object that ``kgrag verify --json`` prints.

    Raises:
        ReadError: the file cannot be read as an export.
    """
    from kgrag.export.read_back import read_export

    exported = read_export(path)
    try:
        findings = recheck(exported, library)
    except (
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        ValueError,
    ) as error:  # values of another kind than the format has
        raise ReadError(
            f"{path} is damaged: {type(error).__name__}: {error}. It cannot be checked."
        ) from error
    return {
        "file": str(path),
        "format": exported.format,
        "answer_id": exported.answer_id,
        "against_library": library is not None,
        "holds": not findings,
        "checked": {
            "claims": len(exported.claims),
            "quotes": len(exported.quotes),
            "edges": sum(max(0, len(p) - 1) for p in exported.paths.values()),
            "records": len(exported.documents),
            "files": len(exported.files),
        },
        "findings": [{"what": f.what, "where": f.where, "detail": f.detail} for f in findings],
    }
