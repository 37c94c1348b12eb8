"""What a browser holds after a person has logged out: no word of what they asked, typed or read, in any
byte of its profile.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kgrag.library import Library
from kgrag.people.users import Users
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from tests.browser.conftest import ARGUMENTS, served
from tests.prepare import chromium

PASSWORD = "a long enough password"
ASKED, TYPED = "quuxradiumology", "wombatgrimbling"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
    # event loops that Gradio makes while it builds its pages, and leaves to the collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A small library with an admin and a reader."""
    folder = tmp_path_factory.mktemp("storage") / "library"
    with Library(Settings(library=folder, embedder="hash"), create=True) as library:
        for number in range(3):
            library.catalogue.put(random_parcel(number))
        library.catch_up()
        Users(library.catalogue).add("ada", "admin", PASSWORD)
        Users(library.catalogue).add("rita", "reader", PASSWORD)
    with served(Settings(library=folder, embedder="hash")) as found:
        yield found


def test_nothing_of_a_person_stays_in_the_browser(address: str, browser: Any, tmp_path: Path) -> None:
    """A question, a text to check and words to look for; then log-out, and the browser is closed."""
    profile = tmp_path / "profile"
    context = browser.browser_type.launch_persistent_context(
        str(profile), executable_path=chromium(), args=ARGUMENTS
    )
    page = context.new_page()
    page.goto(address + "/login")
    page.fill("#name", "rita")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("#kg-question textarea", timeout=60_000)
    page.fill("#kg-question textarea", f"What was studied with {ASKED}?")
    page.click("#kg-ask")
    page.wait_for_selector("#kg-transcript .kg-turn:not([aria-busy=true])", timeout=60_000)
    page.click("#kg-tabs button[data-tab-id=check]:visible")
    page.fill("#kg-check-text textarea", f"The {TYPED} of radium was studied.")
    page.click("#kg-check-claims")
    page.wait_for_selector("#kg-checked .kg-claim, #kg-checked li, #kg-checked article", timeout=60_000)
    assert page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []
    page.click(".kg-bar button")
    page.wait_for_selector("#name")
    assert page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []
    context.close()
    assert held(profile, ASKED) + held(profile, TYPED) == []
    shutil.rmtree(profile)


def held(profile: Path, word: str) -> list[str]:
    """Files of a profile that hold a word, in the encodings that a browser writes."""
    forms = (word.encode(), word.encode("utf-16-le"))
    return [
        str(path.relative_to(profile))
        for path in profile.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]
