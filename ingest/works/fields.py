"""Compares two records field by field: what agrees, what speaks against one work, and what says nothing.

Knows how volumes, pages, names and titles are written, and the forms in which one text appears (preprint,
conference paper, journal article). Does not decide whether two records are one work: that is ``sameness``'s.
"""

from __future__ import annotations

import re
from typing import Literal

from ingest.text.parts import is_part
from kgrag.language.names import plain
from kgrag.language.wordlists import word_list
from kgrag.types import Author, Record

Agreement = Literal["agree", "differ", "unknown"]
VERY_ALIKE, ALIKE, UNLIKE = 95.0, 85.0, 55.0
"""Likeness of titles, of 100, from which on they are one title, also of volumes of one set, and below which
they have nothing in common (the middle of a hundred random pairs of titles of one subject lies near 40).
"""
_FORMS = (
    ("preprint", ("preprint", "posted-content", "working paper", "unpublished")),
    ("thesis", ("thesis", "dissertation")),
    ("chapter", ("chapter", "section", "inbook", "incollection")),
    ("conference paper", ("conference", "proceedings", "meeting", "congress")),
    ("newspaper article", ("newspaper", "news")),
    ("magazine article", ("magazine",)),
    ("report", ("report",)),
    ("book", ("book", "monograph")),
    ("patent", ("patent",)),
    ("dataset", ("dataset",)),
    ("journal article", ("article", "journal", "review", "letter", "trial")),
)
"""Forms by the words that their kinds are called by, the more special first."""
_PREPRINT_DOIS = ("10.48550/", "10.1101/", "10.21203/", "10.20944/", "10.26434/", "10.31219/", "10.2139/")
"""arXiv, bioRxiv and medRxiv, Research Square, Preprints.org, ChemRxiv, OSF, SSRN."""
_GUESSED = frozenset({"pdf", "text", "html", "docx", "alto", "mets", "epub"})
"""Readers that take title and authors from the look of a page, and not from fields."""


def family_of(author: Author) -> str:
    """The family name, as far as the record tells."""
    return author.family or (author.literal or "").split(",")[0]


def family_key(author: Author) -> str:
    """The family name for comparison."""
    return plain(family_of(author)).replace(" ", "")


def is_guessed(record: Record) -> bool:
    """Whether title and authors were read from the look of a page."""
    return record.source.reader in _GUESSED


def title_likeness(one: Record, other: Record) -> float | None:
    """How alike two titles are, 0 … 100, whichever has a subtitle more; None where they cannot be compared:
    one is missing, or they are in different scripts.
    """
    from rapidfuzz import fuzz

    first, second = plain(one.title or ""), plain(other.title or "")
    if not first or not second or _has_han(first) != _has_han(second):
        return None
    return max(fuzz.ratio(first, second), fuzz.token_sort_ratio(first, second), _prefix(first, second))


def _prefix(first: str, second: str) -> float:
    """100 where the shorter title, of three words or more, begins the longer one."""
    short, long = sorted((first, second), key=len)
    enough = len(short.split()) >= 3 or (_has_han(short) and len(short) >= 6)
    return 100.0 if enough and long.startswith(short) else 0.0


def same_numbers(one: Record, other: Record) -> bool:
    """Whether the titles name the same numbers: part 1 is not part 2."""
    return re.findall(r"\d+", plain(one.title or "")) == re.findall(r"\d+", plain(other.title or ""))


def authors_agree(one: Record, other: Record) -> Agreement:
    """Whether any author stands in both records; names in different scripts say nothing."""
    first, second = _families(one), _families(other)
    if not first or not second or _has_han("".join(first)) != _has_han("".join(second)):
        return "unknown"
    return "agree" if any(_same_name(a, b) for a in first for b in second) else "differ"


def _families(record: Record) -> set[str]:
    """Every family name, and every word of literal names, since those may stand in any order."""
    names = {family_key(author) for author in record.authors}
    for author in record.authors:
        if author.literal:
            names.update(word for word in plain(author.literal).split() if len(word) > 2)
    return names - {""}


def _same_name(one: str, other: str) -> bool:
    """Equal, or one the end of the other, as with particles (*Beek*, *van Beek*)."""
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= 4 and long.endswith(short))


def volumes_agree(one: Record, other: Record) -> Agreement:
    """Volumes by their numbers; one that is the year says nothing."""
    return _numbers_agree(_not_the_year(one.volume, one), _not_the_year(other.volume, other))


def issues_agree(one: Record, other: Record) -> Agreement:
    """Issues by their numbers: *2-3* and *2* agree."""
    return _numbers_agree(one.issue, other.issue)


def pages_agree(one: Record, other: Record) -> Agreement:
    """First pages by their numbers; an article's number and a page, or a count of pages, say nothing."""
    first, second = _first_page(one.pages), _first_page(other.pages)
    if first is None or second is None or first[0] != second[0]:
        return "unknown"
    return "agree" if first[1] == second[1] else "differ"


def _numbers_agree(one: str | None, other: str | None) -> Agreement:
    first, second = (set(re.findall(r"[1-9]\d*", text or "")) for text in (one, other))
    if not first or not second:
        return "unknown"
    return "agree" if first & second else "differ"


def _not_the_year(volume: str | None, record: Record) -> str | None:
    return None if record.year and volume and volume.strip() == str(record.year) else volume


def _first_page(pages: str | None) -> tuple[bool, str] | None:
    """Whether it is an article's number (*e104*, or longer than pages are), and its number; None where there
    is none or a count of pages.
    """
    text = plain(pages or "")
    first = re.match(r"(?:pp? )?([a-z]*)(\d+)", text.replace("s ", "s"))
    if not first or re.fullmatch(r"\d+ ?(?:p|pp|pages|s|seiten)", text):
        return None
    prefix, number = first.groups()
    return prefix.startswith("e") or len(number) > 5, number.lstrip("0")


def form_of(record: Record) -> str | None:
    """The form in which a text appeared, as far as the record tells. The name of the venue and the DOI come
    before the kind: databases call everything an article.
    """
    venue, identifiers = plain(record.venue or ""), record.identifiers
    if identifiers.get("doi", "").startswith(_PREPRINT_DOIS) or (identifiers.get("arxiv") and not venue):
        return "preprint"
    words = set(venue.split())
    if words & word_list("preprint_servers", __file__):
        return "preprint"
    if words & word_list("conference_words", __file__):
        return "conference paper"
    kind = (record.kind or "").lower()
    told = next((form for form, begun in _FORMS if any(word in kind for word in begun)), None)
    return told or ("journal article" if words & word_list("journal_words", __file__) else None)


def forms_agree(one: Record, other: Record) -> Agreement:
    """Forms of publication; where both name the same venue it is one, whatever the kinds say."""
    first, second = form_of(one), form_of(other)
    if first is None or second is None:
        return "unknown"
    return "agree" if first == second or venues_alike(one, other) else "differ"


def venues_alike(one: Record, other: Record) -> bool:
    """Whether both names may be one venue's: equal, one within the other, or its abbreviation."""
    first, second = plain(one.venue or "").split(), plain(other.venue or "").split()
    if not first or not second:
        return False
    short, long = sorted((first, second), key=lambda words: len(" ".join(words)))
    rest = iter(long)
    return all(any(word.startswith(begun) for word in rest) for begun in short)


def conflicts(one: Record, other: Record) -> list[str]:
    """What speaks against one work though title, year and author are equal: ``volume 40 / 41``, and so on.

    Where volume and first page are equal, nothing does: the rest is then how a database writes it.
    """
    volume, issue, pages = volumes_agree(one, other), issues_agree(one, other), pages_agree(one, other)
    if volume == pages == "agree":
        return []
    compared = (
        ("volume", volume, one.volume, other.volume),
        ("issue", issue if pages != "agree" else "unknown", one.issue, other.issue),
        ("pages", pages, one.pages, other.pages),
        ("form", forms_agree(one, other), form_of(one), form_of(other)),
    )
    return [f"{name} {first} / {second}" for name, verdict, first, second in compared if verdict == "differ"]


def is_container_of(one: Record, other: Record) -> bool:
    """Whether one record is the book or volume in which the other work stands."""
    return is_part(other) and not is_part(one) and plain(one.title or "") == plain(other.venue or "") != ""


def _has_han(text: str) -> bool:
    return bool(re.search(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]", text))
