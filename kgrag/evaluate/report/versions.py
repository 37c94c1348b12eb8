"""What an evaluation was made with: the program, the code, the models' files and the data, each by its
digest.

Knows where the shipped models are. Two evaluations with equal digests must give equal figures.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kgrag.system.files import digest

PACKAGE = Path(__file__).parents[2]


MODELS = {"verifier": "verifier", "reward": "reward", "yesno": "yesno", "answerable": "answerable.json"}


def versions() -> dict[str, str]:
    """``kgrag`` (the installed version), ``code`` (digest of the package's source) and ``model:NAME`` (digest
    of each shipped model's files).
    """
    models = {f"model:{name}": _files(PACKAGE / "models" / "data" / place) for name, place in MODELS.items()}
    return {"kgrag": _installed(), "code": digest(sorted(PACKAGE.rglob("*.py")), PACKAGE), **models}


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
