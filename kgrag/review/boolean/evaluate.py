"""Measures search strategies: published ones are printed and read again, and built ones are asked of records
whose decisions are known.

Knows JSON Lines. A topic has ``query`` (PubMed), or ``title``, seeds and included studies, or both; what it
names is looked for among the records' ``pmid`` and ``id``. A topic none of whose included studies is among
the records is not built for.
"""

from __future__ import annotations

import random
from pathlib import Path
from statistics import fmean
from typing import Any

from kgrag.errors import UsageError
from kgrag.evaluate.lines import read_lines
from kgrag.review.boolean.build import build
from kgrag.review.boolean.match import SearchedRecord, Searcher
from kgrag.review.boolean.parse import parse_pubmed
from kgrag.review.boolean.printers import print_query
from kgrag.review.boolean.query import joined

N_SEEDS = 5


def evaluate_boolean(topics: Path, records: Path) -> dict[str, Any]:
    """Figures over all topics.

    Returns:
        ``topics``; of those with a query ``queries``, ``equal`` (printed and read again the same tree) and
        ``equal_sets`` (the same records); of those built ``built``, ``recall`` and ``share_of_records``
        (means) and ``each``.

    Raises:
        NotFound, UsageError: a file is missing or wrong.
    """
    searcher, rows_of = read_records(records)
    asked = read_lines(topics, ())
    queries = [text for topic in asked for text in (topic.get("query"), topic.get("edited_search")) if text]
    trees = [parse_pubmed(text).query for text in queries]
    again = [parse_pubmed(print_query(tree, "pubmed").text).query for tree in trees]
    each = [figures for topic in asked if (figures := _built(topic, searcher, rows_of)) is not None]
    return {
        "topics": len(asked),
        "queries": len(trees),
        "equal": sum(one == other for one, other in zip(trees, again, strict=True)),
        "equal_sets": sum(
            searcher.find(one) == searcher.find(other) for one, other in zip(trees, again, strict=True)
        ),
        "built": len(each),
        "recall": _mean([figures["recall"] for figures in each]),
        "share_of_records": _mean([figures["share_of_records"] for figures in each]),
        "each": each,
    }


def read_records(path: Path) -> tuple[Searcher, dict[str, int]]:
    """Records of a file, or of all ``.jsonl`` of a folder, ready to be searched; and the row of each pmid and
    id.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files:
        raise UsageError(f"'{path}' holds no .jsonl file.")
    rows = [row for file in files for row in read_lines(file, ("title",))]
    records = [
        SearchedRecord(str(row.get("id") or ""), row["title"] or "", row.get("abstract") or "")
        for row in rows
    ]
    rows_of: dict[str, int] = {}
    for name in ("pmid", "id"):
        for number, row in enumerate(rows):
            if row.get(name):
                rows_of.setdefault(str(row[name]), number)
    return Searcher(records), rows_of


def _built(topic: dict[str, Any], searcher: Searcher, rows_of: dict[str, int]) -> dict[str, Any] | None:
    """Recall and size of the strategy built for a topic; None where its studies are not here."""
    included = _named(topic, ("included", "included_studies"), rows_of)
    if not included or not (title := topic.get("title") or topic.get("question")):
        return None
    seeds = _named(topic, ("seeds", "seed_studies"), rows_of)
    seeds = seeds or random.Random(0).sample(included, min(N_SEEDS, len(included)))
    blocks = build(str(title), seeds[:N_SEEDS], searcher)
    query = joined("AND", [block.query for block in blocks])
    found = searcher.find(query)
    return {
        "title": title,
        "recall": round(sum(found >> row & 1 for row in included) / len(included), 4),
        "share_of_records": round(found.bit_count() / len(searcher.records), 4),
        "query": print_query(query, "pubmed").text,
    }


def _named(topic: dict[str, Any], names: tuple[str, ...], rows_of: dict[str, int]) -> list[int]:
    ids: list[Any] = next((topic[name] for name in names if topic.get(name)), [])
    return list(dict.fromkeys(rows_of[str(one)] for one in ids if str(one) in rows_of))


def _mean(values: list[float]) -> float | None:
    return round(fmean(values), 4) if values else None
