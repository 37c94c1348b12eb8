"""Keeps a library's processes from asking a model server that has just failed.

Knows one small file in the library: until when which server is left alone, and why.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from kgrag.errors import ServiceUnavailable
from kgrag.system.files import write_whole
from kgrag.system.locking import file_lock


class Pause:
    """See the module.

    Args:
        folder: of the library.
        server: names it, by kind, model and address.
        length_s: how long it is left alone; 0: never.
    """

    def __init__(self, folder: Path, server: str, length_s: float) -> None:
        self._path, self._lock = folder / "llm_pause.json", folder / ".llm_pause.lock"
        self._server, self._length_s = server, length_s

    def begin(self, reason: str) -> None:
        """Leave the server alone from now on."""
        if self._length_s:
            with file_lock(self._lock):
                held = self._held()
                held[self._server] = {"until": time.time() + self._length_s, "reason": reason}
                write_whole(self._path, json.dumps(held))

    def check(self) -> None:
        """Raises:
        ServiceUnavailable: the server is left alone; the text says why and for how long.
        """
        told = self._held().get(self._server)
        left = told["until"] - time.time() if told else 0.0
        if told and 0 < left <= self._length_s:
            raise ServiceUnavailable(f"{told['reason']} It is asked again in {left:.0f} s.")

    def _held(self) -> dict[str, Any]:
        """What is in the file and not over; a file that cannot be read holds nothing."""
        try:
            held = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return {name: told for name, told in held.items() if told["until"] > time.time()}
