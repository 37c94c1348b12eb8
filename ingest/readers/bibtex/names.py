"""Names of people and bodies as BibTeX and BibLaTeX write them.

Knows braces, ``and``, particles, ``Jr`` and BibLaTeX's ``family=…``; bibtexparser divides. Does not know
entries.
"""

from __future__ import annotations

import re

from bibtexparser.middlewares.names import (
    InvalidNameError,
    parse_single_name_into_parts,
    split_multiple_persons_names,
)

from ingest.readers.base import author_of
from ingest.readers.bibtex.tex import delatex
from kgrag.types import Author

_EXTENDED = re.compile(r"^\s*(?:family|given|prefix|suffix|given-i|useprefix)\s*=", re.I)
_PAIR = re.compile(r"\s*([\w-]+)\s*=\s*(\{[^{}]*\}|\"[^\"]*\"|[^,]*)\s*(?:,|$)")
_FAR_EAST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def people(value: str | None) -> list[Author]:
    """The people and bodies of a field in their order; ``others`` names nobody."""
    names = split_multiple_persons_names(value) if value else []
    written = (name.strip() for name in names)
    return [author for name in written if name.lower() != "others" and (author := _author(name))]


def _author(name: str) -> Author | None:
    if _EXTENDED.match(name):
        return _extended(name)
    if body := _in_braces(name):
        return Author(literal=delatex(body))
    readable = delatex(name)
    if _FAR_EAST.search(readable) or ("," not in name and "{" not in name):
        return author_of(readable)
    try:
        parts = parse_single_name_into_parts(name, strict=False)
    except InvalidNameError:
        return author_of(readable)
    family = delatex(" ".join([*parts.von, *parts.last]))
    given = [delatex(" ".join(part)) for part in (parts.first, parts.jr) if part]
    if not given:
        return author_of(readable)
    return Author(family, ", ".join(given)) if family else author_of(readable)


def _in_braces(name: str) -> str | None:
    """What stands in braces that hold the whole name: a body, or a person written as one. Letters with
    accents in braces are none.
    """
    match = re.fullmatch(r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}", name)
    return match[1] if match and not re.fullmatch(r"\\\W?.{1,4}", match[1]) else None


def _extended(name: str) -> Author | None:
    """``family=Vries, given=Jan, prefix=de``: the particle goes before the family name."""
    pairs = {key.lower(): delatex(value.strip('"{} ')) for key, value in _PAIR.findall(name)}
    family = " ".join(filter(None, (pairs.get("prefix"), pairs.get("family"))))
    given = ", ".join(filter(None, (pairs.get("given") or pairs.get("given-i"), pairs.get("suffix"))))
    if not family:
        return Author(literal=given) if given else None
    return Author(family, given or None)
