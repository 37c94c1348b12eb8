"""Knowledge objects by trained models: what each sentence of an abstract, and of a body, is for.

Knows the packaged models and section names of structured abstracts, which decide where they are clear.
Background is no object. Sentences of the body are told by their words and the kind of their section; those in
Chinese are for ``ingest.extract.objects``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import cast

import numpy as np

from ingest.extract.objects import CUE_SCORE, cue_role
from ingest.extract.taggers import FOLDER
from kgrag.evaluate.sections import role_of_section
from kgrag.language.section_names import section_kind
from kgrag.models.item_features import ItemVectors, sentence_hashes
from kgrag.models.labeller import Labeller
from kgrag.models.text_roles import ROLES as BODY_ROLES
from kgrag.models.text_roles import TextRoles
from kgrag.types import Document, KnowledgeObject, Passage, Role

MIN_SENTENCES, MAX_SENTENCES = 3, 40
MIN_SCORE, SECTION_SCORE, SURE = 0.5, 0.95, 0.9
BODY_SCORE, SHORTEST, LONGEST_HEADING = 0.6, 20, 4
_TRUSTED = ("question", "result")
"""Roles whose phrases say more than the labeller where that is not sure: it learned from abstracts with
headings, and csabstruct knows no conclusion.
"""


def is_abstract(document: Document, passage: Passage) -> bool:
    """Whether the roles of abstracts apply: English, and the passage was read as an abstract."""
    return document.language in (None, "en") and passage.kind == "abstract"


def abstract_objects(passages: Sequence[Passage]) -> Iterator[KnowledgeObject]:
    """The knowledge objects of an abstract's passages, in order; nothing where it is too short or too long to
    be one.
    """
    places = [(passage, sentence) for passage in passages for sentence in passage.sentences]
    if not MIN_SENTENCES <= len(places) <= MAX_SENTENCES:
        return
    texts = [passage.text[sentence.start : sentence.end] for passage, sentence in places]
    for (passage, sentence), (role, score) in zip(places, sentence_roles(texts), strict=True):
        if section_kind((_heading(passage.text[sentence.start : sentence.end]),)) == "aside":
            continue
        named = role_of_section(passage.section[-1]) if passage.section else None
        role, score = (named, SECTION_SCORE) if named else (role, score)
        if role != "background" and score >= MIN_SCORE:
            yield KnowledgeObject(passage.id, sentence.start, sentence.end, cast(Role, role), score)


def _heading(sentence: str) -> str:
    """A heading that the sentence begins with, as in *Registration: PROSPERO CRD42019127893.*"""
    head, colon, _ = sentence.partition(":")
    return head if colon and len(head.split()) <= LONGEST_HEADING else ""


def body_objects(passages: Sequence[Passage]) -> Iterator[KnowledgeObject]:
    """The knowledge objects of an English paper's paragraphs, in order; what is not sure is none."""
    kept = [(passage, section_kind(passage.section) or "") for passage in passages]
    places = [(p, kind, sentence) for p, kind in kept if kind != "aside" for sentence in p.sentences]
    texts = [passage.text[sentence.start : sentence.end] for passage, _, sentence in places]
    kinds = [kind for _, kind, _ in places]
    found = _body_model().of_sentences(texts, kinds)
    for (passage, _, sentence), text, row in zip(places, texts, found, strict=True):
        role, score = BODY_ROLES[int(row.argmax())], round(float(row.max()), 4)
        if role != "background" and score >= BODY_SCORE and len(text) >= SHORTEST:
            named = "data" if role == "method" and cue_role(text) == "data" else role
            yield KnowledgeObject(passage.id, sentence.start, sentence.end, cast(Role, named), score)


def sentence_roles(sentences: Sequence[str]) -> list[tuple[str, float]]:
    """(role, probability) of each sentence of one abstract; ``background`` is a role here."""
    model, vectors = _model()
    n_buckets, labels = int(model.header["n_buckets"]), model.header["labels"]
    hashes = [sentence_hashes(text, i, len(sentences), n_buckets) for i, text in enumerate(sentences)]
    (found,) = (
        model.label([(hashes, np.stack([vectors.of_text(text) for text in sentences]))])
        if sentences
        else model.label([([], np.zeros((0, 384), np.float32))])
    )
    return [
        _with_cue(text, str(labels[label]), round(score, 4))
        for text, label, score in zip(sentences, found.labels, found.scores, strict=True)
    ]


def _with_cue(sentence: str, role: str, score: float) -> tuple[str, float]:
    """What the authors announce themselves counts where the labeller is not sure, and a conclusion always."""
    cued = cue_role(sentence)
    return (cued, CUE_SCORE) if cued == "conclusion" or (cued in _TRUSTED and score < SURE) else (role, score)


@lru_cache(maxsize=1)
def _model() -> tuple[Labeller, ItemVectors]:
    return Labeller(FOLDER / "roles.npz"), ItemVectors()


@lru_cache(maxsize=1)
def _body_model() -> TextRoles:
    return TextRoles.read(_model()[1])
