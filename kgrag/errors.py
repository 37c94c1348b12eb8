"""Everything that can go wrong, as one tree::

    KgragError                  what failed, the value, what exists, the next command
    ├── UsageError              wrong arguments or settings                  (exit 2)
    ├── NotFound                no such document, answer, passage, model …   (exit 1)
    ├── Forbidden               the role may not do that, or it is off       (exit 1)
    ├── TooMany                 too many requests or failed logins           (exit 1, retryable)
    ├── ReadError               a file that cannot be read: quarantine       (exit 3)
    ├── IndexMismatch           an index made by another model or version    (exit 1)
    ├── MissingExtra            a backend whose packages are not installed   (exit 1)
    ├── LibraryLocked           another process writes                       (exit 1, retryable)
    ├── DiskFull                no space is left for what is written         (exit 1, retryable)
    ├── TooLong                 work that took more time than one may have   (exit 1, retryable)
    ├── Damaged                 a part of the library that cannot be read    (exit 1)
    ├── ReadOnly                no right to write what must be written       (exit 1)
    ├── Stopped                 the person who asked stopped it              (exit 1, retryable)
    └── ServiceUnavailable      Neo4j, a model server …                      (exit 1, retryable)

``retryable`` says whether the same call may succeed later.
"""

from __future__ import annotations


class KgragError(Exception):
    """Base of all errors that people see; its text is shown unchanged in chat and command line."""

    exit_code = 1
    retryable = False


class UsageError(KgragError):
    """Wrong arguments or settings."""

    exit_code = 2


class NotFound(KgragError):
    """The thing asked for does not exist in this library."""


class Forbidden(KgragError):
    """The person's role may not do this, or an admin has turned it off for that role."""


class TooMany(KgragError):
    """Too many requests, or too many failed logins; ``retry_after_s`` says when to come again."""

    retryable = True

    def __init__(self, text: str, retry_after_s: float) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class ReadError(KgragError):
    """A file or record that cannot be read; the text is the reason shown in quarantine."""

    exit_code = 3


class IndexMismatch(KgragError):
    """An index was made by another model or version than the one in use."""


class MissingExtra(KgragError):
    """A backend was asked for whose packages are not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs packages that are not installed. Install them: pip install 'kgrag[{extra}]'"
        )


class TooLong(KgragError):
    """A question, a text, a picture or an export took more time than one may have; nothing was kept."""

    retryable = True

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"This took longer than {seconds:.0f} seconds, the most that one person's work may take, and was"
            " stopped. Ask for less at a time, or an admin raises longest_s."
        )


class Damaged(KgragError):
    """A part of the library cannot be read: truncated, overwritten, or not what it should be.

    Args:
        part: of the library, as commands call it.
        what: that was seen.
        heal: what to do, a command where there is one.
    """

    def __init__(self, part: str, what: object, heal: str) -> None:
        super().__init__(f"The library's {part} cannot be read ({_first_line(what)}). {heal}")
        self.part, self.heal = part, heal


def _first_line(what: object) -> str:
    lines = str(what).strip().splitlines()
    return lines[0][:200] if lines else type(what).__name__


class Stopped(KgragError):
    """The person who asked stopped it; nothing was kept."""

    retryable = True


class LibraryLocked(KgragError):
    """Another process is writing to this library."""

    retryable = True


class DiskFull(KgragError):
    """No space is left on the disk; what was committed before stands, and the next run goes on from there."""

    retryable = True

    def __init__(self, where: object) -> None:
        super().__init__(
            f"No space is left for {where}. What was read before is kept. Make room, and give the same"
            " command again: it goes on where it stopped."
        )


class ReadOnly(KgragError):
    """A folder cannot be written; nothing was changed."""

    def __init__(self, where: object) -> None:
        super().__init__(
            f"{where} cannot be written by this account, not even for reading: a library keeps its log there."
            " Give the account the right to write it, or copy the library."
        )


class ServiceUnavailable(KgragError):
    """A service that we were told to use does not answer."""

    retryable = True
