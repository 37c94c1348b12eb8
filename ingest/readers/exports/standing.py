"""What the fields of a flat record say of a work's standing: that it is retracted, doubted or corrected, or
that it is the notice of another one's.

Knows the words of titles, document types and notes. Does not know any format: each gives its fields.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingest.readers.notice_text import keys_in, notice_about, own_notice, title_keys
from ingest.text import identifiers
from kgrag.types import RecordNotice
from kgrag.types.documents import NoticeKind

Fields = Mapping[str, list[str]]
Form = tuple[NoticeKind, re.Pattern[str]]


_TABLE = tomllib.loads((Path(__file__).parent / "data" / "standing.toml").read_text("utf-8"))


def _forms(name: str) -> tuple[Form, ...]:
    """The forms of one table, their short names written out."""
    short = {f"{{{key}}}": value for key, value in _TABLE.items() if isinstance(value, str)}
    rows = []
    for kind, pattern in _TABLE[name]:
        for key, value in short.items():
            pattern = pattern.replace(key, value)
        rows.append((kind, re.compile(pattern, re.I)))
    return tuple(rows)


_OWN_TITLES, _TITLES_OF_NOTICES = _forms("own_titles"), _forms("titles_of_notices")
_OWN_NOTES, _NOTES_OF_NOTICES = _forms("own_notes"), _forms("notes_of_notices")
_TYPES, _ABSTRACTS = _forms("types"), _forms("abstracts")
_TYPE_FIELDS = ("kind", "types", "kind_text", "publication_type", "work_type", "keyword")
_NOTE_FIELDS = ("note", "comment")
_YES = frozenset({"true", "yes", "1", "t", "y"})


def standing(fields: Fields) -> tuple[RecordNotice, ...]:
    """All that the record says, each once; of its own work first.

    Args:
        fields: values by the names of ``to_record``; ``is_retracted`` holds a yes or no.
    """
    own = list(_own(fields))
    kinds = {notice.kind for notice in own if "notice:" in notice.text}
    kept = [one for one in own if "notice:" in one.text or one.kind not in kinds]
    return tuple(dict.fromkeys([*kept, *_about(fields)]))


def _own(fields: Fields) -> Iterator[RecordNotice]:
    for kind, form in _OWN_NOTES:
        for text in _notes(fields):
            if match := form.search(text):
                yield own_notice(kind, match.groupdict().get("where"))
    for kind, form in _TYPES:
        if any(form.match(value) for value in _types(fields)):
            yield own_notice(kind)
    for abstract in fields.get("abstract", [])[:1]:
        yield from (own_notice(kind) for kind, form in _ABSTRACTS if form.match(abstract))
    for title in fields.get("title", [])[:1]:
        yield from (own_notice(kind) for kind, form in _OWN_TITLES if form.search(title))
    if any(value.strip().lower() in _YES for value in fields.get("is_retracted", [])):
        yield own_notice("retraction")


def _notes(fields: Fields) -> Iterator[str]:
    for name in _NOTE_FIELDS:
        yield from fields.get(name, [])


def _types(fields: Fields) -> Iterator[str]:
    for name in _TYPE_FIELDS:
        for value in fields.get(name, []):
            yield from (part.strip() for part in re.split(r"[;|,]", value))


def _about(fields: Fields) -> Iterator[RecordNotice]:
    own = own_name(fields)
    for kind, form in _NOTES_OF_NOTICES:
        for text in _notes(fields):
            if (match := form.search(text)) and (notice := notice_about(kind, keys_in(match["where"]), own)):
                yield notice
    for title in fields.get("title", [])[:1]:
        yield from about_by_title(title, own)


def about_by_title(title: str, own: str | None) -> Iterator[RecordNotice]:
    """The notice that a title is, where it names the title of another work."""
    for kind, form in _TITLES_OF_NOTICES:
        if match := form.match(title.strip()):
            if notice := notice_about(kind, title_keys(match["title"]), own or title):
                yield notice
            return


def own_name(fields: Fields) -> str | None:
    """The record's own name as notices write it: ``doi:…``, ``pmid:…``, or None."""
    named = identifiers.normal([(kind, value) for kind in ("doi", "pmid") for value in fields.get(kind, [])])
    return next((f"{kind}:{value}" for kind, value in named.items()), None)
