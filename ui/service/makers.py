"""A process that makes pictures of pages and files of answers: a PDF or a format that takes long, or makes a
library of it crash, costs its asker their picture and nobody anything else.

Knows what is sent to and fro. What is made is ``kgrag.export``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from kgrag.desk import Desk
from kgrag.export.pages.pictures import page_count, page_png
from kgrag.library import Library
from kgrag.people.rights import Person
from kgrag.settings import Settings
from ui.service.processes import Processes, begin, served

N = 1


class Makers(Processes):
    """See the module.

    Args:
        settings: of the library.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(_make_all, settings, N)

    def page_png(self, path: Path, page: int, boxes: Sequence[Sequence[float]]) -> bytes | None:
        """As ``kgrag.export.pages.pictures.page_png``. Errors as ``Processes.done``."""
        made: bytes | None = self.done(("picture", path, page, boxes), {})
        return made

    def page_count(self, path: Path) -> int:
        """As ``kgrag.export.pages.pictures.page_count``. Errors as ``Processes.done``."""
        return int(self.done(("pages", path), {}))

    def export(
        self,
        person: Person,
        answer_id: str,
        format: str,
        asker: str,
        stopped: Callable[[], bool] = lambda: False,
    ) -> bytes:
        """As ``Desk.export`` of a person. Errors as there and as ``Processes.done``."""
        made: bytes = self.done(("export", person, answer_id, format, asker), {}, stopped)
        return made


def _make_all(pipe: Connection, settings: Settings) -> None:
    """The process: make what comes until the service ends."""
    begin()
    made = _Made(settings)
    try:
        served(pipe, made)
    except (OSError, EOFError):
        return
    finally:
        made.close()


class _Made:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def library(self) -> Library:
        """Opened with the first export; pictures need none."""
        return Library(self.settings)

    def __call__(self, work: str, *given: Any) -> Any:
        if work == "picture":
            return page_png(*given)
        if work == "pages":
            return page_count(*given)
        person, answer_id, format, asker = given
        return Desk(self.library, person).export(answer_id, format, asker=asker)

    def close(self) -> None:
        if "library" in self.__dict__:
            self.library.close()
