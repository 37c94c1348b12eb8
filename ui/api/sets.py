"""The API's routes of sets: what somebody gathers, asks alone and takes away in one go.

Knows HTTP; the acts are the desk's, and the JSON is the command line's.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from kgrag.desk.asking import MOST_NOTE
from kgrag.export import format_named
from kgrag.export.works import FOR_WORKS
from kgrag.people.sets import MOST_NAME
from ui.api.scopes import Asking, Reader
from ui.problems import responses

Number = Annotated[int, Path(ge=1, le=2**53)]
MOST_AT_ONCE = 500


class NewSet(BaseModel):
    """A set to make; ``items`` are ids of documents, passages and answers."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Neglected diseases"}]}
    )
    name: str = Field(min_length=1, max_length=MOST_NAME)
    note: str = Field(default="", max_length=MOST_NOTE)
    shared: bool = False
    items: list[str] = Field(default=[], max_length=MOST_AT_ONCE)


class SetChange(BaseModel):
    """What is to be another; what is left out stays."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(default=None, min_length=1, max_length=MOST_NAME)
    note: str | None = Field(default=None, max_length=MOST_NOTE)
    shared: bool | None = None


class NewItems(BaseModel):
    """Ids of documents, passages and answers to put into a set."""

    model_config = ConfigDict(extra="forbid")
    items: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE)
    note: str = Field(default="", max_length=MOST_NOTE)


def sets(service: Reader) -> dict[str, Any]:
    """The caller's own sets and those that are shared, the last changed first."""
    return {"sets": [each.as_json() for each in service.desk.sets()]}


def make_set(service: Asking, body: NewSet) -> dict[str, Any]:
    """Make a set."""
    set_id = service.desk.make_set(body.name, body.note, shared=body.shared, items=body.items)
    return reading_set(service, set_id)


def reading_set(service: Reader, set_id: str) -> dict[str, Any]:
    """A set with its items, and the documents that it comes to."""
    return service.desk.open_set(set_id).as_json(service.desk.set_documents(set_id))


def change_set(service: Asking, set_id: str, body: SetChange) -> dict[str, Any]:
    """Give a set another name or note, share it, or take it back."""
    service.desk.change_set(set_id, name=body.name, note=body.note, shared=body.shared)
    return reading_set(service, set_id)


def delete_set(service: Asking, set_id: str) -> None:
    """Remove a set; the library keeps what was in it."""
    service.desk.delete_set(set_id)


def add_items(service: Asking, set_id: str, body: NewItems) -> dict[str, Any]:
    """Put things into a set; what is in it already stays as it is."""
    service.desk.add_to_set(set_id, body.items, body.note)
    return reading_set(service, set_id)


def remove_item(service: Asking, set_id: str, number: Number) -> None:
    """Take an item out of a set."""
    service.desk.remove_from_set(set_id, [number])


def set_export(
    service: Reader,
    set_id: str,
    format: Annotated[str, Path(json_schema_extra={"enum": ["zip", *FOR_WORKS]})],
) -> Response:
    """A set as a file; `zip` is RIS, BibTeX, Word and the evidence table in one."""
    content = service.desk.export_set(set_id, format)
    media_type = "application/zip" if format == "zip" else format_named(format).media_type
    return Response(content, media_type=media_type)


def cite(
    service: Reader,
    document: Annotated[list[str], Query(min_length=1, max_length=MOST_AT_ONCE)],
    style: Annotated[str, Query(max_length=40)] = "apa",
) -> dict[str, list[str]]:
    """Works as references in a citation style, a line each."""
    return {"references": service.desk.cite(document, style)}


_ERRORS = responses(400, 401, 403, 404)
ROUTES: tuple[tuple[str, str, Any, dict[str, Any]], ...] = (
    ("GET", "/sets", sets, {"responses": responses(401, 403)}),
    ("POST", "/sets", make_set, {"responses": _ERRORS, "status_code": 201}),
    ("GET", "/sets/{set_id}", reading_set, {"responses": responses(401, 403, 404)}),
    ("PATCH", "/sets/{set_id}", change_set, {"responses": _ERRORS}),
    ("DELETE", "/sets/{set_id}", delete_set, {"responses": _ERRORS, "status_code": 204}),
    ("POST", "/sets/{set_id}/items", add_items, {"responses": _ERRORS}),
    ("DELETE", "/sets/{set_id}/items/{number}", remove_item, {"responses": _ERRORS, "status_code": 204}),
    (
        "GET",
        "/sets/{set_id}/exports/{format}",
        set_export,
        {
            "responses": {**responses(400, 401, 403, 404, 501), 200: {"description": "The file."}},
            "response_class": Response,
        },
    ),
    ("GET", "/references", cite, {"responses": _ERRORS}),
)
