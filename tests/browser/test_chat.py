"""The chat in a real Chromium: ask, click a chip, see the quote marked on the passage and boxed on the page;
limits, follow-ups, stopping.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from kgrag.generate.extractive import ExtractiveGenerator
from kgrag.library import Library
from kgrag.people.feedback import read_feedback
from tests.browser.conftest import ask
from tests.prepare import chromium
from ui.pages import chat

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]


def test_a_chip_opens_its_evidence(page: Any) -> None:
    """Ask → chips → the panel shows the quote marked, the page picture and the chain as a picture."""
    ask(page, "How does DraggleSimulator teach genetic drift?")
    chips = page.locator(".kg-chip")
    assert chips.count() >= 1
    name = chips.last.inner_text().strip()
    assert "2" in name  # who wrote it, and the year
    chips.last.click()
    page.wait_for_function(
        f"document.querySelector('#kg-panel section')?.id === 'evidence-{chips.count() - 1}'", timeout=20_000
    )
    assert page.locator("#kg-panel h3").inner_text().strip() == name
    quote = page.locator("#kg-panel mark").first.inner_text()
    assert " ".join(quote.split()) in " ".join(page.locator(".kg-text").inner_text().split())
    picture = page.locator("#kg-panel img.kg-page")
    picture.scroll_into_view_if_needed()
    page.wait_for_function(
        "document.querySelector('#kg-panel img.kg-page').naturalWidth > 500", timeout=20_000
    )
    assert page.locator("#kg-panel svg.kg-chain [data-node]").count() >= 2
    page.locator("#kg-panel [data-kg=enlarge]").click()
    page.wait_for_function("document.querySelector('.kg-large img')?.naturalWidth > 500", timeout=20_000)
    page.keyboard.press("Escape")


def test_what_is_not_held_is_said(page: Any) -> None:
    """A question about something else is answered by an abstention, with no chip."""
    ask(page, "Who won the football world cup in 1966?")
    assert page.locator(".kg-chip").count() == 0
    assert "does not answer" in page.locator(".kg-answer").inner_text()


def test_the_interface_speaks_chinese(page: Any) -> None:
    """The switch turns labels and buttons into Chinese."""
    page.locator("#kg-language label").nth(1).click()
    page.wait_for_function("document.querySelector('#kg-ask').textContent.includes('提问')", timeout=20_000)


def test_the_permanent_address_shows_the_answer(page: Any, address: str) -> None:
    """The answer's link opens a page with the same sentences and their quotes; an unknown id is a 404."""
    ask(page, "What is blue marble health?")
    link = page.locator("a.kg-permanent").first.get_attribute("href")
    text = page.locator(".kg-claim").first.inner_text()
    page.goto(address + link)
    assert text.split("\n")[0][:60] in page.locator(".kg-text").inner_text()
    assert page.locator("mark").count() >= 1
    for format, status in (("ris", 200), ("html", 200), ("ro-crate", 200), ("pdf", 200), ("odt", 400)):
        assert page.request.get(f"{address}{link}/export/{format}").status == status
    assert page.goto(address + "/answers/a-none").status == 404
    assert page.request.get(f"{address}/answers/a-none/export/ris").status == 404
    assert page.request.get(f"{address}/api/v1/answers/a-none").json()["title"] == "NotFound"


def test_a_sentence_is_judged(page: Any, papers_library: Library) -> None:
    """A verdict on a sentence is kept, and said."""
    ask(page, "What is blue marble health?")
    page.wait_for_selector("#kg-panel .kg-verdict", timeout=20_000)
    page.locator("#kg-panel .kg-verdict").last.click()
    page.wait_for_function(
        "document.querySelector('#kg-said')?.textContent.includes('Saved')", timeout=20_000
    )
    assert not list(read_feedback(papers_library.catalogue, "claim"))[-1]["right"]


def test_pages_are_turned(page: Any) -> None:
    """Next and previous page change the picture and say which page it is; there is no page before the
    first.
    """
    ask(page, "How does DraggleSimulator teach genetic drift?")
    page.wait_for_selector("#kg-panel .kg-pages", timeout=20_000)
    label = page.locator("#kg-panel .kg-pages [role=status]")
    assert label.inner_text() == "Page 1 of 2"
    assert page.locator("#kg-panel [data-act=page]").first.is_disabled()
    page.locator("#kg-panel [data-act=page]").last.click()
    assert label.inner_text() == "Page 2 of 2"
    page.wait_for_function(
        "(i => i.src.endsWith('/pages/2.png') && i.complete && i.naturalWidth >"
        " 500)(document.querySelector('#kg-panel img.kg-page'))",
        timeout=20_000,
    )


def test_nodes_of_a_chain_open(page: Any) -> None:
    """The entity opens its passages; from there one comes back; the paper opens the library at the paper."""
    ask(page, "How does DraggleSimulator teach genetic drift?")
    page.wait_for_selector("#kg-panel svg.kg-chain", timeout=20_000, state="attached")
    open_chain(page)
    page.locator("#kg-panel :is([data-kind=Concept], [data-kind=Entity])").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#kg-panel [data-act=back]", timeout=20_000)
    assert page.locator("#kg-panel .kg-hits mark").count() >= 1
    page.locator("#kg-panel [data-act=back]").click()
    page.wait_for_selector("#kg-panel svg.kg-chain", timeout=20_000, state="attached")
    open_chain(page)
    page.locator("#kg-panel svg.kg-chain [data-kind=Document]").click()
    page.wait_for_selector("#kg-paper h2", timeout=20_000)
    assert "DraggleSimulator" in page.locator("#kg-paper h2").inner_text()


def open_chain(page: Any) -> None:
    """The chain is open by itself only where it tells something new."""
    fold = page.locator("#kg-panel details", has=page.locator("svg.kg-chain"))
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()


def test_why_this_one_won(page: Any) -> None:
    """The candidates stand with their rewards, the chosen one marked, the best first."""
    ask(page, "What is blue marble health?")
    page.locator("#kg-panel summary", has_text="Why this answer was chosen").click()
    rewards = [float(text.split()[-1]) for text in page.locator("#kg-panel .kg-reward").all_inner_texts()]
    assert len(rewards) >= 2
    assert rewards == sorted(rewards, reverse=True)
    assert page.locator("#kg-panel .kg-chosen").count() == 1


def test_limits_hold(page: Any) -> None:
    """A question limited to another venue is not answered from the paper that answers it; the limit is chosen
    from what the library has.
    """
    page.locator("#kg-limits button").first.click()
    page.locator("#kg-venue input").click()
    page.get_by_role("option", name="Journal of Open Source Education").click()
    ask(page, "What is blue marble health?")
    assert "Hotez" not in page.locator("#kg-transcript").inner_text()
    ask(page, "How does DraggleSimulator teach genetic drift?")
    assert page.locator(".kg-chip").count() >= 1


def test_a_follow_up_is_understood_and_can_be_refused(page: Any) -> None:
    """ "it" is asked as what it stands for, which is shown; refused, the question is asked as typed."""
    ask(page, "How does DraggleSimulator teach genetic drift?")
    ask(page, "Who wrote it?")
    assert page.locator(".kg-question").last.inner_text() == "Who wrote it?"
    assert "Who wrote DraggleSimulator?" in page.locator(".kg-told").first.inner_text()
    page.locator("[data-act=as-typed]").click()
    page.wait_for_function(
        "[...document.querySelectorAll('.kg-turn')].at(-1).querySelector('.kg-told') === null",
        timeout=30_000,
    )
    page.wait_for_selector("#kg-transcript .kg-turn:last-child .kg-foot", timeout=30_000)
    assert page.locator("#kg-transcript .kg-turn").count() == 2


def test_what_is_typed_meanwhile_is_kept(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next question, typed while an answer is worked on, still stands when the answer has come and its
    stream has ended.
    """
    events = chat.events

    def slow_to_end(*arguments: Any) -> Any:
        yield from events(*arguments)
        time.sleep(2)

    monkeypatch.setattr(chat, "events", slow_to_end)
    ask(page, "What is blue marble health?")
    page.fill("#kg-question textarea", "How does DraggleSimulator teach genetic drift?")
    page.wait_for_timeout(4_000)
    assert page.input_value("#kg-question textarea") == "How does DraggleSimulator teach genetic drift?"


def test_stop_stops(page: Any, monkeypatch: pytest.MonkeyPatch, papers_library: Library) -> None:
    """While a slow generator drafts, Stop ends the question: it says so, nothing is kept, and the
    conversation goes on.
    """
    ask(page, "What is blue marble health?")
    kept = len(papers_library.catalogue.rows(_answers()))
    drafting, go_on = threading.Event(), threading.Event()
    draft = ExtractiveGenerator.draft

    def slow(self: Any, *arguments: Any) -> Any:
        drafting.set()
        go_on.wait(90)
        return draft(self, *arguments)

    monkeypatch.setattr(ExtractiveGenerator, "draft", slow)
    page.fill("#kg-question textarea", "How does DraggleSimulator teach genetic drift?")
    page.click("#kg-ask")
    assert drafting.wait(60)
    page.click("#kg-stop")
    page.wait_for_function(
        "document.querySelector('#kg-said').textContent.includes('stopping')", timeout=60_000
    )
    go_on.set()
    page.wait_for_function(
        "document.querySelector('#kg-transcript').textContent.includes('Stopped')", timeout=60_000
    )
    assert len(papers_library.catalogue.rows(_answers())) == kept
    monkeypatch.undo()
    ask(page, "What is blue marble health?")
    assert page.locator("#kg-transcript .kg-turn").count() == 2


def _answers() -> Any:
    from sqlalchemy import select

    from kgrag.catalogue import schema as t

    return select(t.answers.c.id)
