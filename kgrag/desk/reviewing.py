"""Acts of a review: search strategies, and the project that holds decisions.

Knows rights; the work is ``kgrag.review``'s.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kgrag.desk.counter import Counter

if TYPE_CHECKING:
    from kgrag.review.boolean.strategy import Built


class Reviewing(Counter):
    """See the module."""

    def build_query(self, question: str, database: str, seeds: Path | None = None) -> Built:
        """A search strategy over what the person sees; errors as
        ``kgrag.review.boolean.strategy.build_strategy``.
        """
        from kgrag.review.boolean.strategy import build_strategy, read_seeds

        self.require("read")
        given = read_seeds(seeds) if seeds is not None else []
        return build_strategy(self.library.catalogue, question, database, given, self.filters())
