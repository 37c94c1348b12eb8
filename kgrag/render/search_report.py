"""Writes a search record as a paragraph for a methods section after PRISMA-S, as CSV and as plain JSON.

Knows the record's JSON (``kgrag.search.record``) and both languages. Source: Rethlefsen et al. 2021, PRISMA-S
(items 1, 8, 9, 13–16 apply).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from kgrag.render.csv_text import csv_text

Record = Mapping[str, Any]

_CHANNELS = {
    "en": {
        "dense": "by meaning (vectors of {model}, query “{query}”)",
        "words": "by words (BM25, query “{query}”)",
        "graph": "by the knowledge graph (personalised PageRank from {query})",
    },
    "zh": {
        "dense": "语义检索（{model} 向量，检索式“{query}”）",
        "words": "词语检索（BM25，检索式“{query}”）",
        "graph": "知识图谱检索（自{query}出发的个性化 PageRank）",
    },
}
_COUNTS = {
    "en": {
        "filtered": "{} passages within the limits",
        "dense": "{} found by meaning",
        "words": "{} by words",
        "graph": "{} reached in the graph",
        "candidates": "{} after joining the channels without duplicates",
        "reranked": "{} ordered by the ranker",
        "returned": "{} returned",
    },
    "zh": {
        "filtered": "限定范围内 {} 段",
        "dense": "语义检索 {} 段",
        "words": "词语检索 {} 段",
        "graph": "图谱到达 {} 段",
        "candidates": "合并去重后 {} 段",
        "reranked": "经排序模型排序 {} 段",
        "returned": "返回 {} 段",
    },
}
_FILTERS = {
    "en": {
        "year_from": "from",
        "year_to": "to",
        "venues": "venues",
        "authors": "authors",
        "languages": "languages",
        "kinds": "kinds",
        "documents": "documents",
    },
    "zh": {
        "year_from": "起始年",
        "year_to": "截止年",
        "venues": "来源",
        "authors": "作者",
        "languages": "语种",
        "kinds": "类型",
        "documents": "文献",
    },
}


def methods_paragraph(record: Record, language: str = "en") -> str:
    """The record as a paragraph for a methods section, in English or Chinese (``zh``)."""
    return _chinese(record) if language == "zh" else _english(record)


def as_csv(record: Record) -> str:
    """One line a hit: rank, passage, document, score; the search's facts are in every line, so that files can
    be joined.
    """
    names = [
        "search",
        "date",
        "question",
        "searched",
        "rank",
        "passage_id",
        "document_id",
        "score",
        "retraction",
    ]
    rows = (
        [
            record["id"],
            record["created"],
            record["question"],
            record["text"],
            rank,
            hit["passage_id"],
            hit["document_id"],
            hit["score"],
            record["retracted"].get(hit["document_id"], ""),
        ]
        for rank, hit in enumerate(record["hits"], start=1)
    )
    return csv_text(names, rows)


def as_json(record: Record) -> str:
    """The record itself; ``kgrag search --replay FILE`` reads it."""
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


FORMATS: dict[str, Callable[[Record], str]] = {
    "json": as_json,
    "csv": as_csv,
    "methods": methods_paragraph,
    "methods-zh": lambda record: methods_paragraph(record, "zh"),
}


def _called(library: Mapping[str, Any]) -> str:
    """The library by its name, where it has one, and its id."""
    return f"{library['name']} ({library['id']})" if library.get("name") else str(library["id"])


def _english(record: Record) -> str:
    library, versions = record["library"], record["versions"]
    changes = "; ".join(f"“{old}” was read as “{new}” ({why})" for old, new, why in record["repairs"])
    limits = _limits(record, "en")
    return " ".join(
        part
        for part in (
            (
                f"The library {_called(library)} ({library['documents']} documents, {library['passages']}"
                f" passages, catalogue state {library['seq']}) was searched on {record['created'][:10]} with"
                f" kgrag {versions.get('kgrag', '')}."
            ),
            f"The question as typed was “{record['question']}”.",
            f"It was changed before the search: {changes}." if changes else "It was searched as typed.",
            f"Searches were run {'; '.join(_sent(record, 'en'))}.",
            f"Limits: {limits}." if limits else "No limits were set.",
            f"Of the passages, {', '.join(_counted(record, 'en'))}.",
            f"Of the documents found, {'; '.join(_retracted(record))}." if record["retracted"] else "",
            f"Ranking: {record['mode']}, ranker {versions['ranker']}, embedder {versions['embedder']}.",
            f"The search can be repeated with: kgrag search --replay {record['id']}.",
        )
        if part
    )


def _chinese(record: Record) -> str:
    library, versions = record["library"], record["versions"]
    changes = "；".join(f"“{old}”读作“{new}”（{why}）" for old, new, why in record["repairs"])
    limits = _limits(record, "zh")
    return "".join(
        part
        for part in (
            (
                f"于 {record['created'][:10]} 使用 kgrag {versions.get('kgrag', '')} 检索馆藏库"
                f" {_called(library)}（{library['documents']} 篇文献，{library['passages']} 段，目录状态"
                f" {library['seq']}）。"
            ),
            f"原始提问为“{record['question']}”。",
            f"检索前的改动：{changes}。" if changes else "检索前未作改动。",
            f"检索途径：{'；'.join(_sent(record, 'zh'))}。",
            f"限定条件：{limits}。" if limits else "未设限定条件。",
            f"各步数量：{'，'.join(_counted(record, 'zh'))}。",
            f"检出文献中：{'；'.join(_retracted(record))}。" if record["retracted"] else "",
            f"排序方式：{record['mode']}，排序模型 {versions['ranker']}，向量模型 {versions['embedder']}。",
            f"可用以下命令重现：kgrag search --replay {record['id']}。",
        )
        if part
    )


def _sent(record: Record, language: str) -> list[str]:
    words = _CHANNELS[language]
    lines = []
    for name, sent in record["channels"].items():
        query = sent["query"]
        if isinstance(query, list):
            names = [entity["name"] for entity in record["entities"]]
            query = (", ".join(names) if language == "en" else "、".join(names)) or (
                "the first hits" if language == "en" else "首批命中"
            )
        lines.append(words[name].format(query=query, model=sent.get("model", "")))
    return lines


def _counted(record: Record, language: str) -> list[str]:
    return [
        text.format(record["counts"][name])
        for name, text in _COUNTS[language].items()
        if name in record["counts"]
    ]


def _retracted(record: Record) -> list[str]:
    return [f"{document} {mark}" for document, mark in sorted(record["retracted"].items())]


def _limits(record: Record, language: str) -> str:
    names = _FILTERS[language]
    return "; ".join(
        f"{names.get(name, name)} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in record["filters"].items()
    )
