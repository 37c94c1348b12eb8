"""What the catalogue's records answer: works by author, journal, year or citation, works on a subject, the
record of one work, the size of the library.

Knows the forms of such questions and where the records are looked up. The words are in
``kgrag.answer.recorded``.
"""

from __future__ import annotations

from collections.abc import Sequence

from kgrag.answer.by_record import record_facts, works_on
from kgrag.answer.recorded import record_told, size_told, works_selected, works_told
from kgrag.ask.loaded import Loaded
from kgrag.holdings.select import selected, works_titled
from kgrag.search.understand import understand
from kgrag.types import Filters, Hit, RecordFact, Understood

N_FOR_WORKS = 300


def records_for(
    loaded: Loaded, understood: Understood, hits: Sequence[Hit], filters: Filters
) -> tuple[tuple[RecordFact, ...], str] | None:
    """What the records answer, and the sentence above it; None where they do not."""
    form, catalogue, language = understood.form, loaded.library.catalogue, understood.language
    if form.records and (works := selected(catalogue, form.records, filters)) is not None:
        return works_selected(form.records, works, language)
    if form.kind == "size":
        return (), size_told(catalogue.size(filters.hidden)[0], language)
    if form.kind == "works" and (facts := _works(loaded, understood, hits, filters)):
        return facts, works_told(facts, form.thing, language)
    if form.kind == "record":
        named = works_titled(catalogue, form.thing, filters)
        facts = record_facts(form, [*named, *(hit.document for hit in hits)])
        return (facts, record_told(language)) if facts else None
    return None


def _works(
    loaded: Loaded, understood: Understood, hits: Sequence[Hit], filters: Filters
) -> tuple[RecordFact, ...]:
    """The works on a subject; looked for by the subject's own words, deeper than passages are read."""
    subject = understand(understood.form.thing, loaded.library, filters.hidden)
    more = loaded.retriever.search(subject, top_k=N_FOR_WORKS, mode="words", filters=filters)
    return works_on(understood.form, subject.text, [*hits, *more])
