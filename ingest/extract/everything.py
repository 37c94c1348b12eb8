"""The default extraction of a document: terms, tagged names, statements between them, knowledge objects.

Zero tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.extract.merging import merged
from ingest.extract.objects import find_objects
from ingest.extract.reading import read_document
from ingest.extract.roles import abstract_objects, body_objects, is_abstract
from ingest.extract.taggers import is_biomedical, tag
from ingest.extract.terms import Named, TermExtractor
from ingest.extract.vocabulary import load_terms, term_file
from ingest.facts.find import find_facts
from ingest.facts.reading import Read
from kgrag.holdings.entities import in_force
from kgrag.library import Library
from kgrag.reward.extraction import rescored, scorer_file
from kgrag.types import Document, Entity, Extraction, KnowledgeObject, Passage


@dataclass(frozen=True, slots=True)
class DefaultExtractor:
    """See the module. Implements ``Extractor``; pure and picklable.

    Args:
        steps: what runs besides terms and patterns: ``concepts``, ``taggers``, ``roles``.
        terms: the file of the library's vocabularies (``ingest.extract.vocabulary.term_file``).
        same: (entity id, the id it was merged into) of every decision in force.
        scorer: what people's rankings taught (``kgrag.reward.extraction``).
    """

    steps: tuple[str, ...] = ("concepts", "taggers", "roles")
    terms: Path | None = None
    same: tuple[tuple[str, str], ...] = ()
    scorer: Path | None = None

    def extract(self, document: Document, passages: Sequence[Passage]) -> Extraction:
        """Everything found; equal input gives equal output. The rows of tables are no sentences to extract
        from.
        """
        passages = [passage for passage in passages if passage.kind != "table"]
        found = self._with_labels(
            TermExtractor().extract(document, passages, self._named(document, passages))
        )
        read = read_document(document, passages) if "concepts" in self.steps else Read()
        objects = self._objects(document, passages)
        found = replace(
            found,
            concepts=self._with_authorities(read.found.concepts),
            named=read.found.mentions,
            statements=read.statements,
            objects=objects,
            facts=find_facts(document, passages, read, objects) if "concepts" in self.steps else (),
        )
        if self.same:
            found = merged(found, dict(self.same))
        return (
            found
            if self.scorer is None
            else rescored(found, {passage.id: passage.text for passage in passages}, self.scorer)
        )

    def _with_labels(self, found: Extraction) -> Extraction:
        """Entities of a vocabulary with its forms in every language."""
        if self.terms is None:
            return found
        labels = load_terms(self.terms).aliases(found.entities)
        entities = (
            replace(e, aliases=tuple(sorted({*e.aliases, *labels[e.id]} - {e.name}))) if e.id in labels else e
            for e in found.entities
        )
        return replace(found, entities=tuple(entities))

    def _with_authorities(self, concepts: Sequence[Entity]) -> tuple[Entity, ...]:
        """Concepts with the terms of loaded vocabularies that they are. A phrase was read as a noun in its
        sentence, so the verb *lead* is no metal.
        """
        if self.terms is None:
            return tuple(concepts)
        terms = load_terms(self.terms)
        found = ((one, terms.term_of((one.name, *one.aliases))) for one in concepts)
        return tuple(replace(one, authorities=dict([term])) if term else one for one, term in found)

    def _named(self, document: Document, passages: Sequence[Passage]) -> dict[str, list[Named]]:
        """Spans that vocabularies and taggers name, by passage; the vocabularies first."""
        named: dict[str, list[Named]] = {}
        if self.terms is not None:
            terms = load_terms(self.terms)
            named = {passage.id: list(terms.find(passage.text)) for passage in passages}
        if "taggers" in self.steps and is_biomedical(document):
            for passage, span in tag(document, passages):
                named.setdefault(passage.id, []).append(
                    Named(
                        span.start,
                        span.end,
                        passage.text[span.start : span.end],
                        span.kind,
                        span.method,
                        span.score,
                    )
                )
        return named

    def _objects(self, document: Document, passages: Sequence[Passage]) -> tuple[KnowledgeObject, ...]:
        """By the trained roles; of a text that they do not read, by cue and section."""
        abstract = (
            [passage for passage in passages if is_abstract(document, passage)]
            if "roles" in self.steps
            else []
        )
        found = tuple(abstract_objects(abstract))
        done = {passage.id for passage in abstract} if found else set()
        rest = [passage for passage in passages if passage.id not in done]
        if "roles" in self.steps and document.language in (None, "en"):
            return found + tuple(body_objects(rest))
        return found + tuple(o for passage in rest for o in find_objects(passage))


DEFAULT = DefaultExtractor()


def extractor_of(library: Library) -> DefaultExtractor:
    """The extractor as a library's settings say."""
    return DefaultExtractor(
        library.settings.extractors,
        term_file(library.catalogue),
        tuple(sorted(in_force(library.catalogue).items())),
        scorer_file(library),
    )
