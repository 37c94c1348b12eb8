"""The ranking page as HTML: candidates as cards in an order that tells nothing, sentences to judge, and how
good the models are. Pure: values in, markup out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from markupsafe import Markup

from kgrag.types.answer_json import AnswerJson
from ui.html.parts import TEMPLATES, Plain, said_html
from ui.words import Language, word, words


def ranking_html(answer: AnswerJson, language: Language) -> Markup:
    """Cards that people put in order.

    Which candidate was shown, and its reward, are not told: they would sway the order.
    """
    texts = [(number, candidate["text"]) for number, candidate in enumerate(answer["candidates"])]
    if len(texts) < 2:
        return said_html(word("ranking_none", language), "kg-empty")

    def blind(card: tuple[int, str]) -> str:
        return hashlib.sha256(f"{answer['id']}/{card[1]}".encode()).hexdigest()

    return TEMPLATES.part("ranking.html", "ranking", answer, sorted(texts, key=blind), words(language))


def picks_html(picks: Sequence[Plain], language: Language) -> Markup:
    """Answers that can be ranked: ``{"id", "question", "rankings", "candidates"}`` each."""
    if not picks:
        return said_html(word("ranking_none", language), "kg-empty")
    return TEMPLATES.part("ranking.html", "picks", picks, words(language))


def models_html(state: Plain, language: Language) -> Markup:
    """How far raters agree, and the versions of the reward model with their figures.

    Args:
        state: ``{"rankings", "questions", "raters", "agreement", "kappa", "elo": [{"player", "rating",
            "games", "won"}], "in_use", "may_train", "versions": [{"version", "figures"}]}``.
        language: of the interface.
    """
    return TEMPLATES.part(
        "ranking.html",
        "models",
        _agreement(state, language),
        word("shipped", language) if state["in_use"] == "shipped" else state["in_use"],
        state,
        [_version(version) for version in state["versions"]],
        [_rating(row) for row in state.get("elo") or ()],
        words(language),
    )


def _agreement(state: Plain, language: Language) -> str:
    """How many rankings there are, and how far they agree."""
    numbers = {name: state[name] for name in ("rankings", "questions", "raters")}
    if state["agreement"] is None:
        line = word("agreement_none", language, **numbers)
    else:
        line = word("agreement_line", language, **numbers, share=f"{state['agreement']:.0%}")
    if state.get("kappa") is not None:
        line += f" {word('kappa_line', language, kappa=format(state['kappa'], '.2f'))}"
    return line


def _rating(row: Plain) -> Plain:
    """A model or prompt with its rating."""
    return {**row, "rating": f"{row['rating']:.0f}", "won": f"{row['won']:g}"}


def _version(version: Plain) -> Plain:
    """A version of the reward model with its figures."""
    figures = version["figures"]
    names = ("agreement", "agreement_standing", "agreement_left_out_raters")
    return {
        "version": version["version"],
        "pairs": figures.get("pairs", ""),
        "shares": [_share(figures.get(name)) for name in names],
        "better": bool(figures.get("better")),
    }


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
