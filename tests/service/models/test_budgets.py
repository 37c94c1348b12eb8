"""What a question may cost holds, whatever a model server does: it is slow, down, too busy, broken, dies in
the middle of a word, or reads only a few words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kgrag.ask.asker import Asker
from kgrag.errors import Stopped
from kgrag.library import Library
from tests.service.fake_openai import FakeOpenAI, needs_llama_index
from tests.service.models.test_llm import QUESTION, asker_for, first_quote

pytestmark = needs_llama_index


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    """A server of its own for each test."""
    with FakeOpenAI() as running:
        yield running


@pytest.mark.parametrize(("mode", "requests"), [("429", 1), ("500", 2), ("stall", 1)])
def test_a_server_in_trouble_costs_at_most_two_requests_and_is_then_left_alone(
    papers_library: Library, fake: FakeOpenAI, mode: str, requests: int
) -> None:
    """Four candidates are wanted; the failure is told in words, and the next question asks nothing."""
    fake.mode, fake.stall_s = mode, 90.0
    asker = asker_for(papers_library, fake, timeout_s=1.0 if mode == "stall" else 30.0)
    assert asker.generator.identity == "openai-like:fake"
    first = asker.ask(QUESTION, candidates=4)
    assert len(fake.bodies) == requests
    assert first.timings_ms["draft"] < 60_000
    second = asker.ask(QUESTION, candidates=4)
    assert len(fake.bodies) == requests
    assert first.claims
    assert second.claims
    assert "It is asked again in" in (second.reason or "")
    assert "Error" not in (first.reason or "")


def test_a_server_that_is_not_there_is_told_in_words(papers_library: Library) -> None:
    """No connection: one short try, words that name the model, quotes that answer."""
    with FakeOpenAI() as gone:
        pass
    answer = asker_for(papers_library, gone).ask(QUESTION)
    assert "The server of the model 'openai-like:fake' cannot be reached." in (answer.reason or "")
    assert answer.claims


@pytest.mark.parametrize("mode", ["dies", "breaks", "hangs"])
def test_a_stream_that_dies_falls_back(papers_library: Library, fake: FakeOpenAI, mode: str) -> None:
    """Before a whole sentence was said, nothing is left of it: quotes answer, and nothing crashes."""
    fake.mode, fake.stall_s = mode, 90.0
    fake.reply = lambda prompt: "This sentence goes on " + "and on " * 30 + "without an end"
    asker = asker_for(papers_library, fake, timeout_s=2.0, llm_stream=True)
    assert asker.generator.identity == "openai-like:fake"
    answer = asker.ask(QUESTION, candidates=2)
    assert answer.claims
    assert "extractive generator answered" in (answer.reason or "")
    assert answer.timings_ms["draft"] < 60_000


@pytest.mark.parametrize(("limits", "requests"), [({"llm_requests": 2}, 2), ({"llm_question_tokens": 10}, 0)])
def test_requests_and_tokens_are_counted(
    papers_library: Library, fake: FakeOpenAI, limits: dict[str, Any], requests: int
) -> None:
    """Nine candidates are wanted, and no limit is passed; the cost is told."""
    fake.reply = lambda prompt: f"{first_quote(prompt)} [1]"
    answer = asker_for(papers_library, fake, **limits).ask(QUESTION, candidates=9)
    assert len(fake.bodies) == requests
    assert answer.claims
    if requests:
        assert answer.cost is not None
        assert answer.cost.requests == requests
        assert answer.cost.tokens > 0


def test_a_slow_server_gets_no_more_requests_after_the_deadline(
    papers_library: Library, fake: FakeOpenAI
) -> None:
    """One deadline for all drafts together; what came in time is used."""
    fake.mode, fake.stall_s = "stall", 0.7
    fake.reply = lambda prompt: f"{first_quote(prompt)} [1]"
    answer = asker_for(papers_library, fake, timeout_s=1.2).ask(QUESTION, candidates=9)
    assert len(fake.bodies) <= 2
    assert answer.reason is None
    assert answer.cost is not None
    assert answer.cost.seconds < 2


@pytest.mark.parametrize("mode", ["write", "point"])
def test_a_short_context_gets_fewer_quotes(papers_library: Library, fake: FakeOpenAI, mode: str) -> None:
    """A server that refuses a long prompt is given half of the quotes, and so is asked the next time."""
    fake.context = 500
    fake.reply = lambda prompt: f"{first_quote(prompt)} [1]" if mode == "write" else "[1]"
    asker = asker_for(papers_library, fake, llm_mode=mode)
    answer = asker.ask(QUESTION, candidates=1)
    refused = len(fake.bodies) - 1
    assert refused >= 1
    assert answer.claims
    assert answer.reason is None
    asker.ask(QUESTION, candidates=1)
    assert len(fake.bodies) == refused + 2


def test_the_longest_reply_is_a_setting(papers_library: Library, fake: FakeOpenAI) -> None:
    """A written draft may be as long as the setting says, a pointing one has eight tokens."""
    fake.reply = lambda prompt: "[1]"
    asker_for(papers_library, fake, llm_max_tokens=99).ask(QUESTION, candidates=1)
    asker_for(papers_library, fake, llm_mode="point").ask(QUESTION, candidates=1)
    assert [body["max_tokens"] for body in fake.bodies] == [99, 8]


def test_a_model_that_points_speaks_in_quotes(papers_library: Library, fake: FakeOpenAI) -> None:
    """The quotes that most replies point to are the answer, in their own words; what the model says beside
    them is not shown.
    """
    replies = iter(["[3]", "[3] and thresher sharks fly", "[2] [3]", "NASA built them in 1987"])
    fake.reply = lambda prompt: next(replies)
    asker = asker_for(papers_library, fake, llm_mode="point")
    answer = asker.ask(QUESTION, candidates=4)
    listed = [line.split("] ", 1)[1] for line in fake.prompts[0].splitlines() if line.startswith("[")]
    assert len(fake.bodies) == 4
    assert len(set(fake.prompts)) == 1
    assert answer.claims[0].text == listed[2]
    assert all(claim.text == claim.evidence[0].quote.strip() for claim in answer.claims)
    assert answer.withheld == ()
    assert answer.reason is None


def test_models_in_the_house_point_unless_they_are_large(papers_library: Library) -> None:
    """By size in the name, else by where they run; a setting decides."""
    from kgrag.generate.abilities import keep_tested, mode_of

    def mode(**more: Any) -> str:
        return mode_of(papers_library.settings.model_copy(update=more))

    here = "http://127.0.0.1:1/v1"
    assert mode(llm="openai-like:qwen2.5-1.5b-instruct", llm_url="https://models.example.org") == "point"
    assert mode(llm="ollama:llama3.1:70b") == "write"
    assert mode(llm="ollama:smollm2:135m") == "point"
    assert mode(llm="openai-like:mystery", llm_url=here) == "point"
    assert mode(llm="openai-like:mystery", llm_url="https://models.example.org") == "write"
    assert mode(llm="openai-like:mystery", llm_url=here, llm_mode="write") == "write"
    tested = papers_library.settings.model_copy(update={"llm": "ollama:tested"})
    keep_tested(tested, 0.9)
    assert mode_of(tested) == "write"
    keep_tested(tested, 0.3)
    assert mode_of(tested) == "point"


def test_the_asker_needs_no_model(papers_library: Library) -> None:
    """Without a model nothing was asked, and no cost is told."""
    assert Asker(papers_library).ask(QUESTION).cost is None


def test_what_is_withheld_is_written_again_once(papers_library: Library, fake: FakeOpenAI) -> None:
    """The model is told the sentence and the reason; what it then writes is judged like everything else."""
    invented = "Thresher sharks were invented in 1987 by the NASA laboratory in Houston"

    def reply(prompt: str) -> str:
        return f"[1] {first_quote(prompt)}" if invented in prompt else f"[1] {invented}."

    fake.reply = reply
    answer = asker_for(papers_library, fake, timeout_s=250.0).ask(QUESTION, candidates=1)
    assert len(fake.prompts) == 2
    assert [claim.text for claim in answer.claims] == [first_quote(fake.prompts[0])]
    assert answer.reason is None
    fake.prompts.clear()
    fake.reply = lambda prompt: f"[1] {invented}."
    still = asker_for(papers_library, fake, timeout_s=250.0).ask(QUESTION, candidates=1)
    assert len(fake.prompts) == 2
    assert "NASA" not in still.text
    assert "extractive generator answered" in (still.reason or "")


def test_a_self_test_decides_whether_a_model_writes(own_papers: Library, fake: FakeOpenAI) -> None:
    """One that copies its quotes writes from then on; one that invents points."""
    from kgrag.generate.abilities import mode_of
    from kgrag.upkeep.self_test import CASES, examine_model
    from kgrag.verify.model import DefaultVerifier

    settings = own_papers.settings.model_copy(
        update={"llm": "openai-like:unknown", "llm_url": fake.url, "llm_timeout_s": 60.0}
    )
    with Library(settings) as opened:
        assert mode_of(settings) == "point"
        fake.reply = lambda prompt: f"[1] {first_quote(prompt)}"
        assert "it writes" in examine_model(opened, DefaultVerifier()).detail
        assert mode_of(settings) == "write"
        fake.reply = lambda prompt: "[1] The emperor Napoleon built all of it in Paris in 1804."
        told = examine_model(opened, DefaultVerifier())
        assert f"0 of {len(CASES)} sentences supported" in told.detail
        assert mode_of(settings) == "point"


def test_stopping_a_question_ends_the_wait_for_a_model(papers_library: Library, fake: FakeOpenAI) -> None:
    """The person presses stop while a draft is awaited: no further request is sent, and nothing is kept."""
    fake.mode, fake.stall_s = "stall", 3.0
    asker = asker_for(papers_library, fake, timeout_s=60.0)
    with pytest.raises(Stopped):
        asker.ask(QUESTION, candidates=9, stopped=lambda: len(fake.bodies) > 0)
    assert len(fake.bodies) == 1
