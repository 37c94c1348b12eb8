"""Whether a document that was found is about what was sought, or only shares words or a subject with it.

Knows the hits of one document. The similarity is the default embedder's cosine; other embedders have other
scales, and there the words alone decide.
"""

from __future__ import annotations

from collections.abc import Sequence

from kgrag.language.words import content_words, short_stem
from kgrag.types import Hit

NEAR, BESIDE = 0.42, 0.2
"""Cosine from which a passage is about it, and from which its words are meant as they were sought."""


def about(text: str, hits: Sequence[Hit]) -> bool:
    """Whether one of the document's passages is near what was sought, or its record or a passage that is not
    far holds all its words.

    Args:
        text: the words sought, as searched.
        hits: of one document, best first.
    """
    asked = {short_stem(word) for word in content_words(text)}
    nearest = max((hit.channels.get("dense", 0.0) for hit in hits), default=0.0)
    if nearest >= NEAR:
        return True
    record = hits[0].document.record
    told = " ".join(
        (record.title or "", *record.keywords, *record.headings, *(a.name for a in record.makers))
    )
    if asked and asked <= _stems(told):
        return True
    return bool(asked) and nearest >= BESIDE and any(asked <= _stems(hit.passage.text) for hit in hits)


def _stems(text: str) -> set[str]:
    return {short_stem(word) for word in content_words(text)}
