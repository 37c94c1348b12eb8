"""Works of services in JSON, read by the table of paths in ``data/services.toml``.

Knows paths, persons and the table. Does not know a service: what each writes is data.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ingest.readers.base import author_of
from ingest.readers.exports.fields import to_record
from ingest.readers.exports.kinds import ZOTERO_KINDS
from ingest.readers.exports.markup import strip_tags
from ingest.text import identifiers
from kgrag.types import Author, Record

Work = Mapping[str, Any]
_STEP = re.compile(r"^(?P<key>[^\[]+)(?:\[(?P<where>[^=]+)=(?P<value>[^\]]+)\])?$")
_EDITORS = frozenset({"editor", "bookeditor", "serieseditor"})
_AUTHORS = frozenset(
    {"", "author", "creator", "inventor", "presenter", "director", "programmer", "podcaster"}
)
_TAGGED = ("title", "abstract")


@cache
def table() -> dict[str, Any]:
    """Envelopes and services."""
    return tomllib.loads((Path(__file__).parent / "data" / "services.toml").read_text("utf-8"))


def values_at(value: Any, path: str) -> list[Any]:
    """What stands at a path, lists on the way unfolded; what is null or empty is left out."""
    found = [value]
    for step in path.split(".") if path else ():
        match = _STEP.match(step)
        key, where, wanted = match.groups() if match else (step, None, None)
        inner = [one.get(key) for one in _flat(found) if isinstance(one, Mapping)]
        found = [one for one in _flat(inner) if not where or _is(one, where, wanted or "")]
    return [one for one in _flat(found) if one not in (None, "", {}, [])]


def _is(one: Any, key: str, wanted: str) -> bool:
    return isinstance(one, Mapping) and str(one.get(key)).lower() == wanted.lower()


def _flat(values: list[Any]) -> Iterator[Any]:
    for one in values:
        if isinstance(one, list):
            yield from _flat(one)
        else:
            yield one


def texts_at(value: Any, *paths: str) -> list[str]:
    """Texts and numbers at the paths, as texts."""
    found = (one for path in paths for one in values_at(value, path))
    return [str(one) for one in found if isinstance(one, (str, int, float)) and not isinstance(one, bool)]


def service_of(item: Work) -> tuple[dict[str, Any], Work] | None:
    """The service that writes works in this form, and the work inside what it puts around it, or None."""
    for service in table()["service"]:
        inner = item.get(service.get("inside", ""), item)
        if isinstance(inner, Mapping) and all(_has(inner, mark) for mark in service["marks"]):
            return service, inner
    return None


def _has(work: Work, mark: str) -> bool:
    key, _, beginning = mark.partition("=")
    return key in work and str(work[key] if work[key] is not None else "").startswith(beginning)


def is_skipped(service: Mapping[str, Any], work: Work) -> bool:
    """Whether the item is no work: an attachment, a note."""
    return any(work.get(key) in values for key, values in service.get("skip", {}).items())


def record_of(service: Mapping[str, Any], work: Work, outer: Work, path: Path, number: int) -> Record:
    """The record of a work.

    Args:
        service: its line of the table.
        work: the work itself.
        outer: what is around it, where an identifier may stand.
        path: the file.
        number: of the record in the file.
    """
    fields = {name: texts_at(work, *paths) for name, paths in service["fields"].items()}
    fields["doi"] = fields.get("doi") or texts_at(outer, "doi")
    for name in _TAGGED:
        fields[name] = [strip_tags(text) for text in fields.get(name, [])][:1]
    fields["kind"] = [ZOTERO_KINDS.get(kind, kind) for kind in fields.get("kind", [])]
    for number_in in re.findall(r"\bPMID:?\s*(\d{4,8})\b", " ".join(fields.get("note", []))):
        fields.setdefault("pmid", []).append(number_in)
    fields = {name: values for name, values in fields.items() if values}
    authors, editors = _people(service, work)
    name = service["name"]
    return to_record(fields, path, name, number, authors=authors or None, editors=editors)


def _people(service: Mapping[str, Any], work: Work) -> tuple[list[Author], list[Author]]:
    authors: list[Author] = []
    editors: list[Author] = []
    keys: Mapping[str, str] = service.get("people") or {}
    for person in values_at(work, keys["path"]) if keys else ():
        role = " ".join(texts_at(person, keys["role"])).lower() if keys.get("role") else ""
        author = _person(person, keys)
        if author and role in _EDITORS:
            editors.append(author)
        elif author and role in _AUTHORS:
            authors.append(author)
    if not authors and service.get("names"):
        authors = list(_named(texts_at(work, service["names"])))
    if others := service.get("editors"):
        editors += filter(None, (_person(one, others) for one in values_at(work, others["path"])))
    return authors, editors


def _person(person: Any, keys: Mapping[str, str]) -> Author | None:
    def part(name: str) -> str:
        return " ".join(texts_at(person, keys[name])[:1]).strip() if keys.get(name) else ""

    family, given, name = part("family"), part("given") or part("initials"), part("name")
    places = ("orcid", "ORCID", "authorId.value", "nameIdentifiers.nameIdentifier")
    orcid = identifiers.orcid(" ".join(texts_at(person, *places)))
    if family and given:
        return Author(family, given, None, orcid)
    whole = family or name or given
    body = keys.get("whole") or family or texts_at(person, "nameType") == ["Organizational"]
    return Author(literal=whole, orcid=orcid) if whole and body else author_of(whole, orcid)


def _named(names: list[str]) -> Iterator[Author]:
    """Authors by their written names; one text may hold all of them (``Bok A, Reed T.``)."""
    if len(names) == 1 and re.search(r"\w [A-Z]{1,3}(?:,|\.$)", names[0]):
        names = [name.strip(" .") for name in names[0].split(",")]
    for name in names:
        if author := author_of(re.sub(r"\s\d{4}$", "", name)):
            yield author
