"""How names are compared: one normal form for entity ids, aliases and the spans of a question.

Knows Unicode, possessives, leading articles and trailing qualifiers in brackets. Does not know which names exist.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

ENTITY_PREFIX = "e:"
_ACCENTS = re.compile("[\u0300-\u036f]+")
_TOKEN = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’]s?\b")
_QUALIFIER = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
_ARTICLE = "the"


def fold(text: str) -> str:
    """Lower case without accents or full-width forms; Chinese, Japanese and Korean are left as they are."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))


@lru_cache(maxsize=1 << 16)
def normalise_name(name: str) -> str:
    """The form under which names are equal: folded words, single spaces, no possessive and no leading "the".

    >>> normalise_name("The Pál Gábor’s"), normalise_name("SARS-CoV-2")
    ('pal gabor', 'sars cov 2')
    """
    words = _TOKEN.findall(_POSSESSIVE.sub("", fold(name)))
    if len(words) > 1 and words[0] == _ARTICLE:
        words = words[1:]
    return " ".join(words)


def entity_id(name: str) -> str:
    """The id of the entity that bears this name."""
    return ENTITY_PREFIX + normalise_name(name)


def without_qualifier(name: str) -> str:
    """The name without a last part in brackets: ``Forbidden Ground (1968 film)`` → ``Forbidden Ground``."""
    return _QUALIFIER.sub("", name) or name
