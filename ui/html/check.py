"""A checked text as HTML: each claim with its verdict and quote, each reference with what is wrong.

Pure: values in, markup out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from kgrag.language.facts import NEGATION, opposite_words
from ui.html.parts import TEMPLATES, Plain, cut, said_html
from ui.words import Language, word, words

_MARKS = {"supported": "kg-good", "contradicted": "kg-bad", "exists": "kg-good", "wrong metadata": "kg-bad"}
_FIGURE = re.compile(r"\d[\d.,]*\d%?|\d%?")
"""A figure, such as 16,000, 4.5 or 12%."""
LABELS = ("contradicted", "unsupported", "supported")
"""Outcomes in the order in which they want a look."""
_OUTCOMES = {"exists": "ref_exists", "wrong metadata": "ref_wrong", "not found": "ref_not_found"}


def claims_html(claims: Sequence[Plain], language: Language) -> Markup:
    """The claims in the text's order, below how many are what (``claims`` of ``kgrag claims check
    --json``).
    """
    if not claims:
        return said_html(word("no_claims", language), "kg-empty", "status")
    counts = Counter(claim["label"] for claim in claims)
    labels = {label: counts[label] for label in ("supported", "contradicted", "unsupported")}
    line = word("checked_line", language, **labels)
    rows = [_claim(claim, language) for claim in claims]
    filters = [(label, word(f"says_{label}", language), counts[label]) for label in LABELS if counts[label]]
    return TEMPLATES.part("check.html", "claims", line, rows, filters, words(language))


def references_html(references: Sequence[Plain], language: Language) -> Markup:
    """The references in the text's order (``references`` of ``kgrag references check --json``)."""
    if not references:
        return said_html(word("no_references", language), "kg-empty", "status")
    counts = Counter(item["outcome"] for item in references)
    line = word(
        "references_line",
        language,
        exists=counts["exists"],
        wrong=counts["wrong metadata"],
        missing=counts["not found"],
    )
    rows = [_reference(item, language) for item in references]
    filters = [
        (name, word(key, language), counts[name]) for name, key in reversed(_OUTCOMES.items()) if counts[name]
    ]
    return TEMPLATES.part("check.html", "references", line, rows, filters, words(language))


def progress_html(done: int, of: int, language: Language) -> Markup:
    """How far it is; nothing is known at the start."""
    line = word("check_progress", language, done=done, of=of) if of else f"{word('working', language)} …"
    return said_html(line, role="status")


def _claim(claim: Plain, language: Language) -> Plain:
    quotes = _quotes(claim)
    others = [quote["quote"] for _, quote in quotes]
    return {
        "kind": _MARKS.get(claim["label"], ""),
        "label": claim["label"],
        "outcome": word(f"says_{claim['label']}", language),
        "pieces": cut(claim["text"], deciding(claim["text"], others)),
        "quotes": [
            (said, quote, cut(quote["quote"], deciding(quote["quote"], [claim["text"]])))
            for said, quote in quotes
        ],
    }


def deciding(text: str, others: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand that decide whether two sentences say the same: figures, negations, and words
    whose opposite stands in the other.
    """
    spans = [(found.start(), found.end()) for found in (*_FIGURE.finditer(text), *NEGATION.finditer(text))]
    for other in others:
        for one in opposite_words(text, other) or ():
            spans += [
                (found.start(), found.end())
                for found in re.finditer(rf"\b{re.escape(one)}\w*", text, re.IGNORECASE)
            ]
    return sorted(set(spans))


def _quotes(claim: Plain) -> list[tuple[str, Plain]]:
    """What speaks for a claim and against it, else what is nearest to it; each with the word before it."""
    against, nearest = claim["contradicted_by"], claim["nearest"]
    quotes = [("against_quote", against)] if against else []
    if nearest is None or nearest == against:
        return quotes
    if claim["label"] == "supported":
        return [("quote_in", nearest), *quotes]
    return quotes or [("nearest_quote", nearest)]


def _reference(item: Plain, language: Language) -> Plain:
    return {
        "label": item["outcome"],
        "kind": _MARKS.get(item["outcome"], ""),
        "outcome": word(_OUTCOMES[item["outcome"]], language),
        "text": item["text"],
        "wrong": item["wrong"],
        "document": item["document_id"],
    }
