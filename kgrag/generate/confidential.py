"""Decides which texts may leave the house, and which models run in it.

What may not leave is never put into a prompt for a model elsewhere.

Knows licences, source paths and addresses. Does not know prompts. A title is metadata and always may be
named.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from kgrag.settings import Settings
from kgrag.system.network import is_loopback
from kgrag.types import Document

UNKNOWN = "unknown"


_LOCAL_BY_DEFAULT = ("ollama", "huggingface")


def is_restricted(document: Document, settings: Settings) -> bool:
    """Whether the document's text may not leave the house: its licence or its source path fits one of the
    admin's patterns.
    """
    licence = (document.record.licence or UNKNOWN).casefold()
    by_licence = any(fnmatchcase(licence, pattern.casefold()) for pattern in settings.restricted_licences)
    return by_licence or any(
        fnmatchcase(document.record.source.path, pattern) for pattern in settings.restricted_paths
    )


def model_is_local(settings: Settings) -> bool:
    """Whether the language model of the settings runs in the house: as the admin says, else by its kind and
    address.
    """
    if settings.llm_in_house is not None:
        return settings.llm_in_house
    kind = (settings.llm or "").partition(":")[0]
    if kind == "huggingface":
        return True
    return is_loopback(settings.llm_url) if settings.llm_url else kind in _LOCAL_BY_DEFAULT
