"""Offers the desk, one object through which a person does any act. Each act requires its right, is done, and
leaves its line in the log of security, in the transaction that does it.

The web, the API, assistants, Python and the command line are thin over it; no other room writes such a line.
An act is a method of one of the modules beside this one, by subject; what it does is in the rooms below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kgrag.desk.asking import Asking
from kgrag.desk.collection import Holdings
from kgrag.desk.keeping import Keeping
from kgrag.desk.learning import Learning
from kgrag.desk.people import People
from kgrag.desk.reviewing import Reviewing
from kgrag.desk.sets import Gathering
from kgrag.library import Library
from kgrag.people.rights import LOCAL

if TYPE_CHECKING:
    from kgrag.ask.asker import Asker

__all__ = ["Desk", "local_desk"]


class Desk(Reviewing, Gathering, Asking, Holdings, People, Keeping, Learning):
    """Every act of one person in one library; its arguments are ``kgrag.desk.counter.Counter``'s."""


def local_desk(library: Library, *, asker: Callable[[], Asker] | None = None) -> Desk:
    """The desk of whoever has the library's folder in hand: every right, the whole library, no history."""
    return Desk(library, LOCAL, in_hand=True, asker=asker)
