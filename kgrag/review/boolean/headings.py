"""Adds subject headings to the terms of a strategy, from a MeSH vocabulary that the library has loaded.

Knows the vocabularies' tables. A heading is added where one of its forms (its name or an entry term) is a
term of the block, word for word; nothing is guessed from parts of words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.language.names import normalise_name
from kgrag.review.boolean.build import Block
from kgrag.review.boolean.query import Term


def with_headings(catalogue: Catalogue, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, each with the headings of its terms before them; as they are where no MeSH is loaded."""
    return tuple(replace(b, terms=(*_headings(catalogue, b), *b.terms)) for b in blocks)


def narrower(catalogue: Catalogue) -> dict[str, list[str]]:
    """Heading in lower case → the headings right below it, of all MeSH vocabularies loaded."""
    b, names = t.vocabulary_broader.c, _names(catalogue)
    below: dict[str, list[str]] = {}
    for row in catalogue.rows(select(b.term, b.broader).where(b.vocabulary.icontains("mesh"))):
        if row.term in names and row.broader in names:
            below.setdefault(names[row.broader].casefold(), []).append(names[row.term].casefold())
    return below


def _names(catalogue: Catalogue) -> dict[str, str]:
    f = t.vocabulary_forms.c
    query = select(f.term, f.form).where(f.vocabulary.icontains("mesh"), f.is_name == 1)
    return {row.term: row.form for row in catalogue.rows(query)}


def _headings(catalogue: Catalogue, block: Block) -> list[Term]:
    f = t.vocabulary_forms.c
    keys = [normalise_name(term.text) for term in block.terms if not term.text.endswith("*")]
    found = catalogue.rows(
        select(f.vocabulary, f.term)
        .where(f.vocabulary.icontains("mesh"), f.form_key.in_(keys))
        .distinct()
        .order_by(f.term)
    )
    names = [
        row.form
        for vocabulary, term in found
        for row in catalogue.rows(
            select(f.form).where(f.vocabulary == vocabulary, f.term == term, f.is_name == 1).limit(1)
        )
    ]
    return [Term(name, "subject", exact=True) for name in dict.fromkeys(names)]
