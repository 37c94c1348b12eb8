"""The chat in a real Chromium: ask, click a chip, see the quote marked on the passage and boxed on the page."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kgrag.feedback import read_feedback
from kgrag.library import Library
from tests.prepare import chromium

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-sync"]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine")]


@pytest.fixture(scope="module")
def address(papers_library: Library) -> Iterator[str]:
    """The service on a free port, over the real papers."""
    import uvicorn

    from ui.app import create_app
    from ui.service import Service

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    service = Service(papers_library.settings)
    service.warm_up()
    server = uvicorn.Server(uvicorn.Config(create_app(service), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)
    service.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for the module."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The chat, loaded; any request that leaves the host fails the test."""
    opened = browser.new_page(viewport={"width": 1440, "height": 1000})
    foreign: list[str] = []
    opened.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((address, "data:", "blob:", "ws:")) else None)
    opened.goto(address)
    opened.wait_for_selector("#kg-question textarea, #kg-question input", timeout=60_000)
    yield opened
    opened.close()
    assert foreign == []


def ask(page: Any, question: str) -> None:
    """Type a question and wait for its answer or error."""
    page.fill("#kg-question textarea, #kg-question input", question)
    page.click("#kg-ask")
    page.wait_for_selector(".kg-foot, .kg-error", timeout=60_000)


def test_a_chip_opens_its_evidence(page: Any) -> None:
    """Ask → chips → the panel shows the quote marked, the page picture and the chain as a picture."""
    ask(page, "How does DraggleSimulator teach genetic drift?")
    chips = page.locator(".kg-chip")
    assert chips.count() >= 1
    chips.last.click()
    page.wait_for_function(f"document.querySelector('#kg-panel h3')?.textContent.startsWith('[{chips.count()}]')", timeout=20_000)
    quote = page.locator("#kg-panel mark").first.inner_text()
    assert " ".join(quote.split()) in " ".join(page.locator(".kg-text").inner_text().split())
    assert page.locator("#kg-panel img.kg-page").count() == 1
    assert page.locator("#kg-panel svg.kg-chain [data-node]").count() >= 2


def test_what_is_not_held_is_said(page: Any) -> None:
    """A question about something else is answered by an abstention, with no chip."""
    ask(page, "Who won the football world cup in 1966?")
    assert page.locator(".kg-chip").count() == 0
    assert "does not answer" in page.locator(".kg-answer").inner_text()


def test_the_interface_speaks_chinese(page: Any) -> None:
    """The switch turns labels and buttons into Chinese."""
    page.locator("#kg-language label").nth(1).click()
    page.wait_for_function("document.querySelector('#kg-ask').textContent.includes('提问')", timeout=20_000)


def test_the_permanent_address_shows_the_answer(page: Any, address: str) -> None:
    """The answer's link opens a page with the same sentences and their quotes; an unknown id is a 404."""
    ask(page, "What is blue marble health?")
    link = page.locator(".kg-foot a").first.get_attribute("href")
    text = page.locator(".kg-claim").first.inner_text()
    page.goto(address + link)
    assert text.split("\n")[0][:60] in page.locator(".kg-text").inner_text()
    assert page.locator("mark").count() >= 1
    assert page.goto(address + "/answers/a-none").status == 404


def test_staff_rank_candidates_and_judge_sentences(page: Any, papers_library: Library) -> None:
    """A ranking chosen with the keyboard and a verdict on a sentence are kept."""
    before = len(list(read_feedback(papers_library.catalogue, "ranking")))
    ask(page, "What is blue marble health?")
    page.wait_for_selector("#kg-panel .kg-verdict", timeout=20_000)
    page.locator("#kg-panel .kg-verdict").last.click()
    page.wait_for_selector("#kg-said [role=status]", timeout=20_000)
    page.locator("#kg-rank button").first.click()
    page.wait_for_selector("#kg-ranking select", timeout=20_000)
    boxes = page.locator("#kg-ranking select")
    boxes.first.focus()
    page.keyboard.press("ArrowDown")
    page.locator("#kg-ranking .kg-save").click()
    page.wait_for_function("document.querySelector('#kg-said')?.textContent.includes('Saved')", timeout=20_000)
    rankings = list(read_feedback(papers_library.catalogue, "ranking"))
    assert len(rankings) == before + 1
    assert sorted(rankings[-1]["scores"])[0] == -2
    assert not list(read_feedback(papers_library.catalogue, "claim"))[-1]["right"]


def test_search_page_finds(page: Any) -> None:
    """The search tab lists passages without answering."""
    page.get_by_role("tab", name="Search").click()
    page.fill("#kg-sought textarea, #kg-sought input", "thresher sharks")
    page.click("#kg-find")
    page.wait_for_selector(".kg-hits li", timeout=20_000)
    assert page.locator(".kg-hits li").count() >= 3
