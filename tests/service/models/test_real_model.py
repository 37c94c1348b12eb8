"""A real small language model drafts: SmolLM2-135M on llama.cpp, with 1,024 tokens of context and one slot.

It answers nonsense; what is shown is supported all the same, and what it may cost holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kgrag.ask.asker import Asker
from kgrag.generate.llm import POINTING_TOKENS, LlmGenerator
from kgrag.library import Library
from kgrag.types import Answer
from tests.service import llama
from tests.service.fake_openai import needs_llama_index
from tests.service.models.test_llm import QUESTION

pytestmark = needs_llama_index


@pytest.fixture(scope="module")
def model() -> Iterator[llama.Llama]:
    """The model, running."""
    if missing := llama.missing():
        pytest.skip(missing)  # says what this machine lacks; in CI a skip of a service is a failure
    with llama.running(context=1024) as started:
        yield started


def ask(library: Library, model: llama.Llama, candidates: int, **more: Any) -> Answer:
    """The answer of an asker whose generator is the model."""
    own = {"llm": "openai-like:smollm2-135m", "llm_url": model.url, "llm_timeout_s": 250.0, "llm_pause_s": 0}
    update = {**own, **more}
    model.forget()
    with Library(library.settings.model_copy(update=update)) as opened:
        asker = Asker(opened)
        assert asker.generator.identity == "openai-like:smollm2-135m"
        answer = asker.ask(QUESTION, candidates=candidates)
        assert isinstance(asker.generator, LlmGenerator)
        asker.generator.close()
        return answer


def sound(answer: Answer) -> bool:
    """Whether all that is shown is a quote or supported."""
    return all(
        claim.text == claim.evidence[0].quote.strip() or claim.verdict.score >= claim.threshold
        for claim in answer.claims
    )


def test_it_points_and_the_papers_speak(papers_library: Library, model: llama.Llama) -> None:
    """A model of this size points without being told; held to the grammar, each reply is a number or two, and
    the answer is quotes alone.
    """
    answer = ask(papers_library, model, 2)
    told = [model.told() for _ in range(answer.cost.requests if answer.cost else 0)]
    made = [item["made"] for item in told if "made" in item]
    assert made
    assert max(made) <= POINTING_TOKENS
    assert answer.claims
    assert answer.reason is None
    assert answer.withheld == ()
    assert all(claim.text == claim.evidence[0].quote.strip() for claim in answer.claims)


@pytest.mark.parametrize("stream", [True, False])
def test_what_it_writes_is_judged(papers_library: Library, model: llama.Llama, stream: bool) -> None:
    """Told to write, with a schema and as a stream or not: no crash, and nothing unsupported is shown."""
    more = {"llm_mode": "write", "llm_stream": stream, "llm_max_tokens": 40}
    answer = ask(papers_library, model, 1, **more)
    assert answer.claims
    assert sound(answer)


def test_a_reply_that_takes_too_long_is_ended_at_the_server(
    papers_library: Library, model: llama.Llama
) -> None:
    """At the deadline the question goes on, and the server stops generating."""
    more = {"llm_mode": "write", "llm_stream": True, "llm_structured": False, "llm_max_tokens": 400}
    answer = ask(papers_library, model, 4, llm_timeout_s=1.0, **more)
    assert answer.timings_ms["draft"] < 60_000
    assert answer.cost is None or answer.cost.requests <= 2
    assert answer.claims
    assert sound(answer)
    assert ask(papers_library, model, 1).reason is None
