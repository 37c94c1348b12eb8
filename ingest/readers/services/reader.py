"""JSON of works: Crossref, OpenAlex, CSL-JSON, the services of ``data/services.toml``, and lines of ``{"_id",
"title", "text"}`` as retrieval collections use them.

Knows each shape by its keys; an array, an object with a list inside, or one object a line. Arrays are read
whole, lines stream.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ingest.readers.base import BrokenRecord, author_of, decoded_head, lines_of, source, year_of
from ingest.readers.exports.fields import split_terms
from ingest.readers.services.csl import csl_record
from ingest.readers.services.openalex import openalex_record
from ingest.readers.services.paths import is_skipped, record_of, service_of, table
from ingest.readers.services.values import Work, as_list, as_text, rest
from ingest.text import identifiers
from kgrag.errors import ReadError
from kgrag.language.wordlists import word_list
from kgrag.types import Record

MAX_WHOLE_BYTES = 512 << 20
_LOOSE = word_list("json_known", __file__)
_KEYS = re.compile(
    r"""
      "(?:
          _id | title | text | abstract | DOI | doi | container-title | display_name
        | authorships | author | authors | journal | year | titles | creators | itemType | paperId | lens_id
        | resultList | bibjson | fulljournalname | dc:title | title_s | title_display | bibcode
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
            if record is not None:
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


def _unwrapped(value: Any) -> list[Any]:
    """The works inside what services put around them."""
    if isinstance(value, list):
        return [work for one in value for work in (_unwrapped(one) if _is_envelope(one) else [one])]
    if not isinstance(value, dict):
        return [value]
    if isinstance(uids := (value.get("result") or {}), dict) and isinstance(uids.get("uids"), list):
        return [uids.get(uid) for uid in uids["uids"]]
    if _is_work(value):
        return [value]
    for path in table()["envelopes"]:
        inner = _at(value, path)
        if isinstance(inner, list):
            return inner
        if path == "message" and isinstance(inner, dict):
            return [inner]
    return [inner] if isinstance(inner := value.get("data"), dict) and service_of(inner) else [value]


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _is_work(value: dict[str, Any]) -> bool:
    return bool(value.get("title") or value.get("DOI")) or service_of(value) is not None


def _is_envelope(value: Any) -> bool:
    """Whether an element of a list is itself an answer with works inside."""
    return isinstance(value, dict) and not _is_work(value) and isinstance(_at(value, "message.items"), list)


def _safe(item: Any, path: Path, number: int) -> Record | str | None:
    """The record, the reason why there is none, or None for what is no work."""
    if not isinstance(item, dict):
        return f"Item {number} of {path.name} is no object."
    try:
        record = _record(item, path, number)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
        return f"Item {number} of {path.name} has a field of an unexpected form: {error}."
    if record and not (record.title or record.abstract or record.identifiers.get("doi")):
        return _refusal(item, path, number)
    return record


def _refusal(item: Work, path: Path, number: int) -> str:
    """Why an item gives no record: it lacks everything, or its form is not known."""
    nothing = f"Item {number} of {path.name} has neither title, text nor DOI"
    if _shape_of(item) is not _loose or service_of(item):
        return f"{nothing}."
    names = ", ".join(repr(str(key)) for key in list(item)[:12])
    known = ", ".join(["Crossref", "CSL-JSON", "OpenAlex", *(one["name"] for one in table()["service"])])
    return f"{nothing} under a name that is known. Its names: {names}. Known forms: {known}."


def _record(item: Work, path: Path, number: int) -> Record | None:
    shape = _shape_of(item)
    found = service_of(item) if shape in (_loose, csl_record) else None
    if not found:
        return shape(item, path, number)
    service, work = found
    return None if is_skipped(service, work) else record_of(service, work, item, path, number)


def _shape_of(item: Work) -> Callable[[Work, Path, int], Record]:
    if "_id" in item or ("text" in item and "author" not in item):
        return _passage
    if (
        "authorships" in item
        or "abstract_inverted_index" in item
        or str(item.get("id", "")).startswith("https://openalex.org/")
    ):
        return openalex_record
    people = as_list(item.get("author")) + as_list(item.get("editor"))
    if (
        any(key in item for key in ("container-title", "issued", "update-to"))
        or (isinstance(item.get("title"), list) and ("DOI" in item or "author" not in item))
        or any(isinstance(person, dict) for person in people)
    ):
        return csl_record
    return _loose


def _passage(item: Work, path: Path, number: int) -> Record:
    """``_id``, ``title``, ``text``, as BEIR writes corpora."""
    key = item.get("_id", item.get("id"))
    return Record(
        source=source(path, "jsonl", number),
        title=as_text(item.get("title")),
        abstract=as_text(item.get("text") or item.get("abstract") or item.get("contents")),
        identifiers=identifiers.normal(
            [("local", None if key is None else str(key)), ("doi", as_text(item.get("doi")))]
        ),
    )


def _loose(item: Work, path: Path, number: int) -> Record:
    """Any flat object with the usual names of fields."""
    lower = {str(key).lower(): value for key, value in item.items()}
    authors = as_list(lower.get("authors") or lower.get("author"))
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
        title=as_text(lower.get("title")),
        abstract=as_text(lower.get("abstract") or lower.get("summary") or lower.get("text")),
        authors=tuple(filter(None, map(author_of, names))),
        year=year_of(str(lower.get("year") or lower.get("date") or lower.get("published") or "")),
        venue=as_text(lower.get("journal") or lower.get("venue")),
        volume=as_text(lower.get("volume")),
        issue=as_text(lower.get("issue")),
        pages=as_text(lower.get("pages")),
        identifiers=identifiers.normal(
            [(kind, as_text(lower.get(kind))) for kind in ("doi", "pmid", "pmcid", "isbn", "issn")]
        ),
        language=as_text(lower.get("language")),
        keywords=tuple(
            split_terms([str(one) for one in as_list(lower.get("keywords") or lower.get("keyword"))])
        ),
        extra=rest(lower, _LOOSE),
    )
