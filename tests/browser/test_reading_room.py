"""The reading room as people use it, in a real Chromium: a source is cited and kept, results are ticked, what
is shown has an address, the language is remembered, and the keyboard does it all.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import ask, settle, visited
from tests.prepare import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]


def contrast(page: Any, selector: str) -> float:
    """The contrast of an element's text on its ground, as WCAG computes it."""
    found: float = page.evaluate(
        """selector => {
            const light = (rgb) => {
                const [r, g, b] = rgb.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
                    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const text = document.querySelector(selector);
            let ground = text;
            const clear = (one) => /, 0\\)$|transparent/.test(getComputedStyle(one).backgroundColor);
            while (clear(ground)) ground = ground.parentElement;
            const two = [getComputedStyle(text).color, getComputedStyle(ground).backgroundColor].map(light);
            return (Math.max(...two) + 0.05) / (Math.min(...two) + 0.05);
        }""",
        selector,
    )
    return found


def test_by_keyboard_from_a_question_to_an_export(page: Any, address: str) -> None:
    """Ask → the name of a paper → its source → cite in GB/T 7714 → a new set → the set's export; without a
    mouse.
    """
    page.locator("#kg-question textarea").focus()
    page.keyboard.type("What is blue marble health?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#kg-transcript .kg-sources", timeout=60_000)
    settle(page)
    assert page.locator(".kg-chip").first.inner_text().strip().endswith("2013")
    page.locator("[data-kg-style]").first.focus()
    page.keyboard.type("GB")
    page.locator(".kg-sources [data-kg=cite]").first.press("Enter")
    page.wait_for_selector(".kg-dialog .kg-quote", timeout=20_000)
    assert "[J" in page.locator(".kg-dialog .kg-quote").inner_text()
    page.keyboard.press("Escape")
    page.locator(".kg-sources [data-kg=add]").first.press("Enter")
    page.wait_for_selector(".kg-dialog select", timeout=20_000)
    page.locator(".kg-dialog select").select_option("")
    page.locator(".kg-dialog input").fill("Neglected diseases")
    page.keyboard.press("Enter")
    page.locator(".kg-dialog a.kg-strong").press("Enter")
    page.wait_for_url(re.compile("/sets/s-"))
    with page.expect_download() as downloaded:
        page.locator("a[href$='/export/zip']").press("Enter")
    assert downloaded.value.suggested_filename == "Neglected-diseases.zip"
    page.locator("a[href^='/?only=']").press("Enter")
    page.wait_for_selector("#kg-only .kg-told", timeout=60_000)
    ask(page, "How does DraggleSimulator teach genetic drift?")
    assert page.locator(".kg-chip").count() == 0


def test_ticked_results_and_a_chosen_facet(page: Any) -> None:
    """Ticks count, go into a set and to an export; the chosen facet can be read; the line stands between what
    is about it and what is not.
    """
    page.get_by_role("tab").nth(1).click()
    page.wait_for_selector("#kg-results .kg-hits", timeout=20_000)
    page.fill("#kg-sought textarea", "thresher sharks")
    page.click("#kg-find")
    page.wait_for_selector("#kg-results .kg-line", timeout=20_000)
    first = page.locator("#kg-results li").first
    assert "Thresher Sharks" in first.inner_text()
    assert page.locator("#kg-results [data-kg=add]").is_disabled()
    page.locator("#kg-results [data-kg-tick]").first.check()
    assert page.locator("#kg-results [data-kg-count]").inner_text() == "1"
    with page.expect_download() as downloaded:
        page.locator("select[data-kg-export]").select_option("ris")
    assert downloaded.value.path().read_text("utf-8").count("TY  -") == 1
    page.locator("#kg-facets .kg-facet").first.click()
    page.wait_for_selector("#kg-facets [aria-pressed=true]", timeout=20_000)
    assert contrast(page, "#kg-facets [aria-pressed=true] span") >= 4.5
    settle(page)
    page.locator("select[data-act=sort]").select_option("title")
    page.wait_for_function("document.querySelector('select[data-act=sort]')?.value === 'title'")


def test_what_is_shown_has_an_address(page: Any, address: str) -> None:
    """A conversation, a search and a paper: Back goes to each, reload keeps each, and the search's address
    does not tell its words.
    """
    ask(page, "What is blue marble health?")
    page.wait_for_url(re.compile(r"\?conversation=a-"))
    page.get_by_role("tab").nth(1).click()
    page.wait_for_selector("#kg-results .kg-hits", timeout=20_000)
    page.fill("#kg-sought textarea", "thresher sharks")
    page.click("#kg-find")
    page.wait_for_url(re.compile(r"\?find="))
    search = page.url
    assert "thresher" not in search
    settle(page)
    page.locator("#kg-results [data-act=paper]").first.click()
    page.wait_for_url(re.compile(r"\?paper="))
    settle(page)
    page.reload()
    page.wait_for_selector("#kg-paper h2", timeout=60_000)
    page.go_back()
    page.wait_for_selector("#kg-results .kg-hits mark", timeout=60_000)
    assert page.url == search
    assert page.input_value("#kg-sought textarea") == "thresher sharks"
    settle(page)
    page.go_back()
    page.wait_for_selector("#kg-transcript .kg-turn", timeout=60_000)
    passage = page.locator("#kg-panel [data-kg=link]").get_attribute("data-path")
    page.goto(address + passage)
    page.wait_for_selector("#kg-paper .kg-wanted", timeout=60_000)
    page.goto(address + "/?paper=doi:10.1/none")
    page.wait_for_selector("#kg-paper .kg-error", timeout=60_000)


def test_the_language_follows_the_browser_and_stays(browser: Any, address: str) -> None:
    """A Chinese browser gets Chinese, and a screen reader is told so; English, once chosen, is there after a
    reload and in the administration.
    """
    with visited(browser, address, locale="zh-CN") as page:
        page.wait_for_function(
            "document.querySelector('#kg-ask').textContent.includes('提问')", timeout=20_000
        )
        assert page.evaluate("document.documentElement.lang") == "zh-Hans"
        page.locator("#kg-language label").first.click()
        page.wait_for_function(
            "document.querySelector('#kg-ask').textContent.includes('Ask')", timeout=20_000
        )
        settle(page)
        page.goto(address + "/admin")
        assert page.evaluate("document.documentElement.lang") == "en"
        page.goto(address + "/")
        page.wait_for_selector("#kg-transcript .kg-empty", timeout=60_000)
        page.wait_for_function("document.documentElement.lang === 'en'", timeout=20_000)
