"""The chat: a question with its limits, the steps while it is worked on, the answer with chips, and the
evidence of the chip chosen.

Knows Gradio's components and events of this one page. What is shown is made by ``ui.html.answer``; what is
done, by ``ui.service.service``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
from markupsafe import Markup

from kgrag.desk.asking import MOST_QUESTION, MOST_TEXT
from kgrag.errors import KgragError, Stopped
from kgrag.render.as_json import hit_to_json
from kgrag.search.follow_up import FollowUp, complete, names_in
from kgrag.types import Filters
from kgrag.types.answer_json import AnswerJson
from ui.door.door import require_person
from ui.html import answer as render
from ui.html import scripts
from ui.html.parts import said_html
from ui.pages.conversation import MAX_TURNS, Only, Turn, address_of, empty, transcript_html, turn_html
from ui.pages.conversation import among as among_of
from ui.pages.limits import Limits, Relabel, build_limits
from ui.pages.stored import answer_of, pages_of, passage_of
from ui.pages.text_field import text_field
from ui.service import library as reading
from ui.service.asking import Asking
from ui.service.service import Service
from ui.words import Language, word

PACE_S, CROWDED, CROWDED_PACE_S = 0.15, 8, 1.5
"""Steps that follow each other faster are shown together: nobody can read them, and where many ask at once
each costs all of them time.
"""


@dataclass(frozen=True)
class Chat:
    """The chat's components that other pages act on, and how each is labelled in a language."""

    transcript: Any
    turns: Any
    question: Any
    panel: Any
    shown: Any
    only: Any
    only_said: Any
    offers: list[Any]
    labels: list[Relabel]


def build_chat(service: Service, language: Any, asking: Asking, where: Any) -> Chat:
    """The chat's components and events, inside the tab that is open now.

    Args:
        service: that answers.
        language: the switch.
        asking: who asks just now.
        where: takes the address of what is shown.
    """
    turns, shown, only = gr.State([]), gr.State({}), gr.State({})
    with gr.Row():
        with gr.Column(scale=3, min_width=320):
            transcript = gr.HTML("", elem_id="kg-transcript", js_on_load=scripts.ACTS)
            only_said = gr.HTML("", elem_id="kg-only", js_on_load=scripts.ACTS)
            with gr.Row(elem_id="kg-composer"):
                question = text_field(
                    "",
                    label=word("question", "en"),
                    placeholder=word("placeholder", "en"),
                    lines=1,
                    max_lines=4,
                    elem_id="kg-question",
                    scale=5,
                    max_length=MOST_TEXT,
                )
                send = gr.Button(
                    word("ask", "en"), variant="primary", elem_id="kg-ask", scale=1, min_width=90
                )
                stop = gr.Button(word("stop", "en"), variant="stop", elem_id="kg-stop", scale=1, min_width=90)
            limits = build_limits()
            new = gr.Button(word("new", "en"), size="sm", elem_id="kg-new")
        with gr.Column(scale=2, min_width=320, elem_id="kg-panel-column"):
            panel = gr.HTML("", elem_id="kg-panel", js_on_load=scripts.ACTS)
            said = gr.HTML("", elem_id="kg-said", js_on_load=scripts.STATUS)
    chat = Chat(
        transcript,
        turns,
        question,
        panel,
        shown,
        only,
        only_said,
        limits.fields[2:],
        _labels(question, send, stop, new, limits),
    )

    def theirs(request: gr.Request) -> Service:
        return service.of(require_person(request))

    def answer(
        request: gr.Request, asked: str, told: list[Turn], lang: Language, among: Only, *values: Any
    ) -> Iterator[Any]:
        mine = theirs(request)
        stopped = asking.start(str(request.session_hash))
        yield from _answer(mine, stopped, asked, told, lang, among_of(mine, among, limits.read(mine, values)))

    def again(
        request: gr.Request,
        event: gr.EventData,
        told: list[Turn],
        lang: Language,
        among: Only,
        *values: Any,
    ) -> Iterator[Any]:
        mine, data = theirs(request), event._data or {}
        literal = data.get("act") == "as-typed"
        before = told[:-1] if literal and told and told[-1]["typed"] == data["question"] else told
        stopped = asking.start(str(request.session_hash))
        asked, filters = str(data["question"]), among_of(mine, among, limits.read(mine, values))
        yield from _answer(mine, stopped, asked, before, lang, filters, literal=literal)

    def evidence(
        told: list[Turn], lang: Language, at: dict[str, int], event: gr.EventData, request: gr.Request
    ) -> tuple[Any, Any]:
        data = event._data or {}
        if data.get("act") == "node":
            return _node(theirs(request), str(data["node"]), str(data["kind"]), lang), at
        at = {"turn": int(data["turn"]), "claim": int(data["claim"])} if data.get("act") == "evidence" else at
        return evidence_of(theirs(request), told, lang, at), at

    def judge(told: list[Turn], lang: Language, event: gr.EventData, request: gr.Request) -> str:
        data = event._data or {}

        def keep() -> None:
            found = theirs(request).answer(told[int(data["turn"])]["id"])
            theirs(request).judge(
                found["id"], found["claims"][int(data["claim"])]["id"], str(data["right"]) == "1"
            )

        return kept(keep, lang)

    def halt(lang: Language, request: gr.Request) -> str:
        asking.stop(str(request.session_hash))
        return said_html(word("stopping", lang))

    def begin(lang: Language, request: gr.Request) -> tuple[Any, ...]:
        asking.stop(str(request.session_hash))
        return empty(theirs(request), lang), [], _hint(lang), "", {}, "", "?"

    def everything() -> tuple[Any, ...]:
        return {}, "", "?"

    fields = [question, turns, language, only, *limits.fields]
    outputs = [transcript, turns, question, panel, shown, where]
    on_asking: dict[str, Any] = {
        "show_progress": "hidden",
        "concurrency_limit": None,
        "js": scripts.ONCE_ARRIVED,
    }
    for trigger in (send.click, question.submit):
        trigger(answer, fields, outputs, **on_asking).then(None, [where], None, js=scripts.PUSH)
    transcript.submit(again, fields[1:], outputs, **on_asking).then(None, [where], None, js=scripts.PUSH)
    only_said.select(everything, None, [only, only_said, where], show_progress="hidden").then(
        None, [where], None, js=scripts.PUSH
    )
    stop.click(halt, [language], said, show_progress="hidden", concurrency_limit=None)
    new.click(
        begin, [language], [transcript, turns, panel, said, only, only_said, where], show_progress="hidden"
    ).then(None, [where], None, js=scripts.PUSH)
    for html in (transcript, panel):
        html.select(
            evidence, [turns, language, shown], [panel, shown], show_progress="hidden", concurrency_limit=8
        ).then(None, js=scripts.SHOW_PANEL)
    panel.like(judge, [turns, language], said, show_progress="hidden")
    return chat


def _labels(question: Any, send: Any, stop: Any, new: Any, limits: Limits) -> list[Relabel]:
    def asked(lang: Language) -> Any:
        return gr.update(label=word("question", lang), placeholder=word("placeholder", lang))

    buttons = [(button, partial(word, key)) for button, key in ((send, "ask"), (stop, "stop"), (new, "new"))]
    return [(question, asked), *buttons, *limits.labels()]


# -- asking ----------------------------------------------------------------------------------------


def _answer(
    service: Service,
    stopped: Callable[[], bool],
    typed: str,
    told: list[Turn],
    language: Language,
    filters: Filters,
    *,
    literal: bool = False,
) -> Iterator[Any]:
    """The transcript as it grows; yields values for transcript, turns, question, panel and what the panel
    shows.

    The question's field is emptied once, at the start: Gradio sends the last values again when the stream
    ends, and the next question may be typed by then.
    """
    skip = gr.skip()
    if not (typed or "").strip():
        yield skip, told, skip, skip, skip, skip
        return
    if len(typed) > MOST_QUESTION:
        shown = transcript_html(service, told, language)
        yield shown + render.long_html(typed, MOST_QUESTION, language), told, "", skip, skip, skip
        return
    told = told[1 - MAX_TURNS :]
    before = transcript_html(service, told, language)
    yield (
        before + render.working_html(typed, (), language),
        told,
        "",
        "",
        skip,
        skip,
    )  # an empty panel costs Gradio nothing; to skip it makes the component anew
    follow = None if literal else _follow_up(service, typed, told)
    asked, note = (
        (follow.text, render.follow_up_html(typed, follow.text, follow.changes, language))
        if follow
        else (typed, Markup(""))
    )
    found: list[dict[str, Any]] = []
    steps: list[str] = []
    last = time.monotonic()
    for kind, value in events(service, asked, filters, stopped, found):
        if kind == "step":
            steps.append(value)
            if time.monotonic() - last > (PACE_S if service.workers.busy < CROWDED else CROWDED_PACE_S):
                last = time.monotonic()
                yield (
                    before + render.working_html(typed, steps, language, found, note),
                    told,
                    skip,
                    "",
                    skip,
                    skip,
                )
        elif kind == "error":
            yield before + failed(asked, value, language), told, typed, "", skip, skip
        else:
            told = [
                *told,
                {
                    "id": value["id"],
                    "asked": asked,
                    "typed": typed,
                    "note": [list(change) for change in follow.changes] if follow else [],
                },
            ]
            at = {"turn": len(told) - 1, "claim": 0}
            yield (
                before + turn_html(service, value, told[-1], len(told) - 1, language, note),
                told,
                skip,
                evidence_of(service, told, language, at, value),
                at,
                address_of(told),
            )


def events(
    service: Service, asked: str, filters: Filters, stopped: Callable[[], bool], found: list[dict[str, Any]]
) -> Iterator[tuple[str, Any]]:
    """The service's steps; what it refuses is an error like any other.

    Passages go into ``found`` as soon as they are there.
    """
    try:
        yield from service.steps(
            asked, filters, stopped=stopped, found=lambda hits: found.extend(hit_to_json(hit) for hit in hits)
        )
    except KgragError as error:
        yield "error", error


def _follow_up(service: Service, typed: str, told: Sequence[Turn]) -> FollowUp | None:
    return (
        complete(typed, [turn["asked"] for turn in told], names_in(service.library, service.filters().hidden))
        if told
        else None
    )


def failed(asked: str, error: Exception, language: Language) -> Markup:
    """A question that failed or was stopped."""
    if isinstance(error, Stopped):
        return render.stopped_html(asked, str(error), language)
    if isinstance(error, KgragError):
        return render.error_html(asked, str(error), language)
    return render.error_html(
        asked, word("unexpected", language, what=type(error).__name__), language, admin=True
    )


# -- evidence --------------------------------------------------------------------------------------


def evidence_of(
    service: Service,
    told: Sequence[Turn],
    language: Language,
    at: dict[str, int],
    answer: AnswerJson | None = None,
) -> Markup:
    """The evidence of one sentence of a conversation: ``{"turn", "claim"}``; without one, how to choose."""
    turn, number = at.get("turn", -1), at.get("claim", -1)
    if not 0 <= turn < len(told):
        return _hint(language)
    try:
        answer = answer or answer_of(service, told[turn]["id"])
    except KgragError as error:
        return render.error_html("", str(error), language)
    if not 0 <= number < len(answer["claims"]):
        return _hint(language)
    evidence = answer["claims"][number]["evidence"][0]
    text = passage_of(service, answer, number)
    if text is None:
        return render.error_html(answer["question"], word("deleted_passage", language), language)
    return render.evidence_html(
        answer,
        number,
        {"text": text, "link": service.link(evidence["document_id"])},
        pages_of(service, answer, number),
        language,
        turn,
    ) + render.verdict_buttons(turn, number, language)


def _node(service: Service, node_id: str, kind: str, language: Language) -> Any:
    """What a node of a chain stands for: an entity with its passages, a person or heading with its papers; a
    passage or paper is shown by the paper's page.
    """
    found = reading.node(service, node_id, kind)
    return render.entity_html(found, language) if found else gr.skip()


def kept(work: Callable[[], object], language: Language) -> Markup:
    """Do it and say that it is kept; or say what is wrong."""
    try:
        work()
    except KgragError as error:
        return said_html(str(error), "kg-error", "alert")
    return said_html(word("saved", language))


def _hint(language: Language) -> Markup:
    return said_html(word("evidence_hint", language), "kg-note")
