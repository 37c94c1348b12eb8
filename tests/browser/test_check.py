"""A text from elsewhere, checked in a real Chromium: claims with their quotes, references with what is wrong,
the paper behind a quote.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import settle
from tests.prepare import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]

TEXT = (
    "Thresher sharks hunt with their tails. Most published research findings are true. The moon is made of"
    " cheese."
)
REFERENCES = (
    "[1] Ioannidis JPA. Why Most Published Research Findings Are False. PLoS Medicine. 2007;2(8):e124.\n"
    "[2] Kestrel B. Invented results of imaginary trials in distant countries."
    " Journal of Invented Results. 2031;1:1-2."
)


def checked(page: Any, text: str, button: str) -> list[str]:
    """The marks, in order, once they are there."""
    page.locator("#kg-tabs button[data-tab-id=check]:visible").first.click()
    settle(page)
    page.fill("#kg-check-text textarea", text)
    page.click(button)
    page.wait_for_selector("#kg-checked li", timeout=60_000)
    marks: list[str] = page.locator("#kg-checked .kg-badge").all_inner_texts()
    return marks


def test_claims(page: Any) -> None:
    """Each claim has its mark and the library's own words, in the language that is chosen; the paper
    opens.
    """
    assert checked(page, TEXT, "#kg-check-claims") == [
        "The papers seem to say so",
        "The papers seem to say otherwise",
        "Look for yourself",
    ]
    assert "1 that the papers seem to say, 1 that" in page.locator("#kg-checked [role=status]").inner_text()
    assert "hunt with their tails" in page.locator("#kg-checked blockquote").first.inner_text()
    page.locator("#kg-language label").nth(1).click()
    page.wait_for_function(
        "document.querySelector('#kg-checked')?.textContent.includes('原文似与此相反')", timeout=20_000
    )
    page.locator("#kg-checked [data-act=paper]").first.click()
    page.wait_for_selector("#kg-paper h2", timeout=20_000)
    assert "Thresher Sharks" in page.locator("#kg-paper h2").inner_text()


def test_references(page: Any) -> None:
    """A wrong year is named with the right one; what is invented is not in the library."""
    assert checked(page, REFERENCES, "#kg-check-references") == ["cited wrongly", "not in this library"]
    assert "2005" in page.locator("#kg-checked li li").first.inner_text()


def test_too_much_at_once(page: Any) -> None:
    """A text with more claims than are read at a time is told where to take it."""
    page.locator("#kg-tabs button[data-tab-id=check]:visible").first.click()
    page.fill("#kg-check-text textarea", "Sharks eat fish. " * 70)
    page.click("#kg-check-claims")
    page.wait_for_selector("#kg-checked [role=alert]", timeout=60_000)
    assert "kgrag claims check" in page.locator("#kg-checked").inner_text()
