"""The statements that ``pgvector`` runs, and vectors as PostgreSQL writes and sends them.

Knows SQL text and bytes; runs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

IN_PAGE = 2000
"""Numbers a vector up to which it is kept in the table's pages; PostgreSQL would move it out from 1,000."""

VERSION = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
STATE = "SELECT value FROM passage_vectors_state WHERE name = :name"
SET_STATE = (
    "INSERT INTO passage_vectors_state (name, value) VALUES (:name, :value)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
DROP = ("DROP TABLE IF EXISTS passage_vectors", "DROP TABLE IF EXISTS passage_vectors_state")
KNOWN = "SELECT passage_key FROM passage_vectors WHERE passage_key = ANY(CAST(:keys AS bigint[]))"
INSERT = (  # a passage that was deleted meanwhile has no vector
    "INSERT INTO passage_vectors (passage_key, vector)"
    " SELECT key, CAST(:vector AS halfvec) FROM passages WHERE key = :key ON CONFLICT DO NOTHING"
)
COUNT = "SELECT count(*) FROM passage_vectors"

_STORED = "SELECT passage_key, halfvec_send(vector) AS sent FROM passage_vectors"
EVERY = _STORED
FIRST = _STORED + " ORDER BY passage_key LIMIT 20000"
SOME = _STORED + " WHERE passage_key = ANY(CAST(:keys AS bigint[]))"

IN_GRAPH = (
    "SELECT c.reltuples FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid"
    " WHERE i.indisvalid AND c.oid = to_regclass('passage_vectors_hnsw')"
)
BUILD = (
    "DROP INDEX IF EXISTS passage_vectors_hnsw",
    "CREATE INDEX CONCURRENTLY passage_vectors_hnsw ON passage_vectors USING hnsw (vector halfvec_ip_ops)",
)
TRY_BUILD = "SELECT pg_try_advisory_lock(:lock)"
END_BUILD = "SELECT pg_advisory_unlock(:lock)"
BUILD_LOCK = {"lock": 0x6B67766563}
"""One number for all who would build the graph of one database."""

ALL_COMPARED = (
    "SELECT passage_key, -(CAST(vector AS vector) <#> CAST(:asked AS vector)) AS score FROM passage_vectors"
    " ORDER BY score DESC, passage_key LIMIT :k"
)
"""The nearest, every vector compared, in single precision."""
ALLOWED_COMPARED = (
    "SELECT passage_key, -(CAST(vector AS vector) <#> CAST(:asked AS vector)) AS score FROM passage_vectors"
    " WHERE passage_key = ANY(CAST(:allowed AS bigint[])) ORDER BY score DESC, passage_key LIMIT :k"
)
ALL_WALKED = (  # ``rounded`` is ``asked``: a parameter has one type, that of its first use
    "SELECT passage_key, -(CAST(vector AS vector) <#> CAST(:asked AS vector)) AS score FROM ("
    " SELECT passage_key, vector FROM passage_vectors"
    " ORDER BY vector <#> CAST(:rounded AS halfvec) LIMIT 2 * :k) AS near"
)
"""The nearest by the graph, twice as many as asked for, scored by what is stored."""
ALLOWED_WALKED = (
    "SELECT passage_key, -(CAST(vector AS vector) <#> CAST(:asked AS vector)) AS score FROM ("
    " SELECT passage_key, vector FROM passage_vectors WHERE passage_key = ANY(CAST(:allowed AS bigint[]))"
    " ORDER BY vector <#> CAST(:rounded AS halfvec) LIMIT 2 * :k) AS near"
)
SETTINGS = (  # for one transaction; sorting is made dear, so that the planner walks the graph
    "SELECT set_config('hnsw.ef_search', :ef, true), set_config('hnsw.max_scan_tuples', :scanned, true),"
    " set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('jit', 'off', true),"
    " set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_seqscan', 'off', true),"
    " set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)"
)


def tables(dim: int) -> tuple[str, ...]:
    """What makes the tables, where there are none."""
    inside = "ALTER TABLE passage_vectors ALTER COLUMN vector SET STORAGE PLAIN"
    return (
        "CREATE TABLE IF NOT EXISTS passage_vectors (passage_key bigint PRIMARY KEY"
        f" REFERENCES passages (key) ON DELETE CASCADE, vector halfvec({dim}) NOT NULL)",
        *([inside] if dim <= IN_PAGE else []),
        "CREATE TABLE IF NOT EXISTS passage_vectors_state (name text PRIMARY KEY, value text NOT NULL)",
    )


def as_text(vector: NDArray[Any]) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(map(repr, vector.tolist())) + "]"


def as_array(keys: Sequence[int]) -> str:
    """Keys as PostgreSQL reads an array of them."""
    return "{" + ",".join(map(str, np.asarray(keys, np.int64).tolist())) + "}"


def halves(sent: bytes) -> NDArray[np.float16]:
    """A vector as ``halfvec_send`` sends it: its length and a reserved number, two bytes each, then halves
    with the high byte first.
    """
    return np.frombuffer(sent, ">f2", offset=4).astype(np.float16)
