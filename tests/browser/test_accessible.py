"""axe-core on every page, light and dark, English and Chinese: nothing serious or critical that our own HTML
or settings cause.

What Gradio's own components do is listed in docs/ACCESSIBILITY.md; a rule that is not listed there fails too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import ask, visited
from tests.prepare import chromium

axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]

RULES = {
    "light": {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
"""What is looked for; a dark page differs from a light one in its colours alone."""
LISTED = Path(__file__).parents[2] / "docs" / "ACCESSIBILITY.md"
TEXT = "Thresher sharks hunt with their tails. Most published research findings are true."
QUESTION = {"en": "How does DraggleSimulator teach genetic drift?", "zh": "DraggleSimulator?"}


def problems(page: Any, where: str, scheme: str = "light") -> list[tuple[str, str, str]]:
    """(rule, element, where) of every serious or critical violation."""
    found = axe.Axe().run(page, options=RULES[scheme]).response["violations"]
    return [
        (violation["id"], node["html"][:160], where)
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


TABS = ("ask", "library", "check", "ranking", "history")


def tab(page: Any, number: int) -> None:
    """Go to a tab."""
    page.locator(f"#kg-tabs button[data-tab-id={TABS[number]}]:visible").first.click()


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "en"), ("light", "zh")])
def test_every_page(browser: Any, address: str, scheme: str, language: str) -> None:
    """Each page as people see it: empty, with an answer and its evidence, results, a paper, a checked text,
    ranking, history, the permanent address.
    """
    with visited(browser, address, color_scheme=scheme) as page:
        if language == "zh":
            page.locator("#kg-language label").nth(1).click()
            page.wait_for_function(
                "document.querySelector('#kg-ask').textContent.includes('提问')", timeout=20_000
            )
        found = problems(page, "empty", scheme)
        ask(page, QUESTION[language])
        page.locator("#kg-limits button").first.click()
        for fold in page.locator("#kg-panel summary, #kg-transcript summary").all():
            fold.click()
        found += problems(page, "answer", scheme)
        address_of = page.locator("a.kg-permanent").first.get_attribute("href")
        tab(page, 1)
        page.wait_for_selector("#kg-results .kg-hits", timeout=20_000)
        found += problems(page, "library", scheme)
        page.locator("#kg-results [data-act=paper]").first.click()
        page.wait_for_selector("#kg-graph svg", timeout=20_000)
        found += problems(page, "paper", scheme)
        tab(page, 2)
        page.fill("#kg-check-text textarea", TEXT)
        page.click("#kg-check-claims")
        page.wait_for_selector("#kg-checked li", timeout=60_000)
        found += problems(page, "check", scheme)
        tab(page, 3)
        page.wait_for_selector("#kg-ranking .kg-card, #kg-picks .kg-empty", timeout=20_000)
        found += problems(page, "ranking", scheme)
        tab(page, 4)
        page.wait_for_selector("#kg-history li", timeout=20_000)
        found += problems(page, "history", scheme)
        page.goto(address + address_of)
        found += problems(page, "permanent", scheme)
        held = json.loads(page.request.get(f"{address}/api/v1/documents?limit=2").text())["documents"]
        kept = page.request.post(
            f"{address}/reading/sets",
            data={"name": "Two", "items": [one["id"] for one in held]},
            headers={"origin": address},
        ).json()["id"]
        for path in ("/sets", f"/sets/{kept}", f"/sets/{kept}/table", "/help"):
            page.goto(address + path)
            found += problems(page, "permanent", scheme)
    ours = [
        item
        for item in found
        if "kg-" in item[1].split(">", 1)[0] or item[2] == "permanent" or item[0] == "color-contrast"
    ]
    assert not ours, "\n".join(map(str, ours))
    listed = LISTED.read_text("utf-8")
    assert [item for item in found if f"`{item[0]}`" not in listed] == []
