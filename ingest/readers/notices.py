"""Retraction notices from files: Retraction Watch's CSV, PubMed, Crossref updates.

What is found is keyed by identifier.

Knows the forms of notices. Does not know the library: storing and marking is the catalogue's. Expressions of
concern and corrections are told apart from retractions, and a reinstatement takes a retraction back.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingest.readers.base import BrokenRecord, decoded_head, head_of, lines_of
from ingest.readers.notice_text import date_of, notice_line, update_kind, work_keys
from ingest.text import identifiers
from kgrag.errors import ReadError
from kgrag.types.documents import NoticeKind


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice about one work.

    Attributes:
        identifiers: ``doi:…`` and ``pmid:…`` of the work that the notice is about.
        kind: what the notice says of it.
        date: ISO date of the notice, or None.
        text: one line for people: kind, date, reason, and where the notice stands.
        notice: DOI or PubMed number of the notice itself, or None.
    """

    identifiers: tuple[str, ...]
    kind: NoticeKind
    date: str | None
    text: str
    notice: str | None = None


def read_notices(path: Path) -> Iterator[Notice | BrokenRecord]:
    """The notices of a file, recognised by its content.

    Args:
        path: Retraction Watch's CSV; Crossref JSON of works with ``update-to`` (one value, or one object a
            line); PubMed XML or NBIB.

    Raises:
        ReadError: none of these.
    """
    text = decoded_head(head_of(path)).lstrip()
    first = text.split("\n", 1)[0]
    if "OriginalPaperDOI" in first or "RetractionNature" in first:
        yield from _retraction_watch(path)
    elif text.startswith(("{", "[")):
        yield from _crossref(path)
    elif "<PubmedArticle" in text or "<MedlineCitation" in text:
        yield from _pubmed_xml(path)
    elif re.search(r"^PMID\s?-", text, re.M):
        yield from _nbib(path)
    else:
        raise ReadError(
            f"{path.name} is no file of retractions (known: Retraction Watch CSV, Crossref JSON with"
            " update-to, PubMed XML, NBIB)."
        )


def newest(notices: Iterator[Notice | BrokenRecord]) -> dict[str, Notice]:
    """Identifier → the notice that holds today: the last retraction, unless a later reinstatement took it
    back. Only retractions.
    """
    out: dict[str, Notice] = {}
    latest: dict[str, str] = {}
    for notice in notices:
        if isinstance(notice, BrokenRecord) or notice.kind not in ("retraction", "reinstatement"):
            continue
        for key in notice.identifiers:
            if (notice.date or "") >= latest.get(key, ""):
                latest[key] = notice.date or ""
                if notice.kind == "retraction":
                    out[key] = notice
                else:
                    out.pop(key, None)
    return out


def _retraction_watch(path: Path) -> Iterator[Notice | BrokenRecord]:
    kinds: dict[str, NoticeKind] = {
        "retraction": "retraction",
        "expression of concern": "concern",
        "correction": "correction",
        "reinstatement": "reinstatement",
    }
    rows = csv.DictReader(line + "\n" for line in lines_of(path))
    for number, row in enumerate(rows):
        kind = kinds.get((row.get("RetractionNature") or "retraction").strip().lower())
        keys = work_keys(row.get("OriginalPaperDOI"), row.get("OriginalPaperPubMedID"))
        if kind is None or not keys:
            yield BrokenRecord(
                path,
                number,
                (
                    f"Row {number + 1} of {path.name} names no work by DOI or PMID."
                    if not keys
                    else f"Row {number + 1}: unknown nature {row.get('RetractionNature')!r}."
                ),
            )
            continue
        own = work_keys(row.get("RetractionDOI"), row.get("RetractionPubMedID"))
        day = us_date(row.get("RetractionDate"))
        reason = "; ".join(
            part.strip("+ ") for part in (row.get("Reason") or "").split(";") if part.strip("+ ")
        )
        yield Notice(
            keys,
            kind,
            day,
            notice_line(kind, day, reason, own[0] if own and own != keys else None),
            own[0] if own else None,
        )


def us_date(text: str | None) -> str | None:
    """``7/12/2023 0:00`` (month first) or an ISO date as an ISO date; None where it is neither."""
    found = re.match(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})", text or "")
    parts = (int(found.group(3)), int(found.group(1)), int(found.group(2))) if found else None
    if iso := re.match(r"\s*(\d{4})-(\d{2})-(\d{2})", text or ""):
        parts = (int(iso.group(1)), int(iso.group(2)), int(iso.group(3)))
    try:
        return date(*parts).isoformat() if parts else None
    except ValueError:
        return None


def _crossref(path: Path) -> Iterator[Notice | BrokenRecord]:
    for number, work in enumerate(_works(path)):
        if not isinstance(work, dict):
            yield BrokenRecord(path, number, f"Item {number} of {path.name} is no work.")
            continue
        for update in work.get("update-to") or []:
            kind = update_kind(str(update.get("type") or update.get("label") or ""))
            keys = work_keys(update.get("DOI"), None)
            if kind and keys:
                day = date_of(update.get("updated") or work.get("issued"))
                own = identifiers.doi(work.get("DOI"))
                yield Notice(
                    keys,
                    kind,
                    day,
                    notice_line(kind, day, "", f"doi:{own}" if own else None),
                    f"doi:{own}" if own else None,
                )
        for update in work.get("updated-by") or []:
            kind, own = (
                update_kind(str(update.get("type") or update.get("label") or "")),
                identifiers.doi(update.get("DOI")),
            )
            if kind and (keys := work_keys(work.get("DOI"), None)):
                day = date_of(update.get("updated"))
                yield Notice(
                    keys,
                    kind,
                    day,
                    notice_line(kind, day, "", f"doi:{own}" if own else None),
                    f"doi:{own}" if own else None,
                )


def _works(path: Path) -> Iterator[Any]:
    text = "\n".join(lines_of(path, 256 << 20))
    try:
        value = json.loads(text)
    except ValueError:
        for line in text.split("\n"):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError:
                    yield line
        return
    message = value.get("message", value) if isinstance(value, dict) else value
    yield from message if isinstance(message, list) else message.get("items", [message])


def _pubmed_xml(path: Path) -> Iterator[Notice | BrokenRecord]:
    from ingest.readers.exports.medline import PUBMED_IN, PUBMED_OF
    from ingest.readers.xml import descendants, stream, text_of

    for citation in stream(path, "MedlineCitation"):
        own = text_of(next(descendants(citation, "PMID"), None))
        retracted = any(
            text_of(item) == "Retracted Publication" for item in descendants(citation, "PublicationType")
        )
        for item in descendants(citation, "CommentsCorrections"):
            number, where = (
                text_of(next(descendants(item, "PMID"), None)),
                text_of(next(descendants(item, "RefSource"), None)),
            )
            kind = item.get("RefType")
            if kind == "RetractionIn":
                retracted = False
                yield Notice(
                    work_keys(_doi_of(citation), own),
                    "retraction",
                    None,
                    notice_line("retraction", None, "", where or number),
                    f"pmid:{number}" if number else None,
                )
            elif kind == "RetractionOf" and number:
                yield Notice(
                    work_keys(None, number),
                    "retraction",
                    None,
                    notice_line("retraction", None, "", f"pmid:{own}"),
                    f"pmid:{own}",
                )
            elif own_kind := PUBMED_IN.get(kind or ""):
                yield Notice(
                    work_keys(_doi_of(citation), own),
                    own_kind,
                    None,
                    notice_line(own_kind, None, "", where or number),
                    f"pmid:{number}" if number else None,
                )
            elif (their_kind := PUBMED_OF.get(kind or "")) and number:
                yield Notice(
                    work_keys(None, number),
                    their_kind,
                    None,
                    notice_line(their_kind, None, "", f"pmid:{own}"),
                    f"pmid:{own}",
                )
        if retracted:
            yield Notice(
                work_keys(_doi_of(citation), own),
                "retraction",
                None,
                notice_line("retraction", None, "", None),
            )


def _doi_of(citation: Any) -> str | None:
    from ingest.readers.xml import descendants, text_of

    return next(
        (text_of(item) for item in descendants(citation, "ELocationID") if item.get("EIdType") == "doi"), None
    )


def _nbib(path: Path) -> Iterator[Notice | BrokenRecord]:
    from ingest.readers.exports.medline import NBIB, NBIB_IN, NBIB_OF
    from ingest.readers.exports.tagged import records

    for pairs in records(lines_of(path), NBIB):
        values: dict[str, list[str]] = {}
        for tag, value in pairs:
            values.setdefault(tag, []).append(value)
        own = next(iter(values.get("PMID", [])), None)
        doi = next(
            (
                value.replace("[doi]", "")
                for value in values.get("LID", []) + values.get("AID", [])
                if "[doi]" in value
            ),
            None,
        )
        for tag, kind in NBIB_IN.items():
            for value in values.get(tag, []):
                yield Notice(work_keys(doi, own), kind, None, notice_line(kind, None, "", value))
        for tag, kind in NBIB_OF.items():
            for value in values.get(tag, []):
                if found := re.search(r"PMID:\s*(\d+)", value):
                    yield Notice(
                        work_keys(None, found.group(1)),
                        kind,
                        None,
                        notice_line(kind, None, "", f"pmid:{own}"),
                        f"pmid:{own}",
                    )
        if "Retracted Publication" in values.get("PT", []) and not values.get("RIN"):
            yield Notice(work_keys(doi, own), "retraction", None, notice_line("retraction", None, "", None))
