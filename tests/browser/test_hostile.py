"""Papers, questions and addresses that carry scripts, in a real Chromium: nothing of them is ever executed,
and no request leaves the host.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from kgrag.language.names import entity_id
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from kgrag.types import (
    Author,
    Entity,
    Extraction,
    KnowledgeObject,
    Mention,
    Parcel,
    Passage,
    Sentence,
    Source,
)
from tests.browser.conftest import ask, served, settle, visited
from tests.prepare import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]

HIT = "window.hit=1"
FAR = "http://evil.invalid"
PAYLOADS = (
    f"<script>{HIT}</script>",
    f"<img src=x onerror={HIT}>",
    f'"><img src=x onerror="{HIT}">',
    f"'><svg onload='{HIT}'>",
    f"</svg><svg onload={HIT}>",
    f"<svg><animate onbegin={HIT} attributeName=x dur=1s></svg>",
    f"</title><script>{HIT}</script>",
    f"]]><script>{HIT}</script>",
    f"[x](javascript:{HIT})",
    f"![x]({FAR}/x.png)",
    f"<img src={FAR}/pixel.png>",
    f"<iframe src=javascript:{HIT}></iframe>",
    f'<a href="javascript:{HIT}" autofocus onfocus={HIT}>x</a>',
    f"<style>@import '{FAR}/x.css';</style>",
    f"<math><mtext></style><img src=x onerror={HIT}></mtext></math>",
    f"${{{HIT}}}",
    f"{{{{{HIT}}}}}",
    f"<link rel=stylesheet href={FAR}/y.css>",
    f"<details open ontoggle={HIT}>",
    f"&lt;script&gt;{HIT}&lt;/script&gt;",
    (
        "<svg><use href=\"data:image/svg+xml,<svg id='x'"
        f" xmlns='http://www.w3.org/2000/svg'><script>{HIT}</script></svg>#x\"/></svg>"
    ),
    f"$$\\href{{javascript:{HIT}}}{{x}}$$",
    f"<form action=javascript:{HIT}><button autofocus>x</button></form>",
)
"""Each would set a flag on the window, or ask for something elsewhere, if any page took it for markup."""


def hostile_parcel(number: int, payload: str) -> Parcel:
    """A paper about grebes that carries a payload wherever a paper can carry text."""
    parcel = random_parcel(number, seed=9)
    text = (
        f"Grebe number {number} eats perch in winter. The grebe {payload} builds a nest of reeds. Its nest"
        " holds five eggs."
    )
    first, second = text.index(". ") + 1, text.index("reeds. ") + 6
    document_id = f"doi:10.6666/hostile.{number}{payload[:12]}"
    passage = Passage(
        f"{document_id}#p0",
        document_id,
        0,
        text,
        0,
        len(text),
        (payload,),
        (Sentence(0, first), Sentence(first + 1, second), Sentence(second + 1, len(text))),
    )
    record = replace(
        parcel.document.record,
        source=Source(f"/papers/{payload}.pdf", f"sha-hostile-{number}", payload),
        title=f"The grebe {payload}",
        abstract=payload,
        venue=payload,
        authors=(Author(family=payload, given="A.", affiliation=payload), Author(literal=payload)),
        publisher=payload,
        licence=payload,
        kind=payload,
        identifiers={"doi": f"10.6666/{payload}", "pmid": payload},
        keywords=(payload,),
        headings=(f"H {payload}",),
        volume=payload,
        issue=payload,
        pages=payload,
    )
    entity = Entity(entity_id(f"grebe {payload}"), f"grebe {payload}", payload, (payload,))
    start = text.index(f"grebe {payload}")
    found = Extraction(
        (entity, Entity(entity_id("Grebe"), "Grebe", "Name")),
        (
            Mention(entity.id, passage.id, start, start + len(entity.name), "testing"),
            Mention(entity_id("Grebe"), passage.id, 0, 5, "testing"),
        ),
        (),
        (KnowledgeObject(passage.id, first + 1, second, "result"),),
    )
    document = replace(
        parcel.document,
        id=document_id,
        record=record,
        text=text,
        retracted=payload if number % 5 == 4 else None,
    )
    return Parcel(document, (passage,), found)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service over a library of hostile papers alone."""
    settings = Settings(library=tmp_path_factory.mktemp("hostile") / "library")
    with Library(settings, create=True) as library:
        for number, payload in enumerate(PAYLOADS):
            library.catalogue.put(hostile_parcel(number, payload))
        library.catch_up()
    with served(settings) as address:
        yield address


@pytest.fixture
def watched(browser: Any, hostile: str) -> Iterator[Any]:
    """The pages, with a flag that must never be set and a dialog that must never open."""
    with visited(browser, hostile) as page:
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        yield page
        page.wait_for_timeout(300)
        assert page.evaluate("window.hit") is None
        assert dialogs == []


def test_answers_and_evidence(watched: Any) -> None:
    """A conversation over hostile papers, hostile questions among them; every chip, node and fold is
    opened.
    """
    for question in (
        "What does the grebe eat in winter?",
        "How many eggs does the nest hold?",
        f"Does the grebe {PAYLOADS[1]} build a nest?",
        PAYLOADS[0],
    ):
        ask(watched, question)
        for chip in watched.locator("#kg-transcript .kg-turn:last-child .kg-chip").all()[:3]:
            settle(watched)
            chip.click()
            watched.wait_for_function(
                "id => document.querySelector('#kg-panel section')?.id === `evidence-${id}`",
                arg=chip.get_attribute("data-claim"),
                timeout=20_000,
            )
        for fold in watched.locator("#kg-panel summary, #kg-transcript .kg-turn:last-child summary").all():
            fold.click()
        entity = watched.locator("#kg-panel svg [data-act=node]").first
        if entity.count():
            entity.focus()
    assert watched.locator("#kg-transcript .kg-turn").count() >= 1
    assert PAYLOADS[1] in watched.locator("#kg-transcript").inner_text()


def test_library_papers_and_graph(watched: Any) -> None:
    """Results and facets, and every hostile paper with its record, passages and graph, opened two nodes
    deep.
    """
    watched.get_by_role("tab").nth(1).click()
    watched.wait_for_selector("#kg-results .kg-hits", timeout=20_000)
    watched.fill("#kg-sought textarea", "grebe nest")
    watched.click("#kg-find")
    watched.wait_for_function(
        "document.querySelector('#kg-results [role=status]')?.textContent.includes('best first')",
        timeout=20_000,
    )
    seen = 0
    for number in range(min(8, watched.locator("#kg-results .kg-hits [data-act=paper]").count())):
        title = watched.locator("#kg-results .kg-hits [data-act=paper]").nth(number).inner_text()
        watched.locator("#kg-results .kg-hits [data-act=paper]").nth(number).click()
        watched.wait_for_function(
            "title => document.querySelector('#kg-paper h2')?.textContent.startsWith(title)",
            arg=title,
            timeout=20_000,
        )
        node = watched.locator("#kg-graph svg [data-kind=Heading], #kg-graph svg [data-kind=Person]").first
        node.focus()
        watched.keyboard.press("Enter")
        watched.wait_for_timeout(250)
        watched.locator("#kg-paper [data-act=results]").click()
        watched.wait_for_selector("#kg-results .kg-hits", timeout=20_000)
        seen += 1
    assert seen >= 5


def test_a_checked_text(watched: Any) -> None:
    """What is pasted, what the papers say to it, and references are text."""
    watched.locator("#kg-tabs button[data-tab-id=check]:visible").first.click()
    watched.fill("#kg-check-text textarea", f"The grebe builds its nest of {PAYLOADS[1]} in the reeds.")
    watched.click("#kg-check-claims")
    watched.wait_for_selector("#kg-checked li", timeout=60_000)
    assert PAYLOADS[1] in watched.locator("#kg-checked").inner_text()
    watched.fill(
        "#kg-check-text textarea",
        f"[1] Grebe, A. (2020). {PAYLOADS[1]} in the reeds of the north. Journal of Nests, 3, 1-9.",
    )
    watched.click("#kg-check-references")
    watched.wait_for_function(
        "document.querySelector('#kg-checked')?.textContent.includes('not in this library')", timeout=60_000
    )


def test_ranking_and_history(watched: Any) -> None:
    """Candidates and one's own questions are text too."""
    ask(watched, f"What does the grebe eat {PAYLOADS[1]}?")
    watched.locator("#kg-tabs button[data-tab-id=ranking]:visible").first.click()
    watched.wait_for_selector("#kg-ranking .kg-card, #kg-picks .kg-empty, #kg-picks li", timeout=20_000)
    watched.locator("#kg-tabs button[data-tab-id=history]:visible").first.click()
    watched.wait_for_function(
        "text => document.querySelector('#kg-history')?.innerText.includes(text)",
        arg=PAYLOADS[1],
        timeout=20_000,
    )


def test_pages_of_their_own(watched: Any, hostile: str) -> None:
    """The permanent address and the exported HTML of an answer, and addresses that carry scripts."""
    ask(watched, "How many eggs does the nest hold?")
    link = watched.locator("a.kg-permanent").first.get_attribute("href")
    exported = watched.request.get(f"{hostile}{link}/export/html")
    watched.goto(hostile + link)
    assert watched.evaluate("window.hit") is None
    watched.set_content(exported.text())
    watched.wait_for_timeout(300)
    assert watched.evaluate("window.hit") is None
    for payload in PAYLOADS[:6]:
        for name in ("document", "rank"):
            watched.goto(f"{hostile}/?{name}={quote(payload)}")
            watched.wait_for_selector("#kg-transcript .kg-empty", timeout=20_000, state="attached")
            watched.wait_for_timeout(400)
            assert watched.evaluate("window.hit") is None
        watched.goto(f"{hostile}/answers/{quote(payload, safe='')}")
        assert watched.evaluate("window.hit") is None


def test_api_says_what_it_is(watched: Any, hostile: str) -> None:
    """JSON that carries markup is never served as a page."""
    for path in (
        "/api/v1/documents",
        f"/api/v1/search?question={quote('grebe')}",
        f"/api/v1/answers/{quote(PAYLOADS[0], safe='')}",
    ):
        assert "html" not in watched.request.get(hostile + path).headers["content-type"]
