"""Follows the catalogue with words kept in an OpenSearch server: BM25 over passages, cut as in ``words``.

Knows one index of the server (``kgrag-<library id>``) and filters. ``applied_seq`` stands in what the index
says of itself. A step's passages are found before it says that they are applied; one that broke off is done
again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from kgrag import protocols
from kgrag.catalogue import Catalogue
from kgrag.catalogue.reading import Indexable
from kgrag.catalogue.visible import hidden_documents
from kgrag.errors import MissingExtra, ServiceUnavailable, UsageError
from kgrag.indexes.words import DOCUMENTS_A_STEP, analysed, asked_terms, text_of
from kgrag.settings import Settings
from kgrag.types import Change, Filters, Passage

MOST_HITS = 10_000
"""Hits that a server gives at once, by its default."""
MOST_BYTES = 5_000_000
"""Length of one request of many changes."""
MOST_TERMS = 1_000
"""Terms of a question: a server takes 1,024 clauses by its default."""
TIMEOUT_S = 30.0
_WORDS = {"type": "text", "analyzer": "passages"}
_EXACT = ("document_id", "venue", "language", "kind", "author")
MAPPING: dict[str, Any] = {
    "settings": {
        "number_of_shards": 1,
        "number_of_replicas": 0,
        "analysis": {
            "tokenizer": {"as_cut": {"type": "pattern", "pattern": r"[^\p{IsAlphabetic}\p{N}]+"}},
            "filter": {
                "english": {"type": "stemmer", "language": "porter2"},
                "no_longer": {"type": "length", "max": 39},
            },
            "analyzer": {
                "passages": {
                    "type": "custom",
                    "tokenizer": "as_cut",
                    "filter": ["no_longer", "lowercase", "english"],
                }
            },
        },
    },
    "mappings": {
        "dynamic": False,
        "_source": {"enabled": False},
        "properties": {
            "key": {"type": "long"},
            "year": {"type": "integer"},
            "title": _WORDS,
            "body": _WORDS,
            **{name: {"type": "keyword", "ignore_above": 8_000} for name in _EXACT},
        },
    },
}
"""Tokens as tantivy makes them: the server's own tokenizers would part Chinese words that were cut before.
One shard, since each of several would score by statistics of its own; no copies, since the catalogue is
the truth.
"""


class OpenSearchWords(protocols.WordIndex):
    """See the module.

    Args:
        client: of ``opensearchpy``.
        catalogue: of the library.

    Raises:
        ServiceUnavailable: the server does not answer.
    """

    name = "words"

    def __init__(self, client: Any, catalogue: Catalogue) -> None:
        self.catalogue, self._client = catalogue, client
        self.index = index_of(catalogue)
        with answering():
            if not client.indices.exists(index=self.index):
                self._create()

    @classmethod
    def open(cls, settings: Settings, catalogue: Catalogue) -> OpenSearchWords:
        """The index of a library, as its settings say."""
        return cls(connect(settings), catalogue)

    @staticmethod
    def discard(settings: Settings, catalogue: Catalogue) -> None:
        """Remove the index without opening it."""
        client = connect(settings)
        with answering():
            client.indices.delete(index=index_of(catalogue), ignore_unavailable=True)
        client.close()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def applied_seq(self) -> int:
        """The last change of the feed that is in this index."""
        with answering():
            mapping = self._client.indices.get_mapping(index=self.index)
        return int(mapping[self.index]["mappings"].get("_meta", {}).get("applied_seq", 0))

    def catch_up(self) -> int:
        """Index what is new, 200 documents at a time; returns the new applied_seq."""
        applied = self.applied_seq()
        while changes := self.catalogue.changes(applied, DOCUMENTS_A_STEP):
            applied = self._apply(changes)
        return applied

    def clear(self) -> None:
        """Forget everything."""
        with answering():
            self._client.indices.delete(index=self.index, ignore_unavailable=True)
            self._create()

    def search(self, text: str, top_k: int, filters: Filters = Filters()) -> list[tuple[int, float]]:
        """Passages by BM25 (title and body alike), at most 10,000.

        Returns:
            (passage key, BM25 score), best first, ties by key.
        """
        terms = asked_terms(text)[:MOST_TERMS]
        if not terms:
            return []
        body = {
            "query": {"bool": {**_asked(terms), **self._limits(filters)}},
            "size": min(max(1, top_k), MOST_HITS),
            "sort": ["_score", {"key": "asc"}],
            "track_scores": True,
            "docvalue_fields": ["key"],
        }
        with answering():
            hits = self._client.search(index=self.index, body=body)["hits"]["hits"]
        found = [(int(hit["fields"]["key"][0]), float(hit["_score"])) for hit in hits]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def contents(self) -> set[int]:
        """Every passage key in the index (doctor and tests)."""
        with answering():
            return self._keys({"match_all": {}})

    def _limits(self, filters: Filters) -> dict[str, Any]:
        """What passages must pass: clauses of a ``bool`` query."""
        fields = (
            ("venue", filters.venues),
            ("language", filters.languages),
            ("kind", filters.kinds),
            ("author", filters.authors),
            ("document_id", filters.documents),
        )
        must: list[dict[str, Any]] = [{"terms": {name: list(values)}} for name, values in fields if values]
        known = Filters(  # not in the index: these may change at any time
            licences=filters.licences,
            retracted=filters.retracted,
            collections=filters.collections,
            subjects=filters.subjects,
            whole=filters.whole,
        )
        if known != Filters():
            must.append({"terms": {"document_id": self.catalogue.filtered_ids(known)}})
        years = {"gte": filters.year_from, "lte": filters.year_to}
        if given := {name: year for name, year in years.items() if year is not None}:
            must.append({"range": {"year": given}})
        gone = hidden_documents(self.catalogue, filters.hidden)
        return {"filter": must, "must_not": [{"terms": {"document_id": gone}}] if gone else []}

    def _apply(self, changes: list[Change]) -> int:
        """The passages of changed documents, replaced; then the seq, when they can be found."""
        ids = [change.document_id for change in changes]
        put = self.catalogue.indexable([change.document_id for change in changes if change.kind == "put"])
        kept = {key for item in put for key, _ in item.passages}
        with answering():
            self._client.indices.refresh(index=self.index)  # what a step that broke off has put
            gone = self._keys({"terms": {"document_id": ids}}) - kept
            lines = [*map(_out, sorted(gone)), *(line for item in put for line in _lines(item))]
            for body in _in_parts(lines):
                done = self._client.bulk(index=self.index, body=body)["items"]
                results = [result for one in done for result in one.values()]
                if refused := [result["error"] for result in results if "error" in result]:
                    raise ServiceUnavailable(f"OpenSearch refused passages ({refused[0]}). Try again.")
            self._client.indices.refresh(index=self.index)
            self._stand_at(changes[-1].seq)
        return changes[-1].seq

    def _keys(self, query: dict[str, Any]) -> set[int]:
        """Keys of all passages that a query finds."""
        body: dict[str, Any] = {
            "query": query,
            "size": MOST_HITS,
            "sort": [{"key": "asc"}],
            "docvalue_fields": ["key"],
        }
        found: set[int] = set()
        while hits := self._client.search(index=self.index, body=body)["hits"]["hits"]:
            found.update(int(hit["fields"]["key"][0]) for hit in hits)
            body["search_after"] = hits[-1]["sort"]
        return found

    def _create(self) -> None:
        self._client.indices.create(index=self.index, body=MAPPING)

    def _stand_at(self, seq: int) -> None:
        self._client.indices.put_mapping(index=self.index, body={"_meta": {"applied_seq": seq}})


def connect(settings: Settings) -> Any:
    """A client of the settings' server.

    Raises:
        MissingExtra: its package is not installed.
        UsageError: the address is none.
    """
    try:
        from opensearchpy import OpenSearch
    except ImportError as error:
        raise MissingExtra("Words in OpenSearch", "opensearch") from error
    if not settings.opensearch_url.startswith(("http://", "https://")):
        raise UsageError("opensearch_url is no address (form: https://host:9200).")
    password = settings.opensearch_password.get_secret_value()
    return OpenSearch(
        settings.opensearch_url,
        http_auth=(settings.opensearch_user, password) if settings.opensearch_user else None,
        timeout=TIMEOUT_S,
        max_retries=2,
        retry_on_timeout=True,
    )


def index_of(catalogue: Catalogue) -> str:
    """The name of a library's index."""
    return "kgrag-" + catalogue.library_id.lower()


@contextmanager
def answering() -> Iterator[None]:
    """Has a server that does not answer, or refuses, said in our words."""
    from opensearchpy.exceptions import OpenSearchException

    try:
        yield
    except OpenSearchException as error:
        raise ServiceUnavailable(
            f"OpenSearch does not answer as it should ({type(error).__name__}: {str(error)[:200]})."
            " Start the server, or correct opensearch_url; what is new is caught up then."
        ) from error


def _asked(terms: list[tuple[str, int]]) -> dict[str, Any]:
    """Any of the terms in title or body, each weighted by how often it is asked for."""
    return {
        "should": [
            {"match": {field: {"query": term, "boost": count}}}
            for term, count in terms
            for field in ("title", "body")
        ],
        "minimum_should_match": 1,
    }


def _lines(item: Indexable) -> Iterator[tuple[str, ...]]:
    """Each passage of a document as the two lines that put it into the index."""
    for key, passage in item.passages:
        yield json.dumps({"index": {"_id": str(key)}}), json.dumps(_entry(item, key, passage))


def _out(key: int) -> tuple[str, ...]:
    """The line that takes a passage out of the index."""
    return (json.dumps({"delete": {"_id": str(key)}}),)


def _entry(item: Indexable, key: int, passage: Passage) -> dict[str, Any]:
    record = item.record
    body, title = text_of(record, passage)
    return {
        "key": key,
        "document_id": item.id,
        "body": analysed(body),
        "title": analysed(title),
        "venue": record.venue,
        "language": item.language,
        "kind": record.kind,
        "author": [author.name for author in record.authors],
        "year": record.year,
    }


def _in_parts(lines: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The lines joined, none of the parts much longer than the server should take."""
    part: list[str] = []
    size = 0
    for some in lines:
        part.extend(some)
        size += sum(map(len, some))
        if size > MOST_BYTES:
            yield "\n".join(part) + "\n"
            part, size = [], 0
    if part:
        yield "\n".join(part) + "\n"
