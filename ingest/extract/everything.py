"""The default extraction of a document: terms, tagged names, statements between them, knowledge objects. Zero tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.extract.objects import find_objects
from ingest.extract.relations import find_statements
from ingest.extract.roles import abstract_objects, is_abstract
from ingest.extract.taggers import is_biomedical, tag
from ingest.extract.terms import Named, TermExtractor
from kgrag.library import Library
from kgrag.types import Document, Extraction, KnowledgeObject, Mention, Passage


@dataclass(frozen=True, slots=True)
class DefaultExtractor:
    """See the module. Implements ``Extractor``; pure and picklable.

    Args:
        steps: what runs besides terms and patterns: ``taggers``, ``roles``.
    """

    steps: tuple[str, ...] = ("taggers", "roles")

    def extract(self, document: Document, passages: Sequence[Passage]) -> Extraction:
        """Everything found; equal input gives equal output."""
        found = TermExtractor().extract(document, passages, self._tagged(document, passages))
        by_passage: dict[str, list[Mention]] = {}
        for mention in found.mentions:
            by_passage.setdefault(mention.passage_id, []).append(mention)
        statements = tuple(s for passage in passages for s in find_statements(passage, by_passage.get(passage.id, ())))
        return replace(found, statements=statements, objects=self._objects(document, passages))

    def _tagged(self, document: Document, passages: Sequence[Passage]) -> dict[str, list[Named]]:
        """Spans that taggers name, by passage."""
        named: dict[str, list[Named]] = {}
        if "taggers" in self.steps and is_biomedical(document):
            for passage, span in tag(document, passages):
                named.setdefault(passage.id, []).append(Named(span.start, span.end, passage.text[span.start : span.end], span.kind, span.method, span.score))
        return named

    def _objects(self, document: Document, passages: Sequence[Passage]) -> tuple[KnowledgeObject, ...]:
        """Of the abstract by the trained roles, of the body by cue and section."""
        abstract = [passage for passage in passages if is_abstract(document, passage)] if "roles" in self.steps else []
        found = tuple(abstract_objects(abstract))
        done = {passage.id for passage in abstract} if found else set()
        return found + tuple(o for passage in passages if passage.id not in done for o in find_objects(passage))


DEFAULT = DefaultExtractor()


def extractor_of(library: Library) -> DefaultExtractor:
    """The extractor as a library's settings say."""
    return DefaultExtractor(library.settings.extractors)
