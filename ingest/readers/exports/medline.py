"""PubMed: MEDLINE/NBIB tagged records and efetch or baseline XML (also packed with gzip).

Knows the National Library of Medicine's tags and elements. Source: NLM, MEDLINE/PubMed Data Element
Descriptions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, source, year_of
from ingest.readers.exports.markup import marked_text
from ingest.readers.exports.tagged import Dialect, Pairs, gathered, read_tagged
from ingest.readers.notice_text import keys_in, notice_about, own_notice, work_keys
from ingest.readers.xml import Element, child, children, descendants, root_name, stream, text_of
from ingest.text import identifiers
from ingest.text.language import code_of
from kgrag.errors import ReadError
from kgrag.types import Author, Record, RecordNotice, Reference
from kgrag.types.documents import NoticeKind

_FIELDS = {
    "PMID": "pmid",
    "TI": "title",
    "BTI": "venue_book",
    "CTI": "series",
    "ED": "editor",
    "FED": "editor_full",
    "AB": "abstract",
    "FAU": "author_full",
    "AU": "author",
    "CN": "author_group",
    "IR": "investigator",
    "FIR": "investigator",
    "DP": "year",
    "JT": "venue",
    "TA": "venue_short",
    "VI": "volume",
    "IP": "issue",
    "PG": "pages",
    "LA": "language",
    "PT": "kind",
    "MH": "heading",
    "OT": "keyword",
    "PMC": "pmcid",
    "IS": "issn_text",
    "ISBN": "isbn",
    "AD": "affiliation",
    "PB": "publisher",
    "PL": "place",
    "CI": "licence",
}
NBIB = Dialect("nbib", re.compile(r"^([A-Z]{2,4})\s{0,2}- ?(.*)$"), frozenset({"PMID"}), frozenset(), _FIELDS)


NBIB_IN: dict[str, NoticeKind] = {
    "RIN": "retraction",
    "ECI": "concern",
    "EIN": "correction",
    "CRI": "correction",
}
"""Tags that name the notice about the record's own work."""
NBIB_OF: dict[str, NoticeKind] = {
    "ROF": "retraction",
    "ECF": "concern",
    "EFR": "correction",
    "CRF": "correction",
}
"""Tags that name the work which the record is a notice about."""
PUBMED_IN: dict[str, NoticeKind] = {
    "RetractionIn": "retraction",
    "ExpressionOfConcernIn": "concern",
    "ErratumIn": "correction",
    "CorrectedandRepublishedIn": "correction",
}
PUBMED_OF: dict[str, NoticeKind] = {
    "RetractionOf": "retraction",
    "ExpressionOfConcernFor": "concern",
    "ErratumFor": "correction",
    "CorrectedandRepublishedFrom": "correction",
}


class NbibReader:
    """MEDLINE and NBIB tagged text."""

    name = "nbib"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where a PubMed number opens a record of tags in MEDLINE's form."""
        return 0.96 if re.search(r"^PMID\s?- *\d+\s*$", decoded_head(head), re.M) else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file."""
        return read_tagged(path, NBIB, _shape, _own_notices)


def _shape(pairs: Pairs) -> dict[str, list[str]]:
    fields = gathered(pairs, NBIB)
    for value in fields.get("extra:LID", []) + fields.get("extra:AID", []):
        if "[doi]" in value:
            fields.setdefault("doi", []).append(value.replace("[doi]", ""))
        elif "[pii]" in value and "pages" not in fields:
            fields["pages"] = [value.replace("[pii]", "").strip()]
    fields["issn"] = sorted(fields.pop("issn_text", []), key=lambda value: "Electronic" not in value)
    fields["heading"] = [value.replace("*", "") for value in fields.get("heading", [])]
    fields["keyword"] = [value.lstrip("*") for value in fields.get("keyword", [])]
    if not fields.get("title"):
        fields["title"] = fields.pop("venue_book", [])
    fields["title"] = [_without_brackets(title) for title in fields["title"][:1]]
    fields["types"] = fields.get("kind", [])
    fields["kind"] = _kind(fields["types"])
    if fields.get("isbn") and fields["kind"] == ["chapter"]:
        fields["container_isbn"] = fields.pop("isbn")
    return fields


_BOOK_KINDS = {"Book Chapter": "chapter", "Books": "book", "Book": "book"}


def _kind(types: list[str]) -> list[str]:
    """The first publication type; one that tells a book or a chapter goes before, what tells of a retraction
    behind.
    """
    books = [_BOOK_KINDS[one] for one in types if one in _BOOK_KINDS]
    return books or sorted(types, key=lambda one: "Retract" in one)[:1]


def _own_notices(pairs: Pairs) -> Iterator[RecordNotice]:
    return _notices(pairs, next((f"pmid:{value}" for tag, value in pairs if tag == "PMID"), None))


def _notices(pairs: Pairs, own: str | None) -> Iterator[RecordNotice]:
    """What the tags of comments say of retractions, concerns and corrections."""
    for tag, value in pairs:
        if kind := NBIB_IN.get(tag):
            yield own_notice(kind, value)
        elif (kind := NBIB_OF.get(tag)) and (notice := notice_about(kind, keys_in(value), own)):
            yield notice


def _without_brackets(title: str) -> str:
    """A translated title without the brackets that mark it."""
    found = re.fullmatch(r"\[(.*)\]\.?", title)
    return found.group(1) if found else title


class PubmedXmlReader:
    """Citations in PubMed's XML."""

    name = "pubmed-xml"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the document element is a set of PubMed articles."""
        return (
            1.0
            if root_name(decoded_head(head))
            in {
                "PubmedArticleSet",
                "PubmedArticle",
                "MedlineCitationSet",
                "MedlineCitation",
                "PubmedBookArticleSet",
            }
            else 0.0
        )

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each citation of the file.

        Raises:
            ReadError: unsafe XML, not well-formed, or without any citation.
        """
        number = -1
        for number, item in enumerate(stream(path, "PubmedArticle", "PubmedBookArticle", "MedlineCitation")):
            yield _record(item, path, number)
        if number < 0:
            raise ReadError(f"{path.name} holds no PubMed citation.")


def _record(item: Element, path: Path, number: int) -> Record:
    citation = next(descendants(item, "MedlineCitation", "BookDocument"), item)
    article = next(descendants(citation, "Article"), citation)
    journal = child(article, "Journal")
    issue = child(journal, "JournalIssue")
    date = child(issue, "PubDate")
    title = marked_text(child(article, "ArticleTitle")) or text_of(child(article, "Book", "BookTitle"))
    return Record(
        source=source(path, "pubmed-xml", number),
        title=_without_brackets(title) or text_of(child(article, "VernacularTitle")) or None,
        abstract=_abstract(child(article, "Abstract")),
        authors=tuple(filter(None, map(_author, children(child(article, "AuthorList"), "Author")))),
        year=year_of(text_of(child(date, "Year")) or text_of(child(date, "MedlineDate")))
        or year_of(text_of(child(article, "ArticleDate", "Year"))),
        venue=text_of(child(journal, "Title")) or None,
        volume=text_of(child(issue, "Volume")) or None,
        issue=text_of(child(issue, "Issue")) or None,
        pages=_pages(text_of(child(article, "Pagination", "MedlinePgn"))) or _number_of(article),
        identifiers=_identifiers(item, citation, article, journal),
        language=code_of(text_of(child(article, "Language"))),
        kind=text_of(child(article, "PublicationTypeList", "PublicationType")) or None,
        keywords=tuple(filter(None, map(text_of, descendants(citation, "Keyword")))),
        headings=tuple(
            filter(None, map(text_of, descendants(child(citation, "MeshHeadingList"), "DescriptorName")))
        ),
        references=tuple(_reference(entry) for entry in descendants(child(item, "PubmedData"), "Reference")),
        extra={
            key: value
            for key, value in (("venue_short", text_of(child(citation, "MedlineJournalInfo", "MedlineTA"))),)
            if value
        },
        notices=tuple(_xml_notices(citation)),
    )


def _number_of(article: Element) -> str | None:
    """The number of an article without pages, where the publisher's own identifier is one (``e104``)."""
    own = (text_of(one) for one in children(article, "ELocationID") if one.get("EIdType") == "pii")
    return next((value for value in own if re.fullmatch(r"[A-Za-z]{0,3}\d{1,7}", value)), None)


def _abstract(abstract: Element | None) -> str | None:
    parts = [(part.get("Label"), marked_text(part)) for part in children(abstract, "AbstractText")]
    return (
        "\n".join(
            f"{label}: {text}" if label and label != "UNLABELLED" else text for label, text in parts if text
        )
        or None
    )


def _author(item: Element) -> Author | None:
    orcid = next(
        (found for entry in children(item, "Identifier") if (found := identifiers.orcid(text_of(entry)))),
        None,
    )
    where = (
        "; ".join(
            filter(
                None, (text_of(child(entry, "Affiliation")) for entry in children(item, "AffiliationInfo"))
            )
        )
        or text_of(child(item, "Affiliation"))
        or None
    )
    family, group = text_of(child(item, "LastName")), text_of(child(item, "CollectiveName"))
    if not family:
        return Author(literal=group, orcid=orcid, affiliation=where) if group else None
    given = " ".join(
        filter(
            None,
            (
                text_of(child(item, "ForeName")) or text_of(child(item, "Initials")),
                text_of(child(item, "Suffix")),
            ),
        )
    )
    return Author(family, given or None, None, orcid, where)


def _pages(text: str) -> str | None:
    """``1245-9`` as ``1245-1249``."""
    found = re.fullmatch(r"(\d+)-(\d+)", text)
    if found and len(found.group(2)) < len(found.group(1)):
        first, last = found.groups()
        return f"{first}-{first[: len(first) - len(last)]}{last}"
    return text or None


def _identifiers(
    item: Element, citation: Element, article: Element, journal: Element | None
) -> dict[str, str]:
    kinds = {"doi": "doi", "pubmed": "pmid", "pmc": "pmcid"}
    pairs: list[tuple[str, str | None]] = [("pmid", text_of(child(citation, "PMID")))]
    own = child(item, "PubmedData", "ArticleIdList")
    pairs += [
        (kinds[entry.get("IdType")], text_of(entry))
        for entry in children(own, "ArticleId")
        if entry.get("IdType") in kinds
    ]
    pairs += [
        ("doi", text_of(entry)) for entry in children(article, "ELocationID") if entry.get("EIdType") == "doi"
    ]
    pairs += [("issn", text_of(child(journal, "ISSN"))), ("isbn", text_of(child(article, "Book", "Isbn")))]
    return identifiers.normal(pairs)


def _reference(entry: Element) -> Reference:
    kinds = {"doi": "doi", "pubmed": "pmid", "pmc": "pmcid"}
    pairs = [
        (kinds[one.get("IdType")], text_of(one))
        for one in descendants(entry, "ArticleId")
        if one.get("IdType") in kinds
    ]
    text = text_of(child(entry, "Citation"))
    return Reference(text, identifiers.normal(pairs), None, year_of(text))


def _xml_notices(citation: Element) -> Iterator[RecordNotice]:
    """What the citation says of retractions, concerns and corrections."""
    own = f"pmid:{text_of(child(citation, 'PMID'))}"
    told = False
    for entry in descendants(citation, "CommentsCorrections"):
        where, number = text_of(child(entry, "RefSource")), text_of(child(entry, "PMID"))
        named = work_keys(identifiers.doi(where), number)
        if kind := PUBMED_IN.get(entry.get("RefType") or ""):
            told = told or kind == "retraction"
            yield own_notice(kind, where or number)
        elif (kind := PUBMED_OF.get(entry.get("RefType") or "")) and (
            notice := notice_about(kind, named, own)
        ):
            yield notice
    types = map(text_of, descendants(citation, "PublicationType"))
    if not told and "Retracted Publication" in types:
        yield own_notice("retraction")
