"""Gives names one normal form, by which entity ids, aliases and the spans of a question are compared.

Knows Unicode, possessives, leading articles and trailing qualifiers in brackets. Does not know which names
exist.
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


def plain(text: str) -> str:
    """The text as a key for comparison: compatibility forms, no accents, no case, letters and digits only,
    single spaces.
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", bare.casefold().replace("_", " ")))


def work_key(title: str | None, year: int | None, family: str) -> str | None:
    """Title, year and first author's family name as one key, equal however they are written; None where the
    title is too short to tell works apart.
    """
    bare = plain(title or "").replace(" ", "")
    if len(bare) < 12 and not (len(bare) >= 6 and bare[0] > "\u2e80"):
        return None
    return f"{bare}|{year or ''}|{plain(family).replace(' ', '')}"


def title_key(title: str | None, year: int | None) -> str | None:
    """Title and year as a key by which a reference without identifier finds its work; None where they are too
    common to tell works apart.
    """
    bare = plain(title or "").replace(" ", "")
    specific = len(bare) >= 25 or (len(bare) >= 8 and bare[0] > "\u2e80")
    return f"titled:{bare}|{year}" if year and specific else None


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
