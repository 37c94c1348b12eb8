"""``kgrag doctor``: tells what is wrong with a library, its program and its followers, and what would mend
it.

Knows checks. Repairs only by rebuilding followers, which never loses anything.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from typing import Any

from sqlalchemy import func, select

from kgrag.catalogue import schema as t
from kgrag.catalogue.integrity import integrity_errors
from kgrag.errors import KgragError
from kgrag.language.phrase_keys import PREFIX
from kgrag.library import FOLLOWERS, Library
from kgrag.models.minilm import MiniLM, load_weights

MIN_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, whether it is well, and what was seen."""

    what: str
    ok: bool
    detail: str


def examine(library: Library, *, repair: bool = False) -> list[Finding]:
    """Every check, in a fixed order; with ``repair`` a follower that is wrong is rebuilt and looked at
    again.
    """
    findings = [*_program(), *_models(library), _catalogue(library), _disk(library)]
    for name in FOLLOWERS:
        finding = _follower(library, name)
        if not finding.ok and repair:
            library.rebuild(name)
            finding = _follower(library, name)
        findings.append(finding)
    return findings


def _program() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", sys.version_info >= (3, 11), version)
    owners = packages_distributions()
    foreign = {
        name: owners[name]
        for name in ("kgrag", "ingest", "graph", "ui")
        if set(owners.get(name, ["kgrag"])) != {"kgrag"}
    }
    yield Finding("package names", not foreign, f"claimed by others: {foreign}" if foreign else "ours alone")
    both = [name for name in owners.get("faiss", []) if name.startswith("faiss")]
    yield Finding("faiss", len(both) == 1, f"installed by {', '.join(both) or 'nobody'}")


def _models(library: Library) -> Iterator[Finding]:
    if isinstance(library.embedder, MiniLM):
        yield _checked(
            "embedder", lambda: load_weights() and f"{library.embedder.identity}, digest as published"
        )
    else:
        yield Finding("embedder", True, library.embedder.identity)


def _checked(what: str, look: Callable[[], object]) -> Finding:
    try:
        return Finding(what, True, str(look()))
    except KgragError as error:
        return Finding(what, False, str(error))


def _catalogue(library: Library) -> Finding:
    problems = integrity_errors(library.catalogue)
    crooked = [
        row.id
        for row in library.catalogue.rows(
            select(
                t.passages.c.id,
                t.passages.c.text,
                t.passages.c.start,
                t.passages.c.end,
                t.documents.c.text.label("whole"),
            ).join(t.documents)
        )
        if row.whole[row.start : row.end] != row.text
    ]
    problems += [f"passage {passage} is not its document's text" for passage in crooked[:5]]
    return Finding(
        "catalogue",
        not problems,
        "; ".join(problems[:5])
        or f"{library.catalogue.count(t.documents)} documents, change {library.catalogue.head()}",
    )


def _disk(library: Library) -> Finding:
    free = shutil.disk_usage(library.folder).free
    return Finding("disk", free > MIN_FREE_BYTES, f"{free / 1e9:.1f} GB free")


def _follower(library: Library, name: str) -> Finding:
    try:
        follower: Any = getattr(library, name)
        applied, head = follower.applied_seq(), library.catalogue.head()
        if applied != head:
            return Finding(name, False, f"at change {applied} of {head}. Catch up: kgrag rebuild {name}")
        wrong = _differences(library, name)
    except KgragError as error:
        return Finding(name, False, str(error))
    return Finding(name, not wrong, wrong or f"whole, at change {applied}")


def _differences(library: Library, name: str) -> str:
    """What a follower holds that the catalogue does not, or the other way round."""
    if name == "graph":
        counts, e = library.graph.counts(), t.entities.c
        query = select(func.count()).select_from(t.entities).where(e.id.like(PREFIX + "%"))
        n_concepts = library.catalogue.rows(query)[0][0]
        wanted = {
            "Document": library.catalogue.count(t.documents),
            "Passage": library.catalogue.count(t.passages),
            "MENTIONS": library.catalogue.count(t.mentions),
            "NAMES": library.catalogue.count(t.concept_mentions),
            "Entity": library.catalogue.count(t.entities) - n_concepts,
            "Concept": n_concepts,
        }
        return "; ".join(
            f"{what}: {counts[what]} instead of {n}" for what, n in wanted.items() if counts[what] != n
        )
    keys = {row.key for row in library.catalogue.rows(select(t.passages.c.key))}
    held = set(getattr(library, name).contents())
    return "" if held == keys else f"{len(keys - held)} passages missing, {len(held - keys)} too many"
