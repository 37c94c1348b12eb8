"""Screenshots of every page for the documentation, over the bundled papers.

Run: ``python -m tests.browser.screenshots [FOLDER]`` (or ``make screenshots``).

Pictures are of 1440 or 390 pixels' width, in 64 colours so that they stay small.
"""

from __future__ import annotations

import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from ingest.run import ingest
from kgrag.library import Library
from kgrag.settings import Settings
from tests.browser.conftest import ARGUMENTS, ask, served, visited
from tests.prepare import chromium

ROOT = Path(__file__).parents[2]
PAPERS = ROOT / "kgrag" / "demo" / "papers"
QUESTION = "How does DraggleSimulator teach genetic drift?"
TEXT = (
    "Thresher sharks hunt with their tails. Most published research findings are true. DraggleSimulator was"
    " written in 2031 to teach quantum chromodynamics."
)
COLOURS = 64
PASSWORD = "a long enough password"


def main() -> None:
    """Ingest, serve, look."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        settings = Settings(library=Path(place) / "library")
        with Library(settings, create=True) as library:
            ingest(library, [PAPERS])
        with served(settings) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            wide(browser, address, folder)
            narrow(browser, address, folder)
            administration(browser, address, folder)
            browser.close()


def wide(browser: Any, address: str, folder: Path) -> None:
    """A desk's screen, light; the chat in Chinese and dark too."""
    with visited(browser, address) as page:
        keep(page, folder / "chat-empty.png")
        ask(page, QUESTION)
        ask(page, "Who wrote it?")
        page.locator("#kg-chip-0-1").click()
        page.wait_for_timeout(1200)
        keep(page, folder / "chat.png")
        page.locator("#kg-panel summary").last.click()
        page.locator("#kg-panel summary").last.scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        keep(page, folder / "evidence.png")
        tab(page, 1)
        page.wait_for_selector("#kg-results .kg-hits")
        page.fill("#kg-sought textarea", "thresher sharks tail slaps")
        page.click("#kg-find")
        page.wait_for_function(
            "document.querySelector('#kg-results [role=status]')?.textContent.includes('best first')"
        )
        keep(page, folder / "library.png")
        page.fill("#kg-sought textarea", "DraggleSimulator")
        page.click("#kg-find")
        page.wait_for_function("document.querySelector('#kg-results h2')?.textContent.includes('Draggle')")
        page.locator("#kg-results [data-act=paper]").first.click()
        page.wait_for_selector("#kg-graph svg")
        page.fill("#kg-ask-paper textarea", "What is DraggleSimulator?")
        page.click("#kg-ask-paper-send")
        page.wait_for_selector("#kg-paper-answers .kg-foot")
        page.wait_for_timeout(1000)
        keep(page, folder / "paper.png")
        page.locator("#kg-graph [data-kind=Venue]").first.click()
        page.wait_for_selector("#kg-graph [data-kind=Venue][aria-expanded=true]")
        page.locator("#kg-graph svg").scroll_into_view_if_needed()
        keep(page, folder / "graph.png")
        tab(page, 2)
        page.fill("#kg-check-text textarea", TEXT)
        page.click("#kg-check-claims")
        page.wait_for_selector("#kg-checked li")
        keep(page, folder / "check.png")
        tab(page, 3)
        page.wait_for_selector("#kg-ranking .kg-card")
        keep(page, folder / "ranking.png")
        tab(page, 4)
        page.wait_for_selector("#kg-history li")
        keep(page, folder / "history.png")
        own_pages(page, address, folder)
    with visited(browser, address, color_scheme="dark") as page:
        page.locator("#kg-language label").nth(1).click()
        page.wait_for_function("document.querySelector('#kg-ask').textContent.includes('提问')")
        ask(page, QUESTION)
        page.wait_for_timeout(1000)
        keep(page, folder / "chat-zh-dark.png")


def own_pages(page: Any, address: str, folder: Path) -> None:
    """A set, its evidence table, and what can be asked."""
    held = page.request.get(f"{address}/api/v1/documents?limit=6").json()["documents"]
    sent = {"name": "Inflammatory bowel disease", "items": [one["id"] for one in held]}
    kept = page.request.post(f"{address}/reading/sets", data=sent, headers={"origin": address}).json()["id"]
    for path, name in ((f"/sets/{kept}", "set"), (f"/sets/{kept}/table", "table"), ("/help", "help")):
        page.goto(address + path)
        keep(page, folder / f"{name}.png")


def narrow(browser: Any, address: str, folder: Path) -> None:
    """A telephone's screen."""
    with visited(browser, address, viewport={"width": 390, "height": 844}) as page:
        ask(page, QUESTION)
        page.wait_for_timeout(500)
        page.evaluate("window.scrollTo(0, 0)")
        keep(page, folder / "chat-390.png")


def administration(browser: Any, address: str, folder: Path) -> None:
    """The admin's pages, two users made there, and the login that then is asked for."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    for path, name in (
        ("/admin", "admin"),
        ("/admin/batches", "admin-batches"),
        ("/admin/holdings", "admin-holdings"),
    ):
        page.goto(address + path)
        keep(page, folder / f"{name}.png")
    for user, role in (("ada", "admin"), ("lily", "librarian")):
        page.goto(f"{address}/admin/people")
        if page.locator("#password").count():
            keep(page, folder / "login.png")
            page.fill("#name", "ada")
            page.fill("#password", PASSWORD)
            page.keyboard.press("Enter")
        page.fill("#kg-name", user)
        page.fill("#kg-password", PASSWORD)
        page.select_option("#kg-role", role)
        page.get_by_role("button", name="Add", exact=True).click()
        page.wait_for_load_state()
    keep(page, folder / "admin-people.png")
    page.goto(f"{address}/admin/logs")
    keep(page, folder / "admin-logs.png")
    page.close()


TABS = ("ask", "library", "check", "ranking", "history")


def tab(page: Any, number: int) -> None:
    """Go to a tab, from the top of the page."""
    page.locator(f"#kg-tabs button[data-tab-id={TABS[number]}]:visible").first.click()
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(500)


def keep(page: Any, path: Path) -> None:
    """What is seen now, as a small PNG."""
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)


if __name__ == "__main__":
    main()
