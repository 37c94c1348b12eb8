"""What people corrected in the records, kept apart from what the sources say: so a correction outlives every
later reading, and one sees what stood there before.

Knows the table ``corrections`` and the fields of a record that can be corrected. A correction is of an id; of
a united document also those of its sources hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from kgrag.catalogue import schema as t
from kgrag.errors import UsageError
from kgrag.system.files import now
from kgrag.types import Author, Parcel, Record

c = t.corrections.c
TEXTS = (
    "title",
    "abstract",
    "venue",
    "volume",
    "issue",
    "pages",
    "publisher",
    "language",
    "kind",
    "licence",
)
NAMES = ("authors", "editors")
LISTS = ("keywords", "headings")
IDENTIFIERS = ("doi", "pmid", "pmcid", "isbn", "issn", "arxiv")
EXTRAS = ("place", "url", "date", "series", "edition")
"""Fields that records keep in ``extra``."""
FIELDS = (*TEXTS, "year", *NAMES, *LISTS, *IDENTIFIERS, *EXTRAS)
_OF = select(t.corrections).where(c.document_id.in_(bindparam("ids", expanding=True))).order_by(c.key)


def checked(field: str, text: str) -> Any:
    """A written value as it is kept: text, a number, names or a list; an empty one takes the field away.

    Raises:
        UsageError: no such field, or no value for it.
    """
    if field not in FIELDS:
        raise UsageError(f"No field '{field}' (found: {', '.join(FIELDS)}).")
    text = " ".join(text.split())
    if field == "year":
        if text and not (text.isdecimal() and len(text) == 4):
            raise UsageError(f"'{text}' is no year. Give four digits, or nothing.")
        return int(text) if text else None
    if field in NAMES:
        return [_author(name) for name in text.split(";") if name.strip()]
    if field in LISTS:
        return [part.strip() for part in text.split(";") if part.strip()]
    return text or None


def _author(name: str) -> dict[str, str]:
    family, comma, given = name.strip().partition(",")
    return {"family": family.strip(), "given": given.strip()} if comma else {"literal": family}


def value_of(record: Record, field: str) -> Any:
    """What stands in a field now, in the form of ``checked``."""
    if field in NAMES:
        return [
            {part: value for part in ("family", "given", "literal") if (value := getattr(name, part))}
            for name in getattr(record, field)
        ]
    if field in LISTS:
        return list(getattr(record, field))
    if field in IDENTIFIERS:
        return record.identifiers.get(field)
    return record.extra.get(field) if field in EXTRAS else getattr(record, field)


def with_value(record: Record, field: str, value: Any) -> Record:
    """The record with a field as a person said."""
    if field == "authors":
        return replace(record, authors=_names(value))
    if field == "editors":
        return replace(record, editors=_names(value))
    if field == "keywords":
        return replace(record, keywords=tuple(value))
    if field == "headings":
        return replace(record, headings=tuple(value))
    if field in IDENTIFIERS:
        return replace(record, identifiers=_with(record.identifiers, field, value))
    if field in EXTRAS:
        return replace(record, extra=_with(record.extra, field, value))
    return replace(record, **{field: value})


def _names(value: Iterable[dict[str, str]]) -> tuple[Author, ...]:
    return tuple(Author(**name) for name in value)


def _with(held: Any, name: str, value: str | None) -> dict[str, str]:
    return {**{key: old for key, old in held.items() if key != name}, **({name: value} if value else {})}


def corrections_of(connection: Connection, ids: Iterable[str]) -> list[Any]:
    """The corrections of some ids, oldest first."""
    return list(connection.execute(_OF, {"ids": sorted(set(ids))}))


def corrected_record(record: Record, rows: Sequence[Any]) -> Record:
    """The record as people corrected it; ``extra["corrected:FIELD"]`` names who and when, and what stood
    there.
    """
    for row in rows:
        before = value_of(record, row.field)
        told = f"by {row.who} on {row.created[:10]}; the source has: {_written(before)}"
        record = with_value(record, row.field, row.value)
        record = replace(record, extra={**record.extra, f"corrected:{row.field}": told})
    return record


def uncorrected_record(record: Record, rows: Sequence[Any]) -> Record:
    """The inverse of ``corrected_record``."""
    for row in rows:
        record = with_value(record, row.field, row.before)
    extra = {name: value for name, value in record.extra.items() if not name.startswith("corrected:")}
    return replace(record, extra=extra)


def _written(value: Any) -> str:
    if isinstance(value, list):
        return (
            "; ".join(", ".join(item.values()) if isinstance(item, dict) else str(item) for item in value)
            or "nothing"
        )
    return str(value) if value else "nothing"


def corrected(connection: Connection, parcel: Parcel) -> Parcel:
    """The parcel with its record as people corrected it."""
    rows = corrections_of(connection, [parcel.document.id, *(source.home for source in parcel.sources)])
    if not rows:
        return parcel
    for row in rows:
        before = value_of(parcel.document.record, row.field)
        if before != row.before:  # the source was read again, and says something else now
            connection.execute(update(t.corrections).where(c.key == row.key).values(before=before))
    record = corrected_record(parcel.document.record, rows)
    return replace(parcel, document=replace(parcel.document, record=record))


def keep(connection: Connection, document_id: str, field: str, value: Any, before: Any, who: str) -> None:
    """One correction more; it takes the place of an earlier one of the field.

    Args:
        before: what the source says.
    """
    forget(connection, document_id, field)
    row = {
        "created": now(),
        "document_id": document_id,
        "field": field,
        "value": value,
        "before": before,
        "who": who,
    }
    connection.execute(insert(t.corrections).values(row))


def forget(connection: Connection, document_id: str, field: str | None = None) -> bool:
    """Take back the correction of a field, or all of a document; False where there was none."""
    gone = delete(t.corrections).where(c.document_id == document_id)
    done = connection.execute(gone if field is None else gone.where(c.field == field))
    return bool(done.rowcount)


def move(connection: Connection, old: str, new: str) -> None:
    """Corrections of a document that has another id now."""
    connection.execute(update(t.corrections).where(c.document_id == old).values(document_id=new))
