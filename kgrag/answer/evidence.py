"""Chooses the sentences of found passages that may answer, each an exact quote with a score.

Knows sentences, word overlap and vectors. A sentence's score mixes how near it is to the question with how
much of the question's rare words it holds and how its passage ranks.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kgrag.indexes.sentences import rounded
from kgrag.language.instructions import addresses_a_model
from kgrag.language.words import content_words, is_chinese
from kgrag.models import reads
from kgrag.models.minilm import MiniLM
from kgrag.protocols import Embedder, Vectors
from kgrag.types import Evidence, Hit, KnowledgeObject, Role, Sentence

MIN_CHARACTERS, MAX_CHARACTERS = 12, 600


N_EMBEDDED = 48


AROUND = 400
"""Letters before and after a passage in which an order to a model speaks for the passage too."""


COSINE_WEIGHT, COVERAGE_WEIGHT, RANK_WEIGHT = 0.55, 0.35, 0.10


SECOND_HAND_COST = 0.06
"""What a sentence loses that reports others' work or a guess: the library has better witnesses for it."""


_CITES = re.compile(r"\[\d+(?:[,–-]\s*\d+)*\]|\((?:[A-Z][\w-]+(?: et al\.?| and [A-Z][\w-]+)?,? )\d{4}")


_GUESSES = re.compile(
    r"\b(?:speculated|hypothesi[sz]ed|anecdotal|unclear whether|remains unknown)\b|尚不清楚|推测"
)


_CAPTIONED = (
    r"(?:[Tt]able|[Ff]ig(?:ure)?\.?|[Bb]ox|[Pp]rotocol|[Tt]ext|[Dd]ata(?:set)?|[Ff]ile|[Vv]ideo|[Mm]ovie"
    r"|[Aa]udio|[Ss]cheme|[Aa]ppendix|[Cc]hecklist|[Mm]aterial)"
)


_ENTRY = re.compile(
    r"(?:\(?(?:19|20)\d\d[a-z]?\)?\s*[.,:;]"  # (2013).
    r"|(?:(?:[Ss]upp(?:lementary|orting|lemental)|[Aa]dditional|[Ee]xtended)\s+)?"
    rf"{_CAPTIONED}\s*[A-Z]?\d+\s*[.:|]"  # Supplementary Table 3.
    rf"|S\d+\s+{_CAPTIONED}\s*[.:|]?)\s"  # S1 Fig.
)
"""How an entry of a list of references goes on after its authors, and how a caption or an entry of the
supporting information begins: no statement.
"""


_INSTITUTION = re.compile(
    r"\b(?:University|Institutes?|Departments?|Hospitals?|School|Faculty|College|Cent(?:er|re)) (?:of|for)\b"
    r"|\bUniversity\b"
)
MANY_INSTITUTIONS = 3
"""Institutions from which a sentence is a list of who works where, and states nothing."""
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    sentence: Sentence
    number: int
    text: str
    terms: frozenset[str]
    rank: int


def find_evidence(
    question: str,
    hits: Sequence[Hit],
    embedder: Embedder,
    objects: Mapping[str, Sequence[KnowledgeObject]],
    top_k: int = 16,
    known: Mapping[str, Vectors] | None = None,
) -> list[Evidence]:
    """The sentences nearest to the question.

    Args:
        question: as it is searched.
        hits: passages, best first.
        embedder: for the cosine of the most promising sentences.
        objects: knowledge objects by passage id; a sentence that overlaps one takes its role.
        top_k: how many, at most.
        known: vectors of the sentences of some passages, float32 (n_sentences, dim) by passage id; the others
            are embedded now.

    Returns:
        Best first, ties by passage id and start; scores in [0, 1].
    """
    candidates = [c for rank, hit in enumerate(hits) for c in _sentences_of(hit, rank)]
    if not candidates:
        return []
    coverage = _coverage(sorted(_terms(question)), candidates)
    order = sorted(range(len(candidates)), key=lambda i: (-coverage[i] - 0.3 / (1 + candidates[i].rank), i))[
        :N_EMBEDDED
    ]
    if reads(embedder, "zh" if is_chinese(question) else "en"):
        cosine = _vectors([candidates[i] for i in order], embedder, known or {}) @ embedder.embed_query(
            question
        )
    else:
        cosine = np.array(
            [coverage[i] for i in order]
        )  # without vectors the words' share stands for nearness too
    found = [
        _evidence(candidates[i], coverage[i], float(near), objects)
        for i, near in zip(order, cosine, strict=True)
    ]
    return sorted(found, key=lambda e: (-e.score, e.passage.id, e.start))[:top_k]


def _vectors(candidates: Sequence[_Candidate], embedder: Embedder, known: Mapping[str, Vectors]) -> Vectors:
    """float32 (n_candidates, dim), equal whether remembered or made now; what was remembered is told to the
    embedder, which reads the same sentences later.
    """
    asked = [c for c in candidates if c.hit.passage.id not in known]
    made = iter(rounded(embedder.embed_passages([c.text for c in asked])))
    rows = [
        known[c.hit.passage.id][c.number] if c.hit.passage.id in known else next(made) for c in candidates
    ]
    if isinstance(embedder, MiniLM):
        embedder.remember({c.text: row for c, row in zip(candidates, rows, strict=True)})
    return np.stack(rows)


def _terms(text: str) -> frozenset[str]:
    """Content words, and for Chinese the pairs of characters too: names are often cut wrongly.

    A Chinese sentence is read with its title.
    """
    pairs = [a + b for run in _HAN_RUN.findall(text) for a, b in pairwise(run)] if is_chinese(text) else []
    return frozenset([*content_words(text), *pairs])


def gives_orders(hit: Hit) -> bool:
    """Whether a passage, what stands around it, or its title speaks to a language model; such a passage is
    found, but is no evidence.
    """
    passage = hit.passage
    around = hit.document.text[max(passage.start - AROUND, 0) : passage.end + AROUND]
    return (
        addresses_a_model(passage.text)
        or addresses_a_model(around)
        or addresses_a_model((hit.document.record.title or "").strip())
    )


def _sentences_of(hit: Hit, rank: int) -> list[_Candidate]:
    passage = hit.passage
    title = (hit.document.record.title or "").strip()
    # a caption speaks of a picture that is not shown with it, and its list of sources is cut as if it were
    # sentences; rows of tables are chosen by their cells
    if passage.kind in ("caption", "table") or gives_orders(hit):
        return []
    title_terms: frozenset[str] = _terms(title) if is_chinese(title) else frozenset()
    found = []
    for number, sentence in enumerate(passage.sentences):
        text = passage.text[sentence.start : sentence.end]
        asks = text.rstrip().endswith(("?", "？"))
        if (
            MIN_CHARACTERS <= len(text) <= MAX_CHARACTERS
            and not asks
            and text.strip() != title
            and not _ENTRY.match(text)
            and len(_INSTITUTION.findall(text)) < MANY_INSTITUTIONS
        ):
            found.append(_Candidate(hit, sentence, number, text, _terms(text) | title_terms, rank))
    return found


def _coverage(asked: Sequence[str], candidates: Sequence[_Candidate]) -> list[float]:
    """Share of the question's words in each sentence, weighted by rarity among the candidates."""
    frequency = Counter(term for candidate in candidates for term in candidate.terms)
    weights = {term: math.log(1 + len(candidates) / (1 + frequency[term])) for term in set(asked)}
    total = sum(weights.values()) or 1.0
    return [
        sum(w for term, w in weights.items() if term in candidate.terms) / total for candidate in candidates
    ]


def _evidence(
    candidate: _Candidate, coverage: float, cosine: float, objects: Mapping[str, Sequence[KnowledgeObject]]
) -> Evidence:
    near = float(np.clip(cosine, 0.0, 1.0))
    score = (
        COSINE_WEIGHT * near
        + COVERAGE_WEIGHT * coverage
        + RANK_WEIGHT / (1 + candidate.rank)
        - SECOND_HAND_COST * _second_hand(candidate.text)
    )
    passage, sentence = candidate.hit.passage, candidate.sentence
    role = _role(objects.get(passage.id, ()), sentence)
    return Evidence(
        passage, candidate.hit.document, sentence.start, sentence.end, round(max(score, 0.0), 6), role
    )


def _second_hand(text: str) -> bool:
    return _CITES.search(text) is not None or _GUESSES.search(text) is not None


def _role(objects: Sequence[KnowledgeObject], sentence: Sentence) -> Role | None:
    overlapping = [o for o in objects if o.start < sentence.end and sentence.start < o.end]
    return max(overlapping, key=lambda o: o.score).role if overlapping else None
