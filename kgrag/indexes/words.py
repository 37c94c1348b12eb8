"""Follows the catalogue with words: BM25 over passages in tantivy; rjieba cuts Chinese before it.

Knows words and filters. Its ``applied_seq`` is a document of the index itself, committed together with the
passages.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kgrag import protocols
from kgrag.catalogue import Catalogue
from kgrag.catalogue.reading import Indexable
from kgrag.catalogue.visible import hidden_documents
from kgrag.errors import Damaged, DiskFull, KgragError, ReadOnly
from kgrag.language.words import has_han, simplified, without_surrogates, words
from kgrag.settings import Settings
from kgrag.system.files import is_disk_full
from kgrag.types import Change, Filters, Passage, Record

DOCUMENTS_A_STEP = 200
CHANGES_A_COMMIT = 2_000
_HEAP_BYTES = 64_000_000
_SEGMENT, _MAGIC = ("fast", "pos", "fieldnorm", "store", "idx", "term", "del"), 1337
HEAL = "Make it anew: kgrag rebuild words"
_PLAIN = re.compile(r"\W+")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    for name in ("key", "seq"):
        builder.add_unsigned_field(name, stored=True, indexed=True, fast=True)
    for name in ("document_id", "marker", "venue", "language", "kind", "author"):
        builder.add_text_field(name, stored=False, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("year", stored=False, indexed=True, fast=True)
    builder.add_text_field("title", stored=False, tokenizer_name="en_stem")
    builder.add_text_field("body", stored=False, tokenizer_name="en_stem")
    return builder.build()


@contextmanager
def damage_named() -> Iterator[None]:
    """Has what tantivy says of files that it cannot read raised as ours."""
    try:
        yield
    except KgragError:
        raise
    except (ValueError, OSError) as error:
        if is_disk_full(error) or "No space left" in str(error):
            raise DiskFull("the word index") from error
        if isinstance(error, PermissionError) or "Permission denied" in str(error):
            raise ReadOnly("The word index") from error
        raise Damaged("words", error, HEAL) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how Rust fails; it is no Exception
            raise
        raise Damaged("words", error, HEAL) from error


def damaged_files(folder: Path) -> list[str]:
    """Names of the index's files that are not as tantivy wrote them: it ends each with its checksum."""
    wrong = []
    for path in sorted(folder.iterdir()):
        content = path.read_bytes() if path.is_file() and path.suffix != ".lock" else b""
        if path.suffix == ".json":
            wrong += [] if _is_json(content) else [path.name]
        elif content and path.suffix[1:] in _SEGMENT and not _has_its_sum(content):
            wrong.append(path.name)
    return wrong


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def _has_its_sum(content: bytes) -> bool:
    length, magic = struct.unpack("<II", content[-8:]) if len(content) > 8 else (0, 0)
    body, footer = content[: -8 - length], content[-8 - length : -8]
    try:
        return bool(magic == _MAGIC and zlib.crc32(body) == json.loads(footer)["crc"])
    except (ValueError, KeyError, TypeError):
        return False


def analysed(text: str) -> str:
    """Text as it enters the index: Chinese simplified and cut into words, with its pairs of characters; other
    text unchanged.

    The pairs find what the cutter cuts differently in a question and in a passage.
    """
    if not has_han(text):
        return without_surrogates(text)
    plain = simplified(without_surrogates(text))
    return " ".join([*words(plain), *_pairs(plain)])


def asked_terms(text: str) -> list[tuple[str, int]]:
    """The terms of a question in the order of their first use, each with how often it is asked for."""
    return list(Counter(" ".join(_PLAIN.split(analysed(text))).lower().split()).items())


def text_of(record: Record, passage: Passage) -> tuple[str, str]:
    """What is indexed of a passage: its text, behind its caption where it is rows of a table; and its
    document's title, unless the text opens with it.
    """
    caption = passage.section[-1:] if passage.kind == "table" else ()
    title = record.title if record.title and not passage.text.startswith(record.title) else ""
    return "\n".join((*caption, passage.text)), title


def _counted(terms: list[tuple[str, int]]) -> str:
    """Each term once, weighted by its count: the parser itself drops repeats, which long questions need."""
    return " ".join(term if n == 1 else f"{term}^{n}" for term, n in terms)


def _pairs(text: str) -> list[str]:
    return [run[i : i + 2] for run in _HAN_RUN.findall(text) for i in range(len(run) - 1)]


class WordIndex(protocols.WordIndex):
    """See the module."""

    name = "words"

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        import tantivy

        folder.mkdir(parents=True, exist_ok=True)
        self.catalogue, self.folder = catalogue, folder
        self._tantivy = tantivy
        self._schema = _schema()
        with damage_named():
            self._index = tantivy.Index(self._schema, path=str(folder))

    @classmethod
    def open(cls, settings: Settings, catalogue: Catalogue) -> WordIndex:
        """The index of a library, as its settings say."""
        return cls(settings.library / "words", catalogue)

    @staticmethod
    def discard(settings: Settings, catalogue: Catalogue) -> None:
        """Remove the files without opening them, so that damage does not keep them from being made anew."""
        for path in (settings.library / "words").glob("*"):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing to give back."""

    @damage_named()
    def applied_seq(self) -> int:
        """The last change of the feed that is in this index."""
        self._index.reload()
        searcher = self._index.searcher()
        query = self._tantivy.Query.term_query(self._schema, "marker", "state")
        hits = searcher.search(query, 1).hits
        return int(searcher.doc(hits[0][1])["seq"][0]) if hits else 0

    @damage_named()
    def catch_up(self) -> int:
        """Index what is new, read 200 documents at a time and committed every 2,000 (small commits cost
        merges); returns the new applied_seq.
        """
        applied = self.applied_seq()
        if applied >= self.catalogue.head():
            return applied
        with self._writing() as writer:
            applied = committed = self.applied_seq()
            while changes := self.catalogue.changes(applied, DOCUMENTS_A_STEP):
                self._apply(writer, changes)
                applied = changes[-1].seq
                if applied - committed >= CHANGES_A_COMMIT:
                    committed = self._commit(writer, applied)
            if applied != committed:
                self._commit(writer, applied)
        return applied

    @damage_named()
    def clear(self) -> None:
        """Forget everything."""
        with self._writing() as writer:
            writer.delete_all_documents()
            self._commit(writer, 0)

    @damage_named()
    def search(self, text: str, top_k: int, filters: Filters = Filters()) -> list[tuple[int, float]]:
        """Passages by BM25 (title words count twice).

        Returns:
            (passage key, BM25 score), best first, ties by key.
        """
        query = self._query(text, filters)
        if query is None:
            return []
        self._index.reload()
        searcher = self._index.searcher()
        hits = searcher.search(query, max(1, top_k)).hits
        keys = searcher.fast_field_values("key", [address for _, address in hits])
        found = [(int(key), float(score)) for key, (score, _) in zip(keys, hits, strict=True)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    @damage_named()
    def contents(self) -> set[int]:
        """Every passage key in the index (doctor and tests)."""
        self._index.reload()
        searcher = self._index.searcher()
        hits = searcher.search(self._tantivy.Query.all_query(), max(1, searcher.num_docs)).hits
        found = (searcher.doc(address) for _, address in hits)
        return {int(doc["key"][0]) for doc in found if "key" in doc.to_dict()}

    def _query(self, text: str, filters: Filters) -> Any:
        t, occur = self._tantivy, self._tantivy.Occur
        terms = asked_terms(text)
        if not terms:
            return None
        asked, _ = self._index.parse_query_lenient(
            _counted(terms), ["title", "body"], field_boosts={"title": 1.0, "body": 1.0}
        )
        clauses = [(occur.Must, asked), *((occur.Must, clause) for clause in self._filter_clauses(filters))]
        if gone := hidden_documents(self.catalogue, filters.hidden):
            clauses.append((occur.MustNot, t.Query.term_set_query(self._schema, "document_id", gone)))
        return t.Query.boolean_query(clauses)

    def _filter_clauses(self, filters: Filters) -> Iterator[Any]:
        query = self._tantivy.Query
        fields = (
            ("venue", filters.venues),
            ("language", filters.languages),
            ("kind", filters.kinds),
            ("author", filters.authors),
            ("document_id", filters.documents),
        )
        for field, values in fields:
            if values:
                yield query.term_set_query(self._schema, field, list(values))
        known = Filters(  # not in the index: these may change at any time
            licences=filters.licences,
            retracted=filters.retracted,
            collections=filters.collections,
            subjects=filters.subjects,
            whole=filters.whole,
        )
        if known != Filters():
            yield query.term_set_query(self._schema, "document_id", self.catalogue.filtered_ids(known))
        if filters.year_from is not None or filters.year_to is not None:
            low, high = filters.year_from or -9999, filters.year_to or 9999
            yield query.range_query(self._schema, "year", self._tantivy.FieldType.Integer, low, high)

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        writer = self._index.writer(_HEAP_BYTES, 1)
        try:
            yield writer
        finally:
            writer.wait_merging_threads()

    def _apply(self, writer: Any, changes: list[Change]) -> None:
        for change in changes:
            writer.delete_documents_by_term("document_id", change.document_id)
        for item in self.catalogue.indexable(
            [change.document_id for change in changes if change.kind == "put"]
        ):
            for key, passage in item.passages:
                writer.add_document(self._entry(item, key, passage))

    def _entry(self, item: Indexable, key: int, passage: Passage) -> Any:
        record = item.record
        entry = self._tantivy.Document()
        entry.add_unsigned("key", key)
        entry.add_text("document_id", item.id)
        body, title = text_of(record, passage)
        entry.add_text("body", analysed(body))
        if title:
            entry.add_text("title", analysed(title))
        for field, value in (("venue", record.venue), ("language", item.language), ("kind", record.kind)):
            if value:
                entry.add_text(field, value)
        for author in record.authors:
            entry.add_text("author", author.name)
        if record.year is not None:
            entry.add_integer("year", record.year)
        return entry

    def _commit(self, writer: Any, seq: int) -> int:
        writer.delete_documents_by_term("marker", "state")
        state = self._tantivy.Document()
        state.add_text("marker", "state")
        state.add_unsigned("seq", seq)
        writer.add_document(state)
        writer.commit()
        return seq
