"""The web service: the Gradio pages, the permanent addresses of answers and the API on one FastAPI application.

Knows routes and how the service starts. Gradio's analytics and version check are off; nothing leaves the host.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from fastapi import Request, Response

from kgrag.errors import KgragError, NotFound, UsageError
from kgrag.export import format_named
from kgrag.settings import Settings
from ui import render
from ui.api import create_api
from ui.api_problems import problem_of
from ui.auth import Auth, Door, add_pages, require_person
from ui.pages import build_pages, theme
from ui.pictures import add_pictures
from ui.service import Service
from ui.style import STYLE


def create_app(service: Service) -> Any:
    """The FastAPI application over one service."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr
    from fastapi import FastAPI, HTTPException
    from fastapi.responses import HTMLResponse

    app = FastAPI(title="kgrag", docs_url=None, redoc_url=None, openapi_url=None)
    auth = Auth(service.library)
    auth.make_first_admin()
    app.add_middleware(Door, auth=auth)
    add_pages(app, auth, lambda request: None)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """Whether the service answers; read by compose's health check."""
        return {"status": "ok"}

    @app.get("/answers/{answer_id}", response_class=HTMLResponse)
    def answer_page(answer_id: str, request: Request) -> str:
        """An answer at its permanent address."""
        theirs = service.of(require_person(request))
        try:
            answer = theirs.answer(answer_id)
        except NotFound as error:
            raise HTTPException(404, str(error)) from error
        return render.page_html(answer, service.passages(answer), service.retracted_since(answer), "zh" if answer["language"] == "zh" else "en")

    @app.get("/answers/{answer_id}/export/{format}")
    def answer_file(answer_id: str, format: str, request: Request) -> Response:
        """An answer as a file, for the links under it."""
        try:
            content, chosen = service.of(require_person(request)).export(answer_id, format), format_named(format)
        except KgragError as error:
            raise HTTPException(problem_of(error)["status"], str(error)) from error
        return Response(content, media_type=chosen.media_type, headers={"Content-Disposition": f'attachment; filename="{answer_id}{chosen.suffix}"'})

    add_pictures(app, service)
    app.mount("/api/v1", create_api(service))
    return gr.mount_gradio_app(app, build_pages(service), path="/", css=STYLE, theme=theme(),
                               footer_links=[], show_error=True)


def serve(settings: Settings, host: str, port: int) -> None:
    """Run until stopped; the models load in the background so that the page is there at once."""
    import uvicorn

    service = Service(settings)
    try:
        auth = Auth(service.library)
        auth.make_first_admin()
        auth.check_host(host)
    except UsageError:
        service.close()
        raise
    threading.Thread(target=service.warm_up, daemon=True, name="warm-up").start()
    try:
        uvicorn.run(create_app(service), host=host, port=port, log_level="warning")
    finally:
        service.close()
