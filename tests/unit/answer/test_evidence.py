"""The memory of sentence vectors: an answer is the same to the bit with it and without it, and it keeps
nothing of what was deleted.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kgrag.answer.evidence import find_evidence
from kgrag.ask.asker import Asker
from kgrag.ask.reading import N_EVIDENCE
from kgrag.library import Library
from kgrag.models.minilm import N_REMEMBERED, MiniLM
from kgrag.search.understand import understand

QUESTION = "Was Radium studied with Polonium in Paris?"


def test_evidence_is_the_same(small_library: Library) -> None:
    """Scores of the evidence do not tell whether the vectors were made now or before."""
    asker = Asker(small_library)
    understood = understand(QUESTION, small_library)
    hits = asker.retriever.search(understood, 20)
    before = asker.evidence(understood, hits)
    assert small_library.sentences.fill(lambda: True, lambda: True) == small_library.sentences.count() > 0
    assert asker.evidence(understood, hits) == before
    unweighed = [replace(item, chance=0.0) for item in before]
    keys = small_library.catalogue.passage_keys([hit.passage.id for hit in hits])
    objects = small_library.catalogue.objects_of(keys.values())
    assert unweighed == find_evidence(understood.text, hits, small_library.embedder, objects, N_EVIDENCE)
    assert small_library.sentences.missing() == []


def test_what_was_deleted_is_forgotten(small_library: Library) -> None:
    """After a deletion its passages' vectors go; the others stay."""
    small_library.sentences.fill(lambda: True, lambda: True)
    document = next(small_library.catalogue.documents())
    gone = len(small_library.catalogue.passages_of(document.id))
    before = small_library.sentences.count()
    small_library.catalogue.delete(document.id)
    assert small_library.sentences.forget() == gone
    assert small_library.sentences.count() == before - gone


def test_filling_stops_when_told(small_library: Library) -> None:
    """It goes on only while it may, and only in idle time."""
    assert small_library.sentences.fill(lambda: False, lambda: True) == 0
    looks = iter([False, False, True])
    assert small_library.sentences.fill(lambda: True, lambda: next(looks, True)) > 0


def test_the_embedder_takes_what_it_is_told(papers_library: Library) -> None:
    """What is remembered is given back, rounded numbers are numbers that rounding does not change, and no
    more than so many are kept.
    """
    embedder = papers_library.embedder
    assert isinstance(embedder, MiniLM)
    made = embedder.embed_passages(["A sentence.", "Another.", "A sentence."])
    assert np.array_equal(made[0], made[2])
    assert np.array_equal(made, made.astype(np.float16).astype(np.float32))
    row = np.full(embedder.dim, 0.05, np.float16).astype(np.float32)
    embedder.remember({f"told {i}": row for i in range(N_REMEMBERED + 5)})
    assert np.array_equal(embedder.embed_passages([f"told {N_REMEMBERED}"])[0], row)
    assert not np.array_equal(embedder.embed_passages(["told 0"])[0], row)
