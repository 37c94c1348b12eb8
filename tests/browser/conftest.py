"""A running service and a Chromium, for every test that looks at the pages."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kgrag.library import Library
from kgrag.settings import Settings
from tests.prepare import chromium

STREAMS: dict[Any, set[Any]] = {}
"""The streams of events that a page has open."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-sync",
]


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The service over a library on a free port of this machine; its address."""
    import uvicorn

    from ui.app import create_app, how_to_listen
    from ui.service.service import Service

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    service = Service(settings)
    service.warm_up()
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(service),
            host="127.0.0.1",
            port=port,
            **how_to_listen(settings, "127.0.0.1") | {"log_level": "error"},
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        service.close()


@contextmanager
def visited(browser: Any, address: str, path: str = "/", **options: Any) -> Iterator[Any]:
    """The pages, loaded; any request that leaves the host fails the test."""
    opened = browser.new_page(**({"viewport": {"width": 1440, "height": 1000}} | options))
    foreign: list[str] = []
    opened.on(
        "request",
        lambda r: foreign.append(r.url) if not r.url.startswith((address, "data:", "blob:", "ws:")) else None,
    )
    streams: set[Any] = set()
    opened.on("request", lambda r: streams.add(r) if "/queue/data" in r.url else None)
    opened.on("requestfinished", lambda r: streams.discard(r))
    opened.on("requestfailed", lambda r: streams.discard(r))
    STREAMS[opened] = streams
    opened.goto(address + path)
    opened.wait_for_selector(
        "#kg-transcript .kg-empty, #kg-transcript .kg-turn, #kg-results .kg-hits",
        timeout=60_000,
        state="attached",
    )
    settle(opened)
    yield opened
    del STREAMS[opened]
    opened.close()
    assert foreign == []


@pytest.fixture(scope="package")
def address(papers_library: Library) -> Iterator[str]:
    """The service over the real papers."""
    with served(papers_library.settings) as found:
        yield found


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """One Chromium, or a skip: it is not a package of Python's, and not every machine that runs the tests can
    have it (``tests.prepare`` fetches it where it can).
    """
    if chromium() is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The pages as they open."""
    with visited(browser, address) as opened:
        yield opened


def settle(page: Any) -> None:
    """Wait until no stream of events is open, as a person does without knowing it: what is sent in the
    milliseconds in which Gradio's client closes one is forgotten by its server.
    """
    for _ in range(1000):
        if not STREAMS.get(page):
            return
        page.wait_for_timeout(20)


def ask(page: Any, question: str) -> None:
    """Type a question and wait until it is answered, refused, or failed."""
    settle(page)
    page.evaluate(
        "document.querySelectorAll('#kg-transcript .kg-turn').forEach(turn => turn.dataset.old = 1)"
    )
    page.fill("#kg-question textarea", question)
    page.click("#kg-ask")
    page.wait_for_function(
        "document.querySelector('#kg-transcript .kg-turn:not([data-old])') &&"
        " !document.querySelector('#kg-transcript [aria-busy=true]')",
        timeout=60_000,
    )
    settle(page)
