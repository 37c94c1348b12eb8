"""Maps names of backends to where they live. Only here do strings name outer packages and heavy libraries.

Loaded on use, so that ``import kgrag`` stays light. Outsiders add backends through the entry-point group
``kgrag.backends`` with names like ``embedder:mine``.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from kgrag.errors import UsageError

BACKENDS: dict[str, dict[str, str]] = {
    "embedder": {
        "hash": "kgrag.testing:HashEmbedder",
        "minilm": "kgrag.models.minilm:MiniLM",
        "sentence-transformers": "kgrag.models.sentence_transformer:SentenceTransformerEmbedder",
    },
    "vectors": {
        "faiss": "kgrag.indexes.vectors:VectorIndex",
        "pgvector": "kgrag.indexes.pgvector:PgVectorIndex",
    },
    "words": {
        "tantivy": "kgrag.indexes.words:WordIndex",
        "opensearch": "kgrag.indexes.opensearch:OpenSearchWords",
    },
    "graph": {"embedded": "graph.embedded:EmbeddedGraph", "neo4j": "graph.neo4j:Neo4jGraph"},
    "by_files": {"neo4j": "graph.neo4j_files:rebuild"},
    "verifier": {
        "default": "kgrag.verify.model:DefaultVerifier",
        "cross-encoder": "kgrag.verify.public_checker:PublicChecker",
    },
    "reward": {"default": "kgrag.reward.model:DefaultReward"},
    "generator": {
        "extractive": "kgrag.generate.extractive:ExtractiveGenerator",
        "llm": "kgrag.generate.llm:LlmGenerator",
    },
    "ingest": {
        "run": "ingest.run:ingest",
        "prepare": "ingest.works.prepare:prepare",
        "extractor": "ingest.extract.everything:DefaultExtractor",
        "relations": "ingest.statements.sentences:relations_of",
        "again": "ingest.extract.again:again",
        "with_model": "ingest.extract.with_model:extract_with_model",
        "sentence_roles": "ingest.extract.roles:sentence_roles",
        "notices": "ingest.readers.notices:read_notices",
        "harvest": "ingest.harvest:harvest",
        "watch": "ingest.watch:watch",
        "work": "ingest.run:work",
        "begin": "ingest.run:begin",
        "duplicates": "ingest.works.doubts:Duplicates",
        "union": "ingest.works.unions:union_as_json",
        "edit": "ingest.works.changes.edit:edit",
        "check": "ingest.works.check:check",
        "reference_of": "ingest.readers.references:reference_of",
        "read_file": "ingest.readers:read_file",
    },
    "ui": {"serve": "ui.app:serve"},
}


def load_backend(kind: str, name: str) -> Any:
    """The class or function behind a name.

    Raises:
        UsageError: no such backend; the text lists those that exist.
    """
    places = {**BACKENDS.get(kind, {}), **_outside(kind)}
    if name not in places:
        raise UsageError(f"No {kind} named '{name}' (found: {', '.join(sorted(places))}).")
    module, _, attribute = places[name].partition(":")
    return getattr(import_module(module), attribute)


@lru_cache(maxsize=2)
def open_verifier(name: str) -> Any:
    """The verifier of a setting: the name of a backend, with what it is made with after a colon
    (``cross-encoder:MODEL``). Libraries of one process share it: it holds a model and nothing of theirs.
    """
    kind, _, argument = name.partition(":")
    return load_backend("verifier", kind)(*([argument] if argument else []))


@lru_cache(maxsize=32)
def _outside(kind: str) -> dict[str, str]:
    prefix = kind + ":"
    points = entry_points(group="kgrag.backends")
    return {point.name.removeprefix(prefix): point.value for point in points if point.name.startswith(prefix)}
