"""What an evaluation was made with: the program, the code, the models' files and the data, each by its
digest.

Knows where the shipped models are. Two evaluations with equal digests must give equal figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
MODELS = {"verifier": "verifier", "reward": "reward", "yesno": "yesno", "answerable": "answerable.json"}
_CHUNK = 1 << 20


def versions() -> dict[str, str]:
    """``kgrag`` (the installed version), ``code`` (digest of the package's source) and ``model:NAME`` (digest
    of each shipped model's files).
    """
    models = {f"model:{name}": _files(PACKAGE / "models" / "data" / place) for name, place in MODELS.items()}
    return {"kgrag": _installed(), "code": digest(sorted(PACKAGE.rglob("*.py")), PACKAGE), **models}


def digest(paths: Iterable[Path], root: Path | None = None) -> str:
    """The first 16 hex digits of the SHA-256 over the files' contents, and over their names below ``root``
    where it is given.
    """
    whole = hashlib.sha256()
    for path in paths:
        if root is not None:
            whole.update(path.relative_to(root).as_posix().encode() + b"\0")
        with path.open("rb") as file:
            while part := file.read(_CHUNK):
                whole.update(part)
    return whole.hexdigest()[:16]


def _files(place: Path) -> str:
    return (
        digest([place])
        if place.is_file()
        else digest(
            sorted(
                path for path in place.rglob("*") if path.suffix in (".npz", ".npy", ".json", ".safetensors")
            ),
            place,
        )
    )


def _installed() -> str:
    try:
        return version("kgrag")
    except PackageNotFoundError:
        return "uninstalled"
