"""Crossref's deposit and query XML: journal articles, book chapters, conference papers, posted content,
dissertations.

Knows Crossref schemas 4.3–5.x by their elements' local names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, source, year_of
from ingest.readers.xml import Element, child, children, descendants, local, root_name, stream, text_of
from ingest.text import identifiers
from kgrag.errors import ReadError
from kgrag.types import Author, Record, Reference

_WORKS = (
    "journal_article",
    "conference_paper",
    "content_item",
    "posted_content",
    "dissertation",
    "report-paper",
    "book_metadata",
    "standard",
    "dataset",
    "peer_review",
)
_CONTAINERS = (
    "journal",
    "conference",
    "book",
    "posted_content",
    "dissertation",
    "report-paper",
    "standard",
    "database",
    "peer_review",
)
_KINDS = {
    "journal_article": "article-journal",
    "conference_paper": "paper-conference",
    "content_item": "chapter",
    "posted_content": "preprint",
    "dissertation": "thesis",
    "report-paper": "report",
    "book_metadata": "book",
    "peer_review": "review",
}


class CrossrefXmlReader:
    """Works in Crossref XML."""

    name = "crossref-xml"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the document element or its namespace is Crossref's."""
        text = decoded_head(head)
        root = root_name(text)
        return (
            1.0
            if root in {"doi_batch", "crossref_result", "doi_records"} or (root == "crossref" and "<" in text)
            else 0.0
        )

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each work of the file.

        Raises:
            ReadError: unsafe XML, not well-formed, or without any work.
        """
        number = 0
        for container in stream(path, *_CONTAINERS):
            for work in _works(container):
                yield _record(work, container, path, number)
                number += 1
        if not number:
            raise ReadError(f"{path.name} holds no work in Crossref's XML.")


def _works(container: Element) -> list[Element]:
    if local(container) in _WORKS:
        return [container]
    found = [item for item in descendants(container, *_WORKS) if local(item) != "book_metadata"]
    return found or list(descendants(container, "book_metadata"))


def _record(work: Element, container: Element, path: Path, number: int) -> Record:
    issue, journal = (
        next(descendants(container, "journal_issue"), None),
        next(descendants(container, "journal_metadata", "proceedings_metadata"), None),
    )
    title = text_of(next(descendants(child(work, "titles"), "title"), None))
    subtitle = text_of(next(descendants(child(work, "titles"), "subtitle"), None))
    dates = (
        children(work, "publication_date")
        or children(work, "posted_date")
        or children(issue, "publication_date")
        or list(descendants(container, "publication_date"))
    )
    first, last = text_of(child(work, "pages", "first_page")), text_of(child(work, "pages", "last_page"))
    licence = next(descendants(work, "license_ref"), None)
    return Record(
        source=source(path, "crossref-xml", number),
        title=f"{title}: {subtitle}" if title and subtitle else title or None,
        abstract=_abstract(work),
        authors=tuple(filter(None, map(_author, _people(work)))),
        year=next(filter(None, (year_of(text_of(child(date, "year"))) for date in dates)), None),
        venue=text_of(next(descendants(journal, "full_title", "proceedings_title"), None))
        or (text_of(next(descendants(container, "title"), None)) if local(work) == "content_item" else None)
        or None,
        volume=text_of(next(descendants(issue, "volume"), None)) or None,
        issue=text_of(child(issue, "issue")) or None,
        pages=(f"{first}-{last}" if last and last != first else first) or None,
        publisher=text_of(next(descendants(container, "publisher_name"), None)) or None,
        identifiers=_identifiers(work, container),
        kind=_KINDS.get(local(work), local(work)),
        licence=text_of(licence) or None,
        language=(work.get("language") or (journal.get("language") if journal is not None else None)),
        references=tuple(map(_reference, descendants(work, "citation"))),
    )


def _people(work: Element) -> list[Element]:
    contributors = child(work, "contributors")
    found = [
        item
        for item in (contributors if contributors is not None else ())
        if local(item) in {"person_name", "organization"}
    ]
    authors = [item for item in found if (item.get("contributor_role") or "author") == "author"]
    return authors or found


def _author(item: Element) -> Author | None:
    orcid = identifiers.orcid(text_of(child(item, "ORCID")))
    if local(item) == "organization":
        return Author(literal=text_of(item), orcid=orcid) if text_of(item) else None
    family, given, suffix = (text_of(child(item, name)) for name in ("surname", "given_name", "suffix"))
    where = text_of(child(item, "affiliation")) or "; ".join(
        text_of(name) for name in descendants(child(item, "affiliations"), "institution_name")
    )
    given = " ".join(filter(None, (given, suffix)))
    return Author(family, given or None, None, orcid, where or None) if family else None


def _abstract(work: Element) -> str | None:
    found = child(work, "abstract")
    paragraphs = [text_of(item) for item in descendants(found, "p")] if found is not None else []
    return "\n".join(filter(None, paragraphs)) or text_of(found) or None


def _identifiers(work: Element, container: Element) -> dict[str, str]:
    pairs: list[tuple[str, str | None]] = [("doi", text_of(child(work, "doi_data", "doi")))]
    pairs += [
        ("doi", text_of(item)) for item in descendants(work, "identifier") if item.get("id_type") == "doi"
    ]
    pairs += [("issn", text_of(item)) for item in descendants(container, "issn")]
    pairs += [
        ("isbn", text_of(item)) for item in descendants(container, "isbn") if local(work) == "book_metadata"
    ]
    return identifiers.normal(pairs)


def _reference(citation: Element) -> Reference:
    fields = {local(item): text_of(item) for item in citation}
    whole = fields.get("unstructured_citation") or ". ".join(
        filter(
            None,
            (
                fields.get(name)
                for name in (
                    "author",
                    "article_title",
                    "journal_title",
                    "volume_title",
                    "cYear",
                    "volume",
                    "first_page",
                )
            ),
        )
    )
    doi = identifiers.doi(fields.get("doi")) or identifiers.doi(whole)
    title = fields.get("article_title") or fields.get("volume_title")
    return Reference(
        re.sub(r"\s+", " ", whole),
        identifiers.normal([("doi", doi)]),
        title,
        year_of(fields.get("cYear")),
        fields.get("author"),
    )
