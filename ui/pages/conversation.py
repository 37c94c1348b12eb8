"""A conversation: its turns, its address, what alone it asks, and how it is shown.

Knows turns by their answers' ids, and what the library holds of the works they name. Does not know Gradio.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from kgrag.errors import KgragError
from kgrag.types import Filters
from kgrag.types.answer_json import AnswerJson
from ui.html import answer as render
from ui.pages.stored import answer_of
from ui.service import library as reading
from ui.service.questions import examples, recent
from ui.service.service import Service
from ui.service.sources import held_of, state
from ui.words import Language

MAX_TURNS = 20
"""Questions of a conversation that stay on the page; the older ones are in the history."""
Only = dict[str, Any]
"""What alone is asked: ``{"set", "name"}``, ``{"documents"}``, or nothing."""
Turn = dict[str, Any]
"""One question of a conversation: ``id`` of its answer, and ``told`` where it was a follow-up."""


def address_of(told: Sequence[Turn]) -> str:
    """The address of a conversation: its answers' ids, no word of a question."""
    return "?" + urlencode({"conversation": " ".join(turn["id"] for turn in told)}) if told else "?"


def told_by(service: Service, ids: Sequence[str]) -> list[Turn]:
    """A conversation by its answers' ids; those that are not there for the person are left out."""
    told = []
    for one in ids[-MAX_TURNS:]:
        with suppress(KgragError):
            question = service.answer(one)["question"]
            told.append({"id": one, "asked": question, "typed": question, "note": []})
    return told


def only_of(service: Service, wanted: str, language: Language) -> tuple[Only, Markup]:
    """What alone is asked, by an address: a set's id, or documents' ids; with the line that says so.

    Raises:
        NotFound: no such set or document, or not for the person.
    """
    ids = wanted.split()
    if len(ids) == 1 and ids[0].startswith("s-"):
        found = service.desk.open_set(ids[0])
        n = len(service.desk.set_documents(ids[0]))
        return {"set": ids[0]}, render.only_html(found.set.name, n, language)
    for one in ids:
        service.records.document(one)
    return {"documents": ids}, render.only_html("", len(ids), language)


def among(service: Service, only: Only, filters: Filters) -> Filters:
    if only.get("set"):
        return service.desk.within_set(only["set"], filters)
    return replace(filters, documents=tuple(only["documents"])) if only.get("documents") else filters


def transcript_html(service: Service, told: Sequence[Turn], language: Language) -> Markup:
    """The conversation, as far as it stays on the page."""
    turns = [_turn(service, turn, number, language) for number, turn in enumerate(told)]
    return render.conversation_html(turns, language, MAX_TURNS if len(told) >= MAX_TURNS - 1 else 0)


def _turn(service: Service, turn: Turn, number: int, language: Language) -> Markup:
    note = (
        render.follow_up_html(turn["typed"], turn["asked"], turn["note"], language)
        if turn.get("note")
        else Markup("")
    )
    try:
        return turn_html(service, answer_of(service, turn["id"]), turn, number, language, note)
    except KgragError as error:
        return render.error_html(turn["asked"], str(error), language)


def turn_html(
    service: Service, answer: AnswerJson, turn: Turn, number: int, language: Language, note: Markup
) -> Markup:
    """An answer under the person's own words, with what the library holds of its works."""
    return render.turn_html(
        answer,
        number,
        language,
        note,
        typed=turn.get("typed", ""),
        held=held_of(service, answer),
        state=state(service) if answer["status"] == "abstained" else {},
    )


def empty(service: Service, language: Language) -> Markup:
    """What stands before the first question: what the library holds, with questions made from it; or how
    papers get in.
    """
    counts = reading.counts(service)
    return render.empty_html(
        counts, examples(service, language), language, state=state(service), recent=recent(service)
    )
