"""The web service: the Gradio pages, the permanent addresses of answers and the API on one FastAPI application.

Knows routes and how the service starts. Gradio's analytics and version check are off; nothing leaves the host.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from fastapi import Response

from kgrag.errors import KgragError, MissingExtra, NotFound
from kgrag.export import format_named
from kgrag.settings import Settings
from ui import render
from ui.api import create_api
from ui.chat import build_chat
from ui.service import Service


def create_app(service: Service) -> Any:
    """The FastAPI application over one service."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr
    from fastapi import FastAPI, HTTPException
    from fastapi.responses import HTMLResponse

    app = FastAPI(title="kgrag", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """Whether the service answers; read by compose's health check."""
        return {"status": "ok"}

    @app.get("/answers/{answer_id}", response_class=HTMLResponse)
    def answer_page(answer_id: str) -> str:
        """An answer at its permanent address."""
        try:
            answer = service.answer(answer_id)
        except NotFound as error:
            raise HTTPException(404, str(error)) from error
        return render.page_html(answer, service.passages(answer), service.retracted_since(answer), "zh" if answer["language"] == "zh" else "en")

    @app.get("/answers/{answer_id}/export/{format}")
    def answer_file(answer_id: str, format: str) -> Response:
        """An answer as a file, for the links under it."""
        try:
            content, chosen = service.export(answer_id, format), format_named(format)
        except KgragError as error:
            raise HTTPException(404 if isinstance(error, NotFound) else 501 if isinstance(error, MissingExtra) else 400, str(error)) from error
        return Response(content, media_type=chosen.media_type, headers={"Content-Disposition": f'attachment; filename="{answer_id}{chosen.suffix}"'})

    app.mount("/api/v1", create_api(service))
    return gr.mount_gradio_app(app, build_chat(service), path="/", css=render.STYLE, theme=gr.themes.Soft(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
                               footer_links=[], show_error=True)


def serve(settings: Settings, host: str, port: int) -> None:
    """Run until stopped; the models load in the background so that the page is there at once."""
    import uvicorn

    service = Service(settings)
    threading.Thread(target=service.warm_up, daemon=True, name="warm-up").start()
    try:
        uvicorn.run(create_app(service), host=host, port=port, log_level="warning")
    finally:
        service.close()
