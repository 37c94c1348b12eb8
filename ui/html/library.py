"""The library as HTML: search results with facets, and one paper with all that is known of it.

Pure: plain values in, text out, everything escaped.

Knows the shapes that ``ui.service.library`` gives. What can be clicked carries ``data-act``; see ``ui.html.answer``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from kgrag.holdings.browse import ALSO, licence_name
from ui.html.answer import act, all_marked, elsewhere, mark
from ui.words import Language, word

Plain = Mapping[str, Any]


FACETS = (
    ("retracted", "retracted_only"),
    ("year", "year"),
    ("venue", "venue"),
    ("kind", "kind"),
    ("language", "doc_language"),
    ("licence", "licence"),
)
"""Facets in the order they stand, each with its word."""


N_SHOWN = 8


ROLES = ("question", "method", "result", "conclusion", "data")


LANGUAGES = {
    "en": ("English", "英文"),
    "zh": ("Chinese", "中文"),
    "de": ("German", "德文"),
    "fr": ("French", "法文"),
    "es": ("Spanish", "西班牙文"),
}


def facets_html(
    facets: Mapping[str, Sequence[tuple[str, int]]], chosen: Mapping[str, Sequence[str]], language: Language
) -> str:
    """Every facet with its values and counts; chosen ones are pressed.

    A value is toggled by ``data-act=facet``.
    """
    blocks = [
        _facet(name, word(label, language), facets.get(name, ()), chosen.get(name, ()), language)
        for name, label in FACETS
    ]
    clear = (
        f"<div class='kg-row'>{act('clear', word('clear', language))}</div>" if any(chosen.values()) else ""
    )
    return f"<div class='kg-facets'>{clear}{''.join(blocks)}</div>"


def _facet(
    name: str, label: str, values: Sequence[tuple[str, int]], chosen: Sequence[str], language: Language
) -> str:
    if not values:
        return ""
    rows = [
        f"<li><button type='button' class='kg-facet' data-act='facet' data-facet='{name}'"
        f" data-value='{escape(value)}' aria-pressed='{'true' if value in chosen else 'false'}'>"
        f"<span>{escape(value_name(name, value, language))}</span><span>{n}</span></button></li>"
        for value, n in values
    ]
    more = (
        f"<details><summary>{word('more_facets', language)}"
        f" ({len(rows) - N_SHOWN})</summary><ul>{''.join(rows[N_SHOWN:])}</ul></details>"
        if len(rows) > N_SHOWN
        else ""
    )
    return f"<fieldset><legend>{label}</legend><ul>{''.join(rows[:N_SHOWN])}</ul>{more}</fieldset>"


def value_name(facet: str, value: str, language: Language) -> str:
    """How a facet's value is written; of several taken together, the first."""
    value = value.partition(ALSO)[0]
    if facet == "retracted":
        return word("is_retracted" if value == "yes" else "not_retracted", language)
    if facet == "language" and value in LANGUAGES:
        return LANGUAGES[value][0 if language == "en" else 1]
    if facet == "licence":
        return licence_name(value) or word("unknown", language)
    return value or word("unknown", language)


def results_html(found: Plain, language: Language) -> str:
    """Documents found, each with the passages that fit.

    Args:
        found: ``{"total", "offset", "limit", "ranked", "documents": [{"id", "title", "authors", "year",
            "venue", "kind", "retracted", "passages": [{"text", "spans", "section", "page"}]}]}``.
        language: of the interface.
    """
    others = _records(found.get("records", ()), language)
    if not found["documents"]:
        if others:
            return others
        return f"<div class='kg-empty' role='status'><p>{word('no_results', language)}</p></div>"
    head = word("n_found" if found["ranked"] else "n_results", language, n=f"{found['total']:,}")
    rows = "".join(f"<li>{_result(document, language)}</li>" for document in found["documents"])
    return (
        f"<p class='kg-soft' role='status'>{head}</p><ol"
        f" class='kg-hits'>{rows}</ol>{others}{_pager(found, language)}"
    )


def _records(documents: Sequence[Plain], language: Language) -> str:
    """Documents whose text the person may not read."""
    rows = "".join(f"<li>{_result({**document, 'passages': []}, language)}</li>" for document in documents)
    return f"<h3>{word('records_found', language)}</h3><ul class='kg-hits'>{rows}</ul>" if rows else ""


def _access(document: Plain, language: Language) -> str:
    """Where the full text is, and whether it may be read here."""
    told = (
        f"<span class='kg-badge'>{word('record_only', language)}</span>"
        if document.get("access") == "record"
        else ""
    )
    parts = told + elsewhere(document.get("link"), language)
    return f"<div class='kg-row'>{parts}</div>" if parts else ""


def _result(document: Plain, language: Language) -> str:
    passages = "".join(
        f"<p>{all_marked(p['text'], p['spans'])} <span"
        f" class='kg-soft'>{escape(_place(p, language))}</span></p>"
        for p in document["passages"]
    )
    return (
        f"<h2>{act('paper', document['title'], 'kg-link', document=document['id'])}{mark(document, language)}</h2><p"
        f" class='kg-place'>{byline(document)}</p>{passages}{_access(document, language)}"
    )


def byline(document: Plain) -> str:
    """Authors · venue · year · kind, escaped; a missing part is left out."""
    names = document["authors"]
    who = ", ".join(names[:3]) + (" et al." if len(names) > 3 else "")
    return " · ".join(
        escape(str(part)) for part in (who, document["venue"], document["year"], document["kind"]) if part
    )


def _place(passage: Plain, language: Language) -> str:
    page = f"{word('page', language)} {passage['page']}" if passage["page"] else ""
    return " · ".join(part for part in (passage["section"], page) if part)


def _pager(found: Plain, language: Language) -> str:
    low, high, total = found["offset"] + 1, found["offset"] + len(found["documents"]), found["total"]
    before = (
        ""
        if low == 1
        else act("turn", word("previous", language), offset=max(0, found["offset"] - found["limit"]))
    )
    after = (
        "" if high >= total else act("turn", word("next", language), offset=found["offset"] + found["limit"])
    )
    return (
        f"<nav class='kg-row' aria-label='{word('results', language)}'>{before}<span"
        f" class='kg-soft'>{word('range', language, low=low, high=high, n=total)}</span>{after}</nav>"
    )


def paper_html(paper: Plain, language: Language) -> str:
    """One paper: its record, abstract, knowledge objects, citations, possible duplicates and passages.

    Args:
        paper: as ``ui.service.library.paper`` gives it.
        language: of the interface.
    """
    document = paper["document"]
    notice = (
        f"<p class='kg-error' role='note'><strong>{word('retracted', language)}.</strong>"
        f" {escape(document['retraction'] or '')}</p>"
        if document["retracted"]
        else ""
    )
    notice += "".join(
        f"<p class='kg-note' role='note'><strong>{word(n['kind'], language)}.</strong>"
        f" {escape(n['text'])}</p>"
        for n in document.get("notices", ())
    )
    abstract = (
        f"<h3>{word('abstract', language)}</h3><p class='kg-quote'>{escape(document['abstract'])}</p>"
        if document.get("abstract")
        else ""
    )
    return (
        "<article class='kg-paper'><div"
        f" class='kg-row'>{act('results', word('back_to_results', language))}</div>"
        f"<h2 tabindex='-1'>{escape(document['title'] or document['id'])}{mark(document, language)}</h2>{notice}{_access(document, language)}{_record(document, language)}{abstract}"
        f"{_objects(paper['objects'], language)}{_citations(paper['citations'], language) if paper['citations'] else ''}{_duplicates(paper['duplicates'], language)}{_passages(paper['passages'], language) if paper['passages'] else ''}</article>"
    )


def _record(document: Plain, language: Language) -> str:
    names = [
        author.get("literal")
        or " ".join(part for part in (author.get("given"), author.get("family")) if part)
        for author in document["authors"]
    ]
    volume = ", ".join(
        part
        for part in (
            document["volume"],
            f"({document['issue']})" if document["issue"] else None,
            document["pages"],
        )
        if part
    )
    rows = (
        ("authors", escape("; ".join(names))),
        ("venue", escape(" ".join(part for part in (document["venue"] or "", volume) if part))),
        ("year", escape(str(document["year"] or ""))),
        ("publisher", escape(document["publisher"] or "")),
        ("identifiers", _identifiers(document["identifiers"])),
        ("kind", escape(document["kind"] or "")),
        ("doc_language", escape(value_name("language", document["language"] or "", language))),
        ("licence", escape(document["licence"] or word("unknown", language))),
        ("keywords", escape("; ".join((*document["keywords"], *document["headings"])))),
        ("source", escape(document["source"]["path"].rsplit("/", 1)[-1])),
        ("warnings", escape("; ".join(document.get("warnings", ())))),
    )
    cells = "".join(f"<dt>{word(label, language)}</dt><dd>{value}</dd>" for label, value in rows if value)
    return f"<dl class='kg-record' aria-label='{word('record', language)}'>{cells}</dl>"


def _identifiers(identifiers: Mapping[str, str]) -> str:
    parts = []
    for kind, value in identifiers.items():
        text = escape(f"{kind}:{value}")
        parts.append(
            f"<a href='https://doi.org/{quote(value)}' target='_blank' rel='noopener noreferrer'>{text}</a>"
            if kind == "doi"
            else text
        )
    return " · ".join(parts)


def _objects(objects: Sequence[Plain], language: Language) -> str:
    blocks = []
    for role in ROLES:
        rows = "".join(
            f"<li>“{escape(o['text'])}”"
            f" {act('read', _place(o, language) or word('passages', language), 'kg-link', passage=o['passage_id'])}</li>"
            for o in objects
            if o["role"] == role
        )
        blocks.append(f"<dt>{word(f'role_{role}', language)}</dt><dd><ul>{rows}</ul></dd>" if rows else "")
    return (
        f"<h3>{word('objects', language)}</h3><dl class='kg-record'>{''.join(blocks)}</dl>"
        if any(blocks)
        else ""
    )


def _citations(citations: Plain, language: Language) -> str:
    outside = (
        f"<p class='kg-soft'>{word('cites_outside', language, n=citations['outside'])}</p>"
        if citations["outside"]
        else ""
    )
    blocks = "".join(
        f"<dt>{word(key, language)}</dt><dd>{_papers(citations[key], language)}{outside if key == 'cites' else ''}</dd>"
        for key in ("cited_by", "cites")
    )
    return f"<h3>{word('citations', language)}</h3><dl class='kg-record'>{blocks}</dl>"


def _duplicates(pairs: Sequence[Plain], language: Language) -> str:
    """Documents that may be the same work, each with the two words a person can say of it."""
    rows = "".join(
        f"<li>{act('paper', p['title'], 'kg-link', document=p['id'])} <span class='kg-soft'>{byline(p)}"
        f" ({escape(p['reason'])})</span><div class='kg-row'>"
        f"{_decision('same_work', 'merge', p, language)}{_decision('other_work', 'different', p, language)}</div></li>"
        for p in pairs
    )
    return f"<h3>{word('duplicates', language)}</h3><ul>{rows}</ul>" if rows else ""


def _decision(key: str, do: str, pair: Plain, language: Language) -> str:
    return act("duplicate", word(key, language), do=do, first=pair["first"], second=pair["second"])


def _papers(papers: Sequence[Plain], language: Language) -> str:
    if not papers:
        return f"<span class='kg-soft'>{word('none_here', language)}</span>"
    return (
        "<ul>"
        + "".join(
            f"<li>{act('paper', p['title'], 'kg-link', document=p['id'])}{mark(p, language)} <span"
            f" class='kg-soft'>{escape(str(p['year'] or ''))}</span></li>"
            for p in papers
        )
        + "</ul>"
    )


def _passages(passages: Sequence[Plain], language: Language) -> str:
    """Passages by section, each section folded."""
    blocks: list[tuple[str, list[str]]] = []
    for passage in passages:
        section = passage["section"] or "–"
        if not blocks or blocks[-1][0] != section:
            blocks.append((section, []))
        page = (
            f"<span class='kg-soft'> {word('page', language)} {passage['page']}</span>"
            if passage["page"]
            else ""
        )
        blocks[-1][1].append(
            f"<p class='kg-quote' id='{escape(anchor(passage['id']))}'>{escape(passage['text'])}{page}</p>"
        )
    rows = "".join(
        f"<details class='kg-section'><summary>{escape(section)}"
        f" ({len(texts)})</summary>{''.join(texts)}</details>"
        for section, texts in blocks
    )
    return (
        f"<details class='kg-passages'><summary><strong>{word('passages', language)}</strong>"
        f" ({len(passages)})</summary>{rows}</details>"
    )


def anchor(passage_id: str) -> str:
    """The id of a passage's element."""
    return "passage-" + quote(passage_id, safe="")
