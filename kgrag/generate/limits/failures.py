"""Tells by a client's error what is the matter with a model server, in a librarian's words.

Knows the errors of the HTTP clients by their status and message, not by their classes. Does not know what is
done about them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["down", "slow", "busy", "faulty", "too long", "refused", "spent", "unreadable"]
_TOO_LONG = re.compile(
    r"context[ _](?:size|length|window)|maximum context|too many tokens|prompt is too long", re.I
)
_CONTEXT = re.compile(r"(?:context size \(|n_ctx\D{1,4}|context length is )(\d+)")
BAD_REQUEST, TOO_LARGE, TOO_MANY, SERVER = 400, 413, 429, 500


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong: its kind, a sentence for people, the context in tokens where the server told it."""

    kind: Kind
    words: str
    context: int | None = None

    @property
    def passing(self) -> bool:
        """Whether the server itself is in trouble, so that others should not ask it now either."""
        return self.kind in ("down", "slow", "busy", "faulty")


def failure_of(error: BaseException, model: str) -> Failure:
    """What an error of a client means."""
    status, text = _status(error), " ".join(str(error).split())
    names = " ".join(cls.__name__ for cls in type(error).__mro__)
    if status in (BAD_REQUEST, TOO_LARGE) and _TOO_LONG.search(text):
        told = _CONTEXT.search(text)
        words = f"The question's quotes are too long for the model '{model}'."
        return Failure("too long", words, int(told.group(1)) if told else None)
    if status == TOO_MANY:
        return Failure("busy", f"The server of the model '{model}' has too much to do.")
    if status is not None and status >= SERVER:
        return Failure("faulty", f"The server of the model '{model}' reports a fault of its own ({status}).")
    if status is not None:
        return Failure(
            "refused", f"The server of the model '{model}' refused the request ({status}: {text[:160]})."
        )
    if "Timeout" in names or "timed out" in text.lower():
        return Failure("slow", f"The model '{model}' did not answer in time.")
    if "Connect" in names or "APIConnectionError" in names:
        return Failure("down", f"The server of the model '{model}' cannot be reached.")
    return Failure(
        "unreadable", f"The reply of the model '{model}' could not be read ({type(error).__name__})."
    )


def _status(error: BaseException) -> int | None:
    for name in ("status_code", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int) and value >= BAD_REQUEST:
            return value
    return None
