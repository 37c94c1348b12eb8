"""Questions for works on a subject (which papers are there on …, who wrote about …, how many papers are
there), answered from the catalogue's records.

Knows how such questions are put in English and Chinese, and when a record is about a subject. No sentence of
a paper answers them; the works are told as records are, and are no claims.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kgrag.answerable import short_stem
from kgrag.asked import asked_in, ways_to_ask
from kgrag.bibliographic import author_names
from kgrag.evidence import content_words
from kgrag.types import Document, Hit, Record, RecordFact

MOST_LISTED = 20
_NEWEST = re.compile(r"^[^?]*?\b(?:newest|latest|most\s+recent|recent)\b|^[^？?]*?(?:最新|最近)", re.I)
_WORKS = r"(?:(?:newest|latest|(?:most\s+)?(?:recent|important|relevant)|new|good|key|main|scientific|academic)\s+)*(?:papers?|articles?|works?|studies|publications?|books?|documents?|literature|research|reviews?|anything)"
_ON = r"(?:on|about|regarding|concerning|dealing\s+with|(?:that|which)\s+(?:deal\s+with|discuss|cover|mention|are\s+about)|discussing|covering)"
_HELD = r"(?:\s+(?:do|does|have|has|are|is|can|you|we|i|there|here|the|this|your|library|hold|holds|in|available|read|find|got))*"
_SUBJECT = r"\s+(?P<subject>[^?]+?)(?:\s+(?:in|at)\s+(?:the|this|your|our)\s+(?:library|collection|catalogue)|\s+here|\s*,?\s+please)?\s*[?.!]*$"
_ZH_WORKS = r"(?:论文|文章|文献|资料|书籍|书|研究)"
_ASKS = ways_to_ask(
    ("work", rf"^(?:which|what)\s+{_WORKS}{_HELD}\s+{_ON}{_SUBJECT}"),
    (
        "work",
        rf"^(?:please\s+)?(?:(?:can|could)\s+you\s+)?(?:show|give|list|find|get|recommend|suggest)(?:\s+(?:me|us|a|the|all|some|any|list|of|your))*\s+{_WORKS}{_HELD}\s+{_ON}{_SUBJECT}",
    ),
    (
        "work",
        rf"^(?:(?:do|have)\s+(?:you|we)(?:\s+(?:have|got))?|does\s+the\s+library\s+(?:have|hold)|(?:is|are)\s+there|i(?:['’]m|\s+am)\s+looking\s+for|i\s+(?:need|want))(?:\s+(?:a|any|some|the))*\s+{_WORKS}{_HELD}\s+{_ON}{_SUBJECT}",
    ),
    ("work", rf"^(?:(?:a\s+)?list\s+of\s+)?{_WORKS}\s+(?:on|about){_SUBJECT}"),
    ("work", rf"^how\s+many\s+{_WORKS}{_HELD}\s+{_ON}{_SUBJECT}"),
    (
        "authors",
        rf"^who\s+(?:wrote|writes|has\s+written|have\s+written|published|has\s+published|works?|worked)\s+(?:about|on){_SUBJECT}",
    ),
    (
        "work",
        rf"^(?:请)?(?:给我|列出|推荐|查找|寻找|找|有没有|有哪些|有什么|我想找|我要找)?(?:一些|几篇|所有)?(?:最新的?|最近的?)?(?:关于|有关)(?P<subject>[^？?]+?)(?:方面)?的(?:最新|最近的?)?{_ZH_WORKS}(?:都)?(?:有哪些|有吗|有什么|有多少)?\s*[？?]*$",
    ),
    (
        "work",
        rf"^(?:有)?(?:哪些|什么){_ZH_WORKS}(?:是)?(?:关于|讨论|研究|涉及|提到)了?(?P<subject>[^？?]+?)的?\s*[？?]*$",
    ),
    ("authors", rf"^谁(?:写过|写了|发表过|发表了)?(?:关于|有关)(?P<subject>[^？?]+?)的{_ZH_WORKS}\s*[？?]*$"),
)
_ALL = re.compile(
    rf"^how\s+many\s+{_WORKS}{_HELD}\s*\?*$|^(?:图书馆|馆里|馆内|这里|库里)?(?:一共|共)?有多少(?:篇|本|种)?{_ZH_WORKS}\s*[？?]*$",
    re.I,
)


def subject_asked(question: str) -> tuple[str, str] | None:
    """What is asked of works (``work``: which there are; ``authors``: who wrote them) and the subject they
    shall be about; None for other questions.
    """
    return asked_in(_ASKS, question)


def asks_for_size(question: str) -> bool:
    """Whether a question asks how many works the library has."""
    return _ALL.match(question.strip()) is not None


def asks_for_works(question: str) -> bool:
    """Whether a question asks which works there are, or how many: no sentence of a paper answers it."""
    asked = subject_asked(question)
    return asks_for_size(question) or (asked is not None and asked[0] == "work")


def works_on(question: str, field: str, subject: str, hits: Sequence[Hit]) -> tuple[RecordFact, ...]:
    """The works found whose records hold all words of a subject: those that hold them in the title or the
    keywords first, then by the abstract, each in the order found.

    Args:
        question: as it is searched; where it asks for the newest, those come first.
        field: ``work`` or ``authors``.
        subject: the words.
        hits: what was found for it.
    """
    wanted = set(map(short_stem, content_words(subject)))
    found = list({hit.document.id: hit.document for hit in hits}.values())
    named = [
        document
        for document in found
        if wanted and wanted <= _stems(document.title, *document.record.keywords, *document.record.headings)
    ]
    told = [
        document
        for document in found
        if wanted
        and document not in named
        and wanted <= _stems(document.title, *document.record.keywords, document.record.abstract or "")
    ]
    about = (
        sorted((*named, *told), key=lambda document: -(document.record.year or 0))
        if _NEWEST.match(question)
        else (*named, *told)
    )
    return tuple(_fact(field, document) for document in about[:MOST_LISTED])


def _stems(*texts: str) -> set[str]:
    return set(map(short_stem, content_words(" ".join(texts))))


def _fact(field: str, document: Document) -> RecordFact:
    value = author_names(document.record) if field == "authors" else _where(document.record)
    return RecordFact(
        document.id, document.title, field, value or document.title, document.retracted is not None
    )


def _where(record: Record) -> str:
    """First author, year and journal, as far as the record has them."""
    who = record.authors[0].name + (" et al." if len(record.authors) > 1 else "") if record.authors else ""
    return ", ".join(str(part) for part in (who, record.year, record.venue) if part)
