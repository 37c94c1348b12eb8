"""Gathers what every export is made from: the stored answer, and what the library knows today of what it
cites.

Knows the catalogue and the answer's JSON. Does not know any format. A document or passage deleted since the
answer is told by ``text`` being None; the quote itself is in the answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from kgrag.catalogue.answers import answer_created, retracted_since, stored_text
from kgrag.errors import NotFound
from kgrag.library import Library
from kgrag.render.as_json import document_to_json
from kgrag.types.answer_json import KeptJson

Plain = Mapping[str, Any]
VOCABULARY = "urn:kgrag:vocab#"
CONTEXT_CHARACTERS = 60
MANY = 10_000
_FROM = {
    "HAS": "Document",
    "MENTIONS": "Passage",
    "NAMES": "Passage",
    "SUBJECT": "Statement",
    "OBJECT": "Statement",
    "SAID_IN": "Statement",
    "BY": "Document",
    "IN": "Document",
    "ABOUT": "Document",
}


@dataclass(frozen=True, slots=True)
class PassageText:
    """A passage of the answer as the library holds it: its text, and where it starts in its document's
    text.
    """

    id: str
    document_id: str
    text: str
    start: int
    section: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """One piece of evidence of one claim, with what stands around it.

    ``start`` and ``end`` count characters of the document's text; None (with empty ``before`` and ``after``)
    where the passage was deleted.
    """

    claim: Plain
    evidence: Plain
    number: int
    start: int | None
    end: int | None
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """An edge of a path in its own direction: from a node to a node."""

    source: Plain
    target: Plain
    type: str
    statement_id: str | None


@dataclass(frozen=True, slots=True)
class Material:
    """See the module.

    ``documents`` are records as the answer gave them; ``since`` are retractions learned after it; ``notices``
    the expressions of concern and corrections that stand today; ``asker`` is who asked, where they wish to be
    named; ``keys`` are citation keys by document where several answers share them.
    """

    answer: dict[str, Any]
    body: str
    created: str
    library_id: str
    documents: dict[str, Plain]
    passages: dict[str, PassageText]
    text_sha256: dict[str, str]
    since: dict[str, str]
    cites: frozenset[tuple[str, str]] = frozenset()
    search: Plain | None = None
    notices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asker: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)

    def retraction(self, document_id: str) -> str | None:
        """The notice that stands today, whether it was known when the answer was given or only learned
        since.
        """
        return self.documents[document_id]["retraction"] or self.since.get(document_id)

    def mark(self, document_id: str) -> str | None:
        """The words that every export shows beside a retracted document."""
        if document_id in self.since:
            return f"RETRACTED since this answer was given: {self.since[document_id]}"
        notice = self.retraction(document_id)
        return f"RETRACTED: {notice}" if notice else None

    def notice(self, document_id: str) -> str | None:
        """The expressions of concern and corrections of a document."""
        return "; ".join(self.notices.get(document_id, ())) or None

    def remark(self, document_id: str) -> str | None:
        """All that a reader must know beside a document: its mark as retracted, concerns and corrections."""
        return "; ".join(filter(None, (self.mark(document_id), self.notice(document_id)))) or None

    def quotes(self) -> Iterator[Quote]:
        """Every quote, claim by claim."""
        for claim in self.answer["claims"]:
            for number, evidence in enumerate(claim["evidence"], start=1):
                yield self._quote(claim, evidence, number)

    def _quote(self, claim: Plain, evidence: Plain, number: int) -> Quote:
        passage = self.passages.get(evidence["passage_id"])
        start, end = evidence["span"]
        if passage is None or passage.text[start:end] != evidence["quote"]:
            return Quote(claim, evidence, number, None, None, "", "")
        return Quote(
            claim,
            evidence,
            number,
            passage.start + start,
            passage.start + end,
            passage.text[max(0, start - CONTEXT_CHARACTERS) : start],
            passage.text[end : end + CONTEXT_CHARACTERS],
        )

    def steps(self, claim: Plain) -> list[Step]:
        """The edges of a claim's path, each in the direction it has in the graph."""
        found = []
        for here, there in zip(claim["path"], claim["path"][1:], strict=False):
            edge = here["edge"]
            ends = (here["node"], there["node"])
            if not self._leads_on(edge["type"], *ends):
                ends = (ends[1], ends[0])
            found.append(Step(*ends, edge["type"], edge["statement_id"]))
        return found

    def _leads_on(self, type: str, here: Plain, there: Plain) -> bool:
        if type == "CITES":
            return (here["id"], there["id"]) in self.cites
        return bool(here["kind"] == _FROM.get(type, here["kind"]))

    def iri(self, kind: str, identifier: str) -> str:
        """A stable name of a thing of this library."""
        return f"urn:kgrag:{self.library_id}:{kind}:{quote(identifier, safe='-._~')}"

    def node_iri(self, node: Plain) -> str:
        """The name of a node of the graph; documents that the answer cites have their public name."""
        if node["kind"] == "Document" and node["id"] in self.documents:
            return self.document_iri(node["id"])
        return self.iri(node["kind"].lower(), node["id"])

    def document_iri(self, document_id: str) -> str:
        """The public address of a document where it has one (DOI, PubMed), else its name in this library."""
        identifiers = self.documents[document_id]["identifiers"]
        if "doi" in identifiers:
            return "https://doi.org/" + quote(identifiers["doi"], safe="/:;()-._~")
        if "pmid" in identifiers:
            return f"https://pubmed.ncbi.nlm.nih.gov/{quote(identifiers['pmid'])}/"
        return self.iri("document", document_id)


def gather(library: Library, answer_id: str) -> Material:
    """All that an export of a stored answer needs, read once.

    Raises:
        NotFound: no such answer.
    """
    import json

    body = stored_text(library.catalogue, answer_id)
    return material_of(library, json.loads(body), body, answer_created(library.catalogue, answer_id))


def material_of(library: Library, answer: dict[str, Any], body: str, created: str) -> Material:
    """All that an export of an answer needs, or of what has an answer's shape, read once.

    Args:
        library: open.
        answer: its JSON.
        body: the JSON's text as it goes out.
        created: when it was given.
    """
    cited = {evidence["document_id"] for claim in answer["claims"] for evidence in claim["evidence"]}
    cited |= {document["id"] for document in answer["documents"]}
    documents = {document["id"]: document for document in answer["documents"]}
    hashes = {}
    notices = {
        document["id"]: tuple(notice["text"] for notice in document.get("notices", ()))
        for document in answer["documents"]
    }
    for document_id in sorted(cited):
        try:
            whole = library.catalogue.document(document_id)
        except NotFound:
            continue
        today = document_to_json(whole)
        documents[document_id] = _kept(today) | documents.get(document_id, today)
        notices[document_id] = tuple(text for _, text in whole.notices)
        hashes[document_id] = hashlib.sha256(whole.text.encode("utf-8", "surrogatepass")).hexdigest()
    return Material(
        answer,
        body,
        created,
        library.catalogue.library_id,
        documents,
        _passages(library, answer),
        hashes,
        retracted_since(library.catalogue, answer),
        _citations(library, answer),
        _search(library, answer),
        notices,
    )


def _kept(document: Plain) -> dict[str, Any]:
    """The fields that answers given by earlier versions do not have of their documents."""
    return {name: document[name] for name in KeptJson.__optional_keys__ if name in document}


def _search(library: Library, answer: Plain) -> Plain | None:
    """The record of the answer's search, where it was kept and not forgotten."""
    from kgrag.catalogue.searches import stored_search

    try:
        return stored_search(library.catalogue, answer["trace"].get("search") or "")
    except NotFound:
        return None


def _passages(library: Library, answer: Plain) -> dict[str, PassageText]:
    ids = list(dict.fromkeys(e["passage_id"] for claim in answer["claims"] for e in claim["evidence"]))
    found = library.catalogue.passages_by_key(library.catalogue.passage_keys(ids).values())
    passages = {p.id: PassageText(p.id, p.document_id, p.text, p.start, p.section) for p, _ in found.values()}
    return {passage_id: passages[passage_id] for passage_id in ids if passage_id in passages}


def _citations(library: Library, answer: Plain) -> frozenset[tuple[str, str]]:
    """Which of two works cites the other, for the CITES edges of the answer's paths: the only edges whose
    ends are of one kind.
    """
    citing = {
        step["node"]["id"]
        for claim in answer["claims"]
        for step in claim["path"]
        if step["edge"] and step["edge"]["type"] == "CITES"
    }
    return frozenset(
        (edge.source, edge.target)
        for node in citing
        for edge in library.graph.neighbours(node, limit=MANY)
        if edge.type == "CITES"
    )
