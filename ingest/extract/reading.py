"""Reads a document's prose for concepts and statements: which sentences are tagged, which are parsed.

Knows passages, languages and the cost of the parser: a sentence is parsed only where a word may state a
relation between two nouns. Does not know what is found in them.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.concepts.chinese import find_chinese
from ingest.concepts.document import ReadSentence, find_concepts, is_aside
from ingest.concepts.parse import parsed, tagged
from ingest.extract.taggers import is_biomedical, tag
from ingest.facts.reading import Read
from ingest.statements.find import find_statements
from ingest.statements.relations import has_trigger
from kgrag.language.words import has_han
from kgrag.types import Document, Passage

MAX_SENTENCES = 5000
"""Of one document; a book's later chapters are not parsed."""


def read_document(document: Document, passages: Sequence[Passage]) -> Read:
    """What a document names and says; nothing in a language that is not read."""
    if document.language == "zh" or has_han(document.text[:400]):
        return Read(*find_chinese(document, passages, _tagged(document, passages)))
    if document.language not in (None, "en"):
        return Read()
    sentences = read_sentences(passages)
    title = tagged([document.record.title]) if document.record.title else []
    found = find_concepts(document, sentences, title[0] if title else None)
    statements = tuple(find_statements(sentences, found))
    return Read(found, statements, sentences, title[0] if title else None)


def _tagged(document: Document, passages: Sequence[Passage]) -> dict[str, str]:
    """Kinds of the names that the tagger of Chinese medicine finds."""
    if not is_biomedical(document):
        return {}
    return {p.text[s.start : s.end]: s.kind for p, s in tag(document, passages)}


def read_sentences(passages: Sequence[Passage]) -> list[ReadSentence]:
    """The sentences of the prose, tagged, and parsed where they may state a relation."""
    places = [(p, s) for p in passages if p.kind != "table" for s in p.sentences][:MAX_SENTENCES]
    docs = tagged([p.text[s.start : s.end] for p, s in places])
    aside = {p.id: is_aside(p) for p, _ in places}
    parsed(
        [
            doc
            for (p, _), doc in zip(places, docs, strict=True)
            if not aside[p.id] and p.kind != "caption" and has_trigger(doc)
        ]
    )
    return [
        ReadSentence(p, s.start, s.end, doc, aside[p.id], p.kind in ("abstract", "title"))
        for (p, s), doc in zip(places, docs, strict=True)
    ]
