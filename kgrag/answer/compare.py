"""Two things side by side: for each the sentences that say what it is or what was found of it.

Knows evidence and the names of the things compared. Where the evidence comes from is for the caller to say.
Each cell is a quote; a column without one is no comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from kgrag.generate.extractive import ExtractiveGenerator
from kgrag.generate.fitting import definition, fitting
from kgrag.language.wanted import holds_figure
from kgrag.language.words import content_words, short_stem
from kgrag.types import Cell, Claim, Draft, Evidence, QuestionForm, Table

N_ROWS = 3
_JOINING = frozenset({"plus", "alone", "only", "combi", "toget"})


def about(thing: str, other: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence about one of two things: works that their title names for it, else sentences that name it.

    Args:
        thing: the one.
        other: the other; a work named for it is no witness for the one, and where its words hold the one's
            (*varenicline plus bupropion*, *varenicline*), sentences that name both are about the longer.
        evidence: best first; the order stays.
    """
    name, beside = _stems(thing), _stems(other)
    titled, named = [], []
    for item in evidence:
        title, said = _stems(item.document.record.title or ""), _stems(item.quote)
        if name < beside and beside <= said:
            continue
        if name <= title:
            titled.append(item)
        elif name <= said and not beside <= title:
            named.append(item)
    return titled or named


def compared(form: QuestionForm, sides: Sequence[Sequence[Evidence]]) -> Draft | None:
    """A draft that says of each thing in turn what is held of it; None where a side has nothing.

    Args:
        form: of the question: the things, and whether figures are asked for.
        sides: evidence of each thing, best first.
    """
    chosen = [_chosen(form, thing, side) for thing, side in zip(form.others, sides, strict=True)]
    if not all(chosen):
        return None
    rows = [item for row in zip_longest(*chosen) for item in row if item is not None]
    once = list({(item.passage.id, item.start): item for item in rows}.values())
    return Draft(tuple((item.quote.strip(), (item,)) for item in once), ExtractiveGenerator.identity)


def table_of(form: QuestionForm, claims: Sequence[Claim], sides: Sequence[Sequence[Evidence]]) -> Table:
    """The claims shown as a table, a column for each thing; a cell holds a claim's words and evidence."""
    places = [{(item.passage.id, item.start) for item in side} for side in sides]
    columns: list[list[Cell]] = [[] for _ in sides]
    for claim in claims:
        mine = {(item.passage.id, item.start) for item in claim.evidence}
        number = next((i for i, place in enumerate(places) if mine & place), None)
        if number is not None:
            columns[number].append(Cell(claim.text, claim.evidence))
    rows = zip_longest(*columns, fillvalue=Cell("", ()))
    return Table(form.others, tuple(tuple(row) for row in rows))


def _chosen(form: QuestionForm, thing: str, side: Sequence[Evidence]) -> list[Evidence]:
    """At most ``N_ROWS`` sentences: its definition first; those with figures where they are asked for."""
    side = sorted(side, key=lambda item: (-item.chance, -item.score))
    if form.wanted in ("number", "share"):
        return sorted(side, key=lambda item: not holds_figure(form, item.quote))[:N_ROWS]
    named = QuestionForm("definition", thing, defined=thing)
    best = fitting(named, side)
    first = definition(named, best)
    return (first + [item for item in best if item not in first])[:N_ROWS]


def _stems(text: str) -> set[str]:
    """Stems of the words by which a thing is told from another; *plus* and *alone* join names."""
    return set(map(short_stem, content_words(text))) - _JOINING
