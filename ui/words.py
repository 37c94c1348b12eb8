"""The interface's words in English and 简体中文, from ``words.toml``.

Knows keys; a missing word is an error in the tests, never on the page.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from typing import Literal

from ui.words_admin import ADMIN_WORDS

Language = Literal["en", "zh"]


def _read() -> dict[str, tuple[str, str]]:
    """The words of the file, English before Chinese."""
    found = tomllib.loads((files("ui") / "words.toml").read_text("utf-8"))
    return {key: (english, chinese) for key, (english, chinese) in found.items()}


WORDS: dict[str, tuple[str, str]] = {**_read(), **ADMIN_WORDS}


def word(key: str, language: Language, **values: object) -> str:
    """The word in the interface's language, its {places} filled."""
    text = WORDS[key][0 if language == "en" else 1]
    return text.format(**values) if values else text


@cache
def words(language: Language) -> Callable[..., str]:
    """``word`` in one language, for templates: ``w('partial', n=3)``."""
    return partial(word, language=language)
