"""Replies that small language models once gave, with the quotes of their prompts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from kgrag.types import Document, Evidence, Passage, Record, Sentence, Source

FILE = Path(__file__).parents[2] / "data" / "replies" / "recorded.jsonl"


@dataclass(frozen=True)
class Recorded:
    """A question, the quotes of its prompt, and what models replied."""

    question: str
    evidence: list[Evidence]
    replies: list[str]

    @property
    def quotes(self) -> list[str]:
        """The quotes' words."""
        return [item.quote.strip() for item in self.evidence]


def quote(text: str, number: int = 1, title: str = "A paper") -> Evidence:
    """A sentence as evidence."""
    document = Document(f"d-{title}", Record(Source("a.txt", "0", "test"), title=title), text, "en")
    sentences = (Sentence(0, len(text)),)
    passage = Passage(f"p{number}", document.id, 0, text, 0, len(text), (), sentences)
    return Evidence(passage, document, 0, len(text), 0.9 - number / 100)


def recorded() -> list[Recorded]:
    """All that is recorded."""
    lines = map(json.loads, FILE.read_text("utf-8").splitlines())
    return [
        Recorded(
            line["question"],
            [quote(text, n, title) for n, (title, text) in enumerate(line["quotes"], start=1)],
            line["replies"],
        )
        for line in lines
    ]
