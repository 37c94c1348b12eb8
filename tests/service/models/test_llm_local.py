"""A Hugging Face model on this machine drafts: a tiny one with random weights, so that everything but sense
is real.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kgrag.ask.asker import Asker
from kgrag.errors import UsageError
from kgrag.generate.llm import LlmGenerator
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from kgrag.settings import Settings
from tests.service.tiny_model import make_tiny_model

pytestmark = pytest.mark.filterwarnings("ignore")
QUESTION = "How do thresher sharks use their tails when they hunt?"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model's folder."""
    pytest.importorskip("llama_index.llms.huggingface", reason="the extra `llm-local` is not installed")
    return make_tiny_model(
        tmp_path_factory.mktemp("model"),
        ["Thresher sharks hunt with their tails.", "Sardines are stunned by tail-slaps."],
    )


def test_nonsense_is_withheld_and_quotes_answer(papers_library: Library, model: Path) -> None:
    """The model is asked, names itself, and nothing it says is shown; the same question gives the same drafts
    again.
    """
    settings = papers_library.settings.model_copy(
        update={"llm": f"huggingface:{model}", "llm_timeout_s": 120.0}
    )
    with Library(settings) as opened:
        first, second = (answer_to_json(Asker(opened).ask(QUESTION, candidates=2)) for _ in range(2))
    assert first["models"]["generator"] == f"huggingface:{model}"
    assert "extractive generator answered" in first["reason"]
    assert all(claim["text"] == claim["evidence"][0]["quote"].strip() for claim in first["claims"])
    assert first["withheld"] == second["withheld"]
    assert first["id"] == second["id"]


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """The error says what to give."""
    pytest.importorskip("llama_index.llms.huggingface", reason="the extra `llm-local` is not installed")
    with pytest.raises(UsageError, match="folder of a causal language model"):
        LlmGenerator(Settings(library=tmp_path, llm=f"huggingface:{tmp_path}"))
