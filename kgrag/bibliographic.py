"""Questions about a work itself (who wrote it, when and where it appeared, its DOI), answered from its
catalogue record.

Knows how such questions are put in English and Chinese, and when a title is meant. The texts themselves are
bad witnesses for this: “I began writing …” is no author. What a record says is no claim and has no quote; it
is shown apart, with the work's title.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kgrag.asked import asked_in, ways_to_ask
from kgrag.names import plain
from kgrag.types import Document, Hit, Record, RecordFact

MOST = 3
"""Works that a name may mean; where more titles hold it, it is a subject and no work."""
SHORTEST = 4
MANY_AUTHORS = 12
_WORK = r"(?:the\s+)?(?:(?:article|paper|book|report|study|review)\s+)?(?:entitled\s+|titled\s+|called\s+)?[\"“”'‘’《〈]?(?P<work>.+?)[\"“”'‘’》〉]?"
_ZH_WORK = r"[《“\"]?(?P<work>.+?)[》”\"]?"
_ASKS = ways_to_ask(
    (
        "authors",
        rf"^who\s+(?:wrote|authored|(?:is|are|was|were)\s+the\s+(?:first\s+)?authors?\s+of)\s+(?!about\b){_WORK}\s*\??$",
    ),
    (
        "year",
        rf"^(?:when|(?:in\s+)?(?:which|what)\s+year)\s+(?:was|were|did)\s+{_WORK}\s+(?:first\s+)?(?:published|written|appear)\s*\??$",
    ),
    (
        "venue",
        rf"^(?:where|(?:in\s+)?(?:which|what)\s+journal)\s+(?:was|were|did)\s+{_WORK}\s+(?:published|appear)(?:\s+in)?\s*\??$",
    ),
    ("venue", rf"^(?:which|what)\s+journal\s+publishe[ds]\s+{_WORK}\s*\??$"),
    ("doi", rf"^what(?:\s+is|['’]s)\s+the\s+doi\s+of\s+{_WORK}\s*\??$"),
    ("authors", rf"^(?:谁写了|谁是){_ZH_WORK}(?:的作者)?\s*[？?]?$"),
    ("authors", rf"^{_ZH_WORK}(?:的)?(?:作者(?:是谁|有哪些|是哪些人)?|是谁写的)\s*[？?]?$"),
    ("year", rf"^{_ZH_WORK}(?:是)?(?:哪一?年|何时|什么时候)(?:发表|出版)的?\s*[？?]?$"),
    (
        "venue",
        rf"^{_ZH_WORK}(?:是)?(?:发表|刊登|刊载)(?:在|于)(?:哪里|哪[个本种份]?(?:期刊|杂志|刊物)|什么(?:期刊|杂志|刊物))(?:上)?的?\s*[？?]?$",
    ),
    ("doi", rf"^{_ZH_WORK}的\s*doi(?:号)?(?:是什么|是多少)?\s*[？?]?$"),
)
_VALUES: Mapping[str, Callable[[Record], str]] = {
    "authors": lambda record: author_names(record),
    "year": lambda record: str(record.year or ""),
    "venue": lambda record: record.venue or "",
    "doi": lambda record: record.identifiers.get("doi", ""),
}


def record_facts(question: str, hits: Sequence[Hit]) -> tuple[RecordFact, ...]:
    """What the records of the works that a question is about say; empty where it asks for something else, or
    no work found bears that title.

    Args:
        question: as it is searched.
        hits: what was found for it.
    """
    asked = asked_in(_ASKS, question)
    if asked is None:
        return ()
    field, name = asked
    facts = [
        RecordFact(
            document.id,
            document.record.title or "",
            field,
            _VALUES[field](document.record),
            document.retracted is not None,
        )
        for document in _meant(plain(name), hits)
    ]
    return tuple(fact for fact in facts if fact.value)


def _meant(name: str, hits: Sequence[Hit]) -> list[Document]:
    """The works whose title is the name, or else begins with it or holds it word for word; none where that
    are too many to be meant.
    """
    titles = {hit.document.id: (hit.document, plain(hit.document.record.title or "")) for hit in hits}
    if len(name.replace(" ", "")) < SHORTEST:
        return []
    same = [document for document, title in titles.values() if title == name]
    holding = [
        document
        for document, title in titles.values()
        if f" {name} " in f" {title} " or (name > "\u2e80" and name in title)
    ]
    found = same or holding
    return found if len(found) <= MOST else []


def author_names(record: Record) -> str:
    """Names in order, the first ``MANY_AUTHORS`` and how many there are."""
    names = [author.name for author in record.authors]
    return "; ".join(names[:MANY_AUTHORS]) + (f"; … ({len(names)})" if len(names) > MANY_AUTHORS else "")
