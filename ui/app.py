"""The web service: the Gradio pages, the permanent addresses of answers and the API on one FastAPI
application, behind one door.

Knows routes and how the service starts. Gradio's analytics and version check are off; nothing leaves the
host.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from kgrag.catalogue.answers import noticed_since
from kgrag.catalogue.engine import move_log
from kgrag.desk.refusals import refusals_of
from kgrag.errors import KgragError
from kgrag.export import format_named
from kgrag.export.names import answer_name, disposition
from kgrag.people.history import purge
from kgrag.people.rights import may
from kgrag.settings import Settings
from kgrag.system.network import is_loopback
from kgrag.system.processes import give_memory_back
from ui.admin.routes import add_admin
from ui.api.concepts import add_concepts
from ui.api.pictures import add_pictures
from ui.api.routes import create_api
from ui.api.tokens import Tokens
from ui.door.bar import HIDDEN_EXPORTS
from ui.door.connections import Connections, allow_many_files, budgeted
from ui.door.door import Auth, Door, require_person
from ui.door.forms import add_pages
from ui.door.language import language_of
from ui.html import answer as render
from ui.html.style import STYLE
from ui.problems import problem_of
from ui.reading.reviews import add_reviews
from ui.reading.routes import add_reading
from ui.service.health import waiting_for
from ui.service.service import Service
from ui.service.sources import held_of

logger = logging.getLogger(__name__)
PURGE_S, HOUSEKEEPING_S = 3600.0, 5.0
THREADS = 200


def create_base(service: Service) -> FastAPI:
    """Everything but the Gradio pages: the door with its login, health, permanent addresses, and the API."""
    app = FastAPI(title="kgrag", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_with_threads)
    auth = Auth(service.library)
    auth.make_first_admin()
    tokens = Tokens(service.library.settings.api_tokens.get_secret_value())
    app.add_middleware(Door, auth=auth, bearer=tokens.who)
    add_pages(app, auth, service.limits)
    if service.library.settings.auth == "oidc":
        from ui.door.oidc import add_oidc

        add_oidc(app, auth, service.limits)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Whether the service answers; read by compose's health check."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz(response: Response) -> dict[str, Any]:
        """Whether it can answer questions: 503 while a server that it needs does not answer."""
        missing = waiting_for(service.library)
        response.status_code = 503 if missing else 200
        return {"status": "waiting" if missing else "ok", "waiting_for": missing}

    @app.get("/answers/{answer_id}", response_class=HTMLResponse)
    def answer_page(answer_id: str, request: Request) -> str:
        """An answer at its permanent address."""
        theirs = service.of(require_person(request))
        try:
            answer = theirs.answer(answer_id)
        except KgragError as error:
            raise _told(error) from error
        return render.page_html(
            answer,
            theirs.passages(answer),
            theirs.retracted_since(answer),
            language_of(request),
            noticed_since(theirs.library.catalogue, answer),
            Markup("") if may(theirs.person, "export") else HIDDEN_EXPORTS,
            held_of(theirs, answer),
        )

    @app.get("/answers/{answer_id}/export/{format}")
    def answer_file(answer_id: str, format: str, request: Request) -> Response:
        """An answer as a file, for the links under it."""
        try:
            theirs = service.of(require_person(request), request.state.gone.is_set)
            content, chosen = theirs.export(answer_id, format), format_named(format)
        except KgragError as error:
            raise _told(error) from error
        return Response(
            content,
            media_type=chosen.media_type,
            headers=disposition(answer_name(theirs.answer(answer_id)), chosen.suffix),
        )

    add_pictures(app, service)
    add_concepts(app, service)
    add_admin(app, service)
    add_reading(app, service)
    add_reviews(app, service)
    app.mount("/api/v1", create_api(service))
    return app


@asynccontextmanager
async def _with_threads(_: FastAPI) -> AsyncIterator[None]:
    """Threads for those who wait for an answer, so that a login or a page need not wait behind them."""
    current_default_thread_limiter().total_tokens = THREADS
    yield


def create_app(service: Service) -> Any:
    """The FastAPI application over one service, with its pages.

    Built inside a running event loop: outside of one, each of Gradio's locks opens a loop of its own and
    never closes it.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_created(service))
    return _create_app(service)


async def _created(service: Service) -> Any:
    return _create_app(service)


def _create_app(service: Service) -> Any:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    from ui.pages.tabs import build_pages, theme

    return gr.mount_gradio_app(
        create_base(service),
        build_pages(service),
        path="/",
        css=STYLE,
        head="<script src='/reading/reading.js' defer></script>",
        theme=theme(),
        footer_links=[],
        run_history=False,  # it keeps every question in the browser, for whoever uses it next
        show_error=True,
    )


def serve(settings: Settings, host: str, port: int) -> None:
    """Run until stopped; the models load in the background so that the page is there at once.

    Raises:
        UsageError: the host is not this computer alone, and no admin is set.
    """
    import uvicorn

    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(0)
    )  # uvicorn stops first and raises it again; then what is in hand is given back
    service, stopped = Service(settings, settings.processes), threading.Event()
    try:
        auth = Auth(service.library)
        auth.make_first_admin()
        auth.check_host(host)
        threading.Thread(target=service.warm_up, daemon=True, name="warm-up").start()
        threading.Thread(target=_forget_in_time, args=(service, stopped), daemon=True, name="purge").start()
        threading.Thread(
            target=_keep_house, args=(service, stopped), daemon=True, name="housekeeping"
        ).start()
        allow_many_files()
        uvicorn.run(create_app(service), host=host, port=port, **how_to_listen(settings, host))
    finally:
        stopped.set()
        service.close()


def how_to_listen(settings: Settings, host: str) -> dict[str, Any]:
    """Options of uvicorn: connections within the budget, and nobody's word on who sends a request but that of
    the proxies named.
    """
    here = settings.public_url is not None and is_loopback(f"http://{host}")
    proxies = settings.proxies or (("127.0.0.1", "::1") if here else ())
    return {
        "http": budgeted(Connections(settings.connections, proxies)),
        "ws": "none",
        "proxy_headers": bool(proxies),
        "forwarded_allow_ips": ",".join(proxies),
        "server_header": False,
        "timeout_graceful_shutdown": 5,
        "log_level": "warning",
    }


def _forget_in_time(service: Service, stopped: threading.Event) -> None:
    """Every hour, what was kept of people long enough is forgotten."""
    while True:
        try:
            purge(service.library)
        except KgragError as error:
            logger.warning("Histories were not purged: %s", error)
        if stopped.wait(PURGE_S):
            return


def _keep_house(service: Service, stopped: threading.Event) -> None:
    """Beside the questions: the catalogue's write-ahead log is kept short, so that none of them waits for the
    disk, and freed memory goes back.
    """
    while not stopped.wait(HOUSEKEEPING_S):
        move_log(service.library.catalogue.engine)
        refusals_of(service.library.catalogue).flush()
        give_memory_back()


def _told(error: KgragError) -> HTTPException:
    return HTTPException(problem_of(error)["status"], str(error))
