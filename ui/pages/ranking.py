"""The ranking page: staff order the candidates of an answer and judge its sentences; admins train, compare
and promote the reward model.

Knows Gradio's components of this page. Rankings are kept by ``ui.service.service`` under a pseudonym; the
models are ``kgrag.learn.reward``'s.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from kgrag.errors import KgragError
from kgrag.evaluate.reward import between_raters, ratings
from kgrag.language.sentences import split_sentences
from kgrag.people.feedback import read_feedback, usable_rankings
from kgrag.people.rights import may
from kgrag.reward.versions import current as versions_current
from kgrag.reward.versions import versions as versions_versions
from kgrag.types.answer_json import AnswerJson
from ui.door.door import require_person
from ui.html import scripts
from ui.html.parts import said_html
from ui.html.ranking import models_html, picks_html, ranking_html
from ui.pages import chat, conversation
from ui.pages.limits import Relabel
from ui.pages.stored import answer_of
from ui.service.service import Service
from ui.words import Language, word

N_PICKS = 12


@dataclass(frozen=True)
class RankingPage:
    """What other pages need of this one; ``outputs`` take what ``chosen`` gives."""

    outputs: list[Any]
    first: Callable[..., Any]
    first_inputs: list[Any]
    first_outputs: list[Any]
    labels: list[Relabel]


def build_ranking(service: Service, language: Any, turns: Any) -> RankingPage:
    """The page's components and events, inside the tab that is open now."""
    hint = gr.Markdown(word("ranking_hint", "en"))
    with gr.Row():
        with gr.Column(scale=1, min_width=260):
            picks = gr.HTML("", elem_id="kg-picks", js_on_load=scripts.ACTS)
        with gr.Column(scale=3, min_width=320):
            form = gr.HTML("", elem_id="kg-ranking", js_on_load=scripts.RANKING)
            said = gr.HTML("", elem_id="kg-ranked", js_on_load=scripts.STATUS)
    title = gr.Markdown(f"## {word('models_title', 'en')}")
    models = gr.HTML("", elem_id="kg-models", js_on_load=scripts.ACTS)
    told = gr.HTML("", elem_id="kg-models-said", js_on_load=scripts.STATUS)

    def first(told: list[conversation.Turn], lang: Language, request: gr.Request) -> tuple[str, Any, str]:
        theirs = service.of(require_person(request))
        found = _picks(theirs, [turn["id"] for turn in reversed(told)])
        return (
            picks_html(found, lang),
            (ranking_html(answer_of(theirs, found[0]["id"]), lang) if found else ""),
            _models(theirs, lang),
        )

    def pick(lang: Language, event: gr.EventData, request: gr.Request) -> list[Any]:
        return chosen(service.of(require_person(request)), str((event._data or {})["answer"]), lang)

    def save(lang: Language, event: gr.EventData, request: gr.Request) -> str:
        data, theirs = event._data or {}, service.of(require_person(request))
        return chat.kept(
            lambda: theirs.rank(
                str(data["answer"]), [int(rank) for rank in data["ranks"]], str(data["note"])
            ),
            lang,
        )

    def judge(lang: Language, event: gr.EventData, request: gr.Request) -> str:
        data, theirs = event._data or {}, service.of(require_person(request))
        return chat.kept(
            lambda: theirs.judge(str(data["answer"]), str(data["claim"]), str(data["right"]) == "1"), lang
        )

    def work(lang: Language, event: gr.EventData, request: gr.Request) -> tuple[str, str]:
        theirs = service.of(require_person(request))
        said = _worked(theirs, event._data or {}, lang)
        return _models(theirs, lang), said

    picks.edit(pick, [language], [form, said], show_progress="hidden")
    form.submit(save, [language], said, show_progress="hidden")
    form.like(judge, [language], said, show_progress="hidden")
    models.apply(work, [language], [models, told], show_progress="minimal")
    language.input(first, [turns, language], [picks, form, models], show_progress="hidden")
    labels: list[Relabel] = [
        (hint, lambda lang: word("ranking_hint", lang)),
        (title, lambda lang: f"## {word('models_title', lang)}"),
    ]
    return RankingPage([form, said], first, [turns, language], [picks, form, models], labels)


def chosen(service: Service, answer_id: str, language: Language) -> list[Any]:
    """An answer's candidates as cards, and nothing said; or what is wrong."""
    try:
        return [ranking_html(answer_of(service, answer_id), language), ""]
    except KgragError as error:
        return ["", said_html(str(error), "kg-error", "alert")]


def _picks(service: Service, conversation: Sequence[str]) -> list[dict[str, Any]]:
    """Answers of this conversation and of the person's own history that have candidates to order, those
    ranked least first.
    """
    own = [item.answer_id for item in service.desk.history(limit=50)]
    done = Counter(row["answer_id"] for row in read_feedback(service.library.catalogue, "ranking"))
    found, seen = [], set[str]()
    for answer_id in dict.fromkeys((*conversation, *own)):
        try:
            answer = service.answer(answer_id)
        except KgragError:  # deleted since, or no longer visible to the person
            continue
        asked = answer["question"].casefold().strip()
        if differ(answer) and asked not in seen:
            seen.add(asked)
            found.append(
                {
                    "id": answer_id,
                    "question": answer["question"],
                    "rankings": done[answer_id],
                    "candidates": len(answer["candidates"]),
                }
            )
        if len(found) == N_PICKS:
            break
    return sorted(found, key=lambda pick: pick["rankings"])


def differ(answer: AnswerJson) -> bool:
    """Whether an answer's candidates leave something to prefer: two of them of which neither holds all the
    sentences of the other.
    """
    said = [
        {text[start:end].strip() for start, end in split_sentences(text)}
        for text in (candidate["text"] for candidate in answer["candidates"])
    ]
    return any(one - other and other - one for one, other in itertools.combinations(said, 2))


def _models(service: Service, language: Language) -> str:
    library = service.library
    rows = list(read_feedback(library.catalogue, "ranking"))
    usable = usable_rankings(library)
    versions = [
        {"version": name, "figures": card.get("figures", {})}
        for name, card in versions_versions(library.folder).items()
    ]
    used = versions_current(library.folder).stem
    state: dict[str, Any] = {
        "rankings": len(rows),
        "questions": len({row["question"] for row in rows}),
        "raters": len({row["rater"] for row in rows}),
        "agreement": between_raters(usable)["alike"],
        "kappa": between_raters(usable)["kappa"],
        "elo": ratings(usable),
        "in_use": used if used in {v["version"] for v in versions} else "shipped",
        "may_train": may(service.person, "train"),
        "versions": versions,
    }
    return models_html(state, language)


def _worked(service: Service, data: dict[str, Any], language: Language) -> str:
    """Train, compare, promote or go back, as chosen; what came of it."""
    try:
        text = _work(service, str(data["do"]), str(data.get("version", "")), language)
    except KgragError as error:
        return said_html(str(error), "kg-error", "alert")
    return said_html(text)


def _work(service: Service, do: str, version: str, language: Language) -> str:
    desk = service.desk
    if do == "train":
        return word("trained", language, version=desk.train_reward()["version"])
    if do == "compare":
        figures = desk.evaluate_reward(version)
        return (
            f"{version}: {figures['agreement']:.1%} · {word('standing', language)}:"
            f" {figures['agreement_standing']:.1%} ({word('pairs', language)}: {figures['pairs']})"
        )
    if do == "promote":
        desk.promote_reward(version)
        return word("promoted", language, version=version)
    name = desk.roll_back_reward()
    return word("promoted", language, version=name)
