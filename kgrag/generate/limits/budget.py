"""Limits how many tokens the language model of a library may cost in a day, counted over all processes.

Knows one small file in the library. Tokens are counted as four characters each, prompt and reply, as no
server's own count is sure to come.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from kgrag.errors import ServiceUnavailable
from kgrag.system.files import write_whole
from kgrag.system.locking import file_lock

CHARACTERS_A_TOKEN = 4


class Budget:
    """See the module.

    Args:
        folder: of the library.
        limit: tokens a day; 0 for no limit.
        today: the day; of UTC by default.
    """

    def __init__(
        self,
        folder: Path,
        limit: int,
        today: Callable[[], str] = lambda: datetime.now(UTC).date().isoformat(),
    ) -> None:
        self.limit, self._today = limit, today
        self._path, self._lock = folder / "llm_usage.json", folder / ".llm_usage.lock"

    def affordable(self, n_calls: int, characters: int) -> int:
        """How many of some calls, each of so many characters, the rest of the day's budget allows; at least
        one where anything is left.

        Raises:
            ServiceUnavailable: nothing is left.
        """
        if not self.limit:
            return n_calls
        left = self.limit - self.spent()
        if left <= 0:
            raise ServiceUnavailable(
                f"The day's budget of {self.limit:,} tokens for the language model is used up (setting"
                " llm_budget_tokens)."
            )
        return max(1, min(n_calls, left // max(characters // CHARACTERS_A_TOKEN, 1)))

    def spend(self, characters: int) -> None:
        """Note what calls have cost."""
        if self.limit:
            with file_lock(self._lock):
                tokens = self.spent() + characters // CHARACTERS_A_TOKEN
                write_whole(self._path, json.dumps({"day": self._today(), "tokens": tokens}))

    def spent(self) -> int:
        """Tokens of today."""
        if not self._path.is_file():
            return 0
        held = json.loads(self._path.read_text("utf-8"))
        return int(held["tokens"]) if held["day"] == self._today() else 0
