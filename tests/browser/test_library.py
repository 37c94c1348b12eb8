"""The library, ranking and history pages in a real Chromium: found, limited, read, ranked by keyboard,
forgotten; exports that parse.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import lxml.etree
import pytest
import rispy

from kgrag.library import Library
from kgrag.people.feedback import read_feedback
from kgrag.people.rights import Rights
from tests.browser.conftest import ask, settle, visited
from tests.prepare import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]
SHARKS = "Thresher Sharks Use Tail-Slaps"


TABS = ("ask", "library", "check", "ranking", "history")


def tab(page: Any, number: int) -> None:
    """Go to a tab."""
    settle(page)
    page.locator(f"#kg-tabs button[data-tab-id={TABS[number]}]:visible").first.click()


def find(page: Any, words: str) -> None:
    """Search the library and wait for what is found."""
    tab(page, 1)
    page.wait_for_selector("#kg-results .kg-hits", timeout=20_000)
    page.fill("#kg-sought textarea", words)
    page.click("#kg-find")
    page.wait_for_function(
        "document.querySelector('#kg-results [role=status]')?.textContent.includes('best first')",
        timeout=20_000,
    )


def read(page: Any, words: str, title: str) -> None:
    """Open a paper that is found by words."""
    find(page, words)
    page.locator("#kg-results [data-act=paper]", has_text=title).first.click()
    page.wait_for_function(
        "title => document.querySelector('#kg-paper h2')?.textContent.includes(title)",
        arg=title,
        timeout=20_000,
    )


def test_search_and_facets(page: Any) -> None:
    """Everything is there at first; a search ranks; a facet narrows, counts agree, and "clear" brings all
    back.
    """
    tab(page, 1)
    page.wait_for_selector("#kg-results .kg-hits", timeout=20_000)
    total = int(page.locator("#kg-results [role=status]").inner_text().split()[0])
    venue = page.locator("#kg-facets [data-facet=venue]", has_text="Open Source Education")
    count = int(venue.locator("span").last.inner_text())
    venue.click()
    page.wait_for_function(
        "n => parseInt(document.querySelector('#kg-results [role=status]').textContent) === n",
        arg=count,
        timeout=20_000,
    )
    assert page.locator("#kg-facets [aria-pressed=true]").count() == 1
    page.locator("#kg-facets [data-act=clear]").click()
    page.wait_for_function(
        "n => parseInt(document.querySelector('#kg-results [role=status]').textContent) === n",
        arg=total,
        timeout=20_000,
    )
    find(page, "thresher sharks")
    assert SHARKS in page.locator("#kg-results h2").first.inner_text()
    assert page.locator("#kg-results mark").count() >= 2


def test_one_paper(page: Any) -> None:
    """A paper shows its record, what it says about itself, its passages, and its place in the graph, which
    opens and closes by keyboard.
    """
    read(page, "thresher sharks", SHARKS)
    text = page.locator("#kg-paper").inner_text()
    assert "10.1371/journal.pone.0067380" in text
    assert "Abstract" in text
    page.locator("#kg-paper [data-act=read]").first.click()
    page.wait_for_function("document.activeElement?.classList.contains('kg-quote')", timeout=10_000)
    page.locator("#kg-graph [data-kind=Venue]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#kg-graph [data-kind=Venue][aria-expanded=true]", timeout=20_000)
    opened = page.locator("#kg-graph svg [data-act=graph]").count()
    page.locator("#kg-graph [data-kind=Venue][aria-expanded=true]").click()
    page.wait_for_selector("#kg-graph [data-kind=Venue][aria-expanded=false]", timeout=20_000)
    assert page.locator("#kg-graph svg [data-act=graph]").count() <= opened
    page.locator("#kg-paper [data-act=results]").click()
    page.wait_for_selector("#kg-results .kg-hits", timeout=20_000)


def test_reading_together(page: Any) -> None:
    """A question about this paper alone is answered from it, its quote boxed on the page beside it; what
    others answer is not answered.
    """
    read(page, "DraggleSimulator", "DraggleSimulator")
    page.fill("#kg-ask-paper textarea", "What is DraggleSimulator?")
    page.click("#kg-ask-paper-send")
    page.wait_for_selector("#kg-paper-answers .kg-foot", timeout=30_000)
    page.locator("#kg-paper-answers .kg-chip").last.click()
    page.wait_for_function(
        "document.querySelector('#kg-paper-pages img')?.naturalWidth > 500", timeout=20_000
    )
    page.fill("#kg-ask-paper textarea", "What is blue marble health?")
    page.click("#kg-ask-paper-send")
    page.wait_for_function(
        "document.querySelectorAll('#kg-paper-answers .kg-export').length === 2", timeout=30_000
    )
    assert "Hotez" not in page.locator("#kg-paper-answers").inner_text()


def test_an_address_opens_a_paper(browser: Any, address: str) -> None:
    """``?document=`` opens the paper; one that is not there is said, with the way back."""
    with visited(browser, address, "/?document=doi:10.1371/journal.pone.0067380") as page:
        page.wait_for_function(
            "title => document.querySelector('#kg-paper h2')?.textContent.includes(title)",
            arg=SHARKS,
            timeout=30_000,
        )
    with visited(browser, address, "/?document=doi:10.0/none") as page:
        page.wait_for_selector("#kg-paper .kg-error", timeout=30_000)
        page.locator("#kg-paper [data-act=results]").click()
        page.wait_for_selector("#kg-browse", timeout=20_000)


def test_ranking_by_keyboard(page: Any, papers_library: Library) -> None:
    """Cards move with the arrow keys and tie with ``=``; the ranks are kept in the answer's own order, with
    the note.
    """
    ask(page, "What is blue marble health?")
    tab(page, 3)
    page.wait_for_selector("#kg-ranking .kg-card", timeout=20_000)
    before = len(list(read_feedback(papers_library.catalogue, "ranking")))
    first = page.locator("#kg-ranking .kg-card").first.get_attribute("data-index")
    page.locator("#kg-ranking .kg-card").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#kg-ranking .kg-card").nth(1).get_attribute("data-index") == first
    page.keyboard.press("=")
    assert page.locator("#kg-ranking .kg-place-no").all_inner_texts()[:2] == ["1", "1"]
    ranks = {
        card.get_attribute("data-index"): int(card.get_attribute("data-rank"))
        for card in page.locator("#kg-ranking .kg-card").all()
    }
    page.fill("#kg-ranking [name=note]", "the second is as good")
    page.locator("#kg-ranking .kg-save").click()
    page.wait_for_function(
        "document.querySelector('#kg-ranked').textContent.includes('Saved')", timeout=20_000
    )
    rankings = list(read_feedback(papers_library.catalogue, "ranking"))
    assert len(rankings) == before + 1
    assert rankings[-1]["scores"] == [-ranks[str(number)] for number in range(len(ranks))]
    assert rankings[-1]["note"] == "the second is as good"
    judged = len(list(read_feedback(papers_library.catalogue, "claim")))
    page.locator("#kg-ranking .kg-verdict").first.click()
    for _ in range(100):
        if len(list(read_feedback(papers_library.catalogue, "claim"))) > judged:
            break
        page.wait_for_timeout(200)
    assert list(read_feedback(papers_library.catalogue, "claim"))[judged]["right"]


def test_too_few_rankings_are_said(page: Any) -> None:
    """Training on next to nothing is refused in the words of the command line, on the page."""
    tab(page, 3)
    page.locator("#kg-models [data-do=train]").click()
    page.wait_for_selector("#kg-models-said .kg-error", timeout=60_000)
    assert "too few" in page.locator("#kg-models-said").inner_text()


def test_history_is_found_opened_and_deleted(page: Any) -> None:
    """One's questions are searched, opened again as a conversation, and deleted with their answer."""
    ask(page, "How do thresher sharks hunt?")
    link = page.locator("a.kg-permanent").first.get_attribute("href")
    tab(page, 4)
    page.wait_for_selector("#kg-history li", timeout=20_000)
    page.fill("#kg-history-sought textarea", "thresher")
    page.wait_for_function(
        "[...document.querySelectorAll('#kg-history h2')].every(h => h.textContent.includes('thresher'))",
        timeout=20_000,
    )
    page.locator("#kg-history [data-act=open]").first.click()
    page.wait_for_selector(
        "#kg-transcript .kg-question", state="visible", timeout=20_000
    )  # the page goes to the conversation by itself
    assert "thresher" in page.locator("#kg-transcript .kg-question").first.inner_text()
    tab(page, 4)
    page.wait_for_selector("#kg-history [data-act=remove]", timeout=20_000)
    page.locator("#kg-history [data-act=remove]").first.click()
    page.wait_for_selector("#kg-history-said .kg-told", timeout=20_000)
    assert page.request.get(page.url.partition("?")[0].rstrip("/") + link).status == 404


def test_exports_parse(page: Any, address: str) -> None:
    """The links under an answer download files that their formats' readers take."""
    ask(page, "What is blue marble health?")
    link = address + page.locator("a.kg-permanent").first.get_attribute("href")

    def file(name: str) -> bytes:
        answer = page.request.get(f"{link}/export/{name}")
        assert answer.status == 200
        assert "attachment" in answer.headers["content-disposition"]
        return bytes(answer.body())

    assert rispy.loads(file("ris").decode())[0]["doi"] == "10.1371/journal.pntd.0002570"
    assert json.loads(file("csl"))[0]["DOI"] == "10.1371/journal.pntd.0002570"
    assert json.loads(file("annotation"))
    assert lxml.etree.fromstring(file("graphml")).tag.endswith("graphml")
    assert "ro-crate-metadata.json" in " ".join(zipfile.ZipFile(io.BytesIO(file("ro-crate"))).namelist())
    page.locator("#kg-transcript summary", has_text="Export").click()
    with page.expect_download() as downloaded:
        page.locator(".kg-exports a", has_text="BibTeX").click()
    assert "@" in downloaded.value.path().read_text("utf-8")


def test_with_answers_off_it_is_a_search_interface(
    browser: Any, address: str, papers_library: Library
) -> None:
    """Where an admin has turned answers off, nothing on the pages asks: the library is open, and searches."""
    rights = Rights(papers_library.catalogue)
    rights.set_switch("answers", "admin", False)
    try:
        with visited(browser, address) as page:
            page.wait_for_selector("#kg-sought textarea", timeout=20_000)
            page.wait_for_function(
                "getComputedStyle(document.querySelector('[data-tab-id=ask]')).display === 'none'",
                timeout=20_000,
            )
            page.fill("#kg-sought textarea", "thresher sharks")
            page.click("#kg-find")
            page.wait_for_selector("#kg-results [data-act=paper]", timeout=20_000)
            assert not page.locator("#kg-ask").is_visible()
    finally:
        rights.set_switch("answers", "admin", True)
