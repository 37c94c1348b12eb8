"""Records searches (what was typed, what was searched, what each channel was sent and found), runs them again
and compares.

Knows the table ``searches`` and the record's JSON; ``kgrag.render.search_report`` puts it into words. A
record names no person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

from kgrag.catalogue.searches import store_search
from kgrag.language.question_form import read_form
from kgrag.library import Library
from kgrag.search.retriever import Found, Retriever
from kgrag.types import Entity, Filters, Understood

SCORE_DIGITS = 6


_PACKAGES = ("kgrag", "faiss-cpu", "faiss-gpu", "tantivy", "onnxruntime", "numpy")


def kept_search(
    retriever: Retriever, question: Understood, top_k: int, mode: str, filters: Filters
) -> tuple[str, Found]:
    """Search and keep the record; returns its id beside what was found."""
    found = retriever.find(question, top_k, mode, filters)
    return (
        store_search(
            retriever.library.catalogue, record_of(retriever.library, question, found, top_k, mode, filters)
        ),
        found,
    )


def record_of(
    library: Library, question: Understood, found: Found, top_k: int, mode: str, filters: Filters
) -> dict[str, Any]:
    """The record of a search as JSON, without its id and date."""
    documents, passages = library.catalogue.size(filters.hidden)
    return {
        "question": question.question,
        "text": question.text,
        "language": question.language,
        "repairs": [list(repair) for repair in question.repairs],
        "expansions": list(question.queries),
        "entities": [{"id": entity.id, "name": entity.name} for entity in question.entities],
        "mode": mode,
        "top_k": top_k,
        "filters": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(filters).items()
            if value not in (None, ())
        },
        "channels": {name: dict(sent) for name, sent in found.sent.items()},
        "counts": dict(found.counts),
        "library": {
            "id": library.catalogue.library_id,
            **({"name": library.settings.name} if library.settings.name else {}),
            "seq": library.catalogue.head(),
            "documents": documents,
            "passages": passages,
        },
        "versions": _versions(library),
        "hits": [
            {
                "passage_id": hit.passage.id,
                "document_id": hit.document.id,
                "score": round(hit.score, SCORE_DIGITS),
            }
            for hit in found.hits
        ],
    }


def replay(retriever: Retriever, record: Mapping[str, Any]) -> tuple[Found, list[str]]:
    """Run a recorded search again.

    Args:
        retriever: over the library that is searched now.
        record: from ``stored_search``, or read from an exported file.

    Returns:
        What is found now, and each difference in words; none when ids, order and scores are the same.
    """
    question = Understood(
        record["question"],
        record["text"],
        record["language"],
        tuple((a, b, why) for a, b, why in record["repairs"]),
        tuple(Entity(entity["id"], entity["name"]) for entity in record["entities"]),
        tuple(record["expansions"]),
        read_form(record["text"]),
    )
    limits: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in record["filters"].items()
    }
    filters = Filters(**limits)
    found = retriever.find(question, record["top_k"], record["mode"], filters)
    now = record_of(retriever.library, question, found, record["top_k"], record["mode"], filters)
    return found, differences(record, now)


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What changed between two records of the same search: hits first, then what may explain it."""
    lines = _hit_differences(before["hits"], now["hits"])
    if not lines:
        return []
    for name in ("id", "seq", "documents", "passages"):
        if before["library"][name] != now["library"][name]:
            lines.append(f"library {name}: {before['library'][name]} then, {now['library'][name]} now")
    for name in sorted({*before["versions"], *now["versions"]}):
        if before["versions"].get(name) != now["versions"].get(name):
            lines.append(f"{name}: {before['versions'].get(name)} then, {now['versions'].get(name)} now")
    return lines


def _hit_differences(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[str]:
    places = {hit["passage_id"]: (rank, hit["score"]) for rank, hit in enumerate(now, start=1)}
    lines = []
    for rank, hit in enumerate(before, start=1):
        place = places.pop(hit["passage_id"], None)
        if place is None:
            lines.append(f"{hit['passage_id']}: was {rank}, is not found")
        elif place != (rank, hit["score"]):
            lines.append(f"{hit['passage_id']}: was {rank} ({hit['score']}), is {place[0]} ({place[1]})")
    return lines + [f"{passage}: is {rank}, was not found" for passage, (rank, _) in places.items()]


def _versions(library: Library) -> dict[str, str]:
    return {
        "embedder": library.embedder.identity,
        "ranker": _ranker_digest(),
        "graph": type(library.graph).__module__,
        "vectors": library.vectors.described(),
        **_installed(),
    }


@lru_cache(maxsize=1)
def _ranker_digest() -> str:
    return (
        "sha256:"
        + hashlib.sha256(files("kgrag.search").joinpath("data/ranker.npz").read_bytes()).hexdigest()[:16]
    )


@lru_cache(maxsize=1)
def _installed() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
