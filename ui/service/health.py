"""Whether the service can answer questions now: for who sends people to one of several services.

Knows the library's parts. Says which part does not answer, never why or where: anybody may ask.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from kgrag.errors import KgragError
from kgrag.library import Library

logger = logging.getLogger(__name__)


def waiting_for(library: Library) -> list[str]:
    """The parts that do not answer, of catalogue, vectors and words; none where questions can be answered.

    The graph is none of them: another stands in for it.
    """
    parts: dict[str, Callable[[], Any]] = {
        "catalogue": library.catalogue.head,
        "vectors": lambda: library.vectors.applied_seq(),
        "words": lambda: library.words.applied_seq(),
    }
    return [name for name, ask in parts.items() if not _answers(name, ask)]


def _answers(name: str, ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except (KgragError, SQLAlchemyError) as error:
        logger.warning("%s does not answer: %s", name, error)
        return False
    return True
