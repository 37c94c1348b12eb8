"""Computable fakes, shipped for tests of outsiders too: an embedder without a model, and random documents.

Knows no service and no file. Everything is a function of its arguments, so a test can compute what it
expects.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from kgrag.language.names import entity_id
from kgrag.language.question_form import read_form
from kgrag.language.words import words
from kgrag.protocols import Vectors
from kgrag.types import (
    Author,
    Document,
    Entity,
    Extraction,
    Fact,
    KnowledgeObject,
    Mention,
    Parcel,
    Passage,
    Record,
    Reference,
    Sentence,
    Source,
    Stance,
    Statement,
    Understood,
    object_id,
)

NAMES = (
    "Marie Curie",
    "Radium",
    "Polonium",
    "Paris",
    "Pierre Curie",
    "Uranium",
    "Nobel Prize",
    "镭",
    "居里夫人",
    "C-reactive protein",
)


class HashEmbedder:
    """Bag of hashed words as a unit vector: equal words give equal vectors, shared words a positive cosine.

    Args:
        dim: length of the vectors.
    """

    def __init__(self, dim: int = 64) -> None:
        self.dim = dim
        self.identity = f"hash-{dim}"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """float32, (n_texts, dim), unit rows; empty text gives zeros."""
        return (
            np.stack([self.embed_query(text) for text in texts])
            if len(texts)
            else np.zeros((0, self.dim), np.float32)
        )

    def embed_query(self, text: str) -> Vectors:
        """float32, (dim,), unit length."""
        vector = np.zeros(self.dim, np.float32)
        for word in words(text):
            digest = hashlib.sha256(word.encode()).digest()
            vector[int.from_bytes(digest[:4], "big") % self.dim] += 1 if digest[4] % 2 else -1
        length = np.linalg.norm(vector)
        return vector / length if length else vector


def random_parcel(number: int, seed: int = 0) -> Parcel:
    """A document of two to four passages that mention random names, with statements, authors, venue and
    citations.
    """
    rng = random.Random(f"{seed}/{number}")
    document_id = f"doi:10.1000/{seed}.{number}"
    texts = [
        f"{a} was studied with {b} in {c}. It says number {number} part {i}."
        for i in range(rng.randint(2, 4))
        for a, b, c in [rng.sample(NAMES, 3)]
    ]
    text = "\n\n".join(texts)
    record = Record(
        Source(f"{number}.xml", f"sha-{seed}-{number}", "testing"),
        title=f"Paper {number}",
        year=1990 + number % 30,
        venue=rng.choice(["Nature", "学报"]),
        authors=(Author(family=rng.choice(["Li", "Meyer", "Curie"]), given="A."),),
        identifiers={"doi": document_id[4:]},
        keywords=("physics",),
        references=(Reference("another", {"doi": f"10.1000/{seed}.{rng.randint(0, 40)}"}),),
    )
    passages = tuple(_passage(document_id, i, text, part) for i, part in enumerate(texts))
    return Parcel(Document(document_id, record, text, "en"), passages, _extraction(passages, rng))


def _passage(document_id: str, ordinal: int, text: str, part: str) -> Passage:
    start = text.index(part)
    cut = part.index(". ") + 1
    return Passage(
        f"{document_id}#p{ordinal}",
        document_id,
        ordinal,
        part,
        start,
        start + len(part),
        ("Section",),
        (Sentence(0, cut), Sentence(cut + 1, len(part))),
    )


def _extraction(passages: Sequence[Passage], rng: random.Random) -> Extraction:
    found = [
        (name, passage, passage.text.index(name))
        for passage in passages
        for name in NAMES
        if name in passage.text
    ]
    entities = {
        name: Entity(entity_id(name), name, "Name", ("CRP",) if name == "C-reactive protein" else ())
        for name, _, _ in found
    }
    mentions = tuple(
        Mention(entities[name].id, p.id, start, start + len(name), "testing") for name, p, start in found
    )
    statements = []
    for passage in passages:
        named = [name for name, p, _ in found if p is passage]
        if len(named) >= 2 and rng.random() < 0.5:
            statements.append(
                Statement(
                    f"s:{passage.id}",
                    entities[named[0]].id,
                    "studied with",
                    entities[named[1]].id,
                    passage.id,
                    *_span(passage),
                )
            )
    concepts = {name: Entity("c:" + entities[name].id[2:], name, "disease") for name in entities}
    spots = tuple(
        Mention(concepts[name].id, p.id, start, start + len(name), "testing")
        for name, p, start in found
        if len(name) % 2
    )
    objects = tuple(KnowledgeObject(p.id, *_span(p), "result") for p in passages[:2])
    statements += _of_concepts(passages, spots, rng)
    return Extraction(
        tuple(entities[name] for name in sorted(entities)),
        mentions,
        tuple(statements),
        objects,
        concepts=tuple(concepts[name] for name in sorted({n for n, _, _ in found if len(n) % 2})),
        named=spots,
        facts=_facts(passages, spots, objects),
    )


def _of_concepts(
    passages: Sequence[Passage], spots: Sequence[Mention], rng: random.Random
) -> list[Statement]:
    """What passages state of the concepts that they name."""
    found = []
    for passage in passages:
        ends = sorted({spot.entity_id for spot in spots if spot.passage_id == passage.id})
        if len(ends) >= 2:
            stance: Stance = rng.choice(["asserted", "asked", "hedged"])
            told: list[tuple[Literal["positive", "negative"], ...]] = [
                ("positive",),
                ("negative",),
                ("positive", "negative"),
            ]
            for side in rng.choice(told):
                name = f"s:{passage.id}/0-9/{side}"
                one = Statement(name, ends[0], "increases", ends[1], passage.id, *_span(passage), side)
                found.append(replace(one, modality=stance))
    return found


def _facts(
    passages: Sequence[Passage], spots: Sequence[Mention], objects: Sequence[KnowledgeObject]
) -> tuple[Fact, ...]:
    place = (passages[0].id, *_span(passages[0]))
    studied = [Fact("STUDIES", target, *place) for target in sorted({spot.entity_id for spot in spots})[:2]]
    found = [
        Fact("FINDS", object_id(o.passage_id, o.start, o.end, o.role), o.passage_id, o.start, o.end)
        for o in objects
    ]
    return (*studied, *found)


def _span(passage: Passage) -> tuple[int, int]:
    return passage.sentences[0].start, passage.sentences[0].end


def asked(text: str, language: str = "en") -> Understood:
    """A question as it would be understood without a library: as typed, its form read."""
    return Understood(text, text, language, form=read_form(text))
