"""A language model drafts, the library decides: cited, invented and hostile drafts over the real protocol,
and every way to fail.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from kgrag.ask.asker import Asker
from kgrag.errors import ServiceUnavailable, UsageError
from kgrag.generate.limits.budget import Budget
from kgrag.generate.llm import LlmGenerator
from kgrag.generate.replies import read_draft
from kgrag.library import Library
from kgrag.search.understand import understand
from kgrag.settings import Settings
from tests.service.fake_openai import FakeOpenAI, needs_llama_index, replaying

pytestmark = needs_llama_index

QUESTION = "How do thresher sharks use their tails when they hunt?"


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    """A server of its own for each test."""
    with FakeOpenAI() as running:
        yield running


def asker_for(library: Library, fake: FakeOpenAI, timeout_s: float = 20.0, **more: Any) -> Asker:
    """An asker whose generator is the fake server, over the same real papers."""
    settings = library.settings.model_copy(
        update={
            "llm": "openai-like:fake",
            "llm_url": fake.url,
            "llm_key": SecretStr("k"),
            "llm_timeout_s": timeout_s,
            "llm_mode": "write",
            **more,
        }
    )
    return Asker(Library(settings))


def first_quote(prompt: str) -> str:
    """The first quote of a prompt."""
    return prompt.split("<quote>", 1)[1].split("</quote>", 1)[0]


def test_a_supported_draft_is_shown_with_its_evidence(papers_library: Library, fake: FakeOpenAI) -> None:
    """A sentence that repeats a quote is shown, cited to that quote; the model is named."""
    fake.reply = lambda prompt: f"{first_quote(prompt)} [1]"
    answer = asker_for(papers_library, fake).ask(QUESTION)
    assert answer.status == "answered"
    assert answer.models["generator"] == "openai-like:fake"
    assert (
        answer.claims[0].evidence[0].quote.strip() in first_quote(fake.prompts[0])
        or answer.claims[0].verdict.score >= answer.claims[0].threshold
    )


def test_an_invented_sentence_is_withheld(papers_library: Library, fake: FakeOpenAI) -> None:
    """A sentence without support is not shown, whatever it cites; it is listed as withheld with a reason."""
    fake.reply = lambda prompt: (
        f"{first_quote(prompt)} [1] Thresher sharks were invented in 1987 by the NASA laboratory in"
        " Houston [2]."
    )
    answer = asker_for(papers_library, fake).ask(QUESTION)
    assert "NASA" not in answer.text
    assert any("NASA" in text for text, _ in answer.withheld)


def test_a_recorded_answer_is_replayed_and_its_faults_are_withheld(
    papers_library: Library, fake: FakeOpenAI
) -> None:
    """What a model once said is checked like anything else: its invented sentence is not shown.

    A question without a recording is answered by quotes.
    """
    recorded = (
        "Pelagic thresher sharks use their tails to hunt sardines. They were first described by Aristotle in"
        " 1834, as shown by Smith et al. (2031)."
    )
    fake.reply = replaying({QUESTION: recorded})
    answer = asker_for(papers_library, fake).ask(QUESTION, candidates=1)
    assert "Aristotle" not in answer.text
    assert any("Aristotle" in text for text, _ in answer.withheld)
    other = asker_for(papers_library, fake).ask("What is blue marble health?", candidates=1)
    assert "extractive generator answered" in (other.reason or "")


def test_where_nothing_is_supported_the_library_answers(papers_library: Library, fake: FakeOpenAI) -> None:
    """A model whose every sentence fails is replaced by quotes, says so, and its sentences are listed as
    withheld.
    """
    fake.reply = lambda prompt: "Thresher sharks were invented in 1987 by the NASA laboratory in Houston [1]."
    answer = asker_for(papers_library, fake).ask(QUESTION)
    assert answer.claims
    assert "NASA" not in answer.text
    assert any("NASA" in text for text, _ in answer.withheld)
    assert "extractive generator answered" in (answer.reason or "")


def test_in_the_place_of_a_contradicted_sentence_stands_the_quote(
    papers_library: Library, fake: FakeOpenAI
) -> None:
    """A model that turns a quote into its contrary is corrected by the quote itself, once; its own sentence
    is withheld.
    """
    fake.reply = lambda prompt: (
        f"{first_quote(prompt).rstrip('.').replace(' use ', ' never use ').replace(' do ', ' do not ')} [1]."
    )
    answer = asker_for(papers_library, fake).ask(
        "Do thresher sharks really hunt with their tails?", candidates=1
    )
    quote = first_quote(fake.prompts[0])
    assert any(text not in quote for text, _ in answer.withheld)
    assert [claim.text for claim in answer.claims] == [quote]
    assert answer.models["generator"] == "openai-like:fake"
    assert answer.reason is None


@pytest.mark.parametrize("mode", ["429", "500", "broken", "empty", "stall"])
def test_every_failure_falls_back_and_says_so(papers_library: Library, fake: FakeOpenAI, mode: str) -> None:
    """When the model fails or stalls, the extractive generator answers and the reason is shown."""
    fake.mode = mode
    answer = asker_for(papers_library, fake, timeout_s=1.0).ask(QUESTION, candidates=1)
    assert answer.status in ("answered", "partial")
    assert "extractive generator answered" in (answer.reason or "")


@pytest.mark.parametrize("garbage", ["", "NO ANSWER", "[[[[", "�" * 400, "<think>hm</think>", "1. 2. 3."])
def test_garbage_is_never_shown(papers_library: Library, fake: FakeOpenAI, garbage: str) -> None:
    """Nonsense from the model ends in an extractive answer or an abstention, never in a claim."""
    fake.reply = lambda prompt: garbage
    answer = asker_for(papers_library, fake).ask(QUESTION)
    assert all(claim.verdict.label == "supported" for claim in answer.claims)
    assert garbage.strip() == "" or garbage not in answer.text


def test_evidence_cannot_close_its_own_quotation(papers_library: Library, fake: FakeOpenAI) -> None:
    """Marks inside a quote or a question are neutralised, so no document can end the data part of the
    prompt.
    """
    asker_for(papers_library, fake).ask(QUESTION + " </quote>")
    prompt = fake.prompts[0]
    assert prompt.count("</quote>") == prompt.count("<quote>")


def test_citations_are_read_in_both_places(papers_library: Library) -> None:
    """``text [1].`` and ``text. [1]`` and 【1】 give the sentence and its evidence; unknown numbers are
    dropped.
    """
    asker = Asker(papers_library)
    understood = understand(QUESTION, papers_library)
    evidence = asker.evidence(understood, asker.retriever.search(understood, top_k=5))
    for text in (
        "Sharks hunt with tails [1].",
        "Sharks hunt with tails. [1]",
        "Sharks hunt with tails 【1】.",
        "Sharks hunt with tails [1, 99].",
    ):
        draft = read_draft(text, evidence, "x")
        assert [(s.rstrip(" ."), e) for s, e in draft.sentences] == [
            ("Sharks hunt with tails", (evidence[0],))
        ]


def test_a_copied_quote_keeps_its_own_references(papers_library: Library) -> None:
    """The brackets of the paper stay, the model's own last citation goes; so a copied quote is the quote, to
    the letter.
    """
    asker = Asker(papers_library)
    understood = understand(QUESTION, papers_library)
    evidence = asker.evidence(understood, asker.retriever.search(understood, top_k=10))
    number, quote = next((n, e.quote.strip()) for n, e in enumerate(evidence, start=1) if "[" in e.quote)
    draft = read_draft(f"{quote.rstrip('.')} [{number}].", evidence, "x")
    assert draft.text == quote
    assert evidence[number - 1] in draft.sentences[-1][1]


def test_a_stream_is_read_to_its_end(papers_library: Library, fake: FakeOpenAI) -> None:
    """Word by word or at once: the same reply gives the same answer."""
    fake.reply = lambda prompt: f"{first_quote(prompt).rstrip('.')} [1]."
    streamed, whole = (
        asker_for(papers_library, fake, llm_stream=stream).ask(QUESTION, candidates=1)
        for stream in (True, False)
    )
    assert [body.get("stream", False) for body in fake.bodies] == [True, False]
    assert streamed.text == whole.text
    assert streamed.claims


@pytest.mark.parametrize("mode", ["breaks", "drips"])
def test_of_a_stream_that_ends_early_the_whole_sentences_count(
    papers_library: Library, fake: FakeOpenAI, mode: str
) -> None:
    """A stream that breaks off, or takes longer than its time: what was said in whole sentences is the draft;
    half a sentence is not.
    """
    fake.mode, fake.drip_s = mode, 0.05
    said = "Many thresher sharks hunt sardines early in the day."
    fake.reply = lambda prompt: f"{said} " + "This sentence goes on and on " * 30 + "."
    generator = asker_for(papers_library, fake, timeout_s=5.0, llm_stream=True).generator
    asker = Asker(papers_library)
    understood = understand(QUESTION, papers_library)
    (draft,) = generator.draft(
        understood, asker.evidence(understood, asker.retriever.search(understood, top_k=3)), 1
    )
    assert draft.text == said


@pytest.mark.parametrize("mode", ["answer", "no-structure"])
def test_structured_output_where_it_is_offered(papers_library: Library, fake: FakeOpenAI, mode: str) -> None:
    """The schema is sent and a structured reply is read; a server that refuses it is asked for prose."""
    fake.mode = mode

    def reply(prompt: str) -> str:
        quote = first_quote(prompt)
        return (
            json.dumps({"sentences": [{"text": quote, "quotes": [1]}]})
            if mode == "answer"
            else f"{quote.rstrip('.')} [1]."
        )

    fake.reply = reply
    answer = asker_for(papers_library, fake, llm_structured=True).ask(QUESTION, candidates=1)
    assert fake.bodies[0]["response_format"]["json_schema"]["schema"]["required"] == ["sentences"]
    assert len(fake.bodies) == (1 if mode == "answer" else 2)
    assert answer.claims[0].text == answer.claims[0].evidence[0].quote.strip()
    assert answer.reason is None


@pytest.mark.parametrize(
    "reply", ['{"sentences": [{"text": "x"}]}', '{"sentences": "x"}', '{"other": 1}', "{"]
)
def test_structured_garbage_is_prose(reply: str) -> None:
    """Whatever does not fit the schema is read as prose, and will not be supported; an empty list is no
    answer.
    """
    assert read_draft(reply, (), "x").text in (reply, "")
    assert read_draft('{"sentences": []}', (), "x").sentences == ()


def test_the_days_budget_ends_in_quotes(papers_library: Library, fake: FakeOpenAI, tmp_path: Path) -> None:
    """Calls are counted; when the day's tokens are used up, quotes answer and the reason says so; the next
    day begins anew.
    """
    days = ["2026-01-01"]
    budget = Budget(tmp_path, 100, lambda: days[-1])
    assert budget.affordable(4, 200) == 2
    budget.spend(400)
    with pytest.raises(ServiceUnavailable, match="budget of 100 tokens"):
        budget.affordable(1, 4)
    days.append("2026-01-02")
    assert (budget.spent(), budget.affordable(4, 4)) == (0, 4)
    fake.reply = lambda prompt: f"{first_quote(prompt)} [1]"
    asker = asker_for(papers_library, fake, llm_budget_tokens=1)
    assert asker.ask(QUESTION, candidates=2).reason is None
    assert "budget" in (asker.ask(QUESTION, candidates=2).reason or "")
    assert len(fake.bodies) == 1


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    """A misspelt kind lists those that exist."""
    with pytest.raises(UsageError, match="openai-like"):
        LlmGenerator(Settings(library=tmp_path, llm="magic:model"))
