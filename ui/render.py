"""Answers as HTML: pure functions from the answer's JSON to text. Everything that comes from data is escaped.

Knows the answer's JSON and the interface's words. Does not know Gradio, stores or files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from kgrag.export import FORMATS
from kgrag.export.chain_svg import chain_svg
from kgrag.render_text import citation
from ui.words import Language, word

Plain = Mapping[str, Any]


def turn_html(answer: Plain, turn: int, language: Language) -> str:
    """One question and its answer; chips carry ``data-turn`` and ``data-claim``."""
    body = _abstention(answer, language) if answer["status"] == "abstained" else _sentences(answer, turn, language)
    note = f"<p class='kg-note'>{escape(answer['reason'])}</p>" if answer["reason"] and answer["status"] != "abstained" else ""
    return f"<article class='kg-turn'>{question_html(answer['question'])}<div class='kg-answer'>{body}{note}{_footer(answer, language)}</div></article>"


def question_html(question: str) -> str:
    """The question as it stands above its answer."""
    return f"<h2 class='kg-question'>{escape(question)}</h2>"


def working_html(question: str, steps: Sequence[str], language: Language) -> str:
    """A question that is being worked on, with the steps so far."""
    done = "".join(f"<li>{escape(word('evidence_step' if step == 'evidence' else step, language))}</li>" for step in steps)
    return (f"<article class='kg-turn'>{question_html(question)}<div class='kg-answer' aria-busy='true'>"
            f"<p role='status'>{word('working', language)} …</p><ol class='kg-steps'>{done}</ol></div></article>")


def error_html(question: str, text: str, language: Language) -> str:
    """A question that failed, with the same words as the command line."""
    return (f"<article class='kg-turn'>{question_html(question)}<div class='kg-answer kg-error' role='alert'>"
            f"<strong>{word('error', language)}.</strong> {escape(text)}</div></article>")


def _sentences(answer: Plain, turn: int, language: Language) -> str:
    parts = []
    for number, claim in enumerate(answer["claims"]):
        score = claim["support"]["score"]
        label = f"{word('evidence', language)} {number + 1}, {word('support', language)} {score:.2f}"
        parts.append(
            f"<span class='kg-claim'>{escape(claim['text'])} <button type='button' class='kg-chip' data-turn='{turn}' data-claim='{number}' "
            f"aria-label='{escape(label)}' title='{escape(label)}'>{number + 1}</button></span>")
    return f"<p class='kg-text'>{' '.join(parts)}</p>"


def _abstention(answer: Plain, language: Language) -> str:
    near = "".join(f"<li>{escape(citation(document))}{_mark(document, language)}</li>" for document in answer["documents"])
    listed = f"<p>{word('nearest', language)}:</p><ul>{near}</ul>" if near else ""
    return f"<p><strong>{word('abstained', language)}</strong></p><p>{escape(answer['reason'] or '')}</p>{listed}"


def _footer(answer: Plain, language: Language) -> str:
    took = sum(answer["trace"]["timings_ms"].values())
    address = f"<a href='/answers/{escape(answer['id'])}' target='_blank' rel='noopener'>{word('permanent', language)}</a>"
    return f"<p class='kg-foot'>{took:.0f} ms · {escape(answer['models']['generator'])} · {address}</p>{_exports(answer, language)}"


def _exports(answer: Plain, language: Language) -> str:
    """Links to the answer as a file in each format."""
    links = " · ".join(f"<a href='/answers/{escape(answer['id'])}/export/{name}' download>{name}</a>" for name in FORMATS)
    return f"<details class='kg-foot'><summary>{word('export', language)}</summary><p>{links}</p></details>"


def evidence_html(answer: Plain, claim_number: int, passage: Plain, page_picture: str | None, language: Language) -> str:
    """The evidence panel of one claim.

    Args:
        answer: the answer's JSON.
        claim_number: index into its claims.
        passage: ``{"text": …}`` of the claim's first evidence.
        page_picture: data URI of the page with its boxes, for PDFs.
    """
    claim = answer["claims"][claim_number]
    evidence = claim["evidence"][0]
    document = next(d for d in answer["documents"] if d["id"] == evidence["document_id"])
    place = " · ".join(escape(part) for part in (evidence["section"], f"{word('page', language)} {evidence['page']}" if evidence["page"] else None) if part)
    support = claim["support"]
    picture = "" if page_picture is None else (
        f"<h4>{word('page_picture', language)}</h4><img class='kg-page' alt='{word('page_picture', language)}' src='{page_picture}'>")
    return (
        f"<section class='kg-evidence' aria-label='{word('evidence', language)} {claim_number + 1}'>"
        f"<h3>[{claim_number + 1}] {escape(citation(document))}{_mark(document, language)}</h3>"
        f"<p class='kg-place'>{place}</p><p class='kg-place'>{word(support['label'], language) if support['label'] == 'supported' else escape(support['label'])} "
        f"{support['score']:.2f} (≥ {support['threshold']:.2f}, α = {support['alpha']:g})</p>"
        f"<h4>{word('quote', language)}</h4><blockquote>{marked(passage['text'], evidence['span'])}</blockquote>{picture}"
        f"<h4>{word('chain', language)}</h4>{chain_svg(claim['path'])}{_candidates(answer, language)}{_withheld(answer, language)}</section>")


def ranking_html(answer: Plain, turn: int, language: Language) -> str:
    """A form in which staff order the candidates, in an order that tells nothing of the reward."""
    candidates = list(enumerate(answer["candidates"]))
    if len(candidates) < 2:
        return ""
    rows = "".join(_rank_row(number, candidate["text"], len(candidates), language) for number, candidate in sorted(candidates, key=lambda pair: pair[1]["text"]))
    return (f"<form class='kg-ranking' data-turn='{turn}'><p class='kg-note'>{word('rank_hint', language)}</p><ol>{rows}</ol>"
            f"<label>{word('note', language)} <input type='text' name='note' maxlength='2000'></label> "
            f"<button type='button' class='kg-save'>{word('save', language)}</button></form>")


def _rank_row(number: int, text: str, n: int, language: Language) -> str:
    options = "".join(f"<option value='{rank}'>{rank}</option>" for rank in range(1, n + 1))
    return (f"<li><label><select name='rank' data-index='{number}' aria-label='{word('rank_of', language)}: {escape(text[:60])}'>{options}</select> "
            f"{escape(text)}</label></li>")


def verdict_buttons(turn: int, claim_number: int, language: Language) -> str:
    """Two buttons by which staff say whether a sentence is right."""
    return "".join(f"<button type='button' class='kg-verdict' data-turn='{turn}' data-verdict-claim='{claim_number}' data-right='{int(right)}'>"
                   f"{word('right' if right else 'wrong', language)}</button> " for right in (True, False))


def marked(text: str, span: Sequence[int]) -> str:
    """A passage with the quote in ``<mark>``."""
    start, end = span
    return f"{escape(text[:start])}<mark>{escape(text[start:end])}</mark>{escape(text[end:])}"


def _candidates(answer: Plain, language: Language) -> str:
    rows = "".join(
        f"<li><span class='kg-reward'>{candidate['reward']:.2f}</span> {escape(candidate['text'])}"
        f"{' <em>(' + word('chosen', language) + ')</em>' if candidate['chosen'] else ''}</li>"
        for candidate in sorted(answer["candidates"], key=lambda c: -c["reward"]))
    return f"<details><summary>{word('candidates', language)}</summary><ol>{rows}</ol></details>" if rows else ""


def _withheld(answer: Plain, language: Language) -> str:
    rows = "".join(f"<li>{escape(item['text'])} <em>({escape(item['reason'])})</em></li>" for item in answer["withheld"])
    return f"<details><summary>{word('withheld', language)}</summary><ul>{rows}</ul></details>" if rows else ""


def _mark(document: Plain, language: Language) -> str:
    return f" <strong class='kg-retracted'>{word('retracted', language)}</strong>" if document["retracted"] else ""


def hits_html(hits: Sequence[Plain], language: Language) -> str:
    """Search results; each with its passage."""
    if not hits:
        return f"<p>{word('no_results', language)}</p>"
    rows = []
    for hit in hits:
        place = " · ".join(escape(str(part)) for part in (hit["year"], hit["section"], f"{word('page', language)} {hit['page']}" if hit["page"] else None) if part)
        rows.append(f"<li><h3>{escape(hit['title'])}{_mark(hit, language)}</h3><p class='kg-place'>{place}</p><p>{escape(hit['text'])}</p></li>")
    return f"<ol class='kg-hits'>{''.join(rows)}</ol>"


def page_html(answer: Plain, passages: Mapping[str, str], retracted_since: Mapping[str, str], language: Language) -> str:
    """An answer as a page of its own, whole, for its permanent address."""
    warning = "" if not retracted_since else (
        f"<p class='kg-error' role='alert'>{word('since_retracted', language)}: {escape('; '.join(f'{k} ({v})' for k, v in retracted_since.items()))}</p>")
    panels = "".join(evidence_html(answer, number, {"text": passages[claim["evidence"][0]["passage_id"]]}, None, language)
                     for number, claim in enumerate(answer["claims"]) if claim["evidence"][0]["passage_id"] in passages)
    return (f"<!doctype html><html lang='{language}'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'>"
            f"<title>{escape(answer['question'])}</title><style>{STYLE}</style></head><body class='kg-page-body'><main>{warning}"
            f"{turn_html(answer, 0, language)}{panels}<p class='kg-note'>{word('notice', language)}</p></main></body></html>")


STYLE = """
.kg-bar{display:flex;gap:.8rem;align-items:center;flex-wrap:wrap;justify-content:flex-end;font-size:.9rem;margin:0}
.kg-bar button{font:inherit;border:1px solid #59616b;border-radius:6px;padding:.1em .7em;background:transparent;color:inherit;cursor:pointer}
.kg-open{justify-content:flex-start;border-left:4px solid #9a6700;padding:.4rem .8rem}
.kg-turn{border-bottom:1px solid #8884;padding:0 0 1rem;margin:0 0 1rem}
.kg-question{font-size:1.15rem;font-weight:650;margin:.4rem 0 .6rem}
.kg-text{line-height:1.65;font-size:1rem}
.kg-chip{font:inherit;font-size:.8rem;line-height:1.4;min-width:1.6em;padding:0 .4em;border-radius:.8em;border:1px solid #1d5fa8;background:#e8f1fb;color:#0b3a6e;cursor:pointer}
.kg-chip:hover,.kg-chip:focus-visible{background:#1d5fa8;color:#fff;outline:2px solid #0b3a6e;outline-offset:1px}
.kg-foot,.kg-place,.kg-note{color:#59616b;font-size:.86rem;margin:.3rem 0}
.dark .kg-foot,.dark .kg-place,.dark .kg-note{color:#b4bcc6}
.kg-evidence h3{font-size:1rem;margin:.2rem 0}.kg-evidence h4{font-size:.86rem;margin:1rem 0 .3rem;text-transform:none}
.kg-evidence blockquote{margin:0;padding:.6rem .8rem;border-left:3px solid #1d5fa8;background:#8881;line-height:1.55;white-space:pre-wrap}
.kg-evidence mark{background:#ffe28a;color:#111;padding:0 .1em}
.kg-page{max-width:100%;border:1px solid #8886}
.kg-retracted{color:#fff;background:#b3261e;border-radius:.3em;padding:0 .4em;font-size:.8rem}
.kg-error{border-left:4px solid #b3261e;padding:.5rem .8rem}
.kg-reward{font-variant-numeric:tabular-nums;font-weight:600}
.kg-ranking ol{padding-left:1.2rem}.kg-ranking li{margin:.4rem 0}.kg-ranking select,.kg-ranking input{font:inherit;border:1px solid #59616b;border-radius:4px;padding:.1em .3em;background:transparent;color:inherit}
.kg-save,.kg-verdict{font:inherit;font-size:.86rem;border:1px solid #1d5fa8;border-radius:6px;padding:.15em .7em;background:transparent;color:inherit;cursor:pointer}
.kg-save:focus-visible,.kg-verdict:focus-visible{outline:2px solid #1d5fa8;outline-offset:1px}
.kg-steps{color:#59616b;font-size:.9rem;padding-left:1.4rem}.dark .kg-steps{color:#b4bcc6}
.kg-hits h3{font-size:1rem;margin:.2rem 0}.kg-hits{padding-left:1.5rem}
.kg-chain{max-width:100%;height:auto}
.kg-page-body{font-family:system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
"""
