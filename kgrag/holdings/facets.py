"""Counts documents by what their records say, and reads what people chose of it as filters.

Knows the catalogue's columns and links. Values that people take for one are one: spellings of a journal,
names of a licence. Does not know pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.reading import is_whole
from kgrag.types import Filters

COLUMNS = ("year", "venue", "kind", "language", "licence", "retracted")
LINKS = {"author": "BY", "subject": "ABOUT"}
FACETS = (*COLUMNS, *LINKS, "whole")
N_VALUES = 60
ALSO = "\x1f"
"""Between values that people choose as one, such as two spellings of a journal."""
_OWN: dict[str, dict[str, Any]] = {
    "year": {"year_from": None, "year_to": None},
    "venue": {"venues": ()},
    "kind": {"kinds": ()},
    "language": {"languages": ()},
    "licence": {"licences": ()},
    "retracted": {"retracted": None},
    "author": {"authors": ()},
    "subject": {"subjects": ()},
    "whole": {"whole": None},
}
"""What of the filters is a facet's own, and is left out while its values are counted."""


def facets(
    catalogue: Catalogue, filters: Filters = Filters(), among: Sequence[str] | None = None
) -> dict[str, list[tuple[str, int]]]:
    """How many documents bear each value of each facet, most first; a facet's own filter is left out, so that
    more of it can be chosen.

    Args:
        catalogue: of the library.
        filters: in force.
        among: ids to count among; None for all.
    """
    found = {}
    for name in FACETS:
        chosen = _documents(catalogue, replace(filters, **_OWN[name]), among)
        query = _linked(name, chosen) if name in LINKS else _counted(name, chosen)
        rows = [(_named(name, row.value), row.n) for row in catalogue.rows(query.limit(N_VALUES))]
        found[name] = sorted(rows, reverse=True) if name == "year" else rows
    return {name: values for name, values in found.items() if any(value for value, _ in values)}


def _counted(name: str, chosen: Select[Any]) -> Any:
    d = t.documents.c
    values = {"retracted": d.retracted.is_not(None), "whole": is_whole()}
    value = values[name].label("value") if name in values else d[name].label("value")
    return (
        select(value, func.count().label("n"))
        .where(d.key.in_(chosen))
        .group_by(value)
        .order_by(func.count().desc(), value)
    )


def _linked(name: str, chosen: Select[Any]) -> Any:
    """Authors by the name they sign with; subjects by what stands for all spellings of one."""
    link = t.links.c
    key = link.name if name == "author" else link.target
    return (
        select(func.min(link.name).label("value"), func.count(func.distinct(link.document_key)).label("n"))
        .where(link.type == LINKS[name], link.document_key.in_(chosen))
        .group_by(key)
        .order_by(func.count(func.distinct(link.document_key)).desc(), func.min(link.name))
    )


def _named(facet: str, value: Any) -> str:
    if facet in ("retracted", "whole"):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _documents(catalogue: Catalogue, filters: Filters, among: Sequence[str] | None) -> Select[Any]:
    query = catalogue.filtered_documents(filters)
    return query if among is None else query.where(t.documents.c.id.in_(among))


def merged(values: Sequence[tuple[str, int]], name: Callable[[str], str]) -> list[tuple[str, int]]:
    """Values that bear one name as one value, joined by ``ALSO``, with their documents counted together; most
    first.
    """
    groups: dict[str, list[tuple[str, int]]] = {}
    for value, n in values:
        groups.setdefault(name(value), []).append((value, n))
    joined = [
        (ALSO.join(sorted(value for value, _ in group)), sum(n for _, n in group))
        for group in groups.values()
    ]
    return sorted(joined, key=lambda pair: -pair[1])


def filters_of(chosen: Mapping[str, Sequence[str]]) -> Filters:
    """Facet values, as people chose them, as filters; several years are the range between them, which
    ``year_from`` and ``year_to`` draw wider or narrower.

    Args:
        chosen: values by facet's name (``FACETS``), each one or several joined by ``ALSO``; unknown names are
            left out.
    """
    chosen = {
        name: [part for value in values for part in value.split(ALSO)] for name, values in chosen.items()
    }
    years = sorted(_years(chosen, "year"))
    low, high = _years(chosen, "year_from"), _years(chosen, "year_to")
    return Filters(
        year_from=low[0] if low else years[0] if years else None,
        year_to=high[0] if high else years[-1] if years else None,
        venues=tuple(chosen.get("venue", ())),
        authors=tuple(chosen.get("author", ())),
        kinds=tuple(chosen.get("kind", ())),
        languages=tuple(chosen.get("language", ())),
        licences=tuple(chosen.get("licence", ())),
        subjects=tuple(chosen.get("subject", ())),
        retracted=_yes(chosen.get("retracted", ())),
        whole=_yes(chosen.get("whole", ())),
    )


def _years(chosen: Mapping[str, Sequence[str]], name: str) -> list[int]:
    return [int(value) for value in chosen.get(name, ()) if value.lstrip("-").isdigit() and len(value) < 6]


def _yes(values: Sequence[str]) -> bool | None:
    marks = set(values)
    return None if len(marks) != 1 else marks == {"yes"}


def licence_name(licence: str) -> str:
    """A licence's short name where its text or address tells it; else its first words."""
    folded = licence.lower()
    if match := re.search(r"creativecommons\.org/licenses/([a-z-]+)/([\d.]+)", folded):
        return f"CC {match[1].upper()} {match[2]}"
    if "cc0" in folded or "publicdomain/zero" in folded:
        return "CC0"
    if "creative commons attribution license" in folded:
        return "CC BY"
    return licence if len(licence) <= 60 else licence[:59] + "…"


KINDS = {
    "article": (
        "article-journal",
        "research-article",
        "journal-article",
        "journal article",
        "article",
        "jour",
    ),
    "review": ("review-article", "review", "systematic-review"),
    "conference": ("paper-conference", "conference-paper", "proceedings-article", "conf", "cpaper"),
    "book": ("book", "monograph"),
    "chapter": ("chapter", "book-chapter", "chap"),
    "thesis": ("thesis", "dissertation", "thes"),
    "report": ("report", "rprt"),
    "dataset": ("dataset", "data"),
    "preprint": ("preprint", "posted-content", "manuscript", "unpb"),
    "editorial": ("editorial", "letter", "comment", "commentary", "correspondence", "opinion"),
    "legal": ("case", "legal_case", "legislation", "bill"),
    "web": ("webpage", "elec", "post-weblog"),
    "": ("document", "gen", "generic", "misc", "other", ""),
}
"""What formats call a kind of work, by what people call it (the interface's words ``kind_…``)."""
_KIND = {name: kind for kind, names in KINDS.items() for name in names}


def kind_of(value: str) -> str:
    """The kind as people know it; a name that nobody has told is itself."""
    return _KIND.get(value.casefold(), value)
