"""Entities of a document found without any model and without tokens: titles, names, keywords, abbreviations,
terms.

Knows one document at a time, so that adding or deleting a document touches nothing else. Does not know how
often a name occurs in the library: that weight is the graph's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from ingest.extract.proper_names import name_spans
from ingest.text.abbreviations import find_abbreviations
from kgrag.language.names import entity_id, normalise_name, without_qualifier
from kgrag.types import Document, Entity, Extraction, Mention, Passage

MAX_TITLE_WORDS = 9
_DEFINED = re.compile(
    r"""
      \b(?:is|are)\ (?:defined\ as|called|termed|known\ as)\s+[\"“]?
      ([a-z][\w-]+(?:\ [a-z][\w-]+){0,3})  # is known as "heat shock"
    | (?:称为|称之为|定义为|简称|又称)[“\"]?([\u4e00-\u9fff]{2,10})  # 称为“热休克”
    """,
    re.X,
)


@dataclass(frozen=True, slots=True)
class Named:
    """One mention before it has a passage id: where, which name, how it was found, and what authorities call
    it.
    """

    start: int
    end: int
    name: str
    kind: str
    method: str
    score: float
    authorities: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TermExtractor:
    """The default extractor: pure, picklable, the same input gives the same output.

    Args:
        max_title_words: a title of at most this many words names the thing that its record is about.
    """

    max_title_words: int = MAX_TITLE_WORDS

    def extract(
        self,
        document: Document,
        passages: Sequence[Passage],
        named: Mapping[str, Sequence[Named]] = MappingProxyType({}),
    ) -> Extraction:
        """Entities and their mentions in each passage.

        Args:
            document: the work; its title and keywords name entities.
            passages: its passages in order.
            named: spans that others found (taggers, vocabularies), by passage id.

        Returns:
            Entities by id, mentions by (passage, start, end, entity); ``passage.text[start:end]`` is each
            mention's words.
        """
        names: dict[str, _Name] = {}
        mentions: dict[tuple[str, int, int, str], Mention] = {}
        terms = tuple(self._document_terms(document))
        for passage in passages:
            for found in (*named.get(passage.id, ()), *self._found(passage, terms)):
                key = entity_id(found.name)
                if len(normalise_name(found.name)) < 2:
                    continue
                names.setdefault(key, _Name(found.name, found.kind)).see(found)
                at = (passage.id, found.start, found.end, key)
                mentions.setdefault(
                    at, Mention(key, passage.id, found.start, found.end, found.method, found.score)
                )
        self._add_aliases(document, passages, names)
        entities = tuple(names[key].entity(key) for key in sorted(names))
        order = {passage.id: passage.ordinal for passage in passages}
        return Extraction(
            entities,
            tuple(
                sorted(mentions.values(), key=lambda m: (order[m.passage_id], m.start, m.end, m.entity_id))
            ),
        )

    def _document_terms(self, document: Document) -> Iterator[tuple[str, str, str, float]]:
        """(name, kind, method, score) of what the record itself names: its short title and its author
        keywords.
        """
        title = document.record.title
        if title and self._is_name(title):
            yield title, "Title", "title", 1.0
            if without_qualifier(title) != title:
                yield without_qualifier(title), "Title", "title", 1.0
        for keyword in document.record.keywords:
            yield keyword, "Keyword", "keyword", 1.0
        for heading in document.record.headings:
            yield heading, "Heading", "heading", 1.0

    def _is_name(self, title: str) -> bool:
        words = normalise_name(title).split()
        return 0 < len(words) <= self.max_title_words and not any(
            "\u4e00" <= c <= "\u9fff" for c in title[20:]
        )

    def _found(self, passage: Passage, terms: Sequence[tuple[str, str, str, float]]) -> Iterator[Named]:
        text = passage.text
        for name, kind, method, score in terms:
            for start, end in _occurrences(text, name):
                yield Named(start, end, name, kind, method, score)
        for short in find_abbreviations(text):
            for start, end in (short.long_span, short.short_span):
                yield Named(start, end, text[start:end], "Term", "abbreviation", 1.0)
        for start, end in name_spans(text):
            yield Named(start, end, text[start:end], "Name", "name", 0.8)
        for match in _DEFINED.finditer(text):
            group = 1 if match.group(1) else 2
            yield Named(*match.span(group), match.group(group), "Term", "defined", 0.6)

    def _add_aliases(self, document: Document, passages: Sequence[Passage], names: dict[str, _Name]) -> None:
        for passage in passages:
            for short in find_abbreviations(passage.text):
                long = names.get(entity_id(short.long))
                if long:
                    long.aliases.add(short.short)
        title = document.record.title
        base = names.get(entity_id(without_qualifier(title))) if title and self._is_name(title) else None
        if base and title and title != base.name:
            base.aliases.add(title)


@dataclass(slots=True)
class _Name:
    """An entity while it is collected."""

    name: str
    kind: str
    aliases: set[str] = field(default_factory=set)
    authorities: dict[str, str] = field(default_factory=dict)

    def see(self, found: Named) -> None:
        self.authorities.update(found.authorities)
        if found.name != self.name:
            self.aliases.add(found.name)

    def entity(self, key: str) -> Entity:
        return Entity(
            key,
            self.name,
            self.kind,
            tuple(sorted(self.aliases - {self.name})),
            dict(sorted(self.authorities.items())),
        )


def _occurrences(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Where the name stands in the text as whole words, in any case."""
    if not name.strip():
        return
    pattern = r"\s+".join(re.escape(part) for part in name.split())
    before, after = (
        ("" if not _is_word(name[0]) else r"(?<!\w)"),
        ("" if not _is_word(name[-1]) else r"(?!\w)"),
    )
    for match in re.finditer(before + pattern + after, text, re.IGNORECASE):
        yield match.span()


def _is_word(character: str) -> bool:
    return character.isalnum() and not "\u4e00" <= character <= "\u9fff"
