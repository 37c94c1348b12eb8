"""The fields of BibTeX and BibLaTeX by our names.

Knows their names and kinds of entries. Does not know braces: values come as they stand between them.
"""

from __future__ import annotations

import re

from ingest.readers.bibtex.tex import delatex
from ingest.readers.exports.markup import strip_tags

_FIELDS = {
    "title": "title",
    "booktitle": "venue_book",
    "journal": "venue",
    "journaltitle": "venue",
    "year": "year",
    "date": "year",
    "volume": "volume",
    "number": "issue",
    "issue": "issue",
    "pages": "pages",
    "publisher": "publisher",
    "school": "publisher",
    "institution": "publisher",
    "doi": "doi",
    "pmid": "pmid",
    "pmcid": "pmcid",
    "issn": "issn",
    "isbn": "isbn",
    "abstract": "abstract",
    "language": "language",
    "langid": "language",
    "keywords": "keyword",
    "keyword": "keyword",
    "author_keywords": "keyword",
    "url": "url",
    "eprint": "eprint",
    "shortjournal": "venue_short",
    "eid": "article_number",
    "articleno": "article_number",
    "article-number": "article_number",
    "address": "place",
    "location": "place",
    "collaboration": "author_group",
    "note": "note",
    "addendum": "note",
    "pubstate": "note",
    "copyright": "licence",
}
_KINDS = {
    "article": "article-journal",
    "inproceedings": "paper-conference",
    "conference": "paper-conference",
    "incollection": "chapter",
    "inbook": "chapter",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "thesis": "thesis",
    "techreport": "report",
    "report": "report",
    "book": "book",
    "misc": "document",
    "online": "webpage",
    "dataset": "dataset",
    "software": "software",
    "unpublished": "manuscript",
    "proceedings": "book",
    "collection": "book",
    "mvbook": "book",
    "mvcollection": "book",
    "reference": "book",
    "bookinbook": "chapter",
    "inreference": "entry-encyclopedia",
    "suppbook": "chapter",
    "suppcollection": "chapter",
    "manual": "report",
    "booklet": "pamphlet",
    "patent": "patent",
    "standard": "standard",
    "electronic": "webpage",
    "www": "webpage",
    "newspaper": "article-newspaper",
}
_SUBTYPES = {"newspaper": "article-newspaper", "magazine": "article-magazine"}
_PEOPLE = frozenset({"author", "editor"})
_ADDRESSES = frozenset({"url", "doi", "eprint"})
_ARXIV = re.compile(r"\barxiv\b", re.I)
_ARXIV_NUMBER = re.compile(r"^\d{4}\.\d{4,5}(?:v\d+)?$")
_JOINED = (("title", "subtitle"), ("booktitle", "booksubtitle"), ("journaltitle", "journalsubtitle"))


def to_fields(kind: str, fields: dict[str, str]) -> dict[str, list[str]]:
    """The values of an entry by the names of ``to_record``, people left out.

    Args:
        kind: of the entry, in lower case.
        fields: by name in lower case, as they stand between braces.
    """
    readable = {name: _readable(name, value) for name, value in fields.items() if name not in _PEOPLE}
    for name, more in _JOINED:
        if readable.get(name) and readable.get(more):
            readable[name] = f"{readable[name]}: {readable[more]}"
    out: dict[str, list[str]] = {"kind": [_kind(kind, readable)]}
    for name, value in readable.items():
        out.setdefault(_FIELDS.get(name, f"extra:{name}"), []).append(value)
    out["arxiv"] = _arxiv(readable)
    if readable.get("eprinttype", "").lower() == "doi":
        out.setdefault("doi", [readable.get("eprint", "")])
    out["keyword"] = [part for value in out.get("keyword", []) for part in re.split(r"[;,]\s*", value)]
    out["pages"] = [re.sub(r"-{2,}", "-", value) for value in out.get("pages", [])]
    return {name: values for name, values in out.items() if any(values)}


def _readable(name: str, value: str) -> str:
    if name in _ADDRESSES:
        return re.sub(r"\\([_%&#~])|[{}]", r"\1", value).strip()
    return strip_tags(delatex(value))


def _kind(kind: str, fields: dict[str, str]) -> str:
    return _SUBTYPES.get(fields.get("entrysubtype", "").lower()) or _KINDS.get(kind, kind)


def _arxiv(fields: dict[str, str]) -> list[str]:
    """The number at arXiv, where a field says that it is one."""
    number, archive = fields.get("eprint", ""), fields.get("eprinttype") or fields.get("archiveprefix") or ""
    named = _ARXIV.search(archive) or _ARXIV.match(number) or (not archive and _ARXIV_NUMBER.match(number))
    places = [fields.get(name, "") for name in ("journal", "journaltitle", "howpublished", "note", "url")]
    return ([number] if number and named else []) + [place for place in places if _ARXIV.search(place)]
