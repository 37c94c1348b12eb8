"""The first minutes over an empty library: the sample is one click, the page tells how far it is, and then
offers questions and a tour; two tabs are two conversations.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kgrag.settings import Settings
from tests.browser.conftest import ask, served, visited
from tests.conftest import PAPERS

pytestmark = pytest.mark.browser
PAPER = "journal.pone.0067380.xml"
TRIES = "#kg-transcript .kg-try"


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The service over an empty library, whose sample is one paper."""
    monkeypatch.setattr("ui.service.service.SAMPLE", PAPERS / PAPER)
    with served(Settings(library=tmp_path / "library", embedder="hash", extractors=("roles",))) as found:
        yield found


def test_the_sample_and_two_tabs(browser: Any, address: str) -> None:
    """Asked again over a library that holds papers, the sample is refused in words."""
    with visited(browser, address) as page:
        page.click("#kg-transcript [data-kg=sample]")
        page.wait_for_selector(TRIES, timeout=60_000)
        assert page.request.post(f"{address}/reading/sample", headers={"origin": address}).status == 400
        page.click("#kg-transcript [data-kg=tour]")
        assert page.locator(".kg-tour p").inner_text().startswith("1/")
        page.keyboard.press("Enter")
        assert page.locator(".kg-tour p").inner_text().startswith("2/")
        page.keyboard.press("Escape")
        assert page.locator(".kg-tour, .kg-toured").count() == 0
        ask(page, "How do thresher sharks hunt?")
        with visited(browser, address) as other:
            ask(other, "What do sharks eat?")
            for each, question in ((page, "How do thresher sharks hunt?"), (other, "What do sharks eat?")):
                ask(each, "And where?")
                heads = each.locator(
                    "#kg-transcript .kg-turn h2, #kg-transcript .kg-turn h3"
                ).all_inner_texts()
                assert question in heads[0]
                assert each.locator("#kg-transcript .kg-turn").count() == 2
