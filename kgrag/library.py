"""Opens a library: its catalogue, its three followers and its models, each made on first use.

Knows how the parts are put together from the settings. Does not know what a question is.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgrag.backends import load_backend
from kgrag.catalogue import Catalogue
from kgrag.catalogue.visible import rights_version
from kgrag.errors import NotFound, ServiceUnavailable, UsageError
from kgrag.language.chinese_typing import Lexicon
from kgrag.language.spelling import word_counts
from kgrag.protocols import DenseIndex, Embedder, Follower, GraphStore, WordIndex
from kgrag.settings import Settings, load_settings
from kgrag.system.locking import file_lock

if TYPE_CHECKING:  # their libraries are loaded on first use
    from kgrag.indexes.sentences import SentenceVectors

logger = logging.getLogger(__name__)
MAX_LEXICON_PASSAGES = 50_000
"""Enough to know a library's words; reading them takes seconds."""
MAX_LEXICONS = 4
PATIENCE_S = 2.0
FOLLOWERS = ("words", "graph", "vectors")


class Library:
    """See the module. A context manager; closing gives files and connections back.

    Args:
        settings: of the library.
        create: make the folder and an empty catalogue where there is none.

    Raises:
        NotFound: no library there, and ``create`` is not set.
    """

    def __init__(self, settings: Settings, *, create: bool = False) -> None:
        self.settings, self.folder = settings, settings.library
        if not create and settings.catalogue_url is None and not (self.folder / "catalogue.sqlite").exists():
            raise NotFound(
                f"No library in '{self.folder}'. Make one: kgrag ingest PATH --library {self.folder}"
            )
        self.catalogue = Catalogue(self.folder, settings.catalogue_url)
        self.warnings: dict[str, str] = {}
        self._lexicons: dict[tuple[str, tuple[int, ...]], tuple[int, int, Any]] = {}

    @classmethod
    def open(cls, folder: str | Path | None = None, *, create: bool = False) -> Library:
        """The library in a folder, with the settings found there."""
        return cls(load_settings(Path(folder) if folder is not None else None), create=create)

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give files and connections back."""
        for name in ("graph", "vectors", "words", "sentences"):
            if name in self.__dict__:
                self.__dict__[name].close()
        self.catalogue.close()

    @cached_property
    def embedder(self) -> Embedder:
        """The embedder of the settings; an unknown name is a sentence-transformers model."""
        name = self.settings.embedder
        try:
            made: Embedder = load_backend("embedder", name)()
        except UsageError:
            made = load_backend("embedder", "sentence-transformers")(name)
        return made

    @cached_property
    def vectors(self) -> DenseIndex:
        """The vector follower of the settings."""
        index: DenseIndex = load_backend("vectors", self.settings.vectors).open(
            self.settings, self.catalogue, self.embedder
        )
        return index

    @cached_property
    def sentences(self) -> SentenceVectors:
        """The memory of sentence vectors."""
        from kgrag.indexes.sentences import SentenceVectors

        return SentenceVectors(self.folder / "vectors", self.catalogue, self.embedder)

    @cached_property
    def words(self) -> WordIndex:
        """The word follower of the settings."""
        index: WordIndex = load_backend("words", self.settings.words).open(self.settings, self.catalogue)
        return index

    def lexicon(self, hidden: tuple[int, ...] = ()) -> Lexicon:
        """The Chinese words of the documents outside hidden collections."""
        made: Lexicon = self._of_texts("zh", hidden, Lexicon.of)
        return made

    def spellings(self, hidden: tuple[int, ...] = ()) -> Counter[str]:
        """How often the other documents outside hidden collections hold each longer word."""
        made: Counter[str] = self._of_texts("other", hidden, word_counts)
        return made

    def _of_texts(self, language: str, hidden: tuple[int, ...], make: Callable[[Iterable[str]], Any]) -> Any:
        """What is made of texts, made anew when the catalogue has changed by a hundredth or collections have
        changed.
        """
        head, rights = self.catalogue.head(), rights_version(self.catalogue)
        known = self._lexicons.get((language, hidden))
        if known is None or known[1] != rights or head > known[0] * 1.01:
            known = (
                head,
                rights,
                make(self.catalogue.texts(MAX_LEXICON_PASSAGES, hidden, chinese=language == "zh")),
            )
            self._lexicons = {
                **dict(list(self._lexicons.items())[-MAX_LEXICONS + 1 :]),
                (language, hidden): known,
            }
        return known[2]

    @cached_property
    def graph(self) -> GraphStore:
        """The graph of the settings; where Neo4j does not answer, the embedded store stands in, with a
        warning.
        """
        kind = self.settings.graph
        try:
            store: GraphStore = load_backend("graph", kind).open(self.settings, self.catalogue)
        except ServiceUnavailable as error:
            self._warn("graph", f"{error} Until then the embedded graph answers.")
            store = load_backend("graph", "embedded").open(self.settings, self.catalogue)
            store.catch_up()
        return store

    def catch_up(
        self, names: tuple[str, ...] = FOLLOWERS, wait_s: float | None = PATIENCE_S
    ) -> dict[str, str]:
        """Bring the followers to the catalogue's head.

        Args:
            names: which.
            wait_s: how long to wait where another process does just that; after it the followers stay as they
                are, for that process brings them on. None waits to the end.

        Returns:
            What went wrong, by follower; the others are up to date.
        """
        with self._following(wait_s) as ours:
            for name in names if ours else ():
                self._guarded(name)
        return {name: text for name, text in self.warnings.items() if name in names}

    def rebuild(self, name: str) -> int:
        """Make a follower anew from the catalogue; returns its applied_seq.

        Raises:
            UsageError: no such follower.
        """
        if name not in FOLLOWERS:
            raise UsageError(f"No follower '{name}' (found: {', '.join(FOLLOWERS)}).")
        with self._following(None):
            self._discard(name)
            follower = self._follower(name)
            follower.clear()
            return follower.catch_up()

    def _following(self, wait_s: float | None) -> AbstractContextManager[bool]:
        """One process at a time brings the followers on; the work of two would be the same work twice."""
        return file_lock(self.folder / ".following.lock", wait_s)

    def _discard(self, name: str) -> None:
        """What a follower holds goes before it is opened, so that neither damage nor another model's vectors
        keep it from being made anew.
        """
        opened = self.__dict__.pop(name, None)
        if opened is not None:
            opened.close()
        kinds = {"vectors": self.settings.vectors, "words": self.settings.words}
        if name in kinds:
            load_backend(name, kinds[name]).discard(self.settings, self.catalogue)

    def _follower(self, name: str) -> Follower:
        """The follower of that name, opened on its first use."""
        found: Follower = getattr(self, name)
        return found

    def _guarded(self, name: str) -> None:
        try:
            self._follower(name).catch_up()
        except ServiceUnavailable as error:
            self._warn(name, f"{name} is behind: {error}")
        else:
            self.warnings.pop(name, None)

    def _warn(self, name: str, text: str) -> None:
        logger.warning(text)
        self.warnings[name] = text
