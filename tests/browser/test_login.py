"""Coming in with a real Chromium: the open door of a new library, its closing, each role's refusals, two
languages, and no stranger's request.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kgrag.library import Library
from kgrag.people.rights import Rights
from kgrag.people.users import Users
from kgrag.settings import Settings
from tests.browser.conftest import ask, served, visited
from tests.prepare import chromium

PASSWORD = "a long enough password"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def address(papers_library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A copy of the papers with a user of each role; one paper is for staff, to whom the librarian belongs;
    readers get no answers.
    """
    folder = tmp_path_factory.mktemp("login") / "library"
    shutil.copytree(papers_library.folder, folder)
    with Library(Settings(library=folder)) as library:
        for name, role in (
            ("ada", "admin"),
            ("lily", "librarian"),
            ("rick", "researcher"),
            ("rita", "reader"),
        ):
            Users(library.catalogue).add(name, role, PASSWORD, groups=["staff"] if name == "lily" else [])
        hidden = next(
            d.id
            for d in library.catalogue.documents()
            if "blue marble" in d.title.lower() or "NTDs" in d.title
        )
        Rights(library.catalogue).set_collection("Licensed", documents=[hidden], groups=["staff"])
        Rights(library.catalogue).set_switch("answers", "reader", False)
    with served(Settings(library=folder)) as found:
        yield found


def log_in(page: Any, address: str, name: str, password: str = PASSWORD) -> None:
    """By the form, with the keyboard."""
    page.goto(address)
    page.fill("#name", name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A visitor's window; any request that leaves the host fails the test."""
    opened = browser.new_page(viewport={"width": 1440, "height": 1000})
    foreign: list[str] = []
    opened.on(
        "request",
        lambda r: foreign.append(r.url) if not r.url.startswith((address, "data:", "blob:", "ws:")) else None,
    )
    yield opened
    opened.close()
    assert foreign == []


def test_login_and_logout(page: Any, address: str) -> None:
    """The page asks; a wrong password is told and kept out; the right one opens the pages under one's name;
    logging out closes them.
    """
    log_in(page, address, "lily", "wrong password")
    assert "do not belong together" in page.inner_text("[role=alert]")
    log_in(page, address, "lily")
    page.wait_for_selector("#kg-bar form", timeout=60_000)
    assert "lily · librarian" in page.inner_text("#kg-bar")
    page.click("#kg-bar button")
    page.wait_for_selector("#password")
    page.goto(address)
    assert page.locator("#password").count() == 1


def test_staff_ask_about_what_others_do_not_find(page: Any, browser: Any, address: str) -> None:
    """The librarian's answer quotes the paper for staff; the researcher gets no answer, and the librarian's
    address is not there for them.
    """
    log_in(page, address, "lily")
    page.wait_for_selector("#kg-question textarea", timeout=60_000)
    ask(page, "What is blue marble health?")
    assert page.locator(".kg-chip").count() >= 1
    link = page.locator("#kg-transcript a[href^='/answers/']").first.get_attribute("href").split("/export")[0]
    assert page.request.get(address + link).status == 200
    other = browser.new_page()
    log_in(other, address, "rick")
    other.wait_for_selector("#kg-question textarea", timeout=60_000)
    ask(other, "What is blue marble health?")
    assert other.locator(".kg-chip").count() == 0
    assert "marble" not in other.inner_text("#kg-transcript .kg-answer").lower()
    assert other.request.get(address + link).status == 404
    assert other.request.get(f"{address}{link}/export/ris").status == 404
    other.close()


@pytest.mark.parametrize(
    ("name", "export", "admin"),
    [("rita", 403, 403), ("rick", 404, 403), ("lily", 404, 403), ("ada", 404, 200)],
)
def test_each_role_is_refused_what_is_not_theirs(
    page: Any, address: str, name: str, export: int, admin: int
) -> None:
    """By the pages' own addresses: exports for readers, administration for all but admins; the page says
    which roles may.
    """
    log_in(page, address, name)
    page.wait_for_selector("#kg-bar form", timeout=60_000)
    assert page.request.get(f"{address}/answers/a-none/export/ris").status == export
    assert page.goto(f"{address}/admin").status == admin
    if admin == 403:
        assert "these may: admin" in page.inner_text("[role=alert]")


def test_with_answers_off_the_reader_searches(page: Any, address: str) -> None:
    """A question by a reader, for whom answers are off, is not answered; searching finds papers."""
    log_in(page, address, "rita")
    page.wait_for_selector("#kg-bar form", timeout=60_000)
    page.wait_for_selector("#kg-sought textarea, #kg-sought input", timeout=20_000)
    for tab in ("Ask", "Ranking"):
        page.get_by_role("tab", name=tab).wait_for(state="hidden", timeout=20_000)
    page.fill("#kg-sought textarea, #kg-sought input", "thresher sharks")
    page.click("#kg-find")
    page.wait_for_selector("#kg-results .kg-hits li", timeout=20_000)
    found = page.request.get(f"{address}/api/v1/search?question=thresher sharks").json()["hits"]
    assert found
    refused = page.request.post(
        f"{address}/api/v1/ask", data={"question": "thresher sharks"}, headers={"origin": address}
    )
    assert (refused.status, "Search instead" in refused.json()["detail"]) == (403, True)


def test_the_login_speaks_chinese(browser: Any, address: str) -> None:
    """As the browser prefers."""
    page = browser.new_page(locale="zh-CN")
    page.goto(address)
    assert page.inner_text("h1") == "登录"
    page.close()


def test_a_new_library_is_open_until_an_admin_is_set(
    browser: Any, papers_library: Library, tmp_path: Path
) -> None:
    """The chat answers at once with a banner; setting the password logs in and closes the door to others."""
    shutil.copytree(papers_library.folder, tmp_path / "library")
    with served(Settings(library=tmp_path / "library")) as address, visited(browser, address) as page:
        page.wait_for_selector("#kg-bar .kg-open", timeout=60_000)
        assert "No admin is set" in page.inner_text("#kg-bar")
        page.click("#kg-bar a[href='/setup']")
        for field, text in (("#name", "ada"), ("#password", PASSWORD), ("#again", PASSWORD)):
            page.fill(field, text)
        page.click("button[type=submit]")
        page.wait_for_selector("#kg-bar form", timeout=60_000)
        assert "ada · admin" in page.inner_text("#kg-bar")
        other = browser.new_page()
        other.goto(address)
        assert other.locator("#password").count() == 1
        other.close()
