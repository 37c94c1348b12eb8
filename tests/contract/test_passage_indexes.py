"""Vectors and words: equal to what NumPy and the texts say, after puts, updates, deletes and rebuilds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kgrag.backends import load_backend
from kgrag.errors import IndexMismatch
from kgrag.indexes import pgvector, vectors
from kgrag.indexes.nearest import read_snapshot
from kgrag.indexes.vectors import embedded_text
from kgrag.indexes.words import WordIndex as WordsInFiles
from kgrag.library import Library
from kgrag.protocols import DenseIndex, Follower, WordIndex
from kgrag.settings import Settings
from kgrag.testing import HashEmbedder, random_parcel
from kgrag.types import Filters
from kgrag.upkeep.doctor import examine
from tests.service import opensearch, postgres

BACKENDS = {
    "embedded": {},
    "pgvector": {"vectors": "pgvector"},
    "opensearch": {"words": "opensearch"},
}
"""What a library's settings are, beside the defaults, by what holds its vectors and words."""


class Filled:
    """Libraries of thirty random documents by backend, filled once a module and copied for each test."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._made: dict[str, tuple[Path, dict[str, Any]]] = {}
        self._servers: dict[str, str] = {}

    def copy(self, backend: str, to: Path) -> Settings:
        """The settings of a copy of its own."""
        if backend not in self._made:
            self._made[backend] = self._fill(backend)
        library, given = self._made[backend]
        shutil.copytree(library, to)
        if database := given.get("catalogue_url"):
            url = postgres.new_database(self._postgres(), like=database.rpartition("/")[2])
            given = {**given, "catalogue_url": url}
        settings = Settings(library=to, embedder="hash", **given)
        if backend == "opensearch":  # its index is the one of the library before, whose id is the same
            with Library(settings) as library:
                library.rebuild("words")
        return settings

    def _fill(self, backend: str) -> tuple[Path, dict[str, Any]]:
        given: dict[str, Any] = dict(BACKENDS[backend])
        if backend == "pgvector":
            given["catalogue_url"] = postgres.new_database(self._postgres())
        if backend == "opensearch":
            given["opensearch_url"] = self._opensearch()
        folder = self._folder / backend
        with Library(Settings(library=folder, embedder="hash", **given), create=True) as library:
            for number in range(30):
                library.catalogue.put(random_parcel(number))
            library.catch_up()
        return folder, given

    def _postgres(self) -> str:
        if "postgres" not in self._servers:
            if missing := postgres.available(vectors=True):
                # a real server or nothing; in CI such a skip is a failure
                pytest.skip(f"no PostgreSQL with pgvector can be started here: {missing}")
            server = self._stack.enter_context(postgres.running_server(vectors=True))
            self._servers["postgres"] = server
        return self._servers["postgres"]

    def _opensearch(self) -> str:
        if "opensearch" not in self._servers:
            if missing := opensearch.available():
                # a real server or nothing; in CI such a skip is a failure
                pytest.skip(f"no OpenSearch can be made here: {missing}")
            self._servers["opensearch"] = self._stack.enter_context(opensearch.running_server())
        return self._servers["opensearch"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The libraries that the tests copy, and their servers while they are needed."""
    with ExitStack() as stack:
        yield Filled(tmp_path_factory.mktemp("filled"), stack)


PGVECTOR, OPENSEARCH = (pytest.param(name, marks=pytest.mark.service) for name in ("pgvector", "opensearch"))


def by(*backends: Any) -> pytest.MarkDecorator:
    """A test of some backends: of how one does its work, or of vectors, which not every one holds."""
    return pytest.mark.parametrize("small_library", backends, indirect=True)


@pytest.fixture(params=["embedded", PGVECTOR, OPENSEARCH])
def small_library(filled: Filled, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Library]:
    """Thirty random documents with the hash embedder; followers caught up; by each backend in turn."""
    with Library(filled.copy(request.param, tmp_path / "library")) as library:
        yield library


@pytest.fixture
def dense(small_library: Library) -> DenseIndex:
    """The index by vector, caught up."""
    return small_library.vectors


@pytest.fixture
def by_words(small_library: Library) -> WordIndex:
    """The index by words, caught up."""
    return small_library.words


@pytest.fixture(params=["vectors", "words", "graph"])
def follower(small_library: Library, request: pytest.FixtureRequest) -> Follower:
    """Each follower of the feed, caught up."""
    found: Follower = getattr(small_library, request.param)
    return found


def test_a_follower_goes_where_the_feed_is(small_library: Library, follower: Follower) -> None:
    """It stands at the head when it has caught up, at the start when it is cleared, and at the head again."""
    assert follower.applied_seq() == small_library.catalogue.head()
    small_library.catalogue.put(random_parcel(40))
    assert follower.applied_seq() == small_library.catalogue.head() - 1
    assert follower.catch_up() == follower.applied_seq() == small_library.catalogue.head()
    follower.clear()
    assert follower.applied_seq() == 0
    assert follower.catch_up() == follower.applied_seq() == small_library.catalogue.head()


def passages(library: Library) -> dict[int, tuple[str, str]]:
    """(text, title) of every passage by key, read from the catalogue."""
    catalogue = library.catalogue
    found = {}
    for document in catalogue.documents():
        own = catalogue.passages_of(document.id)
        keys = catalogue.passage_keys([p.id for p in own])
        found.update({keys[p.id]: (embedded_text(p, document.record.title), p.text) for p in own})
    return found


def by_numpy(library: Library, question: str) -> list[tuple[int, float]]:
    """Exact search over the same half-precision vectors."""
    keys, texts = zip(*((key, text) for key, (text, _) in sorted(passages(library).items())), strict=True)
    matrix = library.embedder.embed_passages(texts).astype(np.float16).astype(np.float32)
    scores = matrix @ library.embedder.embed_query(question)
    return sorted(zip(keys, map(float, scores), strict=True), key=lambda pair: (-round(pair[1], 5), pair[0]))


@by("embedded", PGVECTOR)
@pytest.mark.parametrize(
    "question", ["Radium was studied", "居里夫人 Paris", "part 2 number 7", "nothing of the kind"]
)
def test_vectors_equal_numpy(small_library: Library, dense: DenseIndex, question: str) -> None:
    """Scores equal exact search for every k, also k > n; ties are broken by key."""
    expected = by_numpy(small_library, question)
    for k in (1, 5, len(expected), 10 * len(expected)):
        found = dense.search(small_library.embedder.embed_query(question), k)
        assert np.allclose([s for _, s in found], [s for _, s in expected[:k]], atol=1e-4)
        assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))


def test_a_selection_limits_both(small_library: Library, dense: DenseIndex, by_words: WordIndex) -> None:
    """Only allowed passages are found, by vectors (keys) and by words (filters), and all of them can be."""
    filters = Filters(venues=("学报",))
    allowed = small_library.catalogue.filtered_passages(filters)
    vector = small_library.embedder.embed_query("studied with")
    assert {key for key, _ in dense.search(vector, 1000, allowed)} == set(allowed)
    assert {key for key, _ in by_words.search("studied with", 1000, filters)} == set(allowed)
    assert dense.search(vector, 10, []) == []


def test_words_find_chinese_and_survive_any_text(small_library: Library, by_words: WordIndex) -> None:
    """Chinese names are found by their words; operators, quotes and emptiness are just text."""
    wanted = {key for key, (_, text) in passages(small_library).items() if "居里夫人" in text}
    assert {key for key, _ in by_words.search("居里夫人", 1000)} == wanted
    for text in ("", "   ", "AND OR NOT", '"unclosed (', "title:x^2 ~ * ?", "\x00\ud800"):
        by_words.search(text, 5)


def test_deletes_and_updates_follow(small_library: Library) -> None:
    """After deletions and an update both indexes hold exactly the catalogue's passages."""
    for number in (0, 3, 29):
        small_library.catalogue.delete(random_parcel(number).document.id)
    small_library.catalogue.put(random_parcel(7))
    small_library.catch_up()
    keys = set(passages(small_library))
    assert set(small_library.vectors.contents()) == small_library.words.contents() == keys
    vector = small_library.embedder.embed_query("studied")
    assert {key for key, _ in small_library.vectors.search(vector, 1000)} == keys


def test_a_second_reader_sees_what_the_first_wrote(small_library: Library) -> None:
    """Another instance over the same files finds a document put later, without writing anything itself."""
    with Library(small_library.settings) as reader:
        reader.vectors.search(reader.embedder.embed_query("studied"), 1)
        small_library.catalogue.put(random_parcel(100))
        small_library.catch_up()
        keys = set(reader.catalogue.passage_keys([p.id for p in random_parcel(100).passages]).values())
        found = {
            key for key, _ in reader.vectors.search(reader.embedder.embed_query("number 100 part 0"), 1000)
        }
        assert keys <= found
        assert keys <= {key for key, _ in reader.words.search("100", 1000)}


@pytest.mark.parametrize("name", ["vectors", "words", "graph"])
def test_rebuild_gives_the_same(small_library: Library, name: str) -> None:
    """A follower made anew answers as the old one did and stands at the same seq."""
    question, head = "Radium in Paris", small_library.catalogue.head()
    before = [
        small_library.vectors.search(small_library.embedder.embed_query(question), 9),
        small_library.words.search(question, 9),
        small_library.graph.pagerank({"e:radium": 1.0}),
    ]
    assert small_library.rebuild(name) == head
    after = [
        small_library.vectors.search(small_library.embedder.embed_query(question), 9),
        small_library.words.search(question, 9),
        small_library.graph.pagerank({"e:radium": 1.0}),
    ]
    assert before == after


@by(OPENSEARCH)
@pytest.mark.parametrize(
    "question", ["Radium was studied", "居里夫人 in Paris", "镭的学报", "part 2 number 7"]
)
def test_opensearch_ranks_as_tantivy_does(small_library: Library, tmp_path: Path, question: str) -> None:
    """The same passages and scores: the same tokens and lengths, and statistics but for one document, since
    tantivy counts that of its own state among them.
    """
    by_tantivy = WordsInFiles(tmp_path / "words", small_library.catalogue)
    by_tantivy.catch_up()
    expected, found = (dict(index.search(question, 1000)) for index in (by_tantivy, small_library.words))
    assert found.keys() == expected.keys()
    assert np.allclose([found[key] for key in expected], list(expected.values()), rtol=0.01, atol=0.05)


@by("embedded", PGVECTOR)
def test_another_embedder_is_refused_with_the_command(small_library: Library) -> None:
    """Vectors of one model are never searched with another; the error names both and the way out."""
    settings, catalogue, other = small_library.settings, small_library.catalogue, HashEmbedder(32)
    kind = load_backend("vectors", settings.vectors)
    with pytest.raises(IndexMismatch, match=r"hash-64.*hash-32.*kgrag rebuild vectors"):
        kind.open(settings, catalogue, other)
    kind.discard(settings, catalogue)
    opened = kind.open(settings, catalogue, other)
    assert opened.catch_up() == catalogue.head()
    assert len(opened.search(other.embed_query("Radium"), 5)) == 5
    opened.close()


@by("embedded")
def test_a_large_index_finds_what_the_exact_one_finds(
    small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a snapshot: the same nearest passages, also after puts and deletes since it was made, limited or
    not, and after it was made anew.
    """
    monkeypatch.setattr(vectors, "LARGE", 40)
    index = small_library.vectors
    for number in range(30, 60):
        small_library.catalogue.put(random_parcel(number))
    index.catch_up()
    snapshot = read_snapshot(index.folder)
    assert snapshot is not None
    assert (snapshot.n, snapshot.seq) == (len(index.contents()), 60)
    assert snapshot.recall > 0.9
    assert index.described().startswith("IVF16,SQ8")
    for change in (
        lambda: None,
        lambda: small_library.catalogue.delete("doi:10.1000/0.7"),
        lambda: small_library.catalogue.put(random_parcel(70)),
        lambda: [small_library.catalogue.put(random_parcel(number)) for number in range(100, 150)],
    ):
        change()
        index.catch_up()
        same_as_exact(small_library)
    renewed = read_snapshot(index.folder)
    assert renewed is not None
    assert renewed.seq > snapshot.seq
    index.clear()
    assert read_snapshot(index.folder) is None
    index.catch_up()
    same_as_exact(small_library)


@by(PGVECTOR)
def test_a_graph_in_postgresql_finds_what_comparing_all_finds(
    small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same passages and scores through the HNSW graph, in selections of any size, after changes too."""
    monkeypatch.setattr(pgvector, "INDEXED", 40)
    monkeypatch.setattr(pgvector, "EXACT_SHARE", 0)
    for number in range(30, 90):
        small_library.catalogue.put(random_parcel(number))
    index = small_library.vectors
    assert "exact" in index.described()
    index.catch_up()
    assert "HNSW" in index.described()
    small_library.catalogue.delete("doi:10.1000/0.7")
    small_library.catalogue.put(random_parcel(170))
    index.catch_up()
    allowed = small_library.catalogue.filtered_passages(Filters(venues=("学报",)))
    for question in ("Radium was studied", "part 2 number 7"):
        expected = by_numpy(small_library, question)
        for keys in (None, allowed, allowed[:9]):
            among = [pair for pair in expected if keys is None or pair[0] in set(keys)][:8]
            found = index.search(small_library.embedder.embed_query(question), 8, keys)
            assert np.allclose([score for _, score in found], [score for _, score in among], atol=1e-5)


@by(PGVECTOR)
def test_what_is_deleted_is_not_found_before_its_follower_knows(small_library: Library) -> None:
    """Beside the catalogue in PostgreSQL a vector goes in the transaction that takes its passage."""
    held = set(small_library.vectors.contents())
    small_library.catalogue.delete("doi:10.1000/0.7")
    left = set(passages(small_library))
    vector = small_library.embedder.embed_query("studied")
    assert {key for key, _ in small_library.vectors.search(vector, 1000)} == left < held


def test_the_doctor_looks_into_each(small_library: Library) -> None:
    """It finds them whole, and says where one is behind; making it anew heals it."""

    def wrong() -> list[str]:
        found = examine(small_library)
        return [f.what for f in found if not f.ok and f.what in ("vectors", "words", "index device")]

    assert wrong() == []
    small_library.catalogue.put(random_parcel(70))
    assert wrong() == ["words", "vectors"]
    small_library.catch_up()
    assert wrong() == []


def same_as_exact(library: Library) -> None:
    """Every list is searched in so small an index: the same keys, scores to the precision of eight bits."""
    filters = Filters(venues=("学报",))
    allowed = library.catalogue.filtered_passages(filters)
    for question in ("Radium was studied", "part 2 number 7"):
        vector, expected = library.embedder.embed_query(question), by_numpy(library, question)
        everything = library.vectors.search(vector, 1000)
        assert {key for key, _ in everything} == {key for key, _ in expected}
        assert np.allclose(
            [score for _, score in sorted(everything)], [score for _, score in sorted(expected)], atol=0.03
        )
        assert {key for key, _ in library.vectors.search(vector, 1000, allowed)} == set(allowed)
        assert np.array_equal(
            library.vectors.matrix_of([key for key, _ in everything[:3]]),
            np.stack(
                [
                    np.frombuffer(library.vectors.contents()[key], np.float16).astype(np.float32)
                    for key, _ in everything[:3]
                ]
            ),
        )
