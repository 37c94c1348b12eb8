"""Aligning a language model on the CPU: a tiny model with random weights, made on the spot, learns from
answers and rankings of a library.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from kgrag.catalogue.answers import store_answer
from kgrag.errors import MissingExtra, UsageError
from kgrag.generate.llm import LlmGenerator
from kgrag.generate.prompts import NO_ANSWER
from kgrag.learn.align import METHODS, Options, align, reward_of
from kgrag.learn.align_examples import Example, answered, cited, preferred
from kgrag.library import Library
from kgrag.people.feedback import store_claim_verdict, store_ranking
from kgrag.settings import Settings
from tests.service.tiny_model import make_tiny_model

DRUGS = ("aspirin", "metformin", "zinc", "heparin", "insulin", "quinine", "lithium", "codeine")


def evidence(drug: str) -> dict[str, Any]:
    return {
        "quote": f"In a trial of 300 adults {drug} reduced the risk of stroke by 20%.",
        "passage_id": f"p-{drug}",
        "span": [0, 9],
        "document_id": f"d-{drug}",
    }


def stored(drug: str) -> dict[str, Any]:
    """An answer with a good and an evasive candidate."""
    claim = {
        "id": "c1",
        "text": f"The drug {drug} reduced the risk of stroke by 20% in 300 adults.",
        "evidence": [evidence(drug)],
        "support": {"label": "supported", "score": 0.9, "threshold": 0.8, "alpha": 0.1},
    }
    candidates = [
        {"text": claim["text"], "maker": "openai-like:x"},
        {"text": "It may be so, who knows.", "maker": "extractive"},
    ]
    return {
        "id": f"a-{drug}",
        "question": f"Does {drug} reduce stroke?",
        "status": "answered",
        "text": claim["text"],
        "claims": [claim],
        "withheld": [],
        "candidates": candidates,
        "models": {},
        "documents": [{"id": f"d-{drug}", "title": f"On {drug}", "retracted": False}],
        "trace": {"retrieved": []},
    }


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Eight answers, each ranked; and one question that was abstained from."""
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as opened:
        for drug in DRUGS:
            store_answer(opened.catalogue, stored(drug))
            store_ranking(opened.catalogue, f"a-{drug}", [1, 2], "anna")
        nothing = {
            **stored("none"),
            "status": "abstained",
            "claims": [],
            "candidates": [],
            "documents": [],
            "withheld": [{"text": "Sharks have tails.", "reason": "near"}],
        }
        store_answer(opened.catalogue, nothing)
        yield opened


class Words:
    """One point a word: computable, so that the reward function can be checked."""

    identity = "words"

    def score(
        self, question: str, answers: Sequence[str], evidence: Sequence[str], verdicts: Any = None
    ) -> list[float]:
        return [float(len(answer.split())) for answer in answers]


def test_examples_are_prompts_as_the_generator_writes_them(library: Library) -> None:
    """Claims with the number of their quote; *no answer* where the library abstained; a claim that people
    call wrong teaches nothing.
    """
    found = {example.question: example for example in answered(library)}
    example = found["Does zinc reduce stroke?"]
    assert example.good == "The drug zinc reduced the risk of stroke by 20% in 300 adults [1]."
    assert "<quote>In a trial of 300 adults zinc" in example.messages[1][1]
    assert found["Does none reduce stroke?"].good == NO_ANSWER
    store_claim_verdict(library.catalogue, "a-zinc", "c1", False, "anna")
    assert "Does zinc reduce stroke?" not in {example.question for example in answered(library)}


def test_preferences_are_pairs_with_citations_by_one_rule(library: Library) -> None:
    """The better and the worse answer of each ranking; sentences near a quote get its number on both
    sides.
    """
    found = preferred(library)
    assert len(found) == len(DRUGS)
    assert found[0].good.endswith("[1].")
    assert found[0].bad == "It may be so, who knows."
    assert (
        cited(
            "Sharks hunt. In a trial zinc reduced stroke.",
            (("Other words here.", ""), ("In a trial of 300 adults zinc reduced the risk of stroke.", "")),
        )
        == "Sharks hunt. In a trial zinc reduced stroke [2]."
    )


def test_saying_nothing_earns_nothing() -> None:
    """Citations and thinking do not count; a refusal, thinking alone and an empty reply have the score of an
    empty answer.
    """
    reward = reward_of(Words())
    assert reward(
        ["p"] * 4, ["Zinc helps [1].", NO_ANSWER, "<think>long and wise</think>", ""], ["q"] * 4, [["e"]] * 4
    ) == [2.0, 0.0, 0.0, 0.0]


def test_the_shipped_reward_puts_evasion_last() -> None:
    """For GRPO too, a non-answer never outranks an answer."""
    from kgrag.reward.model import DefaultReward

    quotes = [[evidence("zinc")["quote"]]] * 3
    good, refusal, dodge = reward_of(DefaultReward())(
        ["p"] * 3,
        ["Zinc reduced the risk of stroke by 20% [1].", NO_ANSWER, "I cannot answer this question."],
        ["Does zinc reduce stroke?"] * 3,
        quotes,
    )
    assert good > max(refusal, dodge) + 4


def test_wrong_use_is_refused(library: Library, tmp_path: Path) -> None:
    """An unknown method, a folder that holds something, too few examples."""
    with pytest.raises(UsageError, match="sft, dpo, grpo"):
        align(library, "ppo", "model", tmp_path / "out")
    with pytest.raises(UsageError, match="nothing is overwritten"):
        align(library, "sft", "model", library.folder)
    with (
        Library(Settings(library=tmp_path / "empty", embedder="hash"), create=True) as empty,
        pytest.raises(UsageError, match="0 examples for dpo"),
    ):
        align(empty, "dpo", "model", tmp_path / "out")


def test_without_the_packages_the_extra_is_named(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """trl or peft missing: the command to install them."""
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingExtra, match=r"kgrag\[align\]"):
        align(library, "sft", "model", tmp_path / "out")


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A causal model of a few thousand random weights."""
    for package in ("trl", "peft", "datasets"):
        pytest.importorskip(package, reason="the extra `align` is not installed")
    return make_tiny_model(tmp_path_factory.mktemp("tiny"), [evidence(drug)["quote"] for drug in DRUGS])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("method", METHODS)
def test_an_adapter_is_trained_and_written(
    library: Library, tiny_model: Path, tmp_path: Path, method: str
) -> None:
    """Each method changes the adapter, keeps the base, and writes card and figures; learning replies makes
    them likelier, learning preferences raises their margin.
    """
    before = (tiny_model / "model.safetensors").read_bytes()
    out = tmp_path / "adapter"
    found = align(
        library,
        method,
        str(tiny_model),
        out,
        Options(steps=3, rate=0.02, rank=4, replies=2, reply_tokens=6),
        Words(),
    )
    assert (out / "adapter_model.safetensors").is_file()
    assert (tiny_model / "model.safetensors").read_bytes() == before
    assert json.loads((out / "figures.json").read_text("utf-8"))["after"] == found["after"]
    assert f"kgrag align {method}" in (out / "README.md").read_text("utf-8")
    if method == "grpo":
        assert "reward" in found["after"]
    else:
        assert found["after"]["loss"] < found["before"]["loss"]


@pytest.mark.filterwarnings("ignore")
def test_an_adapter_is_a_model_of_the_settings(library: Library, tiny_model: Path, tmp_path: Path) -> None:
    """``llm = "huggingface:FOLDER"`` takes the folder that was written, base and adapter together."""
    pytest.importorskip("llama_index.llms.huggingface", reason="the extra `llm-local` is not installed")
    out = tmp_path / "adapter"
    align(library, "sft", str(tiny_model), out, Options(steps=1, rank=4))
    assert (
        LlmGenerator(library.settings.model_copy(update={"llm": f"huggingface:{out}"})).identity
        == f"huggingface:{out}"
    )


def test_held_questions_are_whole() -> None:
    """All examples of a question are on one side."""
    assert {Example("Does zinc reduce stroke?", (), good).held for good in "abc"} in ({True}, {False})
