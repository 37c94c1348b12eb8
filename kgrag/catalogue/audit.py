"""Keeps two append-only logs, each a chain of digests: what answers were made from (and nobody), and what
people did (and no question).

Knows both tables and their chains. A line's hash covers its fields and the hash before it, so a changed,
missing or inserted line is found and named. A question's own text is covered by a salted digest only: it can
be erased, once, and the chain still holds.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema_people as p
from kgrag.catalogue.rows import canonical_json
from kgrag.errors import UsageError
from kgrag.system.files import now

LOGS: dict[str, Table] = {"provenance": p.audit_provenance, "security": p.audit_security}
_COVERED = {
    "provenance": ("seq", "day", "answer_id", "question_hash", "evidence", "models", "previous"),
    "security": ("seq", "at", "person", "action", "target", "previous"),
}
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of one log found: how many lines, the newest hash (note it elsewhere: a cut-off end is
    told by it alone), and what is wrong.
    """

    log: str
    lines: int
    head: str
    problems: tuple[str, ...]


def log_security(connection: Connection, person_id: str, action: str, target: str = "") -> None:
    """Note that somebody did something, in the transaction that does it; ``kgrag.desk`` alone calls this.

    Args:
        connection: holds the write lock.
        person_id: a user's id (a deleted user's id tells no name), ``local``, ``token-…``, or ``nobody`` for
            who did not get in.
        action: ``login``, ``login-failed``, ``user-added``, …
        target: what it was done to; never a question.
    """
    line = {"at": now(), "person": person_id, "action": action, "target": target}
    _append(connection, "security", line)


def log_provenance(connection: Connection, plain: Mapping[str, Any]) -> None:
    """Note what an answer was made from, in the transaction that stores it.

    Of the time only the day is kept, so that it points to nobody.

    Args:
        connection: holds the write lock.
        plain: the answer's JSON.
    """
    evidence = [
        {
            "passage": e["passage_id"],
            "span": e["span"],
            "quote_sha256": hashlib.sha256(e["quote"].encode("utf-8", "surrogatepass")).hexdigest(),
        }
        for claim in plain["claims"]
        for e in claim["evidence"]
    ]
    salt = secrets.token_hex(16)
    _append(
        connection,
        "provenance",
        {
            "day": datetime.now(UTC).date().isoformat(),
            "answer_id": plain["id"],
            "question": plain["question"],
            "salt": salt,
            "question_hash": _question_hash(salt, plain["question"]),
            "evidence": evidence,
            "models": dict(plain["models"]),
        },
    )


def erase_question(connection: Connection, answer_id: str) -> int:
    """Take a question's text out of the provenance of an answer, for good; returns how many lines that
    were.
    """
    log = p.audit_provenance
    done = connection.execute(
        update(log)
        .where(log.c.answer_id == answer_id, log.c.question.is_not(None))
        .values(question=None, salt=None)
    )
    return int(done.rowcount)


def read_log(
    catalogue: Catalogue, log: str, limit: int = 100, before: int | None = None
) -> list[dict[str, Any]]:
    """Lines of a log, newest first.

    Raises:
        UsageError: no such log.
    """
    table = _table(log)
    query = select(table).order_by(table.c.seq.desc()).limit(limit)
    return [
        dict(row._mapping)
        for row in catalogue.rows(query if before is None else query.where(table.c.seq < before))
    ]


def verify_log(catalogue: Catalogue, log: str) -> Verdict:
    """Walk through a log and say which lines do not hold.

    Raises:
        UsageError: no such log.
    """
    problems, previous, number = [], GENESIS, 0
    for line in _lines(catalogue, _table(log)):
        number += 1
        if line["seq"] != number:
            problems.append(f"{log} line {number}: missing (the next is {line['seq']})")
            number = line["seq"]
        problems += [f"{log} line {number}: {what}" for what in _wrong(log, line, previous)]
        previous = line["hash"]
    return Verdict(log, number, previous, tuple(problems))


def holds_hash(catalogue: Catalogue, noted: str) -> bool:
    """Whether a line of either log still has a hash that was noted earlier: this alone tells that the end was
    cut off.
    """
    return noted == GENESIS or any(
        catalogue.rows(select(table.c.seq).where(table.c.hash == noted)) for table in LOGS.values()
    )


def _wrong(log: str, line: Mapping[str, Any], previous: str) -> Iterator[str]:
    if line["previous"] != previous:
        yield "does not follow the line before it (removed, inserted or changed there)"
    if line["hash"] != _hash(log, line):
        yield "was changed"
    if line.get("question") is not None and line["question_hash"] != _question_hash(
        line["salt"] or "", line["question"]
    ):
        yield "its question was changed"


def _lines(catalogue: Catalogue, table: Table) -> Iterator[dict[str, Any]]:
    with catalogue.engine.connect() as connection:
        for row in connection.execution_options(yield_per=500).execute(select(table).order_by(table.c.seq)):
            yield dict(row._mapping)


def _append(connection: Connection, log: str, fields: dict[str, Any]) -> None:
    table = LOGS[log]
    last = connection.execute(select(table.c.seq, table.c.hash).order_by(table.c.seq.desc()).limit(1)).first()
    line = {**fields, "seq": last.seq + 1 if last else 1, "previous": last.hash if last else GENESIS}
    connection.execute(insert(table).values(**line, hash=_hash(log, line)))


def _hash(log: str, line: Mapping[str, Any]) -> str:
    return hashlib.sha256(
        canonical_json({name: line[name] for name in _COVERED[log]}).encode("utf-8", "surrogatepass")
    ).hexdigest()


def _question_hash(salt: str, question: str) -> str:
    return hashlib.sha256(f"{salt}\0{question}".encode("utf-8", "surrogatepass")).hexdigest()


def _table(log: str) -> Table:
    if log not in LOGS:
        raise UsageError(f"No log '{log}' (found: {', '.join(LOGS)}).")
    return LOGS[log]
