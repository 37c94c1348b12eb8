"""The administration in a real Chromium: three papers uploaded are asked about a moment later; batches move
on the page; small and large windows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kgrag.library import Library
from kgrag.settings import Settings
from tests.browser.conftest import ask, served
from tests.conftest import PAPERS
from tests.prepare import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]
THREE = ("journal.pone.0067380.xml", "journal.pntd.0002570.xml", "10.21105.jose.00070.pdf")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty library, with its real models."""
    folder: Path = tmp_path_factory.mktemp("admin") / "library"
    with Library(Settings(library=folder), create=True):
        pass
    with served(Settings(library=folder)) as found:
        yield found


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A window of the local admin; any request that leaves the host, and any error of a script, fails the
    test.
    """
    opened = browser.new_page(viewport={"width": 1440, "height": 1000})
    wrong: list[str] = []
    opened.on(
        "request",
        lambda r: wrong.append(r.url) if not r.url.startswith((address, "data:", "blob:", "ws:")) else None,
    )
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    opened.close()
    assert wrong == []


def test_three_papers_are_uploaded_and_asked_about(page: Any, address: str) -> None:
    """Chosen, sent, read while the page shows it, and answered from with their own words."""
    page.goto(f"{address}/admin")
    page.get_by_role("link", name="Batches").click()
    page.set_input_files("#kg-files", [str(PAPERS / name) for name in THREE])
    page.get_by_role("button", name="Upload and read").click()
    page.wait_for_selector("#kg-batches .kg-state-done", timeout=120_000)
    assert "3 of 3 files read" in page.inner_text("#kg-batches")
    page.get_by_role("link", name="Back to the library").click()
    page.wait_for_selector("#kg-question textarea", timeout=60_000)
    ask(page, "How do thresher sharks use their tails when they hunt?")
    assert page.locator(".kg-chip").count() >= 1
    assert "thresher" in page.inner_text("#kg-transcript .kg-answer").lower()


def test_what_cannot_be_read_is_told_and_tried_again(page: Any, address: str, tmp_path: Path) -> None:
    """The reason stands beside the file; "read them again" reads it again."""
    broken = tmp_path / "no paper.pdf"
    broken.write_bytes(b"%PDF-1.4 nothing")
    page.goto(f"{address}/admin/batches")
    page.set_input_files("#kg-files", str(broken))
    page.get_by_role("button", name="Upload and read").click()
    batch = page.locator("#kg-batches .kg-batch").first
    batch.locator("summary").wait_for(timeout=60_000)
    batch.locator("summary").click()
    assert "no paper.pdf" in batch.inner_text()
    batch.get_by_role("button", name="Read them again").click()
    page.wait_for_selector("[role=status]", timeout=60_000)
    page.wait_for_selector("#kg-batches .kg-batch:first-child summary", timeout=60_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, address: str, scheme: str) -> None:
    """No serious or critical violation on the administration's pages, the setup and the login, in both
    languages; they hold none of Gradio's HTML.
    """
    pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    from tests.browser.test_accessible import problems

    page = browser.new_page(color_scheme=scheme)
    found = []
    for language in ("zh", "en"):
        page.goto(f"{address}/admin/language/{language}")
        for path in (
            "/admin",
            "/admin/batches",
            "/admin/people",
            "/admin/logs",
            "/admin/logs?log=provenance",
            "/setup",
            "/login",
        ):
            page.goto(address + path)
            for fold in page.locator("summary").all():
                fold.click()
            found += problems(page, path)
    page.close()
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_fit(page: Any, address: str, width: int) -> None:
    """Nothing sticks out at either width, in either language; every control has a name; the keyboard reaches
    the menu.
    """
    page.set_viewport_size({"width": width, "height": 900})
    for language in ("zh", "en"):
        page.goto(f"{address}/admin/language/{language}")
        for path in (
            "/admin",
            "/admin/batches",
            "/admin/people",
            "/admin/logs",
            "/admin/logs?log=provenance",
        ):
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            nameless = page.evaluate(
                """() => [...document.querySelectorAll(
                    'input:not([type=hidden]), select, textarea, button'
                )].filter(e => !(
                    e.labels?.length || e.getAttribute('aria-label') || e.textContent.trim()
                )).length"""
            )
            assert nameless == 0, path
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('nav') !== null")


def test_an_index_is_made_anew_and_a_backup_taken(page: Any, address: str) -> None:
    """Both by one button; the backup can be downloaded."""
    page.goto(f"{address}/admin")
    page.get_by_role("button", name="Rebuild: Words").click()
    page.wait_for_selector("[role=status]")
    page.get_by_role("button", name="Make a backup").click()
    for _ in range(60):
        page.goto(f"{address}/admin")
        if page.locator("a[download]").count():
            break
        page.wait_for_timeout(500)
    with page.expect_download() as download:
        page.locator("a[download]").first.click()
    assert download.value.suggested_filename.startswith("kgrag-")
