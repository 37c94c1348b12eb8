"""Rate limits, in memory of one process: so many questions, logins and requests a time.

Knows windows and keys. Whoever sits at the machine of a service without users has no limit.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from kgrag.errors import TooMany, UsageError
from kgrag.people.rights import LOCAL
from kgrag.settings import Settings

_WHAT = {"ask": "questions and searches", "login": "login attempts", "api": "requests"}


class Limits:
    """See the module.

    Args:
        settings: of the library; ``rate_ask``, ``rate_login`` and ``rate_api`` such as ``30/minute``.

    Raises:
        UsageError: a rate that is none.
    """

    def __init__(self, settings: Settings) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._rates: Mapping[str, RateLimitItem | None] = {
            what: _parsed(f"rate_{what}", getattr(settings, f"rate_{what}")) for what in _WHAT
        }

    def hit(self, what: str, who: str) -> None:
        """Count one more.

        Args:
            what: ask, login or api.
            who: a person's id, a token's, or an address.

        Raises:
            TooMany: too many within the window; with when to come again.
        """
        rate = self._rates[what]
        if rate is None or who == LOCAL.id or self._limiter.hit(rate, what, who):
            return
        left = max(1.0, self._limiter.get_window_stats(rate, what, who).reset_time - time.time())
        raise TooMany(
            f"Too many {_WHAT[what]}: {rate.amount} in {rate.multiples if rate.multiples > 1 else 'a'}"
            f" {rate.GRANULARITY.name}{'s' if rate.multiples > 1 else ''} are allowed. Try again in"
            f" {left:.0f} s.",
            left,
        )


def _parsed(name: str, text: str) -> RateLimitItem | None:
    if not text:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(
            f"{name} is '{text}'; write NUMBER/second, /minute or /hour, or nothing for no limit."
        ) from error
