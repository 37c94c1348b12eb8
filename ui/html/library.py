"""The library as HTML: search results with facets, and one paper with all that is known of it.

Pure: plain values in, markup out. Knows the shapes that ``ui.service.library`` gives. What can be clicked
carries ``data-act``; see ``ui.html.parts``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from urllib.parse import quote

from markupsafe import Markup

from kgrag.holdings.browse import SORTS
from kgrag.holdings.facets import ALSO, kind_of, licence_name
from kgrag.render.unions import written
from ui.html.exports import named
from ui.html.parts import TEMPLATES, Plain, cut, signs
from ui.html.sources import styles
from ui.words import WORDS, Language, word, words

FACETS = (
    ("whole", "held_facet"),
    ("year", "year"),
    ("kind", "kind"),
    ("author", "author"),
    ("subject", "subject"),
    ("venue", "venue"),
    ("language", "doc_language"),
    ("collection", "set"),
    ("licence", "licence"),
    ("retracted", "retracted_only"),
)
"""Facets in the order they stand, each with its word."""


N_SHOWN = 8


ROLES = ("aim", "sample", "question", "method", "result", "conclusion", "data", "limitation")


LANGUAGES = {
    "en": ("English", "英文"),
    "zh": ("Chinese", "中文"),
    "de": ("German", "德文"),
    "fr": ("French", "法文"),
    "es": ("Spanish", "西班牙文"),
    "it": ("Italian", "意大利文"),
    "pt": ("Portuguese", "葡萄牙文"),
    "nl": ("Dutch", "荷兰文"),
    "la": ("Latin", "拉丁文"),
    "ja": ("Japanese", "日文"),
    "ko": ("Korean", "韩文"),
    "ru": ("Russian", "俄文"),
    "pl": ("Polish", "波兰文"),
    "ar": ("Arabic", "阿拉伯文"),
}


def facets_html(
    facets: Mapping[str, Sequence[tuple[str, int]]], chosen: Mapping[str, Sequence[str]], language: Language
) -> Markup:
    """Every facet with its values and counts; chosen ones are pressed.

    A value is toggled by ``data-act=facet``.
    """
    blocks = [
        _facet(name, word(label, language), facets[name], chosen.get(name, ()), language)
        for name, label in FACETS
        if facets.get(name) and (_parts(facets[name]) or chosen.get(name))
    ]
    years = {name: next(iter(chosen.get(name, ())), "") for name in ("year_from", "year_to")}
    return TEMPLATES.part("library.html", "facets", blocks, years, any(chosen.values()), words(language))


def _parts(values: Sequence[tuple[str, int]]) -> bool:
    """Whether a facet parts anything: one value that all have, or the lack of one, does not."""
    return len(values) > 1 or values[0][0] not in ("no", "")


def _facet(
    name: str, label: str, values: Sequence[tuple[str, int]], chosen: Sequence[str], language: Language
) -> Plain:
    rows = [
        {"value": value, "text": value_name(name, value, language), "n": n, "chosen": value in chosen}
        for value, n in values
    ]
    return {"name": name, "label": label, "first": rows[:N_SHOWN], "more": rows[N_SHOWN:]}


def value_name(facet: str, value: str, language: Language) -> str:
    """How a facet's value is written; of several taken together, the first."""
    value = value.partition(ALSO)[0]
    if facet == "whole":
        return word("held_full" if value == "yes" else "held_record", language)
    if facet == "kind":
        return kind_name(value, language)
    if facet == "retracted":
        return word("is_retracted" if value == "yes" else "not_retracted", language)
    if facet == "language" and value in LANGUAGES:
        return LANGUAGES[value][0 if language == "en" else 1]
    if facet == "licence":
        return licence_name(value) or word("unknown", language)
    return value.lstrip("*") or word("unknown", language)


def kind_name(value: str | None, language: Language) -> str:
    """How a kind of work is called; one that has no word, as its record calls it."""
    kind = kind_of(value or "")
    if not kind:
        return word("unknown", language)
    return word(f"kind_{kind}", language) if f"kind_{kind}" in WORDS else kind


def results_html(found: Plain, language: Language) -> Markup:
    """Documents found, each with the passages that fit.

    Args:
        found: ``{"total", "offset", "limit", "ranked", "documents": [{"id", "title", "authors", "year",
            "venue", "kind", "retracted", "passages": [{"text", "spans", "section", "page"}]}]}``; ``records``
            are documents whose text the person may not read.
        language: of the interface.
    """
    return TEMPLATES.part(
        "library.html",
        "results",
        _head(found, language),
        [_result(document, document["passages"], language) for document in found["documents"]],
        [_result(document, (), language) for document in found.get("records", ())],
        _pager(found),
        {
            "sorts": [(one, one == found.get("sort", "best")) for one in _sorts(found)],
            "styles": styles(language),
            "formats": [(name, named(name, language)) for name in TICKED],
            "line": found.get("n_about", found["total"]) - found["offset"] if found["ranked"] else -1,
            "far": found["total"] - found.get("n_about", found["total"]),
        },
        words(language),
    )


TICKED = ("ris", "bibtex", "csl", "docx", "csv")
"""Formats in which ticked results go out; ``zip`` stands before them."""


def _sorts(found: Plain) -> Sequence[str]:
    return SORTS if found["ranked"] else SORTS[1:]


def _head(found: Plain, language: Language) -> str:
    """How many were found, and how many of them are about it."""
    total, near = found["total"], found.get("n_about", found["total"])
    if not found["ranked"]:
        return word("n_results", language, n=f"{total:,}")
    if near and near < total:
        return word("n_about", language, n=f"{near:,}", more=f"{total - near:,}")
    return word("n_found" if near else "n_none_about", language, n=f"{total:,}")


def _result(document: Plain, passages: Sequence[Plain], language: Language) -> Plain:
    return {
        "id": document["id"],
        "title": document["title"],
        "signs": signs(document),
        "byline": byline(document, language),
        "held": word("held_full" if document["whole"] else "held_record", language)
        if "whole" in document
        else "",
        "passages": [
            {"pieces": cut(passage["text"], passage["spans"]), "place": _place(passage, language)}
            for passage in passages
        ],
        **_access(document),
    }


def _access(document: Plain) -> Plain:
    """Where the full text is, and whether it may be read here."""
    return {"record_only": document.get("access") == "record", "link": document.get("link")}


def byline(document: Plain, language: Language = "en") -> str:
    """Authors · venue · year · kind; a missing part is left out."""
    names = document["authors"]
    who = ", ".join(names[:3]) + (" et al." if len(names) > 3 else "")
    kind = kind_name(document["kind"], language) if kind_of(document["kind"] or "") else ""
    return " · ".join(str(part) for part in (who, document["venue"], document["year"], kind) if part)


def _place(passage: Plain, language: Language) -> str:
    page = f"{word('page', language)} {passage['page']}" if passage["page"] else ""
    return " · ".join(part for part in (passage["section"], page) if part)


def _pager(found: Plain) -> Plain:
    """Which documents are shown, and where the ones before and after begin."""
    offset, limit, total = found["offset"], found["limit"], found["total"]
    high = offset + len(found["documents"])
    return {
        "low": offset + 1,
        "high": high,
        "total": total,
        "before": max(0, offset - limit) if offset else None,
        "after": offset + limit if high < total else None,
    }


def paper_html(paper: Plain, language: Language) -> Markup:
    """One paper: its record, abstract, knowledge objects, citations, possible duplicates and passages.

    Args:
        paper: as ``ui.service.library.paper`` gives it.
        language: of the interface.
    """
    document = paper["document"]
    shown = {
        "access": _access(document),
        "record": [(label, value) for label, value in _record(document, language) if value],
        "objects": _objects(paper["objects"], language),
        "citations": paper["citations"],
        "duplicates": [(pair, byline(pair, language)) for pair in paper["duplicates"]],
        "union": _union(paper.get("union"), language),
        "sections": _sections(paper["passages"]),
        "similar": paper.get("similar", ()),
        "held": word(f"held_{paper['held']}", language) if paper.get("held") else "",
        "styles": styles(language),
        "formats": [(name, named(name, language)) for name in TICKED],
        "original": f"/reading/original?document={quote(document['id'], safe='')}" if paper["pages"] else "",
    }
    return TEMPLATES.part("library.html", "whole", document, shown, words(language))


def missing_html(error: Markup, language: Language) -> Markup:
    """What is wrong, and the way back to the results."""
    return TEMPLATES.part("library.html", "missing", error, words(language))


def _record(document: Plain, language: Language) -> Sequence[tuple[str, object]]:
    """The record's fields, each with its word, in the order they stand."""
    issue = f"({document['issue']})" if document["issue"] else None
    volume = ", ".join(part for part in (document["volume"], issue, document["pages"]) if part)
    return (
        ("authors", "; ".join(_name(author) for author in document["authors"])),
        ("editors", "; ".join(_name(editor) for editor in document.get("editors", ()))),
        ("venue", " ".join(part for part in (document["venue"], volume) if part)),
        ("year", document["year"]),
        ("publisher", ", ".join(filter(None, (document["publisher"], document.get("place"))))),
        ("identifiers", _identifiers(document["identifiers"])),
        ("kind", kind_name(document["kind"], language)),
        ("doc_language", value_name("language", document["language"] or "", language)),
        ("licence", document["licence"] or word("unknown", language)),
        ("keywords", "; ".join((*document["keywords"], *document["headings"]))),
        ("source", document["source"]["path"].rsplit("/", 1)[-1]),
        ("corrections", "; ".join(f"{k} {v}" for k, v in document.get("corrections", {}).items())),
        ("warnings", "; ".join(document.get("warnings", ()))),
    )


def _name(author: Plain) -> str:
    parts = (author.get("given"), author.get("family"))
    return author.get("literal") or " ".join(part for part in parts if part)


def _identifiers(identifiers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Identifiers as one reads them, each with its address where it has one."""
    return [
        (f"{kind}:{value}", f"https://doi.org/{quote(value)}" if kind == "doi" else "")
        for kind, value in identifiers.items()
        if kind != "sha256"
    ]


_NAMED = ("title_of", "authors", "year", "venue", "volume", "issue", "pages_of", "publisher", "kind")
"""Fields that have a word; the others are known by their own names."""


def _union(union: Plain | None, language: Language) -> Plain | None:
    """What was united: sources, and fields with what each source says."""
    if not union:
        return None
    fields = [
        {
            "name": _field_name(field["field"], language),
            "value": written(field["value"]),
            "from": field["from"],
            "others": [(written(other["value"]), other["from"]) for other in field["others"]],
        }
        for field in union["fields"]
    ]
    return {**union, "fields": fields}


def _field_name(name: str, language: Language) -> str:
    key = {"title": "title_of", "pages": "pages_of"}.get(name, name)
    return word(key, language) if key in _NAMED else name.upper()


def _objects(objects: Sequence[Plain], language: Language) -> list[tuple[str, list[Plain]]]:
    """What the paper says about itself, by role."""
    found = []
    for role in ROLES:
        rows: list[Plain] = [
            {"text": each["text"], "place": _place(each, language), "passage": each["passage_id"]}
            for each in objects
            if each["role"] == role
        ]
        if rows:
            found.append((role, rows))
    return found


def _sections(passages: Sequence[Plain] | None) -> list[tuple[str, list[Plain]]]:
    """Passages by section, in the order of the text."""
    return [
        (
            section,
            [{"id": p["id"], "anchor": anchor(p["id"]), "text": p["text"], "page": p["page"]} for p in rows],
        )
        for section, rows in groupby(passages or (), key=lambda passage: str(passage["section"] or "–"))
    ]


def anchor(passage_id: str) -> str:
    """The id of a passage's element."""
    return "passage-" + quote(passage_id, safe="")
