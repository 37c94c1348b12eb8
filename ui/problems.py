"""Errors of the API as problem details (RFC 9457), in the same words as the command line.

Knows which error is which status.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from kgrag.errors import (
    Damaged,
    Forbidden,
    IndexMismatch,
    KgragError,
    LibraryLocked,
    MissingExtra,
    NotFound,
    ReadError,
    ServiceUnavailable,
    TooLong,
    TooMany,
    UsageError,
)

STATUS: dict[type[KgragError], int] = {
    UsageError: 400,
    ReadError: 400,
    Forbidden: 403,
    NotFound: 404,
    TooMany: 429,
    IndexMismatch: 503,
    MissingExtra: 501,
    LibraryLocked: 503,
    TooLong: 503,
    Damaged: 503,
    ServiceUnavailable: 503,
}
MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "5"
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "retryable"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What failed, the value, what exists, the next step."},
        "retryable": {"type": "boolean"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


class Refused(KgragError):
    """The token does not allow this, or there is none."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


def problem(status: int, title: str, detail: str, *, retryable: bool = False, **more: Any) -> dict[str, Any]:
    """A problem as JSON."""
    return {
        "type": f"urn:kgrag:problem:{title}",
        "title": title,
        "status": status,
        "detail": detail,
        "retryable": retryable,
        **more,
    }


def problem_of(error: KgragError) -> dict[str, Any]:
    """The problem that one of our errors is."""
    status = (
        error.status
        if isinstance(error, Refused)
        else next((s for kind, s in STATUS.items() if isinstance(error, kind)), 500)
    )
    return problem(status, type(error).__name__, str(error), retryable=error.retryable)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems an operation may answer with, for its description."""
    content = {
        MEDIA_TYPE: {
            "schema": SCHEMA,
            "example": problem(
                404, "NotFound", "No answer 'a-1' in this library. Ask first: kgrag ask QUESTION"
            ),
        }
    }
    return {
        status: {"description": "A problem, told in words.", "content": content}
        for status in (*statuses, 422, 429, 503)
    }


def install(api: FastAPI) -> None:
    """Have every error of an application answered as a problem."""
    api.add_exception_handler(KgragError, _ours)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(RequestValidationError, _invalid)


def _ours(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, KgragError)
    plain = problem_of(error)
    wait = str(int(error.retry_after_s) + 1) if isinstance(error, TooMany) else RETRY_AFTER_S
    headers = (
        {"Retry-After": wait}
        if error.retryable
        else {"WWW-Authenticate": "Bearer"}
        if plain["status"] == 401
        else {}
    )
    return JSONResponse(plain, plain["status"], headers, MEDIA_TYPE)


def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return JSONResponse(
        problem(error.status_code, "HTTP", f"{error.detail}. What there is: /api/v1/openapi.json"),
        error.status_code,
        error.headers,
        MEDIA_TYPE,
    )


def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = [{"where": ".".join(map(str, item["loc"])), "what": item["msg"]} for item in error.errors()]
    detail = "; ".join(f"{item['where']}: {item['what']}" for item in found)
    return JSONResponse(
        problem(422, "Invalid", f"The request is not valid: {detail}", errors=found), 422, None, MEDIA_TYPE
    )
