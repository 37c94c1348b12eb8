"""The default extraction of a document: terms, then statements between them, then knowledge objects. Zero tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.extract.objects import find_objects
from ingest.extract.relations import find_statements
from ingest.extract.terms import TermExtractor
from kgrag.types import Document, Extraction, Mention, Passage


class DefaultExtractor:
    """See the module. Implements ``Extractor``; pure and picklable."""

    def extract(self, document: Document, passages: Sequence[Passage]) -> Extraction:
        """Everything found; equal input gives equal output."""
        found = TermExtractor().extract(document, passages)
        by_passage: dict[str, list[Mention]] = {}
        for mention in found.mentions:
            by_passage.setdefault(mention.passage_id, []).append(mention)
        statements = tuple(s for passage in passages for s in find_statements(passage, by_passage.get(passage.id, ())))
        return replace(found, statements=statements, objects=tuple(o for passage in passages for o in find_objects(passage)))
