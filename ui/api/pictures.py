"""Addresses of page pictures: of a sentence's evidence, and of a paper that is read.

Knows routes; the pictures are made by ``kgrag.export.pages.pictures``.
"""

from __future__ import annotations

import json
import math
from typing import Any

from fastapi import HTTPException, Request, Response

from kgrag.errors import NotFound
from ui.door.door import require_person
from ui.service import library as reading
from ui.service.service import Service

MAX_BOXES, MAX_CHARACTERS = 100, 20_000


def add_pictures(app: Any, service: Service) -> None:
    """Add the routes; a picture is given to whoever may see the paper."""

    def evidence_page(answer_id: str, claim: int, page: int, request: Request) -> Response:
        """A page of a sentence's evidence, the quote boxed."""
        theirs = _counted(service, request)
        try:
            found = theirs.answer(answer_id)
        except NotFound as error:
            raise HTTPException(404, str(error)) from error
        return _png(theirs.page_of(found, claim, page) if 0 <= claim < len(found["claims"]) else None)

    def paper_page(document: str, page: int, request: Request, boxes: str = "[]") -> Response:
        """A page of a paper, with boxes where some are given (JSON: a list of x0, y0, x1, y1)."""
        try:
            return _png(reading.page_image(_counted(service, request), document, page, _boxes(boxes)))
        except NotFound as error:
            raise HTTPException(404, str(error)) from error

    app.add_api_route("/answers/{answer_id}/claims/{claim}/pages/{page}.png", evidence_page)
    app.add_api_route("/pages/{page}.png", paper_page)


def _counted(service: Service, request: Request) -> Service:
    """The service as the person may use it; pictures count as requests do."""
    person = require_person(request)
    service.limits.hit("api", person.id)
    return service.of(person)


def _boxes(text: str) -> list[list[float]]:
    try:
        found = [[float(number) for number in box] for box in json.loads(text[: MAX_CHARACTERS + 1])]
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise HTTPException(400, "boxes must be a JSON list of [x0, y0, x1, y1].") from error
    if not all(math.isfinite(number) for box in found for number in box):
        raise HTTPException(400, "boxes must be of finite numbers.")
    if len(found) > MAX_BOXES or any(len(box) != 4 for box in found):
        raise HTTPException(400, f"boxes must be at most {MAX_BOXES}, each [x0, y0, x1, y1].")
    return found


def _png(content: bytes | None) -> Response:
    if content is None:
        raise HTTPException(404, "The source has no such page.")
    return Response(content, media_type="image/png", headers={"Cache-Control": "no-store"})
