"""Terms of loaded vocabularies in text: whole words, the longest first, short forms only as they are written.

Knows a file of terms that any process can read (made from the catalogue, remade when a vocabulary changes).
Entities get the term's authority id and its forms in other languages as aliases.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ingest.extract.terms import Named
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.holdings import vocabularies as vocabulary
from kgrag.language.phrase_keys import phrase_key
from kgrag.language.words import has_han
from kgrag.system.files import write_whole
from kgrag.types import Entity

MAX_ALIASES = 24
SCORE = 0.95


def term_file(catalogue: Catalogue) -> Path | None:
    """The file of the library's terms as they are now, written if it is not there; None without
    vocabularies.
    """
    stamp = vocabulary.stamp(catalogue)
    if not stamp:
        return None
    path = catalogue.folder / "vocabulary" / f"terms-{stamp}.json"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        write_whole(path, json.dumps(_terms(catalogue), ensure_ascii=False))
        for old in path.parent.glob("terms-*.json"):
            if old != path:
                old.unlink(missing_ok=True)
    return path


def _terms(catalogue: Catalogue) -> list[tuple[str, str, str, list[str]]]:
    """(name, vocabulary, id, forms) of every term; the name first among its forms."""
    found: dict[tuple[str, str], tuple[str, str, str, list[str]]] = {}
    f = t.vocabulary_forms.c
    for row in catalogue.rows(
        select(t.vocabulary_forms).order_by(f.vocabulary, f.term, f.is_name.desc(), f.key)
    ):
        found.setdefault((row.vocabulary, row.term), (row.form, row.vocabulary, row.term, []))[3].append(
            row.form
        )
    return list(found.values())


@dataclass(frozen=True)
class Terms:
    """The terms of a file, ready to be found."""

    matcher: Any
    forms: list[tuple[str, int]]
    terms: list[tuple[str, str, str, list[str]]]
    places: dict[tuple[str, str], int]
    by_form: dict[str, tuple[str, int]]

    def find(self, text: str) -> Iterator[Named]:
        """Every term in a text, by start; none inside another."""
        for number, start, end in self.matcher.find_matches_as_indexes(_folded(text)):
            form, term = self.forms[number]
            if _whole(text, start, end) and (not _is_short(form) or text[start:end] == form):
                name, vocabulary_name, identifier, _ = self.terms[term]
                yield Named(
                    start,
                    end,
                    name,
                    "Concept",
                    f"vocabulary:{vocabulary_name}",
                    SCORE,
                    ((vocabulary_name, identifier),),
                )

    def term_of(self, names: Sequence[str]) -> tuple[str, str] | None:
        """(vocabulary, term) of the first of a concept's names that is a form of one, in either number; a
        short form only as it is written.
        """
        for name in names:
            for form in (name, phrase_key(name)):
                known = self.by_form.get(_folded(form))
                if known is not None and (not _is_short(known[0]) or known[0] == name):
                    _, vocabulary_name, identifier, _ = self.terms[known[1]]
                    return vocabulary_name, identifier
        return None

    def aliases(self, entities: Sequence[Entity]) -> dict[str, list[str]]:
        """Forms of each entity (by its authority ids) in all languages, those in another script first."""
        found = {
            entity.id: self.places[key]
            for entity in entities
            for key in entity.authorities.items()
            if key in self.places
        }
        return {
            entity: sorted(self.terms[i][3], key=lambda form: (not has_han(form), len(form)))[:MAX_ALIASES]
            for entity, i in found.items()
        }


@lru_cache(maxsize=2)
def load_terms(path: Path) -> Terms:
    """The terms of a file, once a process."""
    from ahocorasick_rs import AhoCorasick, MatchKind

    terms = [
        (name, vocabulary_name, identifier, forms)
        for name, vocabulary_name, identifier, forms in json.loads(path.read_text("utf-8"))
    ]
    patterns: dict[str, tuple[str, int]] = {}
    for own in (True, False):
        for number, (name, _, _, forms) in enumerate(terms):
            for form in forms:
                if (form == name) == own and _is_findable(form):
                    patterns.setdefault(_folded(form), (form, number))
    return Terms(
        AhoCorasick(list(patterns), matchkind=MatchKind.LeftmostLongest),
        list(patterns.values()),
        terms,
        {(name, identifier): i for i, (_, name, identifier, _) in enumerate(terms)},
        {**{phrase_key(form): known for form, known in reversed(patterns.items())}, **patterns},
    )


def _is_findable(form: str) -> bool:
    return len(form) >= (2 if has_han(form) else 3)


def _folded(text: str) -> str:
    """Lower case of the same length: a character whose lower case is longer stays."""
    lowered = text.replace("\n", " ").lower()
    return (
        lowered
        if len(lowered) == len(text)
        else "".join(c.lower() if len(c.lower()) == 1 else c for c in text.replace("\n", " "))
    )


def _is_short(form: str) -> bool:
    """An acronym, or a name so short that another case is another word."""
    return not has_han(form) and (len(form) <= 3 or (len(form) <= 6 and sum(c.isupper() for c in form) > 1))


def _whole(text: str, start: int, end: int) -> bool:
    return not (_joins(text[start], text[start - 1 : start]) or _joins(text[end - 1], text[end : end + 1]))


def _joins(inside: str, outside: str) -> bool:
    return outside.isalnum() and inside.isalnum() and not has_han(inside + outside)
