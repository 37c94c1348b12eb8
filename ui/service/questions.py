"""Questions to try, made from what the library holds: its own titles, authors, journals and concepts.

Knows the library through a ``Service``. Every example is of something that is there for the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from kgrag.catalogue import schema as t
from kgrag.holdings import browse
from kgrag.holdings.knowledge.statements import statements
from kgrag.language.phrase_keys import PREFIX
from kgrag.types import Document
from ui.service.service import Service
from ui.words import Language, word

N_CONCEPTS, N_TITLES, N_STATEMENTS = 12, 12, 300
LONGEST_TITLE = 110


def examples(service: Service, language: Language) -> list[str]:
    """Up to four questions that the library can answer; none where it is empty."""
    concepts, works = list(_concepts(service)), _works(service)
    made = [word("ask_what_is", language, thing=name) for name in concepts[:2]]
    if works:
        made.append(word("ask_summary", language, title=works[0].title))
    if len(concepts) > 2:
        made.append(word("ask_which", language, thing=concepts[2]))
    return made


def forms_of(service: Service, language: Language) -> list[tuple[str, str]]:
    """Each form of question with an example from this library: what it asks for, and the question."""
    concepts, works = _concepts(service), _works(service)
    if not concepts or not works:
        return []
    work = works[0]
    one, other = _alike(concepts)
    cause, effect = _stated(service)
    maker = next((a.literal or a.name for one in works for a in one.record.makers), "")
    venue = next((one.record.venue for one in works if one.record.venue), "")
    year = next((one.year for one in works if one.year), "")
    given = {
        "thing": next(iter(concepts)),
        "one": one,
        "other": other,
        "cause": cause,
        "effect": effect,
        "title": work.title,
        "author": maker,
        "venue": venue,
        "year": year,
    }
    rows = []
    for key in FORMS:
        needs = NEEDS.get(key, ())
        if all(given[name] for name in needs):
            rows.append((word(f"form_{key}", language), word(f"ask_{key}", language, **given)))
    return rows


FORMS = (
    "what_is",
    "why",
    "how_many",
    "yes_no",
    "compare",
    "which",
    "summary",
    "who_wrote",
    "by_author",
    "in_venue",
    "how_many_works",
)
"""Forms of questions, in the order they are shown; each has a word ``form_…`` and an example ``ask_…``."""
NEEDS = {
    "yes_no": ("cause", "effect"),
    "compare": ("one", "other"),
    "who_wrote": ("title",),
    "by_author": ("author",),
    "in_venue": ("venue", "year"),
}


def _concepts(service: Service) -> dict[str, str]:
    """Names of the concepts that most documents name, each with its kind."""
    m, p, f, e = t.concept_mentions.c, t.passages.c, t.forms.c, t.entities.c
    catalogue, limits = service.library.catalogue, service.filters()
    seen = catalogue.filtered_documents(limits)
    n = func.count(func.distinct(p.document_key))
    rows = catalogue.rows(
        select(m.entity_key, n.label("n"))
        .select_from(t.concept_mentions)
        .join(t.passages, p.key == m.passage_key)
        .join(t.entities, e.key == m.entity_key)
        .where(e.id.startswith(PREFIX), p.document_key.in_(seen))
        .group_by(m.entity_key)
        .order_by(n.desc(), func.count().desc(), m.entity_key)
        .limit(N_CONCEPTS * 4)
    )
    keys = [row.entity_key for row in rows]
    names: dict[int, tuple[str, str]] = {}
    for row in catalogue.rows(
        select(f.entity_key, f.form, f.kind).where(f.entity_key.in_(keys)).order_by(f.is_name.desc(), f.key)
    ):
        names.setdefault(row.entity_key, (row.form, row.kind))
    told = [names[key] for key in keys if key in names and _is_telling(names[key][0])]
    return dict(told[:N_CONCEPTS])


def _alike(concepts: dict[str, str]) -> tuple[str, str]:
    """The first two of a kind, which can be compared; empty where there are none."""
    for kind in dict.fromkeys(concepts.values()):
        names = [name for name, its in concepts.items() if its == kind]
        if kind != "unknown" and len(names) > 1:
            return names[0], names[1]
    return "", ""


def _stated(service: Service) -> tuple[str, str]:
    """Two concepts of which a paper says that one does something to the other, those that most papers name;
    empty where none does.
    """
    found = [
        one
        for one in statements(service.library.catalogue, filters=service.filters(), limit=N_STATEMENTS)
        if _is_telling(one.subject.name) and _is_telling(one.object.name)
    ]
    if not found:
        return "", ""
    best = max(found, key=lambda one: (min(one.subject.documents, one.object.documents), one.score))
    return best.subject.name, best.object.name


def _is_telling(name: str) -> bool:
    """Whether a name stands for something by itself: two words, or a term in Chinese."""
    return len(name) <= 60 and (len(name.split()) > 1 or (not name.isascii() and len(name) > 2))


def _works(service: Service) -> Sequence[Document]:
    """Works of the newest years with a title of readable length."""
    _, found = browse.listed(service.library.catalogue, service.filters(), 0, N_TITLES)
    return [one for one in found if one.title and len(one.title) <= LONGEST_TITLE and not one.retracted]


def recent(service: Service) -> list[dict[str, Any]]:
    """The papers that were read in last, the newest first."""
    d = t.documents.c
    catalogue = service.library.catalogue
    seen = catalogue.filtered_documents(service.filters())
    rows = catalogue.rows(
        select(d.id, d.title, d.year).where(d.key.in_(seen)).order_by(d.key.desc()).limit(4)
    )
    return [{"id": row.id, "title": row.title or row.id, "year": row.year} for row in rows]
