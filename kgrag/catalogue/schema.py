"""The catalogue's tables (SQLAlchemy Core), for SQLite and PostgreSQL alike; those about people are in
``people``.

Knows columns and indexes. Integer keys are never used again after a deletion, so followers can hold them
safely.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()
_Key = BigInteger().with_variant(Integer, "sqlite")


def _key(name: str = "key") -> Column[int]:
    return Column(name, _Key, primary_key=True, autoincrement=True)


def _document() -> Column[int]:
    return Column(
        "document_key", _Key, ForeignKey("documents.key", ondelete="CASCADE"), nullable=False, index=True
    )


def _passage() -> Column[int]:
    return Column(
        "passage_key", _Key, ForeignKey("passages.key", ondelete="CASCADE"), nullable=False, index=True
    )


def _entity(name: str = "entity_key") -> Column[int]:
    return Column(name, _Key, ForeignKey("entities.key"), nullable=False, index=True)


meta = Table(
    "meta", metadata, Column("name", String, primary_key=True), Column("value", Text, nullable=False)
)

documents = Table(
    "documents",
    metadata,
    _key(),
    Column("id", Text, nullable=False, unique=True),
    Column("title", Text),
    Column("year", Integer),
    Column("venue", Text),
    Column("language", Text),
    Column("kind", Text),
    Column("licence", Text),
    Column("retracted", Text),
    Column("notices", JSON(none_as_null=True)),
    Column("record", JSON, nullable=False),
    Column("text", Text, nullable=False),
    Column("sha256", Text, nullable=False, index=True),
    sqlite_autoincrement=True,
)
passages = Table(
    "passages",
    metadata,
    _key(),
    _document(),
    Column("id", Text, nullable=False, unique=True),
    Column("ordinal", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("section", JSON, nullable=False),
    Column("sentences", JSON, nullable=False),
    sqlite_autoincrement=True,
)
entities = Table(
    "entities", metadata, _key(), Column("id", Text, nullable=False, unique=True), sqlite_autoincrement=True
)
forms = Table(
    "forms",
    metadata,
    _key(),
    _entity(),
    _document(),
    Column("form", Text, nullable=False),
    Column("form_key", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("is_name", Integer, nullable=False),
    Column("authorities", JSON, nullable=False),
)
mentions = Table(
    "mentions",
    metadata,
    _key(),
    _entity(),
    _passage(),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("method", Text, nullable=False),
    Column("score", Float, nullable=False),
)
statements = Table(
    "statements",
    metadata,
    Column("id", Text, primary_key=True),
    _entity("subject_key"),
    Column("predicate", Text, nullable=False),
    _entity("object_key"),
    _passage(),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("polarity", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("modality", Text, nullable=False, server_default="asserted"),
    Column("quantity", JSON(none_as_null=True)),
    Column("context", JSON(none_as_null=True)),
)
concept_mentions = Table(
    "concept_mentions",
    metadata,
    _key(),
    _entity(),
    _passage(),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("method", Text, nullable=False),
    Column("score", Float, nullable=False),
)
"""Where concepts (entities whose id begins with ``c:``) are named; ``mentions`` are the walk's."""
objects = Table(
    "objects",
    metadata,
    _key(),
    _passage(),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("score", Float, nullable=False),
)
facts = Table(
    "facts",
    metadata,
    _key(),
    _document(),
    Column("type", Text, nullable=False),
    Column("target", Text, nullable=False, index=True),
    _passage(),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("score", Float, nullable=False),
)
"""What a document as a whole does; ``target`` is the id of a concept or of a knowledge object."""
links = Table(
    "links",
    metadata,
    _key(),
    _document(),
    Column("type", Text, nullable=False),
    Column("target", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("label", Text, nullable=False),
)
match_keys = Table(
    "match_keys",
    metadata,
    _key(),
    _document(),
    Column("value", Text, nullable=False, index=True),
)
changes = Table(
    "changes",
    metadata,
    _key("seq"),
    Column("kind", Text, nullable=False),
    Column("document_id", Text, nullable=False),
    sqlite_autoincrement=True,
)
answers = Table(
    "answers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("body", Text, nullable=False),
)
work_sources = Table(
    "work_sources",
    metadata,
    _key(),
    _document(),
    Column("home", Text, nullable=False, index=True),
    Column("path", Text, nullable=False, index=True),
    Column("record_number", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("parcel", JSON, nullable=False),
)
"""The sources of the documents that were united from several, each as it would be alone."""
corrections = Table(
    "corrections",
    metadata,
    _key(),
    Column("created", Text, nullable=False),
    Column("document_id", Text, nullable=False, index=True),
    Column("field", Text, nullable=False),
    Column("value", JSON),
    Column("before", JSON),
    Column("who", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""What people corrected in records; the newest of a field holds."""
work_decisions = Table(
    "work_decisions",
    metadata,
    _key(),
    Column("created", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("first", Text, nullable=False, index=True),
    Column("second", Text, nullable=False, index=True),
    Column("decided_by", Text, nullable=False),
    Column("before", JSON, nullable=False),
    Column("undone", Text),
)
searches = Table(
    "searches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("body", Text, nullable=False),
)
feedback = Table(
    "feedback",
    metadata,
    _key(),
    Column("answer_id", Text, nullable=False, index=True),
    Column("created", Text, nullable=False),
    Column("rater", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", JSON, nullable=False),
)
jobs = Table(
    "jobs",
    metadata,
    _key(),
    Column("created", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("started", Float, nullable=False),
    Column("heartbeat", Float, nullable=False),
    Column("ended", Float),
    Column("skipped", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False, server_default="0"),
    Column("request", JSON, nullable=False),
    Column("reason", Text),
    sqlite_autoincrement=True,
)
job_items = Table(
    "job_items",
    metadata,
    _key(),
    Column("job_key", _Key, ForeignKey("jobs.key", ondelete="CASCADE"), nullable=False),
    Column("path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("worker", Text),
    Column("lease_until", Float),
    Column("attempts", Integer, nullable=False),
    Column("seconds", Float),
    Column("documents", Integer, nullable=False),
    Column("passages", Integer, nullable=False),
    Column("new", Integer, nullable=False, server_default="0"),
    Column("united", Integer, nullable=False, server_default="0"),
    Column("unchanged", Integer, nullable=False, server_default="0"),
    Column("changed", Integer, nullable=False, server_default="0"),
    Column("problems", JSON, nullable=False),
)
files = Table(
    "files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime", Float, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("documents", JSON, nullable=False),
)
retractions = Table(
    "retractions",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("date", Text),
    Column("notice", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("loaded", Text, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("date", Text),
    Column("notice", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("loaded", Text, nullable=False),
)
"""Expressions of concern and corrections; what ``retractions`` holds is apart, because a reinstatement takes
only that back.
"""

vocabularies = Table(
    "vocabularies",
    metadata,
    Column("name", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("loaded", Text, nullable=False),
)
vocabulary_forms = Table(
    "vocabulary_forms",
    metadata,
    _key(),
    Column("vocabulary", Text, nullable=False, index=True),
    Column("term", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("form_key", Text, nullable=False, index=True),
    Column("language", Text),
    Column("is_name", Integer, nullable=False),
    sqlite_autoincrement=True,
)
vocabulary_broader = Table(
    "vocabulary_broader",
    metadata,
    Column("vocabulary", Text, primary_key=True),
    Column("term", Text, primary_key=True),
    Column("broader", Text, primary_key=True),
)
entity_decisions = Table(
    "entity_decisions",
    metadata,
    _key(),
    Column("created", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("entity_id", Text, nullable=False, index=True),
    Column("into_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("who", Text, nullable=False),
    sqlite_autoincrement=True,
)
model_replies = Table(
    "model_replies",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("model", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("body", JSON, nullable=False),
)

Index("vocabulary_forms_term", vocabulary_forms.c.vocabulary, vocabulary_forms.c.term)
Index("mentions_pair", mentions.c.passage_key, mentions.c.entity_key)
Index("job_items_state", job_items.c.job_key, job_items.c.state)
Index("changes_document", changes.c.document_id, changes.c.seq)
documents_language = Index("documents_language", documents.c.language)
Index("links_type", links.c.type, links.c.target)
