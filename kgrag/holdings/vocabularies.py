"""Keeps the vocabularies of a library: ingest takes mentions from them, and questions are expanded by them.

Knows their tables. Does not know file formats (``vocabulary_files``) nor how text is matched
(``ingest.extract.vocabulary``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import chunks
from kgrag.errors import NotFound, UsageError
from kgrag.holdings.vocabulary_files import Term, merged, read_vocabulary
from kgrag.language.names import normalise_name
from kgrag.language.words import has_han
from kgrag.system.files import now

MAX_FORM = 120
MAX_EXPANSIONS = 4


def load(
    catalogue: Catalogue,
    path: Path,
    name: str | None = None,
    *,
    begun: Callable[[str], None] = lambda name: None,
) -> dict[str, Any]:
    """Read a vocabulary into the library, in place of an earlier one of the same name.

    Args:
        catalogue: of the library.
        path: a file or folder.
        name: by which its authority ids are known; default: the file's name without its ending.
        begun: called with the name in the transaction that stores it; reading the file is before.

    Returns:
        ``name``, ``terms``, ``forms``, ``languages``.

    Raises:
        UsageError: nothing in it.
    """
    name = name or path.stem
    terms = list(merged(read_vocabulary(path)))
    forms = [row for term in terms for row in _forms(name, term)]
    if not forms:
        raise UsageError(f"{path} holds no term.")
    above = [
        {"vocabulary": name, "term": term.id, "broader": broader}
        for term in terms
        for broader in term.broader
    ]
    _replace(catalogue, name, path.name, forms, above, begun)
    return {
        "name": name,
        "terms": len({row["term"] for row in forms}),
        "forms": len(forms),
        "languages": sorted({str(row["language"]) for row in forms if row["language"]}),
    }


def _forms(name: str, term: Term) -> Iterator[dict[str, Any]]:
    """A term's forms that can be found in a text, as rows."""
    for form, language in term.forms:
        if len(form) <= MAX_FORM and normalise_name(form):
            yield {
                "vocabulary": name,
                "term": term.id,
                "form": form,
                "form_key": normalise_name(form),
                "language": language,
                "is_name": int(form == term.name),
            }


def _replace(
    catalogue: Catalogue,
    name: str,
    source: str,
    forms: list[dict[str, Any]],
    above: list[dict[str, Any]],
    begun: Callable[[str], object],
) -> None:
    """Puts a vocabulary in the place of the earlier one of its name, in one transaction."""
    v, f, b = t.vocabularies, t.vocabulary_forms, t.vocabulary_broader
    with catalogue.writing() as connection:
        begun(name)
        connection.execute(delete(f).where(f.c.vocabulary == name))
        connection.execute(delete(b).where(b.c.vocabulary == name))
        connection.execute(delete(v).where(v.c.name == name))
        connection.execute(insert(v).values(name=name, source=source, loaded=now()))
        for some in chunks(forms):
            connection.execute(insert(f), some)
        for some in chunks(above):
            connection.execute(insert(b), some)


def listed(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Every vocabulary with its numbers, by name."""
    v, f = t.vocabularies.c, t.vocabulary_forms.c
    query = (
        select(
            v.name,
            v.source,
            v.loaded,
            func.count(f.key).label("forms"),
            func.count(func.distinct(f.term)).label("terms"),
        )
        .select_from(t.vocabularies.outerjoin(t.vocabulary_forms, v.name == f.vocabulary))
        .group_by(v.name, v.source, v.loaded)
        .order_by(v.name)
    )
    return [dict(row._mapping) for row in catalogue.rows(query)]


def remove(catalogue: Catalogue, name: str) -> None:
    """Forget a vocabulary; mentions it gave stay until ``kgrag vocabulary apply``.

    Raises:
        NotFound: none of that name.
    """
    with catalogue.writing() as connection:
        for table in (t.vocabulary_forms, t.vocabulary_broader):
            connection.execute(delete(table).where(table.c.vocabulary == name))
        if not connection.execute(delete(t.vocabularies).where(t.vocabularies.c.name == name)).rowcount:
            raise NotFound(
                f"No vocabulary '{name}' (found:"
                f" {', '.join(row['name'] for row in listed(catalogue)) or 'none'})."
            )


def stamp(catalogue: Catalogue) -> str:
    """A digest that changes with every load and removal; empty where there is no vocabulary."""
    rows = catalogue.rows(
        select(t.vocabularies.c.name, t.vocabularies.c.loaded, func.max(t.vocabulary_forms.c.key))
        .select_from(
            t.vocabularies.join(t.vocabulary_forms, t.vocabularies.c.name == t.vocabulary_forms.c.vocabulary)
        )
        .group_by(t.vocabularies.c.name, t.vocabularies.c.loaded)
        .order_by(t.vocabularies.c.name)
    )
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()[:16] if rows else ""


def expansions(catalogue: Catalogue, names: Sequence[str], language: str) -> list[tuple[str, str, str]]:
    """Forms in another script for names of a question that a vocabulary knows.

    Args:
        catalogue: of the library.
        names: normalised spans of the question, longest first.
        language: of the question: ``zh`` asks for forms without Chinese characters, others for those with.

    Returns:
        (span, form, vocabulary), names before other forms, at most a few a span.
    """
    f, other = t.vocabulary_forms, t.vocabulary_forms.alias()
    query = (
        select(f.c.form_key, other.c.form, f.c.vocabulary, other.c.is_name)
        .select_from(f.join(other, (f.c.vocabulary == other.c.vocabulary) & (f.c.term == other.c.term)))
        .where(f.c.form_key.in_(list(names)))
        .order_by(f.c.vocabulary, f.c.term, other.c.is_name.desc(), other.c.key)
    )
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in catalogue.rows(query):
        if has_han(row.form) != (language == "zh") and (
            row.form_key,
            row.form,
            row.vocabulary,
        ) not in found.setdefault(row.form_key, []):
            found[row.form_key].append((row.form_key, row.form, row.vocabulary))
    return [item for name in names for item in found.pop(name, [])[:MAX_EXPANSIONS]]
