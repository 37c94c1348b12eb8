"""What a record keeps beside its own fields, in one form whatever format it came from: editors, place,
address, date, series, edition, genre.

Knows under which names readers keep these (``Record.extra``). What is not there, or cannot be read, is left
out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from kgrag.types import Author, Record
from kgrag.types.answer_json import AuthorJson, KeptJson

_NAMES = {
    "place": ("place", "address", "location"),
    "series": ("series",),
    "edition": ("edition",),
    "genre": ("type", "degree"),
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""As BibTeX names them."""


def kept_fields(record: Record) -> KeptJson:
    """The fields that the record has."""
    extra = record.extra
    plain = {
        **{name: _first(extra, *keys) for name, keys in _NAMES.items()},
        "editors": editors_of(record),
        "url": _address(extra),
        "date": date_of(record),
    }
    return cast(KeptJson, {name: value for name, value in plain.items() if value})


def editors_of(record: Record) -> list[AuthorJson]:
    """The editors' names; none where the record names none. Earlier versions kept them as written."""
    if record.editors:
        return [name_to_json(editor) for editor in record.editors]
    written = record.extra.get("editor") or record.extra.get("editors") or ""
    names = written.split(";") if ";" in written else re.split(r"\s+and\s+", written)
    return [_name(name) for name in names if name.strip(" ,")]


def name_to_json(name: Author) -> AuthorJson:
    """A name; what is not known is left out, but for a family and a given name."""
    plain: AuthorJson = {"family": name.family, "given": name.given}
    if name.literal:
        plain["literal"] = name.literal
    if name.orcid:
        plain["orcid"] = name.orcid
    if name.affiliation:
        plain["affiliation"] = name.affiliation
    return plain


def _name(written: str) -> AuthorJson:
    family, comma, given = written.strip(" ,").partition(",")
    if comma:
        return {"family": family.strip(), "given": given.strip()}
    return {"family": None, "given": None, "literal": family}


def date_of(record: Record) -> str | None:
    """The date in the record's year, to the month or the day (``1931-03-04``); None where only the year is
    known.
    """
    extra = record.extra
    written = extra.get("date") or " ".join(filter(None, (extra.get("month"), extra.get("day"))))
    if not record.year or not written:
        return None
    tokens = re.findall(r"[A-Za-z]+|\d+", written.split(";")[0])
    if str(record.year) in tokens:
        place = tokens.index(str(record.year))
        tokens = tokens[place + 1 :] or tokens[:place]
    month = next((_month(token) for token in tokens if _month(token)), None)
    if month is None:
        return None
    day = next((int(each) for each in tokens[1:] if each.isdecimal() and 1 <= int(each) <= 31), None)
    return f"{record.year:04}-{month:02}" + (f"-{day:02}" if day else "")


def _month(token: str) -> int | None:
    """A month by its English name or its number."""
    if token.isdecimal():
        return int(token) if 1 <= int(token) <= 12 else None
    return MONTHS.index(token[:3].lower()) + 1 if token[:3].lower() in MONTHS else None


def _first(extra: Mapping[str, str], *names: str) -> str | None:
    return next((extra[name].strip() for name in names if extra.get(name, "").strip()), None)


def _address(extra: Mapping[str, str]) -> str | None:
    """The first web address, one of a DOI's resolver only where there is no other."""
    addresses = re.findall(r"https?://[^\s;]+", extra.get("url", ""))
    return next((each for each in addresses if "doi.org/" not in each), next(iter(addresses), None))
