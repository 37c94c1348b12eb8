"""The ranking page as HTML: candidates as cards in an order that tells nothing, sentences to judge, and how
good the models are. Pure; everything escaped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ui.html.answer import act
from ui.words import Language, word

Plain = Mapping[str, Any]
MOVES = (("up", "better", "▲"), ("down", "worse", "▼"), ("tie", "tie", "="))


def ranking_html(answer: Plain, language: Language) -> str:
    """Cards that people put in order.

    Which candidate was shown, and its reward, are not told: they would sway the order.
    """
    candidates = list(enumerate(answer["candidates"]))
    if len(candidates) < 2:
        return f"<p class='kg-empty'>{word('ranking_none', language)}</p>"
    blind = sorted(
        candidates, key=lambda pair: hashlib.sha256(f"{answer['id']}/{pair[1]['text']}".encode()).hexdigest()
    )
    cards = "".join(
        _card(place, number, candidate["text"], len(blind), language)
        for place, (number, candidate) in enumerate(blind, start=1)
    )
    return (
        f"<div class='kg-ranking' data-answer='{escape(answer['id'])}'><h2"
        f" class='kg-question'>{escape(answer['question'])}</h2><p"
        f" class='kg-note'>{word('keys_hint', language)}</p><ol class='kg-cards'>{cards}</ol><p"
        " class='kg-moved kg-only-read' role='status'></p><div"
        f" class='kg-row'><label>{word('note', language)} <input class='kg-input' type='text' name='note'"
        " maxlength='2000' size='40'></label><button type='button' class='kg-button"
        f" kg-save'>{word('save_ranking', language)}</button></div></div>{_claims(answer, language)}"
    )


def _card(place: int, number: int, text: str, n: int, language: Language) -> str:
    off = {"up": place == 1, "down": place == n, "tie": place == 1}
    moves = "".join(
        f"<button type='button' class='kg-button' data-move='{move}' aria-label='{word(key, language)}'"
        f" title='{word(key, language)}'{' disabled' if off[move] else ''}>{sign}</button>"
        for move, key, sign in MOVES
    )
    return (
        f"<li class='kg-card' tabindex='0' data-index='{number}' data-rank='{place}' data-tied='0'><span"
        f" class='kg-place-no' aria-label='{word('rank_of', language)}'>{place}</span><span"
        f" class='kg-candidate'>{escape(text)}</span><div class='kg-row'>{moves}</div></li>"
    )


def _claims(answer: Plain, language: Language) -> str:
    rows = "".join(
        f"<li>{escape(claim['text'])}<div"
        f" class='kg-row'>{_verdict(answer, claim, True, language)}{_verdict(answer, claim, False, language)}</div></li>"
        for claim in answer["claims"]
    )
    return f"<h3>{word('claims_hint', language)}</h3><ol>{rows}</ol>" if rows else ""


def _verdict(answer: Plain, claim: Plain, right: bool, language: Language) -> str:
    return act(
        "judge",
        word("right" if right else "wrong", language),
        "kg-button kg-verdict",
        answer=answer["id"],
        claim=claim["id"],
        right=int(right),
    )


def picks_html(picks: Sequence[Plain], language: Language) -> str:
    """Answers that can be ranked: ``{"id", "question", "rankings", "candidates"}`` each."""
    rows = "".join(
        f"<li>{act('rank', pick['question'], 'kg-link', answer=pick['id'])} <span"
        f" class='kg-soft'>{word('rankings_so_far', language, n=pick['rankings'])}</span></li>"
        for pick in picks
    )
    return (
        f"<h2>{word('ranking_pick', language)}</h2><ul>{rows}</ul>"
        if rows
        else f"<p class='kg-empty'>{word('ranking_none', language)}</p>"
    )


def models_html(state: Plain, language: Language) -> str:
    """How far raters agree, and the versions of the reward model with their figures.

    Args:
        state: ``{"rankings", "questions", "raters", "agreement", "kappa", "elo": [{"player", "rating",
            "games", "won"}], "in_use", "may_train", "versions": [{"version", "figures"}]}``.
        language: of the interface.
    """
    numbers = {name: state[name] for name in ("rankings", "questions", "raters")}
    line = (
        word("agreement_none", language, **numbers)
        if state["agreement"] is None
        else word("agreement_line", language, **numbers, share=f"{state['agreement']:.0%}")
    )
    line += (
        f" {word('kappa_line', language, kappa=format(state['kappa'], '.2f'))}"
        if state.get("kappa") is not None
        else ""
    )
    used = word("shipped", language) if state["in_use"] == "shipped" else escape(state["in_use"])
    acts = (
        "<div"
        f" class='kg-row'>{act('promote', word('train', language), do='train')}{act('promote', word('rollback', language), do='rollback')}</div>"
        if state["may_train"]
        else (f"<p class='kg-note'>{word('admin_only', language)}</p>")
    )
    return (
        f"<p>{line}</p><p><strong>{word('model_in_use', language)}:</strong>"
        f" {used}</p>{_versions(state, language)}{_elo(state, language)}{acts}"
    )


def _elo(state: Plain, language: Language) -> str:
    """Models and prompts, best first."""
    rows = state.get("elo")
    if not rows:
        return ""
    head = "".join(
        f"<th scope='col'>{word(key, language)}</th>" for key in ("player", "rating", "games", "won")
    )
    body = "".join(
        f"<tr><th scope='row'>{escape(row['player'])}</th><td class='kg-n'>{row['rating']:.0f}</td><td"
        f" class='kg-n'>{row['games']}</td><td class='kg-n'>{row['won']:g}</td></tr>"
        for row in rows
    )
    return (
        f"<h3>{word('elo_title', language)}</h3><div class='kg-scroll' tabindex='0' role='region'"
        f" aria-label='{word('elo_title', language)}'><table"
        f" class='kg-table'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _versions(state: Plain, language: Language) -> str:
    if not state["versions"]:
        return ""
    head = "".join(
        f"<th scope='col'>{word(key, language)}</th>"
        for key in ("version", "pairs", "held_out", "standing", "left_out")
    )
    rows = "".join(_version(v, state, language) for v in state["versions"])
    return (
        "<div class='kg-scroll' tabindex='0' role='region'"
        f" aria-label='{word('models_title', language)}'><table"
        f" class='kg-table'><thead><tr>{head}<td></td></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _version(version: Plain, state: Plain, language: Language) -> str:
    figures = version["figures"]
    cells = "".join(
        f"<td class='kg-n'>{_share(figures.get(name))}</td>"
        for name in ("agreement", "agreement_standing", "agreement_left_out_raters")
    )
    better = (
        "<span"
        f" class='kg-badge{' kg-good' if figures.get('better') else ''}'>{word('better_mark' if figures.get('better') else 'not_better', language)}</span>"
    )
    acts = (
        "".join(
            act("promote", word(key, language), do=key, version=version["version"])
            for key in ("compare", "promote")
        )
        if state["may_train"]
        else ""
    )
    return (
        f"<tr><th scope='row'>{escape(version['version'])}</th><td"
        f" class='kg-n'>{figures.get('pairs', '')}</td>{cells}<td><div"
        f" class='kg-row'>{better}{acts}</div></td></tr>"
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
