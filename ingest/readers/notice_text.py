"""How a notice is written down: the line for people, and the names of the work that it is about.

Knows identifiers and titles. Does not know any format.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from ingest.text import identifiers
from kgrag.language.names import plain, title_key
from kgrag.types import RecordNotice
from kgrag.types.documents import NoticeKind

_WORDS = {
    "retraction": "Retracted",
    "concern": "Expression of concern",
    "correction": "Corrected",
    "reinstatement": "Reinstated",
}
_PMID = re.compile(r"\bPMID:?\s*(\d{4,8})\b|pubmed(?:\.ncbi\.nlm\.nih\.gov)?/(\d{4,8})\b")
_TAIL = re.compile(r"\s+[\[(](?:[^()\[\]]|\([^()]*\))*[\])]\.?$")
"""Where the work stands, in brackets behind its title: ``[Silt 3 (2015) 1-9]``."""
MAX_WHERE = 200


def notice_line(kind: NoticeKind, day: str | None = None, reason: str = "", where: str | None = None) -> str:
    """One line for people: kind, date, reason, and where the notice stands."""
    return (
        _WORDS[kind]
        + (f" on {day}" if day else "")
        + (f": {reason}" if reason else "")
        + (f" (notice: {where[:MAX_WHERE]})" if where else "")
    )


def work_keys(doi: str | None, pmid: str | None) -> tuple[str, ...]:
    """``doi:…`` and ``pmid:…`` of a work, as far as they are given and right."""
    pairs = [("doi", doi), ("pmid", pmid if pmid and pmid.strip(" 0.") else None)]
    return tuple(f"{kind}:{value}" for kind, value in identifiers.normal(pairs).items())


def keys_in(text: str) -> tuple[str, ...]:
    """The keys of the work that a text of a notice names by DOI or PubMed number."""
    number = _PMID.search(text)
    return work_keys(identifiers.doi(text), next(filter(None, number.groups())) if number else None)


def title_keys(title: str) -> tuple[str, ...]:
    """The key of a work that is named by its title alone; none where the title is too common."""
    bare = title.strip()
    if (tail := _TAIL.search(bare)) and re.search(r"\b(?:1[89]|20)\d\d\b", tail[0]):
        bare = bare[: tail.start()]
    bare = bare.strip(" .\"'“”‘’«»")
    return (f"title:{plain(bare)}",) if title_key(bare, 1) else ()


def own_notice(kind: NoticeKind, where: str | None = None, day: str | None = None) -> RecordNotice:
    """What a record says of its own work."""
    return RecordNotice(kind, notice_line(kind, day, "", where))


def notice_about(
    kind: NoticeKind, about: tuple[str, ...], own: str | None, day: str | None = None
) -> RecordNotice | None:
    """What a record, whose own name is ``own``, says of another work; None where no work is named."""
    return RecordNotice(kind, notice_line(kind, day, "", own), about) if about else None


def update_kind(text: str) -> NoticeKind | None:
    """What an update of Crossref is, by its type or label."""
    text = text.lower().replace("-", "_").replace(" ", "_")
    if "retraction" in text or text in {"removal", "withdrawal"}:
        return "retraction"
    if "concern" in text:
        return "concern"
    return "correction" if text in {"correction", "corrigendum", "erratum", "addendum"} else None


def date_of(value: Any) -> str | None:
    """Crossref's parts of a date as an ISO date, or None."""
    try:
        parts = [int(part) for part in value["date-parts"][0]]
        return date(*[*parts, 1, 1][:3]).isoformat()
    except (TypeError, KeyError, IndexError, ValueError):
        return None
