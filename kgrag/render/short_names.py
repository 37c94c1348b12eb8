"""What people call a work: *Oliver 2013*.

Pure: records in, text out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kgrag.language.words import has_han
from kgrag.types.answer_json import AuthorJson, DocumentJson

LONGEST_NAME = 24


def short_names(documents: Sequence[Any]) -> dict[str, str]:
    """What each work is called in a chip or a table: first author and year, a letter where two are alike.

    Args:
        documents: records by their JSON, in the order of the answer.
    """
    names: dict[str, list[str]] = {}
    for document in documents:
        names.setdefault(short_name(document), []).append(document["id"])
    return {
        one: name + (chr(ord("a") + number) if len(alike) > 1 and number < 26 else "")
        for name, alike in names.items()
        for number, one in enumerate(alike)
    }


def short_name(document: DocumentJson) -> str:
    """First author and year; without an author the beginning of the title."""
    authors = document["authors"] or document.get("editors", [])
    who = _family(authors[0]) if authors else (document["title"] or document["id"])
    who = who if len(who) <= LONGEST_NAME else who[: LONGEST_NAME - 1].rstrip() + "…"
    return f"{who} {document['year']}" if document["year"] else who


def _family(author: AuthorJson) -> str:
    family, given = author.get("family"), author.get("given")
    if family and given and has_han(family):
        return family + given
    return author.get("literal") or family or given or ""


def authors(document: DocumentJson) -> str:
    """The first three authors."""
    names = [_family(author) for author in document["authors"][:3]]
    return ", ".join(names) + (" et al." if len(document["authors"]) > 3 else "")
