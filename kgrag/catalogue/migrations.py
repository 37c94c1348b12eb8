"""Numbered migrations of the catalogue, applied on open, each in one transaction.

Knows how to bring any earlier catalogue to today's tables. Refuses a catalogue that a newer kgrag wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from sqlalchemy import Connection, Engine, insert, inspect, select, update

from kgrag.catalogue import schema_people as p
from kgrag.catalogue.engine import write_transaction
from kgrag.catalogue.schema import (
    concept_mentions,
    corrections,
    documents_language,
    entity_decisions,
    facts,
    meta,
    metadata,
    model_replies,
    notices,
    searches,
    vocabularies,
    vocabulary_broader,
    vocabulary_forms,
    work_decisions,
    work_sources,
)
from kgrag.catalogue.schema_review import review_events
from kgrag.errors import IndexMismatch


def m001_first_tables(connection: Connection) -> None:
    """All tables of the first version, and the library's own id."""
    metadata.create_all(connection)
    connection.execute(
        insert(meta), [{"name": "version", "value": "0"}, {"name": "library", "value": uuid4().hex}]
    )


def m002_searches(connection: Connection) -> None:
    """Records of searches."""
    searches.create(connection, checkfirst=True)


def m003_documents_by_language(connection: Connection) -> None:
    """An index for the question whether a library holds Chinese at all."""
    documents_language.create(connection, checkfirst=True)


def m004_people(connection: Connection) -> None:
    """Users, sessions, collections, switches, histories, and the two logs with the triggers that keep them
    append-only.
    """
    for table in p.TABLES:
        table.create(connection, checkfirst=True)


def m005_extraction(connection: Connection) -> None:
    """Vocabularies, decisions about entities, and replies of models that extract."""
    for table in (vocabularies, vocabulary_forms, entity_decisions, model_replies):
        table.create(connection, checkfirst=True)


def m006_work_decisions(connection: Connection) -> None:
    """Decisions on pairs that may be one work."""
    work_decisions.create(connection, checkfirst=True)


def m007_records_shown(connection: Connection) -> None:
    """Collections that show their records to people who may not read their texts."""
    _add_column(connection, "collections", "shows_records", "INTEGER NOT NULL DEFAULT 0")


def m008_notices(connection: Connection) -> None:
    """Expressions of concern and corrections, and their marks on documents."""
    notices.create(connection, checkfirst=True)
    _add_column(connection, "documents", "notices", "JSON")


def m009_broader_terms(connection: Connection) -> None:
    """Which term of a vocabulary stands below which."""
    vocabulary_broader.create(connection, checkfirst=True)


def m010_sources(connection: Connection) -> None:
    """The sources of united documents, corrections of records, and batches that count records."""
    for table in (work_sources, corrections):
        table.create(connection, checkfirst=True)
    _add_column(connection, "jobs", "unchanged", "INTEGER NOT NULL DEFAULT 0")
    for name in ("new", "united", "unchanged", "changed"):
        _add_column(connection, "job_items", name, "INTEGER NOT NULL DEFAULT 0")


def m011_concepts(connection: Connection) -> None:
    """Mentions of concepts; modality, quantity and context of statements. Libraries of before get theirs by
    ``kgrag extract --again``.
    """
    concept_mentions.create(connection, checkfirst=True)
    _add_column(connection, "statements", "modality", "TEXT NOT NULL DEFAULT 'asserted'")
    for name in ("quantity", "context"):
        _add_column(connection, "statements", name, "JSON")


def m012_facts(connection: Connection) -> None:
    """What a document as a whole does. Libraries of before get it by ``kgrag extract --again``."""
    facts.create(connection, checkfirst=True)


def m013_reviews(connection: Connection) -> None:
    """The trail of reviews, which nobody can change."""
    review_events.create(connection, checkfirst=True)


def m014_sets(connection: Connection) -> None:
    """Sets that people gather, and what is in them."""
    for table in (p.reading_sets, p.reading_set_items):
        table.create(connection, checkfirst=True)


def _add_column(connection: Connection, table: str, name: str, type: str) -> None:
    """A column that the tables of a new library have from the start."""
    if name not in {column["name"] for column in inspect(connection).get_columns(table)}:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {name} {type}")


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    m001_first_tables,
    m002_searches,
    m003_documents_by_language,
    m004_people,
    m005_extraction,
    m006_work_decisions,
    m007_records_shown,
    m008_notices,
    m009_broader_terms,
    m010_sources,
    m011_concepts,
    m012_facts,
    m013_reviews,
    m014_sets,
)


def version_of(connection: Connection) -> int:
    """The number of the last migration applied; 0 for an empty database."""
    if not inspect(connection).has_table("meta"):
        return 0
    return int(connection.execute(select(meta.c.value).where(meta.c.name == "version")).scalar_one())


def migrate(engine: Engine) -> None:
    """Apply what is missing.

    Raises:
        IndexMismatch: the catalogue is newer than this program.
    """
    with write_transaction(engine) as connection:
        version = version_of(connection)
        if version > len(MIGRATIONS):
            raise IndexMismatch(
                f"The catalogue has version {version}, this kgrag knows {len(MIGRATIONS)}. Install the newer"
                " kgrag."
            )
        for number, step in enumerate(MIGRATIONS[version:], start=version + 1):
            step(connection)
            connection.execute(update(meta).where(meta.c.name == "version").values(value=str(number)))
