"""What the administration shows, as plain values: holdings, indexes, models, storage.

Counts only: no question and no person.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgrag.catalogue import schema as t
from kgrag.catalogue import schema_people as people
from kgrag.catalogue.jobs import Overview
from kgrag.errors import KgragError
from kgrag.library import FOLLOWERS
from ui.service.service import Service

MAX_BATCHES, MAX_PROBLEMS = 20, 200


@dataclass(frozen=True, slots=True)
class Follower:
    """An index: up to which change it is, of how many, or why it does not answer; and what is being done to
    it.
    """

    name: str
    applied: int
    head: int
    problem: str | None
    chore: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch with the files that were not read; ``silent``: its workers ended without a word."""

    overview: Overview
    problems: tuple[dict[str, str], ...]
    silent: bool


@dataclass(frozen=True, slots=True)
class State:
    """Everything on the first page."""

    counts: dict[str, int]
    followers: tuple[Follower, ...]
    models: dict[str, str]
    graph: str
    neo4j_uri: str | None
    warnings: tuple[str, ...]
    folder: str
    catalogue: str
    size_bytes: int
    free_bytes: int
    backups: tuple[tuple[str, int, float], ...]
    chores: dict[str, str]


def state(service: Service) -> State:
    """The library as it is now."""
    library, settings = service.library, service.library.settings
    tables = {
        "n_documents": t.documents,
        "n_passages": t.passages,
        "n_entities": t.entities,
        "n_statements": t.statements,
        "n_answers": t.answers,
        "n_rankings": t.feedback,
        "n_users": people.users,
    }
    chores = service.chores.states()
    return State(
        {name: library.catalogue.count(table) for name, table in tables.items()},
        tuple(_follower(service, name, chores.get(name)) for name in FOLLOWERS),
        _models(service),
        type(library.graph).__module__.rpartition(".")[2],
        settings.neo4j_uri if settings.graph == "neo4j" else None,
        tuple(library.warnings.values()),
        str(library.folder.resolve()),
        library.catalogue.engine.url.render_as_string(hide_password=True),
        _size(library.folder),
        shutil.disk_usage(library.folder).free,
        tuple((path.name, path.stat().st_size, path.stat().st_mtime) for path in service.chores.backups()),
        chores,
    )


def batches(service: Service) -> list[Batch]:
    """The newest batches, with what was not read."""
    jobs, found = service.batches.jobs, []
    for overview in service.batches.overviews()[:MAX_BATCHES]:
        lost = overview.items["quarantined"] + overview.items["failed"] + overview.records["refused"]
        problems = (
            [problem for item in jobs.items(overview.id) for problem in item["problems"]][:MAX_PROBLEMS]
            if lost
            else []
        )
        silent = overview.state == "interrupted" or (
            overview.state == "running" and not overview.workers and not service.batches.works_on(overview.id)
        )
        found.append(Batch(overview, tuple(problems), silent))
    return found


def _follower(service: Service, name: str, chore: str | None) -> Follower:
    head = service.library.catalogue.head()
    try:
        follower: Any = getattr(service.library, name)
        return Follower(name, follower.applied_seq(), head, None, chore)
    except KgragError as error:
        return Follower(name, 0, head, str(error), chore)


def _models(service: Service) -> dict[str, str]:
    asker = service.asker
    made: dict[str, Callable[[], Any]] = {
        "embedder": lambda: service.library.embedder,
        "generator": lambda: asker.generator,
        "verifier": lambda: asker.verifier,
        "reward_model": lambda: asker.reward,
    }
    found = {}
    for name, get in made.items():
        try:
            found[name] = str(get().identity)
        except KgragError as error:
            found[name] = str(error)
    return found


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # an index replaces its files while we look
            continue
    return total
