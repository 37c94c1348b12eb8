"""Issue C: latency and memory of search over a large made-up library: real followers, real embedding of the
question.

Run: ``python -m tests.bench.running.scale [PASSAGES] [--keep FOLDER]`` (default 1,000,000 passages, five
mentions each; 10,000 for the small figure). Texts are words drawn by a power law, entities likewise; vectors
of passages are random around the vectors of the words' topics, because embedding a million texts would take a
day and changes nothing about a search. The rows are put in bulk; words and graph then follow the feed as
always. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert, update

from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import write_transaction
from kgrag.indexes import vectors as v
from kgrag.indexes.read_ahead import read_ahead
from kgrag.language.names import entity_id, normalise_name
from kgrag.library import Library
from kgrag.search import Retriever
from kgrag.search.understand import understand
from tests.bench.running.million import memory_mb

PASSAGES_A_DOCUMENT = 4
MENTIONS = 5
WORDS_A_PASSAGE = 70
N_WORDS, N_TOPICS, N_QUESTIONS, N_WARM = 40_000, 500, 200, 10
PASSAGES_AN_ENTITY = 5
STEP = 2_000
SYLLABLES = (
    "ka",
    "lo",
    "ren",
    "ti",
    "mos",
    "va",
    "du",
    "shi",
    "pe",
    "ran",
    "ul",
    "go",
    "fen",
    "bi",
    "tor",
    "na",
)


class World:
    """Words, names and topics, all made from a seed."""

    def __init__(self, n_passages: int) -> None:
        self.chance = np.random.default_rng(7)
        self.words = [_word(number) for number in range(N_WORDS)]
        self.weights = _power_law(N_WORDS, 1.0)
        self.names = [
            f"{_word(3 * number + 1).title()} {_word(5 * number + 2).title()} {number}"
            for number in range(max(100, n_passages // PASSAGES_AN_ENTITY))
        ]
        self.name_weights = _power_law(len(self.names), 0.6)
        self.topics = self.chance.normal(size=(N_TOPICS, 384)).astype(np.float32)

    def passages(self, n: int) -> Iterator[tuple[str, list[int]]]:
        """Text and the numbers of the names in it."""
        words = self.chance.choice(N_WORDS, size=(n, WORDS_A_PASSAGE), p=self.weights)
        names = self.chance.choice(len(self.names), size=(n, MENTIONS), p=self.name_weights)
        for own_words, own_names in zip(words.tolist(), names.tolist(), strict=True):
            parts = [self.words[word] for word in own_words]
            for place, name in enumerate(own_names):
                parts[place * 12] = self.names[name]
            yield " ".join(parts).capitalize() + ".", own_names

    def vectors(self, n: int) -> np.ndarray[Any, np.dtype[np.float16]]:
        """Unit vectors around topics, (n, 384)."""
        made = self.topics[self.chance.integers(N_TOPICS, size=n)] + self.chance.normal(size=(n, 384)).astype(
            np.float32
        )
        return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float16)

    def questions(self) -> list[str]:
        """Questions about a name and three words, one in four about two names."""
        rng = random.Random(5)
        patterns = (
            "What does {} say about {} and {} {}?",
            "How is {} linked to {} {} {}?",
            "Which {} {} did {} study in {}?",
            "Is {} older than {} or {} {}?",
        )
        found = []
        for number in range(N_QUESTIONS + N_WARM):
            common = [self.words[int(rng.paretovariate(0.6)) % N_WORDS] for _ in range(3)]
            names = [
                self.names[int(rng.paretovariate(0.5)) % len(self.names)]
                for _ in range(1 + (number % 4 == 3))
            ]
            found.append(patterns[number % 4].format(*(names + common)[:4]))
        return found


def _word(number: int) -> str:
    word = ""
    while number or not word:
        number, rest = divmod(number, len(SYLLABLES))
        word += SYLLABLES[rest]
    return word


def _power_law(n: int, exponent: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    weights = 1.0 / np.arange(2, n + 2) ** exponent
    return weights / weights.sum()


def fill(library: Library, n_passages: int) -> dict[str, float]:
    """The catalogue's rows in bulk, vectors beside them, then words and graph by the feed; seconds of
    each.
    """
    world, seconds, started = World(n_passages), {}, time.perf_counter()
    documents = n_passages // PASSAGES_A_DOCUMENT
    put_all(library, world, documents)
    seconds["catalogue"], started = time.perf_counter() - started, time.perf_counter()
    _vectors(library, world, documents)
    seconds["vectors"] = time.perf_counter() - started
    return seconds


def put_all(library: Library, world: World, documents: int) -> None:
    """The catalogue's rows of so many documents."""
    with library.catalogue.writing() as connection:
        for start in range(0, len(world.names), 50_000):
            part = world.names[start : start + 50_000]
            connection.execute(
                insert(t.entities),
                [{"key": start + i + 1, "id": entity_id(name)} for i, name in enumerate(part)],
            )
    for start in range(0, documents, STEP):
        _put(library, world, range(start, min(start + STEP, documents)))


def follow(library: Library) -> dict[str, float]:
    """Words, graph and the snapshot of the vectors; seconds of each."""
    seconds = {}
    for name in ("words", "graph", "vectors"):
        started = time.perf_counter()
        getattr(library, name).catch_up()
        seconds[name + "_follow"] = time.perf_counter() - started
    return seconds


def _put(library: Library, world: World, numbers: range) -> None:
    tables: dict[Any, list[dict[str, Any]]] = {
        table: [] for table in (t.documents, t.passages, t.forms, t.mentions, t.changes)
    }
    found = world.passages(len(numbers) * PASSAGES_A_DOCUMENT)
    for number in numbers:
        texts, named = zip(*(next(found) for _ in range(PASSAGES_A_DOCUMENT)), strict=True)
        text, key, identifier = "\n\n".join(texts), number + 1, f"doi:10.5555/scale.{number}"
        title = f"Study {number} of {world.words[number % N_WORDS]}"
        record = {
            "source": {"path": f"{number}.xml", "sha256": str(number), "reader": "bench"},
            "title": title,
            "year": 1950 + number % 75,
        }
        tables[t.documents].append(
            {
                "key": key,
                "id": identifier,
                "title": title,
                "year": 1950 + number % 75,
                "language": "en",
                "record": record,
                "text": text,
                "sha256": str(number),
            }
        )
        tables[t.changes].append({"kind": "put", "document_id": identifier})
        tables[t.forms].extend(
            {
                "entity_key": name + 1,
                "document_key": key,
                "form": world.names[name],
                "form_key": normalise_name(world.names[name]),
                "kind": "Name",
                "is_name": 1,
                "authorities": {},
            }
            for name in sorted({name for names in named for name in names})
        )
        position = 0
        for ordinal, (own, names) in enumerate(zip(texts, named, strict=True)):
            passage = number * PASSAGES_A_DOCUMENT + ordinal + 1
            tables[t.passages].append(
                {
                    "key": passage,
                    "document_key": key,
                    "id": f"{identifier}#p{ordinal}",
                    "ordinal": ordinal,
                    "kind": "paragraph",
                    "start": position,
                    "end": position + len(own),
                    "text": own,
                    "section": ["Text"],
                    "sentences": [[0, len(own), None, []]],
                }
            )
            tables[t.mentions].extend(
                {
                    "entity_key": name + 1,
                    "passage_key": passage,
                    "start": 0,
                    "end": 1,
                    "method": "bench",
                    "score": 1.0,
                }
                for name in names
            )
            position += len(own) + 2
    with library.catalogue.writing() as connection:
        for table, rows in tables.items():
            connection.execute(insert(table), rows)


def _vectors(library: Library, world: World, documents: int) -> None:
    """Into the vector follower's own database, as if it had embedded them."""
    with write_transaction(library.vectors._engine) as connection:
        for start in range(0, documents, STEP):
            numbers = range(start, min(start + STEP, documents))
            made = world.vectors(len(numbers) * PASSAGES_A_DOCUMENT)
            connection.execute(
                insert(v._vectors),
                [
                    {
                        "passage_key": start * PASSAGES_A_DOCUMENT + i + 1,
                        "document_id": f"doi:10.5555/scale.{start + i // PASSAGES_A_DOCUMENT}",
                        "seq": start + i // PASSAGES_A_DOCUMENT + 1,
                        "vector": row.tobytes(),
                    }
                    for i, row in enumerate(made)
                ],
            )
        connection.execute(
            update(v._state)
            .where(v._state.c.name == "applied_seq")
            .values(value=str(library.catalogue.head()))
        )


def ask(library: Library, n_passages: int) -> dict[str, Any]:
    """Latency of full searches one after another, understanding and embedding included, after a first one."""
    retriever, questions = Retriever(library), World(n_passages).questions()
    started = time.perf_counter()
    retriever.search(understand(questions[0], library))
    first = time.perf_counter() - started
    wall, cpu = [], []
    for question in questions:
        start, start_cpu = time.perf_counter(), time.process_time()
        assert retriever.search(understand(question, library), top_k=10)
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - start_cpu)
    return {
        "first_s": round(first, 2),
        "p50_ms": round(float(np.percentile(wall[N_WARM:], 50)) * 1000, 1),
        "p95_ms": round(float(np.percentile(wall[N_WARM:], 95)) * 1000, 1),
        "cpu_p50_ms": round(float(np.percentile(cpu[N_WARM:], 50)) * 1000, 1),
        "cpu_p95_ms": round(float(np.percentile(cpu[N_WARM:], 95)) * 1000, 1),
    }


def main() -> None:
    """Make (or open) the library, search, print."""
    parser = argparse.ArgumentParser(description="Search latency over a large made-up library.")
    parser.add_argument("passages", nargs="?", type=int, default=1_000_000)
    parser.add_argument(
        "--keep", type=Path, help="Folder of the library: made if it is not there, and left there."
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = arguments.keep or Path(place) / "library"
        made = not (folder / "catalogue.sqlite").exists()
        seconds: dict[str, float] = {}
        if made:
            with Library.open(folder, create=True) as library:
                seconds = fill(library, arguments.passages)
        with Library.open(folder) as library:
            seconds |= follow(library)
        started = time.perf_counter()
        read_ahead(folder)  # as the service does when it starts
        seconds["read_ahead"] = time.perf_counter() - started
        with Library.open(folder) as library:
            figures = ask(library, arguments.passages)
            described = library.vectors.described()
            sizes = {
                "passages": library.catalogue.count(t.passages),
                "edges": library.catalogue.count(t.mentions),
            }
        print(
            json.dumps(
                {
                    **sizes,
                    **figures,
                    "rss_mb": round(memory_mb("VmRSS")),
                    "own_mb": round(memory_mb("RssAnon")),
                    "vectors": described,
                    "fill_seconds": {name: round(value, 1) for name, value in seconds.items()},
                }
            )
        )


if __name__ == "__main__":
    main()
