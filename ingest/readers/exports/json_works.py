"""JSON of works: Crossref, OpenAlex, CSL-JSON, and lines of ``{"_id", "title", "text"}`` as retrieval
collections use them.

Knows each shape by its keys; an array, an object with a list inside, or one object a line. Arrays are read
whole, lines stream.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest.readers.base import BrokenRecord, author_of, decoded_head, lines_of, source, year_of
from ingest.readers.exports.fields import split_terms
from ingest.readers.papers.html_text import strip_tags
from ingest.text import identifiers
from kgrag.errors import ReadError
from kgrag.language.wordlists import word_list
from kgrag.types import Author, Record, Reference

Work = Mapping[str, Any]
MAX_WHOLE_BYTES = 512 << 20
_LOOSE = word_list("json_known", __file__)
_CSL = word_list("csl_known", __file__)
_KEYS = re.compile(
    r"""
      "(?:
          _id | title | text | abstract | DOI | doi | container-title | display_name
        | authorships | author | authors | journal | year
      )"\s*:
    """,
    re.X,
)


class JsonReader:
    """Works in JSON or JSON lines."""

    name = "json"

    def sniff(self, path: Path, head: bytes) -> float:
        """High where an object or array opens the file and bibliographic keys stand in it."""
        text = decoded_head(head).lstrip()
        if not text.startswith(("{", "[")) or not re.match(r"[{\[]\s*(?:[{\"\]}])", text):
            return 0.0
        return 0.95 if _KEYS.search(text) else 0.3

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each work of the file; a line or object that is none is broken.

        Raises:
            ReadError: damaged, or not JSON at all.
        """
        items = _lines(path) if _one_a_line(path) else _whole(path)
        for number, item in enumerate(items):
            record = item if isinstance(item, str) else _safe(item, path, number)
            yield BrokenRecord(path, number, record) if isinstance(record, str) else record


def _one_a_line(path: Path) -> bool:
    """True where the first line that is not empty is a whole object and more may follow."""
    for line in lines_of(path, 64 << 20):
        if line.strip():
            text = line.strip()
            try:
                return text.startswith("{") and text.endswith("}") and isinstance(json.loads(text), dict)
            except (ValueError, RecursionError):
                return False
    return False


def _lines(path: Path) -> Iterator[Any]:
    only_envelope = True
    for number, line in enumerate(lines_of(path, 64 << 20)):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield f"Line {number + 1} of {path.name} is not JSON: {error}."
            continue
        inner = _unwrapped(item) if number == 0 and only_envelope else [item]
        yield from inner


def _whole(path: Path) -> Iterator[Any]:
    if path.stat().st_size > MAX_WHOLE_BYTES:
        raise ReadError(
            f"{path.name} is one JSON value of {path.stat().st_size:,} bytes. Write one object a line and"
            " ingest it again."
        )
    text = "\n".join(lines_of(path, 512 << 20))
    try:
        yield from _unwrapped(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{path.name} is not JSON: {error}.") from error


def _unwrapped(value: Any) -> Iterator[Any]:
    """The works inside what services put around them."""
    if isinstance(value, list):
        yield from value
        return
    if isinstance(value, dict):
        message = value.get("message")
        if isinstance(message, dict):
            yield from _unwrapped(message)
            return
        for key in ("items", "results", "records", "works", "data", "references"):
            if isinstance(value.get(key), list) and not (value.get("title") or value.get("DOI")):
                yield from value[key]
                return
    yield value


def _safe(item: Any, path: Path, number: int) -> Record | str:
    if not isinstance(item, dict):
        return f"Item {number} of {path.name} is no object."
    try:
        record = _shape_of(item)(item, path, number)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
        return f"Item {number} of {path.name} has a field of an unexpected form: {error}."
    if not (record.title or record.abstract or record.identifiers.get("doi")):
        return f"Item {number} of {path.name} has neither title, text nor DOI."
    return record


def _shape_of(item: Work) -> Callable[[Work, Path, int], Record]:
    if "_id" in item or ("text" in item and "author" not in item):
        return _passage
    if (
        "authorships" in item
        or "abstract_inverted_index" in item
        or str(item.get("id", "")).startswith("https://openalex.org/")
    ):
        return _openalex
    if (
        isinstance(item.get("title"), list)
        or "container-title" in item
        or "issued" in item
        or (isinstance(item.get("author"), list) and any(isinstance(a, dict) for a in item["author"]))
    ):
        return _csl
    return _loose


def _passage(item: Work, path: Path, number: int) -> Record:
    """``_id``, ``title``, ``text``, as BEIR writes corpora."""
    key = item.get("_id", item.get("id"))
    return Record(
        source=source(path, "jsonl", number),
        title=_text(item.get("title")),
        abstract=_text(item.get("text") or item.get("abstract") or item.get("contents")),
        identifiers=identifiers.normal(
            [("local", None if key is None else str(key)), ("doi", _text(item.get("doi")))]
        ),
    )


def _csl(item: Work, path: Path, number: int) -> Record:
    """CSL-JSON, and Crossref's JSON, which is nearly the same."""
    authors = [_csl_author(person) for person in item.get("author") or [] if isinstance(person, dict)]
    licences = item.get("license") or []
    return Record(
        source=source(path, "csl-json", number),
        title=_join_title(item),
        abstract=strip_tags(_text(item.get("abstract")) or "") or None,
        authors=tuple(filter(None, authors)),
        year=_csl_year(item),
        venue=_text(item.get("container-title")),
        volume=_text(item.get("volume")),
        issue=_text(item.get("issue")),
        pages=_text(item.get("page")) or _text(item.get("article-number")),
        publisher=_text(item.get("publisher")),
        identifiers=_csl_identifiers(item),
        language=_text(item.get("language")),
        kind=_text(item.get("type")),
        licence=next((str(entry.get("URL")) for entry in licences if isinstance(entry, dict)), None),
        keywords=tuple(
            split_terms(
                [part for value in _list(item.get("keyword")) for part in re.split(r",\s*", str(value))]
            )
        ),
        headings=tuple(map(str, _list(item.get("subject")))),
        references=tuple(
            _csl_reference(entry) for entry in item.get("reference") or [] if isinstance(entry, dict)
        ),
        extra={
            key: _flat(value)
            for key, value in item.items()
            if key not in _CSL and isinstance(value, (str, int, float))
        },
    )


def _csl_identifiers(item: Work) -> dict[str, str]:
    named = [
        (kind.lower(), str(value))
        for kind in ("DOI", "PMID", "PMCID", "ISBN", "ISSN")
        for value in _list(item.get(kind))
    ]
    address = _text(item.get("URL")) if "doi.org" in str(item.get("URL")) else None
    return identifiers.normal([*named, ("doi", address)])


def _join_title(item: Work) -> str | None:
    title, subtitle = (
        strip_tags(_text(item.get("title")) or ""),
        strip_tags(_text(item.get("subtitle")) or ""),
    )
    return (
        f"{title}: {subtitle}"
        if title and subtitle and subtitle.lower() not in title.lower()
        else title or None
    )


def _csl_author(person: Work) -> Author | None:
    family, given = person.get("family"), person.get("given")
    particle = person.get("non-dropping-particle")
    affiliations = person.get("affiliation")
    where = (
        "; ".join(
            str(entry.get("name")) for entry in affiliations if isinstance(entry, dict) and entry.get("name")
        )
        if isinstance(affiliations, list)
        else None
    )
    orcid = identifiers.orcid(person.get("ORCID"))
    if not family:
        literal = person.get("literal") or person.get("name") or given
        return Author(literal=str(literal), orcid=orcid, affiliation=where or None) if literal else None
    given = " ".join(str(part) for part in (given, person.get("suffix")) if part)
    return Author(
        f"{particle} {family}" if particle else str(family), given or None, None, orcid, where or None
    )


def _csl_year(item: Work) -> int | None:
    for key in ("issued", "published", "published-print", "published-online", "created"):
        date = item.get(key)
        if isinstance(date, dict):
            parts = date.get("date-parts")
            found = parts[0][0] if parts and parts[0] else date.get("raw") or date.get("literal")
            if found and (year := year_of(str(found))):
                return year
        elif date and (year := year_of(str(date))):
            return year
    return None


def _csl_reference(entry: Work) -> Reference:
    parts = [
        entry.get(key)
        for key in (
            "author",
            "year",
            "article-title",
            "volume-title",
            "journal-title",
            "volume",
            "first-page",
        )
    ]
    text = entry.get("unstructured") or ". ".join(str(part) for part in parts if part)
    title = entry.get("article-title") or entry.get("volume-title")
    return Reference(
        str(text),
        identifiers.normal([("doi", entry.get("DOI") or identifiers.doi(str(text)))]),
        title,
        year_of(str(entry.get("year") or "")),
        entry.get("author"),
    )


def _openalex(item: Work, path: Path, number: int) -> Record:
    where = (item.get("primary_location") or {}).get("source") or item.get("host_venue") or {}
    biblio = item.get("biblio") or {}
    first, last = biblio.get("first_page"), biblio.get("last_page")
    return Record(
        source=source(path, "openalex", number),
        title=strip_tags(_text(item.get("title") or item.get("display_name")) or "") or None,
        abstract=_uninverted(item.get("abstract_inverted_index")) or _text(item.get("abstract")),
        authors=tuple(filter(None, map(_openalex_author, item.get("authorships") or []))),
        year=item.get("publication_year"),
        venue=where.get("display_name"),
        volume=_text(biblio.get("volume")),
        issue=_text(biblio.get("issue")),
        pages=f"{first}-{last}" if first and last and first != last else _text(first),
        publisher=where.get("host_organization_name") or where.get("publisher"),
        identifiers=_openalex_identifiers(item, where),
        language=item.get("language"),
        kind=item.get("type"),
        licence=(item.get("primary_location") or {}).get("license"),
        keywords=tuple(
            str(one.get("display_name") or one.get("keyword"))
            for one in item.get("keywords") or []
            if isinstance(one, dict)
        ),
        headings=tuple(
            str(one.get("descriptor_name")) for one in item.get("mesh") or [] if isinstance(one, dict)
        ),
        references=tuple(
            Reference(str(one), {"openalex": str(one).rpartition("/")[2]})
            for one in item.get("referenced_works") or []
        ),
    )


def _openalex_author(entry: Work) -> Author | None:
    person = entry.get("author") or {}
    places = [one.get("display_name") for one in entry.get("institutions") or []]
    return author_of(
        person.get("display_name") or entry.get("raw_author_name") or "",
        identifiers.orcid(person.get("orcid")),
        "; ".join(str(place) for place in places if place) or None,
    )


def _openalex_identifiers(item: Work, where: Work) -> dict[str, str]:
    ids = item.get("ids") or {}
    named = [
        ("doi", item.get("doi") or ids.get("doi")),
        ("pmid", ids.get("pmid")),
        ("pmcid", ids.get("pmcid")),
        ("openalex", str(item.get("id", "")).rpartition("/")[2] or None),
    ]
    return identifiers.normal(named + [("issn", value) for value in where.get("issn") or []])


def _uninverted(index: Any) -> str | None:
    if not isinstance(index, dict) or not index:
        return None
    words = sorted((int(place), str(word)) for word, places in index.items() for place in places)
    return " ".join(word for _, word in words)


def _loose(item: Work, path: Path, number: int) -> Record:
    """Any flat object with the usual names of fields."""
    lower = {str(key).lower(): value for key, value in item.items()}
    authors = _list(lower.get("authors") or lower.get("author"))
    names = [
        name
        for one in authors
        for name in (
            re.split(r"\s*;\s*", one)
            if isinstance(one, str)
            else [str(one.get("name") or one.get("full_name") or "")]
            if isinstance(one, dict)
            else []
        )
    ]
    return Record(
        source=source(path, "json", number),
        title=_text(lower.get("title")),
        abstract=_text(lower.get("abstract") or lower.get("summary") or lower.get("text")),
        authors=tuple(filter(None, map(author_of, names))),
        year=year_of(str(lower.get("year") or lower.get("date") or lower.get("published") or "")),
        venue=_text(lower.get("journal") or lower.get("venue")),
        volume=_text(lower.get("volume")),
        issue=_text(lower.get("issue")),
        pages=_text(lower.get("pages")),
        identifiers=identifiers.normal(
            [(kind, _text(lower.get(kind))) for kind in ("doi", "pmid", "pmcid", "isbn", "issn")]
        ),
        language=_text(lower.get("language")),
        keywords=tuple(
            split_terms([str(one) for one in _list(lower.get("keywords") or lower.get("keyword"))])
        ),
        extra={
            key: _flat(value)
            for key, value in lower.items()
            if key not in _LOOSE and isinstance(value, (str, int, float))
        },
    )


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _text(value: Any) -> str | None:
    """The first text of a value that may be a list."""
    found = next(
        (one for one in _list(value) if isinstance(one, (str, int, float)) and str(one).strip()), None
    )
    return None if found is None else str(found)


def _flat(value: Any) -> str:
    return str(value)
