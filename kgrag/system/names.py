r"""Names of files whose bytes are no UTF-8: carried inside as Python has them (``surrogateescape``), shown
and stored escaped.

Knows how such a name is written (``caf\xe9.ris``) and found again.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_FOREIGN = re.compile("[\udc80-\udcff]")
_ESCAPED = re.compile(r"\\x([89a-f][0-9a-f])")


def shown(path: str | os.PathLike[str]) -> str:
    r"""A path as text that can be printed and stored: a byte that is no UTF-8 as ``\xe9``."""
    return _FOREIGN.sub(lambda sign: f"\\x{ord(sign.group()) - 0xDC00:02x}", os.fspath(path))


def real(text: str) -> Path:
    """The path that was shown so: as it stands where there is such a file, else with its own bytes."""
    path = Path(text)
    if "\\x" not in text or os.path.lexists(path):
        return path
    own = Path(_ESCAPED.sub(lambda byte: chr(0xDC00 + int(byte.group(1), 16)), text))
    return own if os.path.lexists(own) else path
