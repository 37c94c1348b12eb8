"""Reads a text from elsewhere claim by claim: says of each what the library says, with the quote.

Knows how a claim finds its evidence anywhere in the library, and that the claims of one text are judged
together. Does not know who wrote the text; what it cites is checked by ``kgrag.check.references``. Nothing is
kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from kgrag.answer.judge import contradicted, verdicts_on
from kgrag.ask.asker import Asker
from kgrag.ask.reading import evidence_of
from kgrag.errors import UsageError
from kgrag.language.sentences import ClaimSpan, split_claims, without_joint
from kgrag.language.words import content_words
from kgrag.search.understand import understand
from kgrag.types import Chain, Claim, Evidence, Filters, Verdict
from kgrag.verify.together import judged_together

N_QUOTES = 6
"""Quotes that a claim is read beside."""
MOST_CLAIMS = 60
"""Claims of a text that are checked at a time where somebody waits: some twenty seconds."""


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A claim of the text with its verdict; ``nearest`` is the quote that decided, or the nearest there is,
    ``against`` one that contradicts the claim.
    """

    span: ClaimSpan
    verdict: Verdict
    nearest: Evidence | None
    against: Evidence | None

    def as_json(self) -> dict[str, Any]:
        """Plain values, as the command line prints them."""
        return {
            "text": self.span.text,
            "span": [self.span.start, self.span.end],
            "label": self.verdict.label,
            "score": round(self.verdict.score, 6),
            "checks": list(self.verdict.checks),
            "nearest": _quote(self.nearest),
            "contradicted_by": _quote(self.against),
        }


def check_claims(
    text: str,
    asker: Asker,
    filters: Filters = Filters(),
    progress: Callable[[int, int], None] = lambda done, of: None,
    most: int | None = None,
) -> list[CheckedClaim]:
    """Every claim of a text in its order: *supported* by a quote of the library, *contradicted* by one about
    the same, or *unsupported*.

    Args:
        text: English, Chinese or mixed; sentences without a word of meaning are left out.
        asker: of the library.
        filters: limits to part of it.
        progress: told how many of the claims have their evidence.
        most: claims of a text that is taken; any number by default.

    Raises:
        UsageError: the text has more claims than ``most``.
    """
    parts = [
        replace(span, text=bare, end=span.start + len(bare))
        for span in split_claims(text)
        for bare in (without_joint(span.text),)
    ]
    spans = [span for span in parts if content_words(span.text)]
    if most is not None and len(spans) > most:
        raise UsageError(
            f"The text has {len(spans)} claims; at most {most} are checked at a time here. Give a part of it,"
            " or check it on the command line: kgrag claims check FILE"
        )
    found: list[list[Evidence]] = []
    for span in spans:
        understood = understand(span.text, asker.library, filters.hidden)
        hits = asker.retriever.search(understood, top_k=asker.library.settings.top_k, filters=filters)
        found.append(evidence_of(asker, understood, hits, named_only=False)[:N_QUOTES])
        progress(len(found), len(spans))
    verdicts = judged_together(
        verdicts_on([(span.text, quotes) for span, quotes in zip(spans, found, strict=True)], asker.verifier)
    )
    return [
        _checked(span, verdict, quotes, asker)
        for span, verdict, quotes in zip(spans, verdicts, found, strict=True)
    ]


def _checked(span: ClaimSpan, verdict: Verdict, quotes: list[Evidence], asker: Asker) -> CheckedClaim:
    """*Contradicted* only with a quote about the same that says otherwise; what one work supports, another
    may contradict, but seldom the same.
    """
    nearest = quotes[verdict.best] if quotes else None
    others = [
        quote
        for quote in quotes
        if verdict.label != "supported" or nearest is None or quote.document.id != nearest.document.id
    ]
    against = next(
        iter(
            contradicted(
                [Claim("", span.text, span.start, span.end, verdict, 0.0, 0.0, (), Chain((), ()))],
                others,
                asker.verifier,
            )[0]
        ),
        None,
    )
    if verdict.label != "supported":
        verdict = replace(verdict, label="contradicted" if against else "unsupported")
    return CheckedClaim(span, verdict, nearest, against)


def _quote(evidence: Evidence | None) -> dict[str, Any] | None:
    return (
        None
        if evidence is None
        else {
            "quote": evidence.quote,
            "document_id": evidence.document.id,
            "title": evidence.document.title,
            "passage_id": evidence.passage.id,
            "span": [evidence.start, evidence.end],
        }
    )
