"""What people say of an answer: rankings of its candidates, ratings, comments; kept as given. Knows the table ``feedback``.

Does not know who may rate, nor how rankings train the reward model.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert

from kgrag.answers import stored_answer
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.errors import UsageError

KINDS = ("ranking", "rating", "comment")


def store_feedback(catalogue: Catalogue, answer_id: str, kind: str, body: Mapping[str, Any], rater: str) -> int:
    """Keep one piece of feedback; returns its number.

    Args:
        catalogue: of the library that gave the answer.
        answer_id: the answer.
        kind: ``ranking`` (``{"ranking": [candidate numbers from 0, best first]}``), ``rating`` (``{"value": -1 | 0 | 1}``) or ``comment`` (``{"text": …}``).
        body: what was said.
        rater: a pseudonym.

    Raises:
        NotFound: no such answer.
        UsageError: an unknown kind, or a ranking of candidates that the answer has not.
    """
    if kind not in KINDS:
        raise UsageError(f"No feedback of kind '{kind}' (found: {', '.join(KINDS)}).")
    answer = stored_answer(catalogue, answer_id)
    if kind == "ranking":
        _check_ranking(body.get("ranking"), len(answer["candidates"]), answer_id)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    with catalogue.writing() as connection:
        result = connection.execute(insert(t.feedback).values(answer_id=answer_id, created=created, rater=rater, kind=kind, body=dict(body)))
        key = result.inserted_primary_key
        assert key is not None
        return int(key[0])


def _check_ranking(ranking: Any, n_candidates: int, answer_id: str) -> None:
    if not isinstance(ranking, list) or len(ranking) < 2 or len(set(ranking)) != len(ranking) or not set(ranking) <= set(range(n_candidates)):
        raise UsageError(f"The ranking {ranking} is not of the candidates of '{answer_id}' (found: {n_candidates}, numbered from 0; rank at least two, each once).")
