"""Answers of two papers with all that exports are made from."""

from __future__ import annotations

import pytest

from kgrag.ask.asker import Asker
from kgrag.export.material import Material, gather
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from tests.flow.exports.given import QUESTIONS


@pytest.fixture(scope="module")
def materials(own_papers: Library) -> dict[str, Material]:
    """The answers to the questions: from XML, from a PDF, and an abstention."""
    asker = Asker(own_papers)
    return {
        name: gather(own_papers, answer_to_json(asker.ask(question))["id"])
        for name, question in QUESTIONS.items()
    }


@pytest.fixture(scope="module", params=["jats", "pdf"])
def material(materials: dict[str, Material], request: pytest.FixtureRequest) -> Material:
    """Each answer that has claims."""
    found = materials[request.param]
    assert found.answer["claims"]
    return found
