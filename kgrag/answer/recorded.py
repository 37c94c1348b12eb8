"""The answer that records give: which works there are, how many, and what a work's record says.

Knows values and the words in which a number of works is told. Where the works come from is in
``kgrag.holdings.select`` and ``kgrag.answer.by_record``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kgrag.answer.by_record import MOST_LISTED, held_on, work_fact
from kgrag.types import Answer, Document, Hit, RecordFact, RecordQuery, Understood


def recorded(
    understood: Understood,
    facts: Sequence[RecordFact],
    told: str,
    hits: Sequence[Hit],
    models: Mapping[str, str],
    timings_ms: Mapping[str, float],
) -> Answer:
    """An answer of records, without claims.

    Args:
        understood: the question.
        facts: what the records say.
        told: the sentence above them.
        hits: passages found, for the trace.
        models: by their roles.
        timings_ms: of the steps done.
    """
    return Answer(
        id="",
        question=understood.question,
        language=understood.language,
        status="answered",
        reason=told,
        models=dict(models),
        timings_ms=dict(timings_ms),
        retrieved=tuple(hits),
        understood=understood,
        record=tuple(facts),
    )


def works_selected(
    query: RecordQuery, documents: Sequence[Document], language: str
) -> tuple[tuple[RecordFact, ...], str]:
    """The works selected as facts, and their number in words; of a subject those whose records hold it."""
    works = held_on(query.subject, documents) if query.subject else list(documents)
    facts = tuple(work_fact("work", document) for document in works[:MOST_LISTED])
    return facts, _number_told(len(works), _which(query, language), language)


def works_told(facts: Sequence[RecordFact], subject: str, language: str) -> str:
    """How many works on a subject the records name."""
    which = f"关于“{subject}”的" if language == "zh" else f" whose records name “{subject}”"
    return _number_told(len(facts), which, language, more=len(facts) >= MOST_LISTED)


def size_told(n_documents: int, language: str) -> str:
    """How many works the library holds."""
    if language == "zh":
        return f"馆藏共有 {n_documents:,} 篇文献。"
    return f"The library holds {n_documents:,} documents."


def record_told(language: str) -> str:
    """What stands above a record's own words."""
    if language == "zh":
        return "以上来自馆藏目录记录；如需文献内容，请就其内容提问。"
    return "This is what the catalogue's records say; ask about a work for what its text says."


def _number_told(n: int, which: str, language: str, *, more: bool = False) -> str:
    shown = "" if n <= MOST_LISTED and not more else _shown(language)
    if language == "zh":
        return f"馆藏有 {n:,} 篇{which}文献。{shown}"
    number = "no work" if n == 0 else "1 work" if n == 1 else f"{n:,} works"
    return f"The library holds {number}{which}.{shown}"


def _shown(language: str) -> str:
    return f"以下列出前 {MOST_LISTED} 篇。" if language == "zh" else f" The first {MOST_LISTED} are listed."


def _which(query: RecordQuery, language: str) -> str:
    """The selection in words, such as `` by Lorena Barba, from 2013``."""
    if language == "zh":
        parts = (
            query.author,
            f"《{query.venue}》" if query.venue else "",
            _years_zh(query),
            f"引用“{query.cites}”" if query.cites else "",
            f"被“{query.cited_by}”引用" if query.cited_by else "",
            f"关于“{query.subject}”" if query.subject else "",
        )
        said = "、".join(part for part in parts if part)
        return f"{said}的" if said else ""
    parts = (
        f" by {query.author}" if query.author else "",
        f" in {query.venue}" if query.venue else "",
        _years(query),
        f" that cite “{query.cites}”" if query.cites else "",
        f" cited by “{query.cited_by}”" if query.cited_by else "",
        f" on “{query.subject}”" if query.subject else "",
    )
    return "".join(parts)


def _years(query: RecordQuery) -> str:
    first, last = query.year_from, query.year_to
    if first is not None and first == last:
        return f" of {first}"
    if first is not None and last is not None:
        return f" from {first} to {last}"
    return f" since {first}" if first is not None else f" until {last}" if last is not None else ""


def _years_zh(query: RecordQuery) -> str:
    first, last = query.year_from, query.year_to
    if first is not None and first == last:
        return f"{first} 年"
    if first is not None and last is not None:
        return f"{first}–{last} 年"
    return f"{first} 年以来" if first is not None else f"{last} 年以前" if last is not None else ""
