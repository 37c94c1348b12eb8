"""Stores what people say of answers: rankings of candidates and verdicts on single claims.

The reward model learns from these.

Knows the table ``feedback``. A rater is whatever name the caller gives; nothing else of a person is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.answers import stored_answer
from kgrag.errors import NotFound, UsageError
from kgrag.library import Library

MAX_NOTE = 2000


def store_ranking(
    catalogue: Catalogue, answer_id: str, ranks: Sequence[int], rater: str, note: str = ""
) -> int:
    """Keep a person's ranking of an answer's candidates.

    Args:
        catalogue: of the library.
        answer_id: a stored answer.
        ranks: the rank of each candidate in the answer's order, 1 the best; equal ranks are ties.
        rater: who ranked, as the caller names people.
        note: anything they wrote beside it.

    Returns:
        The key of the entry.

    Raises:
        NotFound: no such answer.
        UsageError: not one rank a candidate, fewer than two candidates, a rank below 1, or all equal.
    """
    answer = stored_answer(catalogue, answer_id)
    texts = [candidate["text"] for candidate in answer["candidates"]]
    if len(texts) < 2 or len(ranks) != len(texts) or min(ranks) < 1 or len(set(ranks)) < 2:
        raise UsageError(
            f"Answer '{answer_id}' has {len(texts)} candidates; the ranks {list(ranks)} do not order them. "
            "Give each a rank from 1 (best), with at least one difference."
        )
    order = sorted(range(len(texts)), key=lambda i: (ranks[i], i))
    evidence = [evidence["quote"] for claim in answer["claims"] for evidence in claim["evidence"]]
    body = {
        "question": answer["question"],
        "answers": texts,
        "ranking": order,
        "scores": [-rank for rank in ranks],
        "evidence": evidence,
        "models": answer["models"],
        "makers": [candidate.get("maker", "unknown") for candidate in answer["candidates"]],
        "note": note[:MAX_NOTE],
    }
    return _store(catalogue, answer_id, rater, "ranking", body)


def store_claim_verdict(
    catalogue: Catalogue, answer_id: str, claim_id: str, right: bool, rater: str, note: str = ""
) -> int:
    """Keep a person's word on one claim: right or wrong.

    Errors as ``store_ranking``; NotFound also for an unknown claim.
    """
    answer = stored_answer(catalogue, answer_id)
    claim = next((claim for claim in answer["claims"] if claim["id"] == claim_id), None)
    if claim is None:
        raise NotFound(
            f"Answer '{answer_id}' has no claim '{claim_id}' (found:"
            f" {', '.join(c['id'] for c in answer['claims'])})."
        )
    body = {
        "claim_id": claim_id,
        "claim": claim["text"],
        "evidence": [e["quote"] for e in claim["evidence"]],
        "score": claim["support"]["score"],
        "threshold": claim["support"]["threshold"],
        "question": answer["question"],
        "models": answer["models"],
        "right": right,
        "note": note[:MAX_NOTE],
    }
    return _store(catalogue, answer_id, rater, "claim", body)


def read_feedback(catalogue: Catalogue, kind: str) -> Iterator[dict[str, Any]]:
    """All entries of a kind (``ranking`` or ``claim``), oldest first: the body with ``answer_id``, ``rater``
    and ``created``.
    """
    for row in catalogue.rows(select(t.feedback).where(t.feedback.c.kind == kind).order_by(t.feedback.c.key)):
        yield {**row.body, "answer_id": row.answer_id, "rater": row.rater, "created": row.created}


def usable_rankings(library: Library) -> list[dict[str, Any]]:
    """The rankings, oldest first, without those of raters whose feedback is not to be used."""
    unused = unused_raters(library)
    return [row for row in read_feedback(library.catalogue, "ranking") if row["rater"] not in unused]


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """What people say of one claim that was shown; ``raters`` is each rater's last word.

    Made by ``claim_verdicts``.
    """

    id: str
    answer_id: str
    question: str
    claim: str
    evidence: tuple[str, ...]
    score: float
    threshold: float
    models: Mapping[str, str]
    raters: Mapping[str, bool]
    notes: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether more raters call it right than wrong."""
        return 2 * sum(self.raters.values()) > len(self.raters)

    @property
    def quoted(self) -> bool:
        """Whether the claim stands word for word in its evidence, so that no verifier was asked."""
        return any(self.claim.strip() == quote.strip() for quote in self.evidence)


def claim_verdicts(library: Library) -> list[ClaimVerdict]:
    """Each claim that people marked right or wrong, oldest first; raters whose feedback is not to be used are
    left out.
    """
    unused = unused_raters(library)
    entries: dict[str, list[dict[str, Any]]] = {}
    for row in read_feedback(library.catalogue, "claim"):
        if row["rater"] not in unused:
            entries.setdefault(f"{row['answer_id']}/{row['claim_id']}", []).append(row)
    return [_joined(name, rows) for name, rows in entries.items()]


def _joined(name: str, rows: Sequence[Mapping[str, Any]]) -> ClaimVerdict:
    last = rows[-1]
    return ClaimVerdict(
        name,
        last["answer_id"],
        last.get("question", ""),
        last["claim"],
        tuple(last["evidence"]),
        last["score"],
        last.get("threshold", 1.0),
        last.get("models", {}),
        {row["rater"]: row["right"] for row in rows},
        tuple(row["note"] for row in rows if row["note"]),
    )


def unused_raters(library: Library) -> frozenset[str]:
    """The raters whose rankings an admin does not want used for training: those of roles for which
    ``feedback`` is turned off.
    """
    from kgrag.people.pseudonyms import pseudonym
    from kgrag.people.rights import Rights
    from kgrag.people.users import Users

    rights = Rights(library.catalogue)
    return frozenset(
        pseudonym(library.folder, user.id, "rater")
        for user in Users(library.catalogue).list()
        if rights.is_off("feedback", user.role)
    )


def _store(catalogue: Catalogue, answer_id: str, rater: str, kind: str, body: dict[str, Any]) -> int:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    with catalogue.writing() as connection:
        result = connection.execute(
            insert(t.feedback).values(answer_id=answer_id, created=created, rater=rater, kind=kind, body=body)
        )
        key = result.inserted_primary_key
        assert key is not None
        return int(key[0])
