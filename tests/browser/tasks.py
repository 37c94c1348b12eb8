"""Does a new user's tasks in a real Chromium and counts what each costs: clicks, choices, and fields typed.

Run: ``python -m tests.browser.tasks``. Prints a table, first paints, and the weight of our own script.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from ingest.run import ingest
from kgrag.library import Library
from kgrag.settings import Settings
from tests.browser.conftest import ARGUMENTS, served, settle, visited
from tests.prepare import chromium

PAPERS = Path(__file__).parents[2] / "kgrag" / "demo" / "papers"
THREE = ("journal.pone.0067380.xml", "journal.pmed.0020124.xml", "journal.pntd.0002570.xml")
RECORD = "TY  - JOUR\nTI  - {title}\nAU  - Doe, Jane\nPY  - 2019\nDO  - 10.1234/one\nJO  - Ones\nER  - \n"


class Hand:
    """A page that counts what is done to it."""

    def __init__(self, page: Any) -> None:
        self.page, self.n = page, 0

    def click(self, selector: str, **options: Any) -> None:
        """Click what is seen first."""
        self.n += 1
        self.page.locator(selector, **options).first.click(timeout=30_000)

    def type(self, selector: str, text: str) -> None:
        """Fill a field."""
        self.n += 1
        self.page.fill(selector, text)

    def choose(self, selector: str, value: Any) -> None:
        """Choose of a list, or files."""
        self.n += 1
        found = self.page.locator(selector).first
        if isinstance(value, list):
            found.set_input_files(value)
        else:
            found.select_option(value)

    def see(self, selector: str) -> None:
        """Wait until something is there."""
        self.page.wait_for_selector(selector, timeout=120_000)


def add_and_ask(hand: Hand, place: Path) -> None:
    """Add three papers to an empty library, and ask."""
    hand.click("#kg-transcript a[href='/admin/batches']")
    files = [str(PAPERS / name) for name in THREE]
    hand.choose("#kg-files", files)
    hand.click("form[data-upload] button[type=submit]")
    hand.see("#kg-batches .kg-state-done")
    hand.click("header a[href='/']")
    hand.see("#kg-transcript .kg-try")
    hand.type("#kg-question textarea", "What is blue marble health?")
    hand.click("#kg-ask")
    hand.see("#kg-transcript .kg-chip")


def cite(hand: Hand, place: Path) -> None:
    """Cite a source of the answer that stands there in GB/T 7714."""
    hand.choose("#kg-transcript [data-kg-style]", "gb-t-7714")
    hand.click("#kg-transcript [data-kg=cite]")
    hand.see(".kg-dialog .kg-quote")
    hand.page.keyboard.press("Escape")


def save_and_export(hand: Hand, place: Path) -> None:
    """Save the papers found (three of them here) and export them."""
    hand.click("[role=tab][data-tab-id=library]")
    hand.see("#kg-results [data-kg=all]")
    hand.click("#kg-results [data-kg=all]")
    hand.click("#kg-results [data-kg=add]")
    hand.type(".kg-dialog input", "For the course")
    hand.click(".kg-dialog .kg-strong")
    hand.click(".kg-dialog a.kg-strong")
    hand.see("a[href$='/export/zip']")
    with hand.page.expect_download():
        hand.click("a[href$='/export/zip']")


def why_refused(hand: Hand, place: Path) -> None:
    """Find why a record was refused."""
    hand.click("nav a[href='/admin']")
    hand.click("nav a[href='/admin/batches']")
    hand.click(".kg-quarantine summary")
    assert hand.page.locator(".kg-quarantine td").nth(1).inner_text()


def undo_union(hand: Hand, place: Path) -> None:
    """Take a union of two sources apart."""
    hand.click("nav a[href='/admin/holdings']")
    hand.type("#kg-wanted", "Journal of Ones of 2019")
    hand.click("form.kg-inline button[type=submit]")
    hand.click(".kg-hits h3 a")
    hand.see("#kg-paper .kg-union")
    hand.click("#kg-paper .kg-union summary")
    hand.click("#kg-paper [data-act=split]")
    hand.page.wait_for_function("!document.querySelector('#kg-paper .kg-union')", timeout=60_000)


def link_to_passage(hand: Hand, place: Path) -> None:
    """Send a colleague a link to a passage of an answer."""
    hand.click("[role=tab][data-tab-id=ask]")
    hand.type("#kg-question textarea", "What is blue marble health?")
    hand.click("#kg-ask")
    hand.see("#kg-panel [data-kg=link]")
    settle(hand.page)
    hand.click("#kg-panel [data-kg=link]")


def chinese_and_back(hand: Hand, place: Path) -> None:
    """Switch to Chinese, and back."""
    hand.click("#kg-language label:nth-of-type(2), #kg-language label >> nth=1")
    hand.page.wait_for_function("document.querySelector('#kg-ask').textContent.includes('提问')")
    settle(hand.page)
    hand.click("#kg-language label")
    hand.page.wait_for_function("document.querySelector('#kg-ask').textContent.includes('Ask')")


TASKS: tuple[Callable[[Hand, Path], None], ...] = (
    add_and_ask,
    cite,
    save_and_export,
    why_refused,
    undo_union,
    link_to_passage,
    chinese_and_back,
)


def main() -> None:
    """An empty library, the tasks in order, and what they cost."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        settings = Settings(library=folder / "library")
        with Library(settings, create=True):
            pass
        with served(settings) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            with visited(browser, address) as page:
                for task in TASKS:
                    if task is why_refused:
                        _two_sources(settings, folder)
                    hand = Hand(page)
                    task(hand, folder)
                    print(f"| {(task.__doc__ or '').rstrip('.')} | {hand.n} |", flush=True)
                for path in ("/", "/sets", "/help", "/admin", "/admin/holdings"):
                    print(f"| first paint of {path}, ms | {_paint(page, address + path):.0f} |")
                sent = page.request.get(address + "/reading/reading.js")
                print(f"| reading.js, bytes | {len(sent.body())} |")
            browser.close()


def _two_sources(settings: Settings, folder: Path) -> None:
    """One work in two files that say it otherwise, and a file with a record that is none."""
    texts = {
        "a.ris": RECORD.format(title="The Journal of Ones of 2019"),
        "b.ris": RECORD.format(title="The Journal of Ones of 2019") + "TY  - JOUR\nPY  - 2019\nER  - \n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
        with Library(settings) as library:
            ingest(library, [folder / name])


def _paint(page: Any, address: str) -> float:
    page.goto(address)
    page.wait_for_timeout(1500)
    found: float = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    return found


if __name__ == "__main__":
    main()
