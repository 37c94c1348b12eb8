"""Yes, no or maybe to a question that asks for it, read from the evidence of the claims that are shown.

Knows which questions ask for a verdict, and which claims it stands on. It is no claim: it is shown apart,
with its probability, and only where there are claims. English only, as the model behind it
(``kgrag.verify.yesno``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from kgrag.answerable import short_stem
from kgrag.evidence import content_words
from kgrag.text import has_han
from kgrag.types import Claim, Conclusion

_OPENS = re.compile(
    r"^(?:(?:and|but|so|or)\s+)?(?:is|are|was|were|do|does|did|can|could|should|will|would|has|have|had|may|might|must)\b",
    re.I,
)
_CHOICE = re.compile(r"\bor\b(?!\s+not\b)|\beither\b|\bwhich\b", re.I)
LABELS = ("yes", "no", "maybe")
ON_POINT = 0.6
"""Share of the question's words from which a claim with its work's title is about it."""


class Reader(Protocol):
    """What reads a verdict from texts (``kgrag.verify.yesno.YesNo``)."""

    def answer(self, question: str, contexts: Sequence[str]) -> tuple[str, dict[str, float]]:
        """The verdict, and the probability of each."""
        ...


def asks_for_verdict(question: str) -> bool:
    """Whether an English question can be answered by yes or no: it opens with an auxiliary verb (also after a
    colon or another sentence) and offers no choice.
    """
    text = question.strip()
    parts = [text, *(part.strip() for part in re.split(r"[:?.]\s+", text)[1:])]
    return not has_han(text) and any(
        _OPENS.search(part) and not _CHOICE.search(part) for part in parts if part
    )


def conclude(question: str, claims: Sequence[Claim], reader: Reader) -> Conclusion | None:
    """The verdict of the passages that the claims stand on; each document counts the same.

    Returns:
        None without a claim, where the question asks for none, or where no claim with its work's title holds
        enough of its words to be about it: the model behind it has read only abstracts on the very question.
    """
    if not claims or not asks_for_verdict(question) or _told(question, claims) < ON_POINT:
        return None
    passages: dict[str, dict[str, tuple[int, str]]] = {}
    for claim in claims:
        for evidence in claim.evidence:
            passages.setdefault(evidence.document.id, {})[evidence.passage.id] = (
                evidence.passage.ordinal,
                evidence.passage.text,
            )
    read = [
        reader.answer(question, [text for _, text in sorted(own.values())])[1] for own in passages.values()
    ]
    shares = {label: sum(found[label] for found in read) / len(read) for label in LABELS}
    label = max(LABELS, key=lambda name: (shares[name], -LABELS.index(name)))
    return Conclusion(label, shares[label], tuple(claim.id for claim in claims))


def _told(question: str, claims: Sequence[Claim]) -> float:
    """The largest share of the question's words that stand in one claim or its work's title, by their
    stems.
    """
    asked = set(map(short_stem, content_words(question)))
    told = [
        set(map(short_stem, content_words(f"{evidence.document.title} {claim.text}")))
        for claim in claims
        for evidence in claim.evidence
    ]
    return max((len(asked & words) for words in told), default=0) / max(len(asked), 1)
