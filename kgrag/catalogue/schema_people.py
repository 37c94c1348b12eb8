"""Defines the catalogue's tables about people: users and rights, what they asked, and the two logs.

Knows columns, and the triggers by which the database itself refuses to change a log. No table holds a
person's name beside a question: ``history`` knows a pseudonym, ``audit_security`` an id and no question,
``audit_provenance`` a question and nobody. An answer that somebody puts into a set of theirs is the
exception, at their own wish; it goes from there when they forget it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL as _DDL
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)

from kgrag.catalogue.schema import _Key, _key, metadata

DDL: Any = _DDL
"""Its constructor has no types."""

users = Table(
    "users",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("password", Text),
    Column("role", String, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("disabled", Integer, nullable=False),
    Column("created", Text, nullable=False),
    Column("issuer", Text),
    Column("subject", Text),
    UniqueConstraint("issuer", "subject"),
)
sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String, primary_key=True),
    Column("user_id", String, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires", Float, nullable=False),
    Column("csrf", String, nullable=False),
)
attempts = Table(
    "attempts",
    metadata,
    Column("name_hash", String, primary_key=True),
    Column("failed", Integer, nullable=False),
    Column("last", Float, nullable=False),
)
collections = Table(
    "collections",
    metadata,
    _key(),
    Column("name", Text, nullable=False, unique=True),
    Column("patterns", JSON, nullable=False),
    Column("documents", JSON, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("shows_records", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)
collection_members = Table(
    "collection_members",
    metadata,
    Column("document_id", Text, primary_key=True),
    Column(
        "collection_key",
        _Key,
        ForeignKey("collections.key", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)
switches = Table(
    "switches", metadata, Column("what", Text, primary_key=True), Column("role", String, primary_key=True)
)
history = Table(
    "history",
    metadata,
    _key(),
    Column("person", String, nullable=False, index=True),
    Column("answer_id", Text, nullable=False, index=True),
    Column("created", Text, nullable=False),
)
reading_sets = Table(
    "reading_sets",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("shared", Integer, nullable=False),
    Column("created", Text, nullable=False),
    Column("changed", Text, nullable=False),
)
"""Sets that people gather for themselves; ``owner`` is a user's id, since keeping something is their wish."""
reading_set_items = Table(
    "reading_set_items",
    metadata,
    _key("number"),
    Column("set_id", String, ForeignKey("reading_sets.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("what", Text, nullable=False, index=True),
    Column("note", Text, nullable=False),
    Column("added", Text, nullable=False),
    UniqueConstraint("set_id", "what"),
    sqlite_autoincrement=True,
)
"""``what`` is the id of a document, a passage or an answer, as ``kind`` says; it may be deleted since."""
audit_security = Table(
    "audit_security",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
)
audit_provenance = Table(
    "audit_provenance",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Text, nullable=False),
    Column("answer_id", Text, nullable=False),
    Column("question", Text),
    Column("salt", String),
    Column("question_hash", String, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("models", JSON, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
)
Index("audit_provenance_answer", audit_provenance.c.answer_id)

TABLES = (
    users,
    sessions,
    attempts,
    collections,
    collection_members,
    switches,
    history,
    audit_security,
    audit_provenance,
    reading_sets,
    reading_set_items,
)
_KEPT = ("seq", "day", "answer_id", "question_hash", "evidence", "models", "previous", "hash")
"""All of a line of provenance but the question's own text and its salt, which can be erased once and for
all.
"""


def _refuse(table: Table, act: str, when: str = "") -> None:
    """Have the database itself refuse an act on a table."""
    name = f"{table.name}_no_{act.lower()}"
    text = f"{table.name} is append-only"
    event.listen(
        table,
        "after_create",
        DDL(
            f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {act} ON {table.name} {when and f'WHEN {when}'}"
            f" BEGIN SELECT RAISE(ABORT, '{text}'); END"
        ).execute_if(dialect="sqlite"),
    )
    event.listen(
        table,
        "after_create",
        DDL(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE"
            f" EXCEPTION '{text}'; END $$"
        ).execute_if(dialect="postgresql"),
    )
    event.listen(
        table,
        "after_create",
        DDL(
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {act} ON {table.name} FOR EACH ROW"
            f" {when and f'WHEN ({_for_postgres(when)})'} EXECUTE FUNCTION {name}()"
        ).execute_if(dialect="postgresql"),
    )


def _for_postgres(when: str) -> str:
    return (
        when.replace(" IS NOT OLD.", " IS DISTINCT FROM OLD.")
        .replace("NEW.evidence", "NEW.evidence::text")
        .replace("OLD.evidence", "OLD.evidence::text")
        .replace("NEW.models", "NEW.models::text")
        .replace("OLD.models", "OLD.models::text")
    )


_CHANGED = " OR ".join(
    [*(f"NEW.{name} IS NOT OLD.{name}" for name in _KEPT), "NEW.question IS NOT NULL", "NEW.salt IS NOT NULL"]
)
_refuse(audit_security, "UPDATE")
_refuse(audit_security, "DELETE")
_refuse(audit_provenance, "UPDATE", _CHANGED)
_refuse(audit_provenance, "DELETE")
