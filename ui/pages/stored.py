"""Stored answers, what their evidence says, and on which pages it stands, by the answer's types.

Knows the service alone.
"""

from __future__ import annotations

from typing import Any

from kgrag.types.answer_json import AnswerJson
from ui.service.service import Service


def answer_of(service: Service, answer_id: str) -> AnswerJson:
    """A stored answer."""
    return service.answer(answer_id)


def passage_of(service: Service, answer: AnswerJson, claim: int) -> str | None:
    """The passage of a claim's first evidence; None where it was deleted since."""
    passages = service.passages(answer)
    return passages.get(answer["claims"][claim]["evidence"][0]["passage_id"])


def pages_of(service: Service, answer: AnswerJson, claim: int) -> dict[str, Any] | None:
    """The pages of a claim's first evidence; None where its source has none."""
    return service.pages_of(answer, claim)
