"""The page of concepts at its address, and the same for programs.

Knows routes and HTTP; what is said is ``ui.service.concepts``', how it looks ``ui.html.concepts``'.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from kgrag.errors import KgragError
from kgrag.holdings.knowledge.concepts import most_named
from kgrag.render.graph_json import concept_as_json
from ui.door.door import require_person
from ui.html.concepts import ADDRESS, page_html
from ui.problems import problem_of
from ui.service.concepts import Asked, as_json, told
from ui.service.service import Service

Name = Annotated[str, Query(max_length=300)]
Year = Annotated[int | None, Query(ge=0, le=9999)]


def add_concepts(app: Any, service: Service) -> None:
    """Add the page; it shows what the person who asks may see."""

    def page(
        request: Request,
        of: Name = "",
        other: Name = "",
        kind: Name = "",
        year_from: str = "",
        year_to: str = "",
        lang: str = "en",
    ) -> HTMLResponse:
        """What is said of a concept, or how two are connected."""
        person = require_person(request)
        service.limits.hit("api", person.id)
        asked = Asked(of, other, kind, _year(year_from), _year(year_to))
        try:
            found = told(service.of(person, request.state.gone.is_set), asked)
        except KgragError as error:
            raise HTTPException(problem_of(error)["status"], str(error)) from error
        status = 404 if found.error else 200
        return HTMLResponse(page_html(found, "zh" if lang == "zh" else "en"), status)

    app.add_api_route(ADDRESS, page, response_class=HTMLResponse)


def _year(text: str) -> int | None:
    """A year as a form sends it: empty where none was typed."""
    if not text.strip():
        return None
    if not text.strip().isdigit() or len(text.strip()) > 4:
        raise HTTPException(400, f"'{text[:20]}' is no year. Type one such as 2019, or nothing.")
    return int(text)


def concepts_named(service: Service, beginning: str, limit: int) -> dict[str, Any]:
    """Concepts that most documents name, as the command line prints them."""
    service.desk.require("read")
    found = most_named(service.library.catalogue, service.filters(), limit, beginning)
    return {"concepts": [concept_as_json(one) for one in found]}


def concepts_told(service: Service, asked: Asked) -> dict[str, Any]:
    """What is said of a concept, or how two are connected."""
    return as_json(told(service, asked))
