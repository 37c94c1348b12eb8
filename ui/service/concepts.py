"""What the page of concepts needs: what is said of a concept, how two are connected, which are named most.

Knows the library through a ``Service``, whose filters hold back what the person may not see. Does not know
HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kgrag.desk.asking import MOST_QUESTION
from kgrag.errors import NotFound
from kgrag.holdings.connections import Connection, connections
from kgrag.holdings.knowledge.concepts import Concept, most_named, named
from kgrag.holdings.knowledge.said_of import Dossier, said_of
from kgrag.types import Filters
from ui.service.service import Service

N_PATHS, N_NAMES = 10, 40


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of the graph.

    Args:
        of: name or id of a concept; empty: none yet.
        other: of another one that it may be connected with.
        kind: only relations to concepts of this kind.
        year_from, year_to: only what documents of these years say.
    """

    of: str = ""
    other: str = ""
    kind: str = ""
    year_from: int | None = None
    year_to: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the graph says: a dossier, or paths between two concepts; else names to choose from, and what was
    not found.
    """

    asked: Asked
    dossier: Dossier | None = None
    other: Concept | None = None
    paths: tuple[Connection, ...] = ()
    names: tuple[Concept, ...] = ()
    error: str = ""


def told(service: Service, asked: Asked) -> Told:
    """The answer of the graph, from what the person may see.

    Raises:
        Forbidden: the person may not read.
        UsageError: a name is too long.
    """
    service.desk.require("read")
    filters = service.filters(Filters(asked.year_from, asked.year_to))
    catalogue = service.library.catalogue
    for text in (asked.of, asked.other):
        service.desk.within(text, MOST_QUESTION, "name")
    if not asked.of.strip():
        return Told(asked, names=tuple(most_named(catalogue, filters, N_NAMES)))
    try:
        one = named(catalogue, asked.of.strip(), filters)
        other = named(catalogue, asked.other.strip(), filters) if asked.other.strip() else None
    except NotFound as error:
        names = _near(service, asked, filters)
        return Told(asked, names=tuple(names), error=str(error))
    if other is not None:
        paths = connections(catalogue, one, other, N_PATHS, filters)
        return Told(asked, said_of(catalogue, one, filters, asked.kind or None), other, tuple(paths))
    return Told(asked, said_of(catalogue, one, filters, asked.kind or None))


def _near(service: Service, asked: Asked, filters: Filters) -> list[Concept]:
    """Concepts that begin as a name does that was not found, or else the most named ones."""
    catalogue = service.library.catalogue
    for text in (asked.other, asked.of):
        if len(text.strip()) > 1 and (found := most_named(catalogue, filters, N_NAMES, text.strip()[:60])):
            return found
    return most_named(catalogue, filters, N_NAMES)


def as_json(found: Told) -> dict[str, Any]:
    """What the API gives: as ``kgrag graph said`` and ``kgrag graph paths`` print it."""
    from kgrag.render.graph_json import connection_as_json, dossier_as_json

    if found.dossier is None:
        raise NotFound(found.error)
    if found.other is None:
        return dossier_as_json(found.dossier)
    paths = [connection_as_json(path) for path in found.paths]
    return {"from": found.dossier.concept.id, "to": found.other.id, "paths": paths}
