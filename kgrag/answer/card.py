"""A paper in a few of its own sentences: aim, sample, results, conclusion, limitations.

Knows one document's passages, the roles of their sentences and cues. Each part is a quote, or nothing where
the paper does not say it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kgrag.answer.cues import has_cue, n_cues
from kgrag.types import Document, Evidence, KnowledgeObject, Passage, Role, Sentence

N_RESULTS, N_LIMITATIONS, SHORTEST = 2, 4, 20
_SAMPLE = re.compile(
    r"""\b\d[\d,]*\s+(?:[\w-]+\s+){0,4}      # 2518 acute stroke
    (?:patients|participants|women|men|children|adults|subjects|people|individuals|infants|students|cases
    |respondents|volunteers|mice|rats|samples|articles|studies|trials|papers|records|libraries|documents)\b
    | \bn\s*=\s*\d+                          # n = 129
    | \d+\s*(?:例|名|位|篇|份|所|只|家)        # 117例""",
    re.IGNORECASE | re.VERBOSE,
)
_FIGURE = re.compile(r"\d\s*%|\d\.\d|[Pp]\s*[<=＜]|[±％]")


@dataclass(frozen=True, slots=True)
class Card:
    """The parts of a paper; an empty tuple is *not stated*."""

    aim: tuple[Evidence, ...]
    sample: tuple[Evidence, ...]
    results: tuple[Evidence, ...]
    conclusion: tuple[Evidence, ...]
    limitations: tuple[Evidence, ...]

    def summary(self) -> dict[str, tuple[Evidence, ...]]:
        """Aim, sample, results and conclusion by their names, in this order."""
        return {
            "aim": self.aim,
            "sample": self.sample,
            "result": self.results,
            "conclusion": self.conclusion,
        }

    def missing(self) -> list[str]:
        """The names of the parts that the paper does not state."""
        return [name for name, part in self.summary().items() if not part]


def card_of(
    document: Document, passages: Sequence[Passage], objects: Mapping[str, Sequence[KnowledgeObject]]
) -> Card:
    """The card of a paper.

    Args:
        document: the paper.
        passages: of it, in order; its abstract tells most, where it has one.
        objects: roles of sentences by passage id.
    """
    abstract = [passage for passage in passages if passage.kind == "abstract"] or list(passages[:3])
    said = list(_sentences(document, abstract, objects))
    results = [item for item in said if _is(item, "result")]
    telling = sorted(results, key=_tells_figures)
    concluded = [item for item in said if _is(item, "conclusion")]
    chosen = telling[:N_RESULTS]
    return Card(
        tuple([item for item in said if _is(item, "question") or has_cue("aim", item.quote)][:1]),
        tuple(sorted((item for item in said if _SAMPLE.search(item.quote)), key=_is_own_sample)[:1]),
        tuple(item for item in said if item in chosen),
        tuple(concluded[-1:] or [item for item in said[-1:] if item not in chosen]),
        tuple(_limitations(document, passages)),
    )


def _tells_figures(item: Evidence) -> tuple[bool, int]:
    return not _FIGURE.search(item.quote), -n_cues("result", item.quote)


def _is_own_sample(item: Evidence) -> tuple[bool, bool]:
    """Whether a sentence with a number of people tells of others' work, or of no doing: false before true."""
    others = has_cue("cited", item.quote) or has_cue("background", item.quote)
    return others, not has_cue("method", item.quote)


def _is(item: Evidence, role: Role) -> bool:
    """Whether the sentence has the role, or its cue where no role is known."""
    if item.role is not None:
        return item.role == role
    return role in ("result", "conclusion") and has_cue(role, item.quote)


def _limitations(document: Document, passages: Sequence[Passage]) -> list[Evidence]:
    """The sentences in which the authors say what their work does not show, where they say most of it."""
    bodies = [passage for passage in passages if passage.kind in ("paragraph", "abstract")]
    best = max(bodies, key=lambda passage: n_cues("limitation", passage.text), default=None)
    if best is None or n_cues("limitation", best.text) < 2:
        return []
    told = list(_sentences(document, [best], {}))
    first = next((i for i, item in enumerate(told) if has_cue("limitation", item.quote)), 0)
    return told[first : first + N_LIMITATIONS]


def _sentences(
    document: Document, passages: Sequence[Passage], objects: Mapping[str, Sequence[KnowledgeObject]]
) -> Iterator[Evidence]:
    for passage in passages:
        for sentence in passage.sentences:
            quote = passage.text[sentence.start : sentence.end].strip()
            if len(quote) >= SHORTEST and not quote.endswith(("?", "？")):
                role = _role(objects.get(passage.id, ()), sentence)
                yield Evidence(passage, document, sentence.start, sentence.end, 0.5, role, 0.5)


def _role(objects: Sequence[KnowledgeObject], sentence: Sentence) -> Role | None:
    held = [item for item in objects if item.start < sentence.end and sentence.start < item.end]
    return max(held, key=lambda item: item.score).role if held else None
