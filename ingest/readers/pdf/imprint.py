"""What stands around the text of a paper's first page: its DOI, year, journal and licence.

Knows margins, heads, feet and the lines between title and text. A DOI, and a year in brackets, count as the
paper's own only there, not in its list of references, and not beside a work whose title is another: what a
text cites is not what it is. The day on which a file was made is no year of publication.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.readers.base import year_of
from ingest.readers.pdf.pages import STAMP
from ingest.readers.pdf.rows import Row
from ingest.text import identifiers
from kgrag.language.names import plain
from kgrag.types import Block

LONG = 40
"""Words from which a paragraph on the first page is the paper's text rather than a line about it."""
SHORT, FEW = 14, 5
EDGE = 0.125
_PUBLISHED = re.compile(
    r"""
      (?:first\s+)?published(?:\s+online)?  # First published online
    | publication\ date | date\ of\ publication | available\ online | 收稿日期 | 出版日期 | 发表
    """,
    re.I | re.X,
)
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright)\s*(?:the authors?\s*)?((?:19|20)\d\d)", re.I)
_IN_BRACKETS = re.compile(r"\(((?:19|20)\d\d)\)[.,:]?")
_DOI_LABEL = r"doi[\s:.]{0,4}(?:https?://)?(?:dx\.)?(?:doi\.org/)?\s*"
_CITE = re.compile(
    r"^\W*(?:(?:please\s+|to\s+|how\s+to\s+|suggested\s+|recommended\s+)*cit(?:e|ation)\b|引用)", re.I
)
_ENTRY = re.compile(
    r"""
      ^\W*(?:
          \[\d+\] | \(?\d{1,3}[.)]\s | \d{1,3}\s+[A-Z]  # [1] · 1. · 12 Moor
        | [Ss]ee\b | cf\. | e\.g\.
        | (?:[a-z]{1,3}\s)?[A-Z][\w'’-]+,?\s  # Moor, T. · de Vries J,
          (?:[A-Z]\.?[\s-]?){1,3}(?:[,;&(]|and\b|et\s|\s)
      )
    """,
    re.X,
)
_OTHER_WORK = re.compile(
    r"""
      (?:
          (?:comment(?:ary)?|reply|response|addendum|supplements?|follow-?up)\s+(?:on|to)
        | (?:erratum|corrigendum|correction|retraction)\s+(?:of|to|for)
        | (?:original|related|companion|accompanying|previous|reviewed|cited)
          \s+(?:article|paper|work|study|book)
        | (?:data(?:\s?sets?)?|code|software|archived?|repository|materials?|protocol|pre-?registration)
          (?:\s+(?:and|are|is|at|available|availability|under|deposited|from|in|doi)){0,5}
        | supplementary\s+\w+ | preprint | refers?\s+to | (?:see|in|from|by|after|following)
      )\W*(?:https?://)?(?:dx\.)?(?:doi)?(?:\.org/)?\W*$
    """,
    re.I | re.X,
)


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the paper says of its publication; what it does not say is None."""

    doi: str | None = None
    year: int | None = None
    venue: str | None = None
    licence: str | None = None


def imprint_of(
    around: Sequence[Row],
    head: Sequence[Row],
    blocks: Sequence[Block],
    metadata: Mapping[str, str],
    title: str | None,
    height: float,
) -> Imprint:
    """The imprint of a paper.

    Args:
        around: margins, running heads and feet of the first pages.
        head: the rows of title, authors and their places.
        blocks: of the whole text, those of the list of references being of kind ``reference``.
        metadata: the PDF's own document information.
        title: as the first page gives it.
        height: of the first page, in points.
    """
    aside = "\n".join(row.text for row in around if not STAMP.search(row.text))
    lined = [block for block in blocks if block.lines]
    number = min([*(row.page for row in head), *(block.lines[0].page for block in lined)], default=1)
    first = [block for block in lined if block.lines[0].page == number]
    front = "\n".join([*(row.text for row in head), *(block.text for block in _front(first, title, height))])
    page = "\n".join(
        [*(row.text for row in head), *(block.text for block in first if block.kind != "reference")]
    )
    doi = _doi_of(aside) or _doi_on_page(head, first, title, height) or _doi_in_metadata(metadata, title)
    return Imprint(doi, _year(aside, front, page), _venue(aside), _licence(f"{aside}\n{page}"))


def _front(first: Sequence[Block], title: str | None, height: float) -> Iterator[Block]:
    """The blocks of the first page before its text begins, and the lines at its edges."""
    begun = False
    for block in first:
        begun = begun or block.kind in ("abstract", "heading") or len(block.text.split()) >= LONG
        if block.kind == "reference":
            continue
        if (
            not begun
            or _at_edge(block, height)
            or (_CITE.match(block.text) and names_title(block.text, title))
        ):
            yield block


def _at_edge(block: Block, height: float) -> bool:
    bottom, top = block.lines[-1].box[1], block.lines[0].box[3]
    return len(block.text.split()) < LONG and (top < EDGE * height or bottom > (1 - EDGE) * height)


def _doi_of(text: str) -> str | None:
    """The DOI that a text about the paper names, those of its data and of other works left out."""
    flat = re.sub(r"(?<=doi\.org/)\s+|(?<=\d/)\n", "", text)
    own = [item for item in identifiers.dois(flat) if not _OTHER_WORK.search(_before(flat, item))]
    named = [item for item in own if re.search(_DOI_LABEL + re.escape(item), flat, re.I)]
    return next(iter(named or own), None)


def _before(text: str, doi: str) -> str:
    """What stands before a DOI on its line and the one above."""
    place = text.lower().find(doi.lower())
    return text[max(0, place - 90) : place]


def _doi_on_page(head: Sequence[Row], first: Sequence[Block], title: str | None, height: float) -> str | None:
    named = "\n".join(row.text for row in head)
    if own := _doi_of(named):
        return own
    front = list(map(id, _front(first, title, height)))
    for block in first:
        if "10." not in block.text or (block.kind == "reference" and not _foot_alone(block, height)):
            continue
        if own := _own_doi(block, title, named, id(block) in front):
            return own
    return None


def _foot_alone(block: Block, height: float) -> bool:
    """True where a line at the very foot follows the list of references: nothing but a DOI and a journal."""
    bare = re.sub(r"\S*10\.\d{4,}\S*|https?://\S+|doi:?", "", block.text, flags=re.I)
    top = block.lines[0].box[3]
    return top < 0.08 * height and len(bare.split()) <= 6 and not _ENTRY.match(block.text)


def _own_doi(block: Block, title: str | None, head: str, in_front: bool) -> str | None:
    """The DOI of a paragraph that speaks of the paper itself.

    Args:
        head: title, authors and their places.
        in_front: whether the paragraph stands before the text or at the page's edge.
    """
    text = block.text
    for doi in identifiers.dois(text):
        before = _before(text, doi)
        if _OTHER_WORK.search(before):
            continue
        if names_title(text, title):
            return doi
        n_words = len(re.sub(r"https?://\S+|\S*10\.\d{4,}\S*|doi:?", "", text, flags=re.I).split())
        if _CITE.match(text) and n_words > FEW and not _names_author(text, head):
            continue
        if not _ENTRY.match(text) and n_words <= (SHORT if in_front or _CITE.match(text) else FEW):
            return doi
        if _alone(block, doi) and not re.search(r"\b(?:19|20)\d\d\b", before) and not _ENTRY.match(text):
            return doi
    return None


def _names_author(citation: str, head: str) -> bool:
    """True where the first name of a citation stands at the head of the paper."""
    name = re.search(r"[:\s]((?!as\b)[A-Z][\w'’-]{2,})", _CITE.sub("", citation, count=1))
    return name is not None and name.group(1).lower() in plain(head).split()


def _alone(block: Block, doi: str) -> bool:
    """True where a line holds the DOI with its label and nothing else."""
    label = re.compile(rf"\W*doi\s*[:.]?\s*(?:https?://(?:dx\.)?doi\.org/)?{re.escape(doi)}\W*", re.I)
    return any(label.fullmatch(block.text[line.start : line.end]) for line in block.lines)


def names_title(text: str, title: str | None) -> bool:
    """True where a text names the title: its words in their order, but for a few at the end."""
    wanted, have = plain(title or "").split(), f" {plain(text)} "
    if len(wanted) < 3:
        return bool(wanted) and f" {' '.join(wanted)} " in have
    return f" {' '.join(wanted[: max(3, min(len(wanted), 8))])} " in have


def _doi_in_metadata(metadata: Mapping[str, str], title: str | None) -> str | None:
    """The DOI of the document information, unless that names another work."""
    own = metadata.get("Title", "")
    words = set(plain(own).split())
    if title and len(words) >= 3 and not identifiers.dois(own):
        shared = words & set(plain(title).split())
        if 2 * len(shared) < min(len(words), len(set(plain(title).split()))):
            return None
    return _doi_of("\n".join(metadata.values()))


def _year(around: str, front: str, page: str) -> int | None:
    for text in (around, page):
        for match in _PUBLISHED.finditer(text):
            if year := year_of(text[match.end() : match.end() + 40]):
                return year
    for pattern, texts in ((_COPYRIGHT, (around, page)), (_IN_BRACKETS, (around, front))):
        for text in texts:
            if bracketed := pattern.search(text):
                return int(bracketed.group(1))
    return year_of(_without_numbers(around)) or year_of(_without_numbers(front))


def _without_numbers(text: str) -> str:
    """The text without identifiers and addresses, whose digits are no year."""
    return re.sub(r"https?://\S+|\S*10\.\d{4,}/\S+|arXiv:\S+|\b\d{4}-\d{3}[\dXx]\b", " ", text)


_VENUE = re.compile(
    r"((?:[A-Z][\w&-]*|of|and|the|for|in|on)(?:\s+(?:[A-Z][\w&-]*|of|and|the|for|in|on)){1,9})"
    r",?\s+\d+\s*\(\d+"
)


def _venue(around: str) -> str | None:
    """The journal before ``12(3)``, on one line or over two."""
    for text in (*around.split("\n"), around.replace("\n", " ")):
        if match := _VENUE.search(text):
            return match.group(1).strip()
    return None


def _licence(text: str) -> str | None:
    flat = " ".join(text.split())
    if address := re.search(r"creativecommons\.org/(?:licenses|publicdomain)/[\w./-]+", flat):
        return "https://" + address.group().rstrip(".")
    if short := re.search(r"\bCC[ -](BY(?:-(?:NC|SA|ND))*|0)(?:[ -](\d\.\d))?", flat):
        return f"CC {short.group(1)} {short.group(2) or ''}".strip()
    return "CC BY" if re.search(r"Creative Commons Attribution (?:4|Licen)", flat) else None
