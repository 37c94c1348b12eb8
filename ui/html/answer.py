"""Answers as HTML: pure functions from the answer's JSON to markup. Templates write the tags and escape.

Knows the answer's JSON and the interface's words. Does not know Gradio, stores or files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from markupsafe import Markup

from kgrag.export.pages.chain_svg import chain_svg
from kgrag.language.words import has_han
from kgrag.render.as_text import citation
from kgrag.render.short_names import short_names
from kgrag.types.answer_json import AnswerJson, CandidateJson, ClaimJson, DocumentJson
from ui.html import sources
from ui.html.exports import groups
from ui.html.parts import TEMPLATES, Plain, cut
from ui.html.style import PAGE_STYLE
from ui.words import WORDS, Language, word, words

STEPS = ("understand", "retrieve", "evidence", "draft", "verify", "reward", "chains", "verdict")
_NOTHING = Markup("")


# -- the conversation ------------------------------------------------------------------------------


def turn_html(
    answer: AnswerJson,
    turn: int,
    language: Language,
    told: Markup = _NOTHING,
    *,
    live: bool = True,
    typed: str = "",
    held: Mapping[str, str] = MappingProxyType({}),
    state: Plain = MappingProxyType({}),
) -> Markup:
    """One question and its answer.

    Args:
        answer: the answer's JSON.
        turn: its place in the conversation.
        language: of the interface.
        told: is said between the two (how the question was understood).
        live: whether more than links acts.
        typed: the person's own words, where they differ from what was asked; they are the heading.
        held: by document what the library holds of it; see ``ui.html.sources.sources``.
        state: of the library, where that explains why there is no answer; see ``next_html``.
    """
    timings = answer["trace"]["timings_ms"]
    understood = answer["trace"].get("understood")
    names = short_names(answer["documents"])
    chips = [_chip(claim, turn, number, names, language) for number, claim in enumerate(answer["claims"])]
    shown = {
        "heading": typed or answer["question"],
        "near": _near(answer) if answer["status"] == "abstained" else [],
        "verdict": _verdict(answer, names, language),
        "chips": chips,
        "table": answer.get("table"),
        "sections": answer.get("sections", []),
        "sources": sources.sources(answer, held, language),
        "styles": sources.styles(language),
        "repairs": sources.visible(understood["repairs"]) if understood else [],
        "searched": understood["text"] if understood else "",
        "reason": _reason(answer, language),
        "steps": [(_step(name, language), f"{value:.0f}") for name, value in timings.items()],
        "groups": groups(language),
        "next": next_html(answer["question"], state, language) if live else _NOTHING,
    }
    return TEMPLATES.part("answer.html", "turn", answer, shown, words(language), told, live)


def _reason(answer: AnswerJson, language: Language) -> str:
    """Why, where it is said in the interface's language."""
    reason = answer["reason"] or ""
    return reason if language == "en" or has_han(reason) else ""


def next_html(question: str, state: Plain, language: Language) -> Markup:
    """What to do where there is no answer.

    Args:
        question: that was asked.
        state: ``{"empty", "reading": {"done", "of"} or None, "may_add"}``: whether the library holds
            nothing, how far a batch is, and whether the person may add papers.
        language: of the interface.
    """
    return TEMPLATES.part("answer.html", "next", question, state, words(language))


def question_html(question: str) -> Markup:
    """The question as it stands above its answer."""
    return TEMPLATES.part("answer.html", "question", question)


def follow_up_html(typed: str, asked: str, changes: Sequence[Sequence[str]], language: Language) -> Markup:
    """How a follow-up question was understood, and the button that refuses it."""
    return TEMPLATES.part("answer.html", "follow_up", typed, asked, changes, words(language))


def working_html(
    question: str,
    steps: Sequence[str],
    language: Language,
    found: Sequence[Plain] = (),
    told: Markup = _NOTHING,
) -> Markup:
    """A question that is being worked on: the steps so far, the present one marked, and where passages were
    found.
    """
    return TEMPLATES.part(
        "answer.html",
        "working",
        question,
        [_step(step, language) for step in steps],
        len(found),
        list(dict.fromkeys(hit["title"] for hit in found))[:3],
        words(language),
        told,
    )


def error_html(question: str, text: str, language: Language, *, admin: bool = False) -> Markup:
    """A question that failed, with the same words as the command line; ``admin`` adds whom to ask."""
    return TEMPLATES.part("answer.html", "error", question, text, words(language), admin)


def long_html(text: str, most: int, language: Language) -> Markup:
    """A text that is too long for a question, folded, and what can be done with it."""
    return TEMPLATES.part("answer.html", "long", text, most, words(language))


def stopped_html(question: str, text: str, language: Language) -> Markup:
    """A question that its asker stopped."""
    return TEMPLATES.part("answer.html", "stopped", question, text, words(language))


def empty_html(
    counts: Mapping[str, int],
    examples: Sequence[str],
    language: Language,
    *,
    state: Plain = MappingProxyType({}),
    recent: Sequence[Plain] = (),
) -> Markup:
    """What stands where no question was asked yet.

    Args:
        counts: of documents and passages that the person may see.
        examples: questions to try.
        language: of the interface.
        state: of the library; see ``next_html``.
        recent: papers read in last, ``{"id", "title", "year"}`` each.
    """
    documents, passages = f"{counts['documents']:,}", f"{counts['passages']:,}"
    return TEMPLATES.part(
        "answer.html", "empty", documents, passages, examples, state, recent, words(language)
    )


def only_html(name: str, n: int, language: Language) -> Markup:
    """The line that says that only some documents are asked: a set's name, or how many."""
    return TEMPLATES.part("answer.html", "only", name, n, words(language))


def conversation_html(turns: Sequence[Markup], language: Language, older: int = 0) -> Markup:
    """Questions with their answers, one after the other; ``older``: how many stay, where some do not."""
    return TEMPLATES.part("answer.html", "conversation", older, turns, words(language))


def _near(answer: AnswerJson) -> list[tuple[str, DocumentJson]]:
    """The nearest documents, each as it is cited."""
    return [(citation(document), document) for document in answer["documents"]]


def _step(step: str, language: Language) -> str:
    return word("evidence_step" if step == "evidence" else step, language) if step in STEPS else step


def _verdict(answer: AnswerJson, names: Mapping[str, str], language: Language) -> Plain | None:
    """Yes, no, mixed or unclear, with the works it is read from; nothing where the question asks for none."""
    verdict = answer.get("verdict")
    if not verdict:
        return None
    read = [
        names.get(claim["evidence"][0]["document_id"], "")
        for claim in answer["claims"]
        if claim["id"] in verdict["claims"]
    ]
    return {
        "label": word("verdict_" + verdict["label"], language),
        "line": word("verdict_line", language, works=", ".join(dict.fromkeys(filter(None, read)))),
    }


def _chip(claim: ClaimJson, turn: int, number: int, names: Mapping[str, str], language: Language) -> Plain:
    """A sentence and the work's name that leads to its evidence."""
    kind = "quoted" if is_quoted(claim) else "reworded"
    work = claim["evidence"][0]["document_id"] if claim["evidence"] else ""
    name = names.get(work, str(number + 1))
    return {
        "id": claim["id"],
        "text": claim["text"],
        "turn": turn,
        "claim": number,
        "kind": kind,
        "name": name,
        "sense": sources.sense(claim, language),
        "document": work,
        "label": f"{name}: {word(kind, language)}, {word('evidence', language)} {number + 1}",
    }


def is_quoted(claim: ClaimJson) -> bool:
    """Whether the sentence stands word for word in its evidence."""
    return any(claim["text"].strip() == evidence["quote"].strip() for evidence in claim["evidence"])


# -- the evidence of a sentence --------------------------------------------------------------------


def evidence_html(
    answer: AnswerJson,
    claim_number: int,
    passage: Plain,
    page: Plain | None,
    language: Language,
    turn: int = 0,
    *,
    live: bool = True,
) -> Markup:
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
    on_page = f"{word('page', language)} {evidence['page']}" if evidence["page"] else None
    shown = {
        "claim": claim_number,
        "turn": turn,
        "document": document,
        "name": short_names(answer["documents"])[document["id"]],
        "citation": citation(document),
        "passage_id": evidence["passage_id"],
        "sense": sources.sense(claim, language),
        "tells": any(step["node"]["kind"] == "Statement" for step in claim["path"]),
        "place": " · ".join(part for part in (evidence["section"], on_page) if part),
        "kind": word("quoted" if is_quoted(claim) else "reworded", language),
        "support": _support(claim, language),
        "passage": cut(passage["text"], [evidence["span"]]),
        "link": passage.get("link"),
        "chain": chain_svg(claim["path"], words_of_graph(language) if live else None),
        "candidates": _candidates(answer["candidates"]),
    }
    return TEMPLATES.part(
        "evidence.html", "panel", answer, shown, page_html_of(page, language), words(language), live
    )


def _support(claim: ClaimJson, language: Language) -> str:
    """For a sentence in other words how well it is supported, and from which score on it is shown."""
    if is_quoted(claim):
        return ""
    support = claim["support"]
    return word(
        "support_line",
        language,
        score=f"{support['score']:.2f}",
        threshold=f"{support['threshold']:.2f}",
        alpha=f"{support['alpha']:.0%}",
    )


def _candidates(candidates: Sequence[CandidateJson]) -> list[Plain]:
    """Why this answer was chosen: the candidates, best first, and how far each is behind the one shown."""
    ordered = sorted(candidates, key=lambda candidate: -candidate["reward"])
    best = max((c["reward"] for c in ordered if c["chosen"]), default=ordered[0]["reward"] if ordered else 0)
    return [
        {
            "text": candidate["text"],
            "chosen": candidate["chosen"],
            "reward": f"{candidate['reward']:.2f}",
            "behind": f"{best - candidate['reward']:.2f}",
            "supported": f"{candidate['supported']:.0%}",
            "maker": candidate.get("maker", ""),
        }
        for candidate in ordered
    ]


def page_html_of(page: Plain | None, language: Language) -> Markup:
    """The picture of a page with buttons to the one before and after."""
    if page is None:
        return _NOTHING
    return TEMPLATES.part("evidence.html", "page", page["base"], page["page"], page["pages"], words(language))


def quoted_html(text: str | None, span: Sequence[int], page: Plain | None, language: Language) -> Markup:
    """The quote of a sentence marked in its passage, where it is held, and the picture of its page."""
    pieces = [] if text is None else cut(text, [span])
    return TEMPLATES.part("evidence.html", "quoted", pieces, page_html_of(page, language))


def words_of_graph(language: Language) -> dict[str, str]:
    """The interface's words for kinds of nodes and edges."""
    return {
        (
            key.partition("_")[2].upper() if key.startswith("edge_") else key.partition("_")[2].capitalize()
        ): word(key, language)
        for key in WORDS
        if key.startswith(("edge_", "node_"))
    }


def verdict_buttons(turn: int, claim_number: int, language: Language) -> Markup:
    """Two buttons by which staff say whether a sentence is right."""
    return TEMPLATES.part("evidence.html", "verdicts", turn, claim_number, words(language))


def entity_html(entity: Plain, language: Language) -> Markup:
    """What a node of the graph stands for: its names, and the passages and papers that mention it.

    Args:
        entity: ``{"id", "name", "kind", "aliases", "n_passages", "n_documents", "passages": [{"document_id",
            "title", "text", "spans", "retracted"}]}``.
        language: of the interface.
    """
    kind = words_of_graph(language).get(entity["kind"], entity["kind"])
    passages = [(hit, cut(hit["text"], hit["spans"])) for hit in entity["passages"]]
    return TEMPLATES.part("evidence.html", "entity", entity, kind, passages, words(language))


# -- an answer as a page of its own ----------------------------------------------------------------


def page_html(
    answer: AnswerJson,
    passages: Mapping[str, str],
    retracted_since: Mapping[str, str],
    language: Language,
    noticed_since: Mapping[str, str] = MappingProxyType({}),
    head: Markup = _NOTHING,
    held: Mapping[str, str] = MappingProxyType({}),
) -> Markup:
    """An answer as a page of its own, whole, for its permanent address; ``head``: more for its head; ``held``
    as in ``turn_html``.
    """
    panels = [
        evidence_html(answer, number, {"text": passages[passage_id]}, None, language, live=False)
        for number, claim in enumerate(answer["claims"])
        if (passage_id := claim["evidence"][0]["passage_id"]) in passages
    ]
    return TEMPLATES.page(
        "page.html",
        id=answer["id"],
        question=answer["question"],
        style=PAGE_STYLE,
        head=head,
        retracted=_since(retracted_since),
        noticed=_since(noticed_since),
        turn=turn_html(answer, 0, language, live=False, held=held),
        lang="zh-Hans" if language == "zh" else "en",
        panels=panels,
        w=words(language),
    )


def _since(notices: Mapping[str, str]) -> str:
    """Documents with what became known of them."""
    return "; ".join(f"{document} ({notice})" for document, notice in notices.items())
