"""Reviews in a real Chromium: begun, filled, screened by keys, offline for a while, settled; nothing serious
by axe-core, light and dark, English and Chinese.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_accessible import problems

pytestmark = pytest.mark.browser
RIS = "".join(
    f"TY  - JOUR\nTI  - Bisoprolol in heart failure, study {n}\nAB  - Trial {n} of beta blockers in adults.\n"
    f"AU  - Li, Na\nJO  - Lancet\nPY  - {2000 + n}\nDO  - 10.1/{n}\nER  - \n\n"
    for n in range(5)
)


def begun(page: Any, address: str, folder: Path) -> str:
    """A review with five records, begun by its forms; its address."""
    file = folder / "PubMed.ris"
    file.write_text(RIS)
    page.goto(f"{address}/reviews")
    if not page.locator("input[name=question]").is_visible():
        page.locator("summary").first.click()
    page.fill("input[name=question]", "Do beta blockers help adults with heart failure?")
    page.fill("textarea[name=criteria]", "no trial\nanimals")
    page.get_by_role("button", name=re.compile("^(Begin|开始)$")).click()
    page.wait_for_url(re.compile("/reviews/review-"))
    home = str(page.url)
    page.set_input_files("input[name=files]", str(file))
    page.locator("form[action$='/sets'] button").click()
    page.wait_for_selector("section table")
    return home


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh")])
def test_a_review_by_keys(browser: Any, address: str, tmp_path: Path, scheme: str, language: str) -> None:
    """I, a reason and E, U; a decision made offline is sent later; every page is accessible."""
    context = browser.new_context(color_scheme=scheme, locale="zh-CN" if language == "zh" else "en-GB")
    page = context.new_page()
    found = []
    try:
        home = begun(page, address, tmp_path)
        found += problems(page, "review")
        page.goto(f"{home}/screen")
        found += problems(page, "screen")
        status = page.locator("[role=status]")
        assert "5" in status.inner_text()
        page.keyboard.press("i")
        page.wait_for_selector("[data-kg-key=u]")
        page.keyboard.press("2")
        assert page.locator("input[value=animals]").is_checked()
        with page.expect_navigation():
            page.keyboard.press("e")
        assert "3" in status.inner_text()
        with page.expect_navigation():
            page.keyboard.press("u")
        context.set_offline(True)
        page.keyboard.press("m")
        page.wait_for_selector("form .kg-error")
        with page.expect_navigation():
            context.set_offline(False)
        page.goto(f"{home}/records?outcome=maybe")
        assert page.locator("ol li").count() == 1
        found += problems(page, "records")
        page.goto(home)
        assert page.locator("img.kg-graph").evaluate("one => one.naturalWidth") > 100
        page.goto(f"{address}/reviews")
        found += problems(page, "list")
    finally:
        context.close()
    assert not found, "\n".join(map(str, found))
