"""Looks through the settings that a backup brings: those that would have this machine talk to others, or
open it to them, are not used before somebody says so.

Knows which settings lead elsewhere. A backup may be somebody else's, and its maker could have a question, or
a password of the environment, sent to them.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from kgrag.backends import BACKENDS

ELSEWHERE = (
    "catalogue_url",
    "neo4j_uri",
    "neo4j_user",
    "neo4j_database",
    "llm",
    "llm_url",
    "llm_in_house",
    "open_role",
    "host",
    "hosts",
    "proxies",
    "public_url",
    "ingest_paths",
    "openurl",
    "oidc_issuer",
    "oidc_client_id",
    "oidc_roles",
    "oidc_default_role",
    "oidc_groups_claim",
)
"""Settings that name an address or a folder, or say who may come in."""
HERE = {
    "graph": {"embedded"},
    "auth": {"password"},
    "embedder": set(BACKENDS["embedder"]),
    "verifier": {"default"},
}
"""Settings of which some values stay on this machine; another one is a model or a server to be fetched."""


def set_aside(path: Path, *, trust: bool) -> dict[str, dict[str, Any]]:
    """Take what leads elsewhere out of a restored ``kgrag.toml``; it stays in the file as a comment.

    Args:
        path: of the file; there need be none.
        trust: whether to leave all in use.

    Returns:
        ``used`` and ``set_aside``, each with its values.

    Raises:
        ValueError: it is no TOML.
    """
    if not path.is_file():
        return {"used": {}, "set_aside": {}}
    values: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    aside = {} if trust else {name: value for name, value in values.items() if leads_elsewhere(name, value)}
    used = {name: value for name, value in values.items() if name not in aside}
    if aside:
        lines = [
            *(f"{name} = {_toml(value)}" for name, value in used.items()),
            "# From the backup, and not in use: take the # away to use it.",
            *(f"# {name} = {_toml(value)}" for name, value in aside.items()),
        ]
        path.write_text("\n".join([*lines, ""]), "utf-8")
    return {"used": used, "set_aside": aside}


def leads_elsewhere(name: str, value: Any) -> bool:
    """Whether a setting could have this machine talk to others, or open it to them."""
    return name in ELSEWHERE or (name in HERE and value not in HERE[name])


def _toml(value: Any) -> str:
    """A value of a setting: JSON's strings, numbers, lists and booleans are TOML's too."""
    return json.dumps(value, ensure_ascii=True)
