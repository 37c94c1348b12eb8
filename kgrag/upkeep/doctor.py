"""``kgrag doctor``: tells what is wrong with a library, its program, its files and its followers, and what
would mend it.

Knows checks; those of files are in ``kgrag.upkeep.files_check``. Repairs only what can be made anew from the
catalogue, which never loses anything. No check stops another: what cannot be looked at is named as wrong.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from kgrag.catalogue import schema as t
from kgrag.catalogue.damage import RESTORE
from kgrag.catalogue.integrity import integrity_errors
from kgrag.errors import Damaged, KgragError
from kgrag.indexes.device import described
from kgrag.language.phrase_keys import PREFIX
from kgrag.library import FOLLOWERS, Library
from kgrag.models.minilm import MiniLM, load_weights
from kgrag.people.rights import Rights
from kgrag.upkeep.files_check import follower_files, open_to_others, tighten, wrong_files

MIN_FREE_BYTES = 1_000_000_000
SHOWN = 5
"""How many things of a kind are named; the others are counted."""


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
    folder = library.folder
    findings = [
        *_program(),
        _checked("index device", lambda: described(library.settings.index_device)),
        _checked("embedder", lambda: _embedder(library)),
        _checked("catalogue", lambda: _catalogue(library)),
        _disk(folder),
        _checked("files", lambda: _files(folder)),
        _checked("access", lambda: _access(folder, repair)),
        _checked("collections", lambda: _collections(library)),
    ]
    for name in (*FOLLOWERS, "sentences"):
        finding = _follower(library, name)
        if not finding.ok and repair:
            finding = _repaired(library, name)
        findings.append(finding)
    return findings


def examine_damaged(error: Damaged, folder: Path) -> list[Finding]:
    """What can be said of a library whose catalogue does not open."""
    return [*_program(), Finding(error.part, False, str(error)), _disk(folder)]


def _program() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", sys.version_info >= (3, 11), version)
    owners = _owners()
    foreign = {
        name: owners[name]
        for name in ("kgrag", "ingest", "graph", "ui")
        if set(owners.get(name, ["kgrag"])) != {"kgrag"}
    }
    yield Finding("package names", not foreign, f"claimed by others: {foreign}" if foreign else "ours alone")
    both = [name for name in owners.get("faiss", []) if name.startswith("faiss")]
    yield Finding("faiss", len(both) == 1, f"installed by {', '.join(both) or 'nobody'}")


@lru_cache(maxsize=1)
def _owners() -> Mapping[str, list[str]]:
    """Which distributions claim which name; it takes half a second to read."""
    return packages_distributions()


def _checked(what: str, look: Callable[[], str]) -> Finding:
    """A check that gives what it saw, or raises what is wrong."""
    try:
        return Finding(what, True, look())
    except KgragError as error:
        return Finding(what, False, str(error))
    except Exception as error:  # noqa: BLE001 - damaged data fails in any way, and must be named in each
        return Finding(what, False, f"cannot be looked at: {type(error).__name__}: {str(error)[:200]}")


def _embedder(library: Library) -> str:
    if isinstance(library.embedder, MiniLM):
        load_weights()
        return f"{library.embedder.identity}, digest as published"
    return library.embedder.identity


def _catalogue(library: Library) -> str:
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
    problems += [f"passage {passage} is not its document's text" for passage in crooked]
    if problems:
        raise Damaged("catalogue", _few(problems), RESTORE)
    for _ in library.catalogue.documents():  # every record can be read
        pass
    return f"{library.catalogue.count(t.documents)} documents, change {library.catalogue.head()}"


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    return Finding("disk", free > MIN_FREE_BYTES, f"{free / 1e9:.1f} GB free")


def _files(folder: Path) -> str:
    if wrong := wrong_files(folder):
        raise KgragError(_few(wrong))
    return "the others are as they were written"


def _access(folder: Path, repair: bool) -> str:
    if repair:
        tighten(folder)
    if wide := open_to_others(folder):
        raise KgragError(
            f"other accounts of this machine can read {_few(wide)}. Take the right from them: kgrag doctor"
            " --repair"
        )
    return "for this account alone"


def _collections(library: Library) -> str:
    found = Rights(library.catalogue).collections()
    if empty := [collection.name for collection in found if not collection.n_documents]:
        raise KgragError(
            f"{_few(empty)}: no document is in it, so it hides nothing. Correct its patterns: kgrag users"
            " collection NAME --path PATTERN"
        )
    return f"{len(found)}, none without documents" if found else "none"


def _few(items: list[str]) -> str:
    more = len(items) - SHOWN
    return "; ".join(items[:SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _repaired(library: Library, name: str) -> Finding:
    try:
        if name == "sentences":
            library.sentences.begin_anew()
        else:
            library.rebuild(name)
    except KgragError as error:
        return Finding(name, False, str(error))
    return _follower(library, name)


def _follower(library: Library, name: str) -> Finding:
    return _checked(name, lambda: _state_of(library, name))


def _state_of(library: Library, name: str) -> str:
    """What a follower is at.

    Raises:
        KgragError: it is behind, or not whole.
    """
    heal = "kgrag doctor --repair" if name == "sentences" else f"kgrag rebuild {name}"
    if wrong := follower_files(library, name):
        raise Damaged(name, _few(wrong), f"Make it anew: {heal}")
    if name == "sentences":
        return f"vectors of {library.sentences.count()} passages"
    follower: Any = getattr(library, name)
    applied, head = follower.applied_seq(), library.catalogue.head()
    if applied != head:
        raise KgragError(f"at change {applied} of {head}. Catch up: {heal}")
    if wrong_now := _differences(library, name):
        raise KgragError(f"{wrong_now}. Make it anew: {heal}")
    return f"whole, at change {applied}"


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
