"""From hits to the quotes that may answer, for the question and for each side of a comparison.

Knows which passages are read past, and where remembered vectors of sentences lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kgrag.answer.answerable import about_the_named
from kgrag.answer.cells import rows_asked_for
from kgrag.answer.choose import chances
from kgrag.answer.compare import about
from kgrag.answer.evidence import find_evidence, gives_orders
from kgrag.ask.loaded import Loaded
from kgrag.search.understand import understand
from kgrag.types import Document, Evidence, Filters, Hit, Passage, Understood

N_EVIDENCE, DEEPER = 40, 8
N_DOCUMENTS = 8
"""The documents found of which the tables are looked through."""


def evidence_of(
    loaded: Loaded, understood: Understood, hits: Sequence[Hit], *, named_only: bool = True
) -> list[Evidence]:
    """Quotes of documents that stand, nearest first, with their chances; retracted ones support nothing. Rows
    of tables that hold what is asked for stand before the sentences.

    Args:
        loaded: models and library.
        understood: the question.
        hits: passages found.
        named_only: only passages that name what the question names by a rare word, where any does; not for a
            claim, which a sentence without its comparator may deny.
    """
    standing = [hit for hit in hits if hit.document.retracted is None]
    library = loaded.library
    keys = library.catalogue.passage_keys([hit.passage.id for hit in standing])
    remembered = library.sentences.of(keys.values())
    known = {name: remembered[key] for name, key in keys.items() if key in remembered}
    objects = library.catalogue.objects_of(keys.values())
    quotes = find_evidence(understood.text, standing, library.embedder, objects, N_EVIDENCE, known)
    quotes = about_the_named(understood, quotes) if named_only else quotes
    likely = chances(understood, quotes, library.embedder)
    quotes = [replace(quote, chance=float(chance)) for quote, chance in zip(quotes, likely, strict=True)]
    return [*rows_asked_for(understood, _tables(loaded, standing), quotes), *quotes]


def _tables(loaded: Loaded, hits: Sequence[Hit]) -> Iterator[tuple[Passage, Document]]:
    """The tables of the documents found, whether or not a search found the tables themselves."""
    documents = {hit.document.id: hit for hit in hits}
    for hit in list(documents.values())[:N_DOCUMENTS]:
        for passage in loaded.library.catalogue.passages_of(hit.document.id):
            if passage.kind == "table" and not gives_orders(replace(hit, passage=passage)):
                yield passage, hit.document


def readable(loaded: Loaded, understood: Understood, hits: list[Hit], filters: Filters) -> list[Hit]:
    """The passages to read: in the place of those that give orders to a model the next ones, so that they
    push nothing out either.
    """
    if not any(gives_orders(hit) for hit in hits):
        return hits
    deeper = loaded.retriever.search(understood, top_k=DEEPER * len(hits), filters=filters)
    return [hit for hit in deeper if not gives_orders(hit)][: len(hits)]


def sides_of(loaded: Loaded, understood: Understood, filters: Filters) -> list[list[Evidence]]:
    """The evidence about each of the things that are compared; empty where none are.

    Where a figure is asked for, each thing is searched for with the rest of the question.
    """
    things, rest = understood.form.others, understood.text
    for thing in things:
        rest = rest.replace(thing, " ")
    sides = []
    for thing, other in zip(things, reversed(things), strict=True):
        asked = f"{thing} {rest}" if understood.form.wanted else thing
        side = understand(asked, loaded.library, filters.hidden)
        hits = loaded.retriever.search(side, top_k=loaded.library.settings.top_k, filters=filters)
        read = readable(loaded, side, hits, filters)
        sides.append(about(thing, other, evidence_of(loaded, side, read)))
    return sides
