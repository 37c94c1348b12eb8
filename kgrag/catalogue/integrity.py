"""Checks whether the database itself is whole. Knows SQLite's own checks; nothing of followers."""

from __future__ import annotations

from sqlalchemy import text

from kgrag.catalogue.store import Catalogue


def integrity_errors(catalogue: Catalogue) -> list[str]:
    """What SQLite's own checks find wrong; empty when whole (or on PostgreSQL, which checks itself)."""
    if catalogue.engine.dialect.name != "sqlite":
        return []
    with catalogue.engine.connect() as connection:
        problems = [
            str(row[0]) for row in connection.execute(text("PRAGMA integrity_check")) if row[0] != "ok"
        ]
        return problems + [
            f"foreign key: {tuple(row)}" for row in connection.execute(text("PRAGMA foreign_key_check"))
        ]
