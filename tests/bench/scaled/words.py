"""Issue N: words in OpenSearch beside tantivy, over the same passages in one run.

Run: ``python -m tests.bench.scaled.words [SET …]`` (default bioasq10 and cmrc2018_trial, in ../shared). Each
question is sent as the product's word channel sends it. Prints one JSON object: nDCG@10 of both (0 … 1), how
many of their first ten are the same, and milliseconds a search.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ingest.works.prepare import prepare
from kgrag.evaluate.lines import read_lines
from kgrag.evaluate.metrics import measures
from kgrag.evaluate.retrieval import Collection, read_collection
from kgrag.indexes.opensearch import OpenSearchWords
from kgrag.library import Library
from kgrag.protocols import WordIndex
from kgrag.search.gather import words_query
from kgrag.search.understand import understand
from kgrag.settings import Settings
from kgrag.types import Document, Extraction, Passage, Record, Source
from tests.service import opensearch

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "retrieval"
DEPTH = 100


class Nothing:
    """Finds nothing in a document: words need no concepts, whose finding takes most of an ingest."""

    def extract(self, document: Document, passages: Sequence[Passage]) -> Extraction:
        """Nothing."""
        return Extraction()


def put_all(library: Library, folder: Path) -> dict[str, list[str]]:
    """The corpus into the catalogue and the words; the corpus ids of each document."""
    names: dict[str, list[str]] = {}
    for number, row in enumerate(read_lines(folder / "corpus.jsonl", ["text"])):
        source = Source(str(folder / "corpus.jsonl"), str(row["_id"]), "beir", number)
        parcel = prepare(Record(source, title=row.get("title") or None, abstract=row["text"]), Nothing())
        if parcel.document.id not in names:
            library.catalogue.put(parcel)
        names.setdefault(parcel.document.id, []).append(str(row["_id"]))
    library.catch_up(("words",))
    return names


def rankings(library: Library, index: WordIndex, asked: list[str]) -> tuple[list[list[str]], float]:
    """Documents of each question's passages, best first, and milliseconds a search."""
    found, seconds = [], 0.0
    for text in asked:
        started = time.perf_counter()
        hits = index.search(text, DEPTH)
        seconds += time.perf_counter() - started
        held = library.catalogue.passages_by_key([key for key, _ in hits])
        documents = library.catalogue.documents_by_key({document for _, document in held.values()})
        found.append(list(dict.fromkeys(documents[held[key][1]].id for key, _ in hits)))
    return found, seconds / len(asked) * 1000


def compare(folder: Path, url: str) -> dict[str, Any]:
    """Both indexes over one set."""
    collection: Collection = read_collection(folder)
    with tempfile.TemporaryDirectory() as place:
        settings = Settings(library=Path(place), embedder="hash", opensearch_url=url, extractors=())
        with Library(settings, create=True) as library:
            names = put_all(library, folder)
            served = OpenSearchWords.open(settings, library.catalogue)
            started = time.perf_counter()
            served.catch_up()
            seconds = time.perf_counter() - started
            asked = [words_query(understand(text, library)) for text in collection.queries.values()]
            found = {
                name: rankings(library, index, asked)
                for name, index in (("tantivy", library.words), ("opensearch", served))
            }
            served.close()
    same = [len(set(a[:10]) & set(b[:10])) / 10 for a, b in zip(*(f[0] for f in found.values()), strict=True)]
    return {
        "questions": len(asked),
        "opensearch_fill_s": round(seconds, 1),
        "same_of_first_ten": round(float(np.mean(same)), 3),
        **{
            name: {"ndcg": ndcg(ranked, collection, names), "ms": round(ms, 2)}
            for name, (ranked, ms) in found.items()
        },
    }


def ndcg(ranked: list[list[str]], collection: Collection, names: dict[str, list[str]]) -> float:
    """Mean nDCG@10."""
    rows = [
        measures([name for document in one for name in names[document]], collection.judged[query])
        for query, one in zip(collection.queries, ranked, strict=True)
    ]
    return round(float(np.mean([row["ndcg@10"] for row in rows])), 4)


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description="Words in OpenSearch beside tantivy.")
    parser.add_argument("sets", nargs="*", default=["cmrc2018_trial", "bioasq10"])
    chosen = parser.parse_args().sets
    if missing := opensearch.available() or (None if DATA.is_dir() else "no ../shared/data/retrieval"):
        print(json.dumps({"not_run": missing}))
        return
    with opensearch.running_server() as url:
        print(json.dumps({name: compare(DATA / name, url) for name in chosen}, indent=1))


if __name__ == "__main__":
    main()
