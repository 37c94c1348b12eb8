"""What the pages tell of an answer's works and of the library's state, for one person.

Knows the library through a ``Service``. Does not know HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from kgrag.catalogue import schema as t
from kgrag.holdings import browse
from kgrag.holdings.full_text import whole_among
from kgrag.people.rights import may
from kgrag.types.answer_json import AnswerJson
from ui.service.service import Service

DONE = ("done", "quarantined", "failed")


def held(service: Service, ids: Sequence[str]) -> dict[str, str]:
    """What the library holds of documents for the person: ``full``, ``record``, or ``gone``."""
    found = whole_among(service.library.catalogue, ids)
    readable = {one for one in found if service.records.readable(one)}
    return {
        one: "gone" if one not in found else "full" if found[one] and one in readable else "record"
        for one in ids
    }


def held_of(service: Service, answer: AnswerJson) -> dict[str, str]:
    """``held`` of the works that an answer rests on."""
    ids = [evidence["document_id"] for claim in answer["claims"] for evidence in claim["evidence"]]
    ids += [fact["document_id"] for fact in answer.get("record", ())]
    return held(service, list(dict.fromkeys(ids)))


def state(service: Service) -> dict[str, Any]:
    """``{"empty", "reading": {"done", "of"} or None, "may_add"}``: whether the library holds nothing for the
    person, how far the batch is that is being read, and whether they may add papers.
    """
    return {
        "empty": not browse.counts(service.library.catalogue, service.filters())["documents"],
        "reading": _reading(service),
        "may_add": may(service.person, "ingest"),
    }


def _reading(service: Service) -> dict[str, int] | None:
    """How many files of the running batch are done; told to everybody, since it explains what is missing."""
    j, i = t.jobs.c, t.job_items.c
    rows = service.batches.library.catalogue.rows(
        select(i.state, func.count().label("n"))
        .select_from(t.job_items)
        .join(t.jobs, j.key == i.job_key)
        .where(j.key == select(func.max(j.key)).where(j.state == "running").scalar_subquery())
        .group_by(i.state)
    )
    counts = {row.state: int(row.n) for row in rows}
    if not counts or not any(counts.get(one) for one in ("pending", "leased")):
        return None
    return {"done": sum(counts.get(one, 0) for one in DONE), "of": sum(counts.values())}
