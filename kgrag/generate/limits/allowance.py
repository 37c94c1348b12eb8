"""What the drafts of one question may still cost: one deadline, one count of requests, one count of tokens.

Knows time and numbers. Does not know models.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

from kgrag.types import Cost


class Spent(Exception):
    """A limit is reached; the text says which."""


@dataclass
class Allowance:
    """See the module; several threads may take from it.

    Args:
        seconds: for everything.
        requests: sent, at most.
        tokens: of prompts and replies; 0 for no limit.
    """

    seconds: float
    requests: int
    tokens: int = 0
    _start: float = field(default_factory=time.monotonic)
    _lock: Lock = field(default_factory=Lock)
    _requests: int = 0
    _prompt: int = 0
    _reply: int = 0

    def left_s(self) -> float:
        """Seconds until the deadline; 0 after it."""
        return max(0.0, self._start + self.seconds - time.monotonic())

    def take(self, prompt_tokens: int, reply_tokens: int) -> float:
        """Count one request of so many tokens at most, before it is sent; returns the seconds left for it.

        Raises:
            Spent: it would pass a limit.
        """
        with self._lock:
            if not (left := self.left_s()):
                raise Spent(f"the {self.seconds:g} s for a question are over")
            if self._requests >= self.requests:
                raise Spent(f"the {self.requests} requests for a question are used up")
            if self.tokens and self._prompt + self._reply + prompt_tokens + reply_tokens > self.tokens:
                raise Spent(f"the {self.tokens:,} tokens for a question would be passed")
            self._requests += 1
            self._prompt += prompt_tokens
            self._reply += reply_tokens
            return left

    def correct(self, prompt_tokens: int, reply_tokens: int) -> None:
        """Add to the counts what a reply has cost more, or less (negative), than was taken for it."""
        with self._lock:
            self._prompt += prompt_tokens
            self._reply += reply_tokens

    def cost(self) -> Cost:
        """What was taken so far."""
        return Cost(self._requests, self._prompt, self._reply, self.seconds - self.left_s())
