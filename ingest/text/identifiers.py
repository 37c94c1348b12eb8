"""Identifiers of works, people and serials: found in text, normalised, check digits verified.

Knows: how DOI, PMID, PMCID, ISBN, ISSN and ORCID are written and checked. Does not know whether one exists.
Sources: DOI Handbook; ISO 2108 (ISBN); ISO 3297 (ISSN); ISO 7064 MOD 11-2 (ORCID).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\"'<>“”‘’，。；、）】]+", re.I)
_DOI_PREFIX = re.compile(
    r"^(?:https?://)?(?:(?:dx\.|www\.)?doi\.org/|doi\s*[:：]?\s*|link\.cnki\.net/doi/)", re.I
)
_PMCID = re.compile(r"^(?:https?://\S*?)?(?:PMC)?\s*(\d{2,9})(?:\.\d+)?/?$", re.I)
_PMID = re.compile(r"^(?:pmid\s*[:：]?\s*|https?://\S*?/)?(\d{1,8})(?:\.0)?/?$", re.I)
_ISSN = re.compile(r"(\d{4})[-‐‑–—－]?(\d{3}[\dXxＸ])")
_ORCID = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])")
_ARXIV = re.compile(r"(?<![\w.])(\d{4}\.\d{4,5}|[a-z][a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?!\d)", re.I)
_CLOSERS = {")": "(", "]": "[", "}": "{", ">": "<"}


def doi(text: str | None) -> str | None:
    """The first DOI in the text: lower case, without resolver address, without trailing punctuation; or
    None.
    """
    if not text or "10." not in text:
        return None
    found = _DOI.search(unquote(html.unescape(text)) if "%2" in text.lower() or "&" in text else text)
    return _trim_doi(found.group()) if found else None


def _trim_doi(raw: str) -> str | None:
    raw = re.split(r"\s|&(?:lt|gt|amp);|[&?#](?=[\w.]+=)", raw)[0]
    while raw:
        last = raw[-1]
        if last in ".,;:*…†‡|" or (last in _CLOSERS and raw.count(last) > raw.count(_CLOSERS[last])):
            raw = raw[:-1]
        else:
            break
    return raw.lower() if "/" in raw and not raw.endswith("/") else None


def dois(text: str) -> list[str]:
    """All different DOIs of the text in their order."""
    found = (_trim_doi(match.group()) for match in _DOI.finditer(text))
    return list(dict.fromkeys(item for item in found if item))


def pmid(text: str | None) -> str | None:
    """A PubMed number without prefix or leading zeros, or None."""
    found = _PMID.match(text.strip()) if text else None
    return (found.group(1).lstrip("0") or None) if found else None


def pmcid(text: str | None) -> str | None:
    """A PubMed Central number as ``PMC1234``, or None."""
    found = _PMCID.match(text.strip()) if text else None
    return f"PMC{found.group(1)}" if found else None


def isbn(text: str | None) -> str | None:
    """An ISBN as 13 digits, or None where the check digit is wrong."""
    for candidate in re.findall(r"[\dXx][\dXx\-‐‑–— ]{8,20}[\dXx]", text or ""):
        digits = re.sub(r"[^\dXx]", "", candidate).upper()
        for length in (13, 10):
            if (found := _isbn_of(digits[:length], length)) is not None:
                return found
    return None


def _isbn_of(digits: str, length: int) -> str | None:
    if len(digits) != length or not digits[:-1].isdecimal():
        return None
    if length == 13:
        good = digits.isdecimal() and digits[:3] in ("978", "979") and _ean_check(digits[:12]) == digits[12]
        return digits if good else None
    total = sum((10 - place) * (10 if sign == "X" else int(sign)) for place, sign in enumerate(digits))
    return f"978{digits[:9]}{_ean_check('978' + digits[:9])}" if total % 11 == 0 else None


def _ean_check(twelve: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return str(-total % 10)


def issn(text: str | None) -> str | None:
    """The first ISSN whose check digit is right, as ``1234-567X``, or None."""
    for first, second in _ISSN.findall(text or ""):
        digits = (first + second).upper().replace("Ｘ", "X")
        total = sum((8 - place) * (10 if sign == "X" else int(sign)) for place, sign in enumerate(digits))
        if total % 11 == 0:
            return f"{digits[:4]}-{digits[4:]}"
    return None


def orcid(text: str | None) -> str | None:
    """An ORCID iD as ``0000-0001-2345-678X``, or None where the check digit is wrong."""
    found = _ORCID.search(text or "")
    if not found:
        return None
    digits = "".join(found.groups()).upper()
    total = 0
    for digit in digits[:15]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return "-".join(found.groups()).upper() if digits[15] == ("X" if check == 10 else str(check)) else None


def arxiv(text: str | None) -> str | None:
    """An arXiv number without prefix, address or version (``2101.00001``, ``math/0601001``), or None."""
    found = _ARXIV.search(text or "")
    return found.group(1).lower() if found else None


_NORMAL = {"doi": doi, "pmid": pmid, "pmcid": pmcid, "isbn": isbn, "issn": issn, "arxiv": arxiv}


def normal(pairs: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """Identifiers by kind, normalised; a wrong one is left out, and the first good one of a kind is kept.

    Args:
        pairs: kind (``doi``, ``pmid``, ``pmcid``, ``isbn``, ``issn``, ``arxiv``, or any other kept as it is)
            and written value.
    """
    out: dict[str, str] = {}
    for kind, value in pairs:
        cleaned = _NORMAL[kind](value) if kind in _NORMAL else (value or "").strip() or None
        if cleaned and kind not in out:
            out[kind] = cleaned
    return out


WORK_KINDS = ("doi", "pmid", "pmcid", "arxiv", "cnki", "isbn", "openalex", "wos", "oai", "local")
"""Kinds that name one work, in the order in which they become a document's id. ISSN names a serial."""


def document_id(identifiers: Mapping[str, str]) -> str | None:
    """``kind:value`` of the first kind of ``WORK_KINDS`` that is present, or None."""
    return next((f"{kind}:{identifiers[kind]}" for kind in WORK_KINDS if identifiers.get(kind)), None)
