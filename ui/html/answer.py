"""Answers as HTML: pure functions from the answer's JSON to text. Everything that comes from data is escaped.

Knows the answer's JSON and the interface's words. What can be clicked carries ``data-act`` and what the act
needs; the pages act on it. Does not know Gradio, stores or files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType
from typing import Any

from kgrag.export import FORMATS
from kgrag.export.pages.chain_svg import chain_svg
from kgrag.render.as_text import citation
from ui.html.style import PAGE_STYLE
from ui.words import WORDS, Language, word

Plain = Mapping[str, Any]
STEPS = ("understand", "retrieve", "evidence", "draft", "verify", "reward", "chains", "verdict")


def act(name: str, text: str, kind: str = "kg-button", **data: object) -> str:
    """A button that does something: ``data-act`` and its values; ``label`` among them is what a screen reader
    says instead of the text.
    """
    label = data.pop("label", None)
    values = "".join(f" data-{key.replace('_', '-')}='{escape(str(value))}'" for key, value in data.items())
    said = f" aria-label='{escape(str(label))}' title='{escape(str(label))}'" if label else ""
    return f"<button type='button' class='{kind}' data-act='{name}'{values}{said}>{escape(text)}</button>"


# -- the conversation ------------------------------------------------------------------------------


def turn_html(answer: Plain, turn: int, language: Language, told: str = "", *, live: bool = True) -> str:
    """One question and its answer; ``told`` is said between them (how the question was understood); not live,
    nothing acts but links.
    """
    body = (
        _abstention(answer, language, live)
        if answer["status"] == "abstained"
        else _sentences(answer, turn, language, live)
    )
    note = (
        f"<p class='kg-told'>{escape(answer['reason'])}</p>"
        if answer["reason"] and answer["status"] != "abstained"
        else ""
    )
    held = (
        f"<p class='kg-note'>{word('partial', language, n=len(answer['withheld']))}</p>"
        if answer["status"] == "partial"
        else ""
    )
    return (
        f"<article class='kg-turn'>{question_html(answer['question'])}{told}{_repairs(answer, language)}"
        "<div"
        f" class='kg-answer'>{_record(answer, language, live)}{body}{held}{note}{_footer(answer, language, live)}</div></article>"
    )


def question_html(question: str) -> str:
    """The question as it stands above its answer."""
    return f"<h2 class='kg-question'>{escape(question)}</h2>"


def follow_up_html(typed: str, asked: str, changes: Sequence[Sequence[str]], language: Language) -> str:
    """How a follow-up question was understood, and the button that refuses it."""
    rows = "; ".join(f"“{escape(old)}” → “{escape(new)}”" for old, new in changes)
    return (
        f"<p class='kg-told'>{word('understood_as', language)}: <strong>{escape(asked)}</strong> <span"
        f" class='kg-soft'>({rows})</span>"
        f" {act('as-typed', word('as_typed', language), 'kg-link', question=typed)}</p>"
    )


def working_html(
    question: str, steps: Sequence[str], language: Language, found: Sequence[Plain] = (), told: str = ""
) -> str:
    """A question that is being worked on: the steps so far, the present one marked, and where passages were
    found.
    """
    rows = "".join(
        f"<li{' class=kg-now' if number == len(steps) - 1 else ''}>{escape(_step(step, language))}</li>"
        for number, step in enumerate(steps)
    )
    titles = list(dict.fromkeys(hit["title"] for hit in found))[:3]
    near = (
        f"<p class='kg-note'>{word('found_passages', language, n=len(found))}"
        f" {escape(' · '.join(titles))}</p>"
        if found
        else ""
    )
    return (
        f"<article class='kg-turn'>{question_html(question)}{told}<div class='kg-answer' aria-busy='true'><p"
        f" class='kg-only-read'>{word('working', language)} …</p><ol"
        f" class='kg-steps'>{rows or _waiting(language)}</ol>{near}</div></article>"
    )


def error_html(question: str, text: str, language: Language, *, admin: bool = False) -> str:
    """A question that failed, with the same words as the command line; ``admin`` adds whom to ask."""
    more = f"<p>{word('next_error', language)}</p>" if admin else ""
    return (
        f"<article class='kg-turn'>{question_html(question)}<div class='kg-answer kg-error' role='alert'>"
        f"<strong>{word('error', language)}.</strong> {escape(text)}{more}</div></article>"
    )


def stopped_html(question: str, text: str, language: Language) -> str:
    """A question that its asker stopped."""
    return (
        f"<article class='kg-turn'>{question_html(question)}<p class='kg-told'"
        f" role='status'><strong>{word('stopped', language)}.</strong> {escape(text)}</p></article>"
    )


def empty_html(counts: Mapping[str, int], examples: Sequence[str], language: Language) -> str:
    """What stands where no question was asked yet: what the library holds, and questions to try."""
    tries = "".join(f"<li>{act('example', text, 'kg-link', question=text)}</li>" for text in examples)
    holds = word("holds", language, documents=f"{counts['documents']:,}", passages=f"{counts['passages']:,}")
    return (
        "<div"
        f" class='kg-empty'><h2>{word('title', language)}</h2><p>{word('ask_hint', language)}</p><p>{holds}</p>"
        + (f"<p>{word('examples', language)}:</p><ul>{tries}</ul>" if tries else "")
        + "</div>"
    )


def _waiting(language: Language) -> str:
    return f"<li class='kg-now'>{word('working', language)} …</li>"


def _step(step: str, language: Language) -> str:
    return word("evidence_step" if step == "evidence" else step, language) if step in STEPS else step


def _repairs(answer: Plain, language: Language) -> str:
    understood = answer["trace"].get("understood")
    if not understood or not understood["repairs"]:
        return ""
    made = "; ".join(
        f"“{escape(old)}” → “{escape(new)}” ({escape(why)})" for old, new, why in understood["repairs"]
    )
    return (
        f"<p class='kg-told'>{word('searched_as', language)}: <strong>{escape(understood['text'])}</strong>"
        f" <span class='kg-soft'>{made}</span></p>"
    )


def _record(answer: Plain, language: Language, live: bool) -> str:
    """What catalogue records say of the works a question is about, before what the texts say."""
    return "".join(
        "<p class='kg-text"
        f" kg-record'><strong>{escape(fact['value'])}</strong>{mark(fact, language)}<br><span"
        f" class='kg-soft'>{word('record_' + fact['field'], language)}: "
        + (
            act("paper", fact["title"], "kg-link", document=fact["document_id"])
            if live
            else escape(fact["title"])
        )
        + "</span></p>"
        for fact in answer.get("record", ())
    )


def _sentences(answer: Plain, turn: int, language: Language, live: bool) -> str:
    parts = [
        f"<span class='kg-claim'>{escape(claim['text'])} {_chip(claim, turn, number, language, live)}</span>"
        for number, claim in enumerate(answer["claims"])
    ]
    return f"{_verdict(answer, language)}<p class='kg-text'>{' '.join(parts)}</p>"


def _verdict(answer: Plain, language: Language) -> str:
    """Yes, no or maybe, with what it is read from; nothing where the question asks for none."""
    verdict = answer.get("verdict")
    if not verdict:
        return ""
    numbers = ", ".join(
        str(number)
        for number, claim in enumerate(answer["claims"], start=1)
        if claim["id"] in verdict["claims"]
    )
    line = word("verdict_line", language, probability=f"{verdict['probability']:.0%}", numbers=numbers)
    return (
        f"<p class='kg-told'><strong>{word('verdict_' + verdict['label'], language)}</strong> <span"
        f" class='kg-soft'>{line}</span></p>"
    )


def _chip(claim: Plain, turn: int, number: int, language: Language, live: bool) -> str:
    kind = "quoted" if is_quoted(claim) else "supported"
    label = f"{word('evidence', language)} {number + 1}: {word(kind, language)}"
    if not live:
        return (
            f"<a class='kg-chip' id='kg-chip-{turn}-{number}' href='#evidence-{number}' data-kind='{kind}'"
            f" aria-label='{escape(label)}'>{number + 1}</a>"
        )
    return (
        f"<button type='button' class='kg-chip' id='kg-chip-{turn}-{number}' data-act='evidence'"
        f" data-kind='{kind}' data-turn='{turn}' data-claim='{number}' aria-label='{escape(label)}'"
        f" title='{escape(label)}'>{number + 1}</button>"
    )


def is_quoted(claim: Plain) -> bool:
    """Whether the sentence stands word for word in its evidence."""
    return any(claim["text"].strip() == evidence["quote"].strip() for evidence in claim["evidence"])


def _abstention(answer: Plain, language: Language, live: bool) -> str:
    if answer.get("record") and not answer["documents"]:
        return f"<p class='kg-told'>{escape(answer['reason'] or '')}</p>"
    near = "".join(
        f"<li>{act('paper', citation(d), 'kg-link', document=d['id']) if live else escape(citation(d))}{mark(d, language)}</li>"
        for d in answer["documents"]
    )
    listed = (
        f"<p class='kg-soft'>{word('try_next', language)}:"
        f" {word('next_abstained', language)}</p><ul>{near}</ul>"
        if near
        else ""
    )
    return f"<p><strong>{word('abstained', language)}</strong></p><p>{escape(answer['reason'] or '')}</p>{listed}{_withheld(answer, language)}"


def _footer(answer: Plain, language: Language, live: bool) -> str:
    took = sum(answer["trace"]["timings_ms"].values())
    steps = " · ".join(
        f"{_step(name, language)} {value:.0f} ms" for name, value in answer["trace"]["timings_ms"].items()
    )
    address = f"/answers/{escape(answer['id'])}"
    text = answer["text"] or answer["reason"] or ""
    copies = (
        f" · {act('copy', word('copy', language), 'kg-link', copy=text)} ·"
        f" {act('copy', word('copy_link', language), 'kg-link', copy_path=address)}"
        if live
        else ""
    )
    return (
        f"<p class='kg-foot' title='{escape(steps)}'>{took:.0f} ms · {escape(answer['models']['generator'])}"
        f" · <a href='{address}' target='_blank'"
        f" rel='noopener'>{word('permanent', language)}</a>{copies}</p>{_exports(answer, language)}"
    )


def _exports(answer: Plain, language: Language) -> str:
    """Links to the answer as a file in each format."""
    links = "".join(
        f"<a href='/answers/{escape(answer['id'])}/export/{name}' download>{name}</a>" for name in FORMATS
    )
    return (
        f"<details class='kg-foot'><summary>{word('export', language)}</summary><div"
        f" class='kg-exports'>{links}</div></details>"
    )


# -- the evidence of a sentence --------------------------------------------------------------------


def evidence_html(
    answer: Plain,
    claim_number: int,
    passage: Plain,
    page: Plain | None,
    language: Language,
    turn: int = 0,
    *,
    live: bool = True,
) -> str:
    """The evidence panel of one claim.

    Args:
        answer: the answer's JSON.
        claim_number: index into its claims.
        passage: ``{"text": …, "link": …}`` of the claim's first evidence; the link leads to its full text
            elsewhere.
        page: ``{"base", "page", "pages"}`` for sources with pages; the address of a page's picture is
            ``base`` with its {page} filled.
        language: of the interface.
        turn: the answer's place in the conversation.
        live: False on a page where nothing acts but links.
    """
    claim = answer["claims"][claim_number]
    evidence = claim["evidence"][0]
    document = next(d for d in answer["documents"] if d["id"] == evidence["document_id"])
    place = " · ".join(
        escape(str(part))
        for part in (
            evidence["section"],
            f"{word('page', language)} {evidence['page']}" if evidence["page"] else None,
        )
        if part
    )
    support = claim["support"]
    kind = word("quoted", language) if is_quoted(claim) else word(support["label"], language)
    acts = act("paper", word("open_paper", language), document=document["id"]) if live else ""
    acts += elsewhere(passage.get("link"), language)
    line = word(
        "support_line",
        language,
        score=f"{support['score']:.2f}",
        threshold=f"{support['threshold']:.2f}",
        alpha=f"{support['alpha']:.0%}",
    )
    return (
        f"<section class='kg-evidence' id='evidence-{claim_number}' aria-label='{word('evidence', language)}"
        f" {claim_number + 1}'>"
        f"<h3 tabindex='-1'>[{claim_number + 1}] {escape(citation(document))}{mark(document, language)}</h3>"
        f"<p class='kg-place'>{place}</p><p class='kg-place'><span class='kg-badge kg-good'>{kind}</span>"
        f" <span>{line}</span></p>"
        f"<div class='kg-row'>{acts}"
        "<a class='kg-button'"
        f" href='#kg-chip-{turn}-{claim_number}'>{word('back_to_sentence', language)}</a></div>"
        f"<h4>{word('quote', language)}</h4><blockquote>{marked(passage['text'], evidence['span'])}</blockquote>{page_html_of(page, language)}"
        f"<h4>{word('chain', language)}</h4><p"
        f" class='kg-note'>{word('chain_hint', language)}</p>{chain_svg(claim['path'], words_of_graph(language) if live else None)}"
        f"{_candidates(answer, language)}{_withheld(answer, language)}</section>"
    )


def elsewhere(link: str | None, language: Language) -> str:
    """A link to the full text elsewhere, where there is one."""
    return (
        f"<a class='kg-button' href='{escape(link)}' target='_blank' rel='noopener"
        f" noreferrer'>{word('elsewhere', language)}</a>"
        if link
        else ""
    )


def page_html_of(page: Plain | None, language: Language) -> str:
    """The picture of a page with buttons to the one before and after."""
    if page is None:
        return ""
    number, pages = page["page"], page["pages"]
    label = word("page_of", language, page=number, pages=pages)
    turn = "".join(
        "<button type='button' class='kg-button' data-act='page'"
        f" data-page='{to}'{'' if 1 <= to <= pages else ' disabled'}>{word(key, language)}</button>"
        for key, to in (("previous_page", number - 1), ("next_page", number + 1))
    )
    later = word("page_of", language, page="{page}", pages=pages)
    return (
        f"<div class='kg-pages' data-base='{escape(page['base'])}' data-pages='{pages}'"
        f" data-label='{later}'><h4>{word('page_picture', language)}</h4><div class='kg-row'>{turn}<span"
        f" class='kg-soft' role='status'>{label}</span></div><img class='kg-page' alt='{label}'"
        f" src='{escape(page['base'].replace('{page}', str(number)))}'></div>"
    )


def words_of_graph(language: Language) -> dict[str, str]:
    """The interface's words for kinds of nodes and edges."""
    return {
        (
            key.partition("_")[2].upper() if key.startswith("edge_") else key.partition("_")[2].capitalize()
        ): word(key, language)
        for key in WORDS
        if key.startswith(("edge_", "node_"))
    }


def verdict_buttons(turn: int, claim_number: int, language: Language) -> str:
    """Two buttons by which staff say whether a sentence is right."""
    return (
        "<div class='kg-row'>"
        + "".join(
            act(
                "judge",
                word("right" if right else "wrong", language),
                "kg-button kg-verdict",
                turn=turn,
                claim=claim_number,
                right=int(right),
            )
            for right in (True, False)
        )
        + "</div>"
    )


def marked(text: str, span: Sequence[int]) -> str:
    """A passage with the quote in ``<mark>``."""
    start, end = span
    return f"{escape(text[:start])}<mark>{escape(text[start:end])}</mark>{escape(text[end:])}"


def _candidates(answer: Plain, language: Language) -> str:
    ordered = sorted(answer["candidates"], key=lambda c: -c["reward"])
    if not ordered:
        return ""
    best = max((c["reward"] for c in ordered if c["chosen"]), default=ordered[0]["reward"])
    rows = "".join(_candidate(candidate, best, language) for candidate in ordered)
    return (
        f"<details><summary>{word('why_won', language)}</summary><p"
        f" class='kg-note'>{word('why_won_line', language, n=len(ordered))}</p><ol"
        f" class='kg-candidates'>{rows}</ol></details>"
    )


def _candidate(candidate: Plain, best: float, language: Language) -> str:
    lead = (
        f"<span class='kg-badge kg-good'>{word('chosen', language)}</span>"
        if candidate["chosen"]
        else word("behind", language, value=f"{best - candidate['reward']:.2f}")
    )
    reward = f"{candidate['reward']:.2f}"
    share = word("supported_share", language, value=f"{candidate['supported']:.0%}")
    return (
        f"<li{' class=kg-chosen' if candidate['chosen'] else ''}><p class='kg-figures'><span"
        f" class='kg-reward'>{word('reward_is', language, value=reward)}</span>"
        f"<span>{lead}</span><span>{share}</span><span>{escape(candidate.get('maker', ''))}</span></p>{escape(candidate['text'])}</li>"
    )


def _withheld(answer: Plain, language: Language) -> str:
    rows = "".join(
        f"<li>{escape(item['text'])} <em>({escape(item['reason'])})</em></li>" for item in answer["withheld"]
    )
    return (
        f"<details><summary>{word('withheld', language)} ({len(answer['withheld'])})</summary><p"
        f" class='kg-note'>{word('withheld_hint', language)}</p><ul>{rows}</ul></details>"
        if rows
        else ""
    )


def mark(document: Plain, language: Language) -> str:
    """The signs of a document that was retracted or corrected, or of which concern was expressed."""
    kinds = dict.fromkeys(
        (
            *(["retracted"] if document["retracted"] else []),
            *(notice["kind"] for notice in document.get("notices", ())),
        )
    )
    return "".join(
        " <strong"
        f" class='kg-{'retracted' if kind == 'retracted' else 'noticed'}'>{word(kind, language)}</strong>"
        for kind in kinds
    )


def entity_html(entity: Plain, language: Language) -> str:
    """What a node of the graph stands for: its names, and the passages and papers that mention it.

    Args:
        entity: ``{"id", "name", "kind", "aliases", "n_passages", "n_documents", "passages": [{"document_id",
            "title", "text", "spans", "retracted"}]}``.
        language: of the interface.
    """
    called = (
        f"<p class='kg-place'>{word('also_called', language)}: {escape('; '.join(entity['aliases']))}</p>"
        if entity["aliases"]
        else ""
    )
    rows = "".join(
        f"<li>{act('paper', hit['title'], 'kg-link', document=hit['document_id'])}{mark(hit, language)}<p>{all_marked(hit['text'], hit['spans'])}</p></li>"
        for hit in entity["passages"]
    )
    return (
        f"<section class='kg-evidence' aria-label='{escape(entity['name'])}'><div"
        f" class='kg-row'>{act('back', word('back', language))}</div><h3"
        f" tabindex='-1'>{escape(entity['name'])}</h3><p class='kg-place'><span"
        f" class='kg-badge'>{escape(str(words_of_graph(language).get(entity['kind'], entity['kind'])))}</span></p>{called}<p"
        f" class='kg-place'>{word('mentioned_in', language, n=entity['n_passages'], documents=entity['n_documents'])}</p><ol"
        f" class='kg-hits'>{rows}</ol></section>"
    )


def all_marked(text: str, spans: Sequence[Sequence[int]]) -> str:
    """A text with several spans in ``<mark>``; overlapping ones are marked once."""
    parts, at = [], 0
    for start, end in sorted((span[0], span[1]) for span in spans):
        if start >= at:
            parts += [escape(text[at:start]), f"<mark>{escape(text[start:end])}</mark>"]
            at = end
    return "".join([*parts, escape(text[at:])])


# -- an answer as a page of its own ----------------------------------------------------------------


def page_html(
    answer: Plain,
    passages: Mapping[str, str],
    retracted_since: Mapping[str, str],
    language: Language,
    noticed_since: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """An answer as a page of its own, whole, for its permanent address."""
    warning = (
        ""
        if not retracted_since
        else (
            f"<p class='kg-error' role='alert'>{word('since_retracted', language)}:"
            f" {escape('; '.join(f'{k} ({v})' for k, v in retracted_since.items()))}</p>"
        )
    )
    if noticed_since:
        warning += (
            f"<p class='kg-error' role='alert'>{word('since_noticed', language)}:"
            f" {escape('; '.join(f'{k} ({v})' for k, v in noticed_since.items()))}</p>"
        )
    panels = "".join(
        evidence_html(
            answer, number, {"text": passages[claim["evidence"][0]["passage_id"]]}, None, language, live=False
        )
        for number, claim in enumerate(answer["claims"])
        if claim["evidence"][0]["passage_id"] in passages
    )
    return (
        f"<!doctype html><html lang='{language}'><head><meta charset='utf-8'><meta name='viewport'"
        " content='width=device-width,"
        f" initial-scale=1'><title>{escape(answer['question'])}</title><style>{PAGE_STYLE}</style></head><body"
        " class='kg-page-body'><main><h1"
        f" class='kg-only-read'>{word('title', language)}</h1>{warning}{turn_html(answer, 0, language, live=False)}{panels}<p"
        f" class='kg-note'>{word('notice', language)}</p></main></body></html>"
    )
