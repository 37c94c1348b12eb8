"""The tools that a deep search calls: each takes plain arguments and gives documents with the quotes that
they were found by.

Knows the library's channels, citations and records. A step is a tool's name with its
arguments, so that it can be shown, kept and run again. No tool changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kgrag.ask.loaded import Loaded
from kgrag.ask.reading import evidence_of, readable
from kgrag.errors import UsageError
from kgrag.holdings.citations import cited_by, cited_in
from kgrag.holdings.select import selected
from kgrag.search.understand import understand
from kgrag.types import Document, Evidence, Filters, RecordQuery

Arguments = Mapping[str, Any]
TOP_K = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A document that a tool gives: the quote that it was found by, and how likely that answers; without a
    quote where its record alone speaks for it.
    """

    document: Document
    quote: Evidence | None = None
    chance: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One call: the tool and its arguments, as they are shown and run again."""

    tool: str
    arguments: Arguments


Tool = Callable[[Loaded, Filters, Arguments], list[Found]]


def run_step(loaded: Loaded, step: Step, filters: Filters = Filters()) -> list[Found]:
    """What a step gives, within the filters.

    Raises:
        UsageError: no such tool, or an argument is missing.
    """
    if step.tool not in TOOLS:
        raise UsageError(f"No tool '{step.tool}' (found: {', '.join(TOOLS)}).")
    try:
        return TOOLS[step.tool](loaded, filters, step.arguments)
    except KeyError as missing:
        raise UsageError(f"The tool '{step.tool}' needs the argument {missing}.") from missing


def _search(loaded: Loaded, filters: Filters, arguments: Arguments) -> list[Found]:
    """Passages by meaning, words and graph; ``about`` is what the quotes shall answer, where another text is
    searched for, and ``documents`` limits it to some.
    """
    if among := arguments.get("documents"):
        filters = replace(filters, documents=_within(filters, among))
    understood = understand(str(arguments["query"]), loaded.library, filters.hidden)
    mode, top_k = str(arguments.get("mode", "full")), int(arguments.get("top_k", TOP_K))
    hits = loaded.retriever.search(understood, top_k=top_k, mode=mode, filters=filters)
    hits = readable(loaded, understood, hits, filters)
    asked = str(arguments.get("about", arguments["query"]))
    about = understood if asked == understood.question else understand(asked, loaded.library, filters.hidden)
    best: dict[str, Evidence] = {}
    for item in evidence_of(loaded, about, hits):
        if item.document.id not in best or item.chance > best[item.document.id].chance:
            best[item.document.id] = item
    documents = {hit.document.id: hit.document for hit in hits if hit.document.retracted is None}
    return [
        Found(document, best.get(key), best[key].chance if key in best else 0.0)
        for key, document in documents.items()
    ]


def _within(filters: Filters, documents: Sequence[str]) -> tuple[str, ...]:
    """The documents that are within the filters' own too; one that none has where there is none."""
    allowed = [name for name in documents if not filters.documents or name in filters.documents]
    return tuple(allowed) or ("-",)


def _cites(loaded: Loaded, filters: Filters, arguments: Arguments) -> list[Found]:
    """Works that a document cites."""
    return _plain(cited_in(loaded.library.catalogue, str(arguments["document"]), filters))


def _cited_by(loaded: Loaded, filters: Filters, arguments: Arguments) -> list[Found]:
    """Works that cite a document."""
    return _plain(cited_by(loaded.library.catalogue, str(arguments["document"]), filters))


def _records(loaded: Loaded, filters: Filters, arguments: Arguments) -> list[Found]:
    """Works by author, journal or years, as the records say; their number is the number of documents."""
    query = RecordQuery(
        author=str(arguments.get("author", "")),
        venue=str(arguments.get("venue", "")),
        year_from=arguments.get("year_from"),
        year_to=arguments.get("year_to"),
    )
    return _plain(selected(loaded.library.catalogue, query, filters) or [])


def _plain(documents: Sequence[Document]) -> list[Found]:
    return [Found(document) for document in documents if document.retracted is None]


TOOLS: dict[str, Tool] = {
    "search": _search,
    "cites": _cites,
    "cited_by": _cited_by,
    "records": _records,
}
"""The tools by name."""
