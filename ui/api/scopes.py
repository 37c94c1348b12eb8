"""Who calls the API and within which scope, as FastAPI resolves it for a route.

Knows tokens and the service; no route.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request

from ui.api.tokens import caller
from ui.service.service import Service, never


def scope(name: str) -> Any:
    """The service as the caller may use it within a scope."""

    def check(request: Request) -> Service:
        service: Service = request.app.state.service
        person = caller(request, request.app.state.tokens, name)
        service.limits.hit("api", person.id)
        left = request.scope.get("state", {}).get("gone")
        return service.of(person, left.is_set if left else never)

    return Depends(check)


Reader = Annotated[Service, scope("read")]
Asking = Annotated[Service, scope("ask")]
Judging = Annotated[Service, scope("feedback")]
Admin = Annotated[Service, scope("admin")]
Ingesting = Annotated[Service, scope("admin")]
