"""A checked text as HTML: each claim with its verdict and quote, each reference with what is wrong.

Pure: values in, HTML out, everything escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any

from ui.html.answer import act
from ui.words import Language, word

_MARKS = {"supported": "kg-good", "contradicted": "kg-bad", "exists": "kg-good", "wrong metadata": "kg-bad"}
_OUTCOMES = {"exists": "ref_exists", "wrong metadata": "ref_wrong", "not found": "ref_not_found"}


def claims_html(claims: Sequence[dict[str, Any]], language: Language) -> str:
    """The claims in the text's order, below how many are what (``claims`` of ``kgrag claims check
    --json``).
    """
    if not claims:
        return f"<p class='kg-empty' role='status'>{word('no_claims', language)}</p>"
    counts = Counter(claim["label"] for claim in claims)
    line = word(
        "checked_line",
        language,
        **{label: counts[label] for label in ("supported", "contradicted", "unsupported")},
    )
    return (
        f"<p class='kg-told' role='status'>{line}</p><ol"
        f" class='kg-hits'>{''.join(_claim(claim, language) for claim in claims)}</ol>"
    )


def references_html(references: Sequence[dict[str, Any]], language: Language) -> str:
    """The references in the text's order (``references`` of ``kgrag references check --json``)."""
    if not references:
        return f"<p class='kg-empty' role='status'>{word('no_references', language)}</p>"
    counts = Counter(item["outcome"] for item in references)
    line = word(
        "references_line",
        language,
        exists=counts["exists"],
        wrong=counts["wrong metadata"],
        missing=counts["not found"],
    )
    return (
        f"<p class='kg-told' role='status'>{line}</p><ol"
        f" class='kg-hits'>{''.join(_reference(item, language) for item in references)}</ol>"
    )


def progress_html(done: int, of: int, language: Language) -> str:
    """How far it is; nothing is known at the start."""
    line = word("check_progress", language, done=done, of=of) if of else f"{word('working', language)} …"
    return f"<p class='kg-told' role='status'>{line}</p>"


def failed_html(text: str, language: Language) -> str:
    """What went wrong, in the words of the command line."""
    return f"<p class='kg-error' role='alert'><strong>{word('error', language)}.</strong> {escape(text)}</p>"


def _claim(claim: dict[str, Any], language: Language) -> str:
    against, nearest = claim["contradicted_by"], claim["nearest"]
    quotes = _quote("against_quote", against, language) if against else ""
    if nearest is not None and nearest != against:
        quotes = (
            _quote("quote_in", nearest, language) if claim["label"] == "supported" else ""
        ) + quotes or _quote("nearest_quote", nearest, language)
    return (
        f"<li><p>{_badge(claim['label'], word(claim['label'], language))}"
        f" {escape(claim['text'])}</p>{quotes}</li>"
    )


def _quote(said: str, quote: dict[str, Any], language: Language) -> str:
    paper = act("paper", quote["title"], "kg-link", document=quote["document_id"])
    return (
        f"<blockquote>{escape(quote['quote'])}</blockquote><p class='kg-place'>{word(said, language)}:"
        f" {paper}</p>"
    )


def _reference(item: dict[str, Any], language: Language) -> str:
    wrong = "".join(
        f"<li>{word('field_wrong', language, field=escape(part['field']), written=escape(part['written']), held=escape(part['held']))}</li>"
        for part in item["wrong"]
    )
    paper = (
        f"<p class='kg-place'>{act('paper', word('open_paper', language), 'kg-link', document=item['document_id'])}</p>"
        if item["document_id"]
        else ""
    )
    return (
        f"<li><p>{_badge(item['outcome'], word(_OUTCOMES[item['outcome']], language))}"
        f" {escape(item['text'])}</p>{f'<ul>{wrong}</ul>' if wrong else ''}{paper}</li>"
    )


def _badge(kind: str, text: str) -> str:
    return f"<span class='kg-badge {_MARKS.get(kind, '')}'>{text}</span>"
