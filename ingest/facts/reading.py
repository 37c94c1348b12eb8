"""What was read of a document: its parsed sentences, its title, its concepts and statements.

Knows values only; ``ingest.extract.reading`` makes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.concepts.document import Found, ReadSentence, endings
from ingest.concepts.gate import trimmed
from ingest.concepts.phrases import Phrase, noun_phrases
from kgrag.types import Statement


@dataclass(frozen=True, slots=True)
class Read:
    """A document, read; ``sentences`` and ``title`` are there for English only."""

    found: Found = field(default_factory=Found)
    statements: tuple[Statement, ...] = ()
    sentences: Sequence[ReadSentence] = field(default=())
    title: Any = None

    def title_phrases(self) -> Iterator[Phrase]:
        """The noun phrases of the title, each before the shorter ones that end as it does."""
        for phrase in noun_phrases(self.title):
            cut = trimmed(self.title, phrase)
            if cut is not None:
                yield from endings(self.title, cut)
