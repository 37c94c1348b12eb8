"""Cover pages that archives, repositories and publishers put before a paper: recognised, read, and cut.

Knows how such pages speak (JSTOR and its like, HAL, ResearchGate, EPrints, Pure, DSpace, Digital Commons,
eScholarship, EconStor, e-periodica, Taylor & Francis): labels, requests to cite, conditions of use. A page
is one where several of these signs meet and no text of a paper stands. Does not know any archive's address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.readers.base import year_of
from ingest.readers.pdf.citation import Citation, citation_of, fuller, names_of, source_of, title_in
from ingest.readers.pdf.cover_signs import LABEL, NOTICE, OTHER_LABEL, STRONG, WEAK
from ingest.readers.pdf.rows import PageText, Row
from ingest.text import identifiers
from ingest.text.clean import clean
from kgrag.types import Author

MAX_WORDS = 900
MAX_COVERS = 2
WIDE_GAP = 2.1
"""Lines of type between two base lines from which a paragraph ends."""
SURE = 2.0
NEXT_ROWS = 40
_TEXT = re.compile(r"^(?:\d\.?\s*)?(?:introduction|background|methods|einleitung|results)$", re.I | re.M)
_KIND_OF_WORK = re.compile(
    r"^(?:article|conference paper|chapter|preprint|thesis|book|technical report|working paper|poster)"
    r"(?:\s+in\s+(?P<venue>[^·•|]+?))?\s*[·•|]\s*(?P<date>[A-Za-z]*\s*\d{4})",
    re.I,
)
_PARTICLES = frozenset({"van", "von", "de", "der", "den", "di", "da", "la", "le", "ter"})
_SOURCE_LINE = re.compile(
    r"""
      ^[A-Z][^.:]{2,80}?,\s+(?:vol(?:ume)?|band|bd|tome)\b\.?\s*\d[^“”"]*$  # River Notes, Vol. 12, …
    | ^[A-Z][^.:]{2,60}\s(?:1[5-9]|20)\d\d\s+\d+\s*[:,(][^“”"]*$  # River Notes 1961 12: 201
    """,
    re.I | re.X,
)
"""A journal with its volume and what follows, alone on a line."""
_COPY_OF = re.compile(r"repository copy of:?\s+(.+?)\.?$", re.I)


@dataclass(frozen=True, slots=True)
class Cover:
    """What the leading pages that are no part of the paper say of it; ``n_pages`` are cut."""

    n_pages: int
    citation: Citation
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A cover page's lines from top to bottom, with the gap above each in lines of its own type."""

    rows: tuple[Row, ...]
    gaps: tuple[float, ...]

    @property
    def text(self) -> str:
        return "\n".join(row.text for row in self.rows)


def cover_of(pages: Sequence[PageText]) -> Cover | None:
    """The cover before a paper, or None.

    Args:
        pages: in order; a file of one page has no cover.
    """
    sheets: list[_Sheet] = []
    for page in pages[: min(MAX_COVERS, len(pages) - 1)]:
        sheet = _sheet(page)
        if not _is_cover(sheet, first=not sheets):
            break
        sheets.append(sheet)
    if not sheets:
        return None
    following = "\n".join(row.text for row in _sheet(pages[len(sheets)]).rows[:NEXT_ROWS])
    fields = _fields(sheets[0])
    return Cover(len(sheets), _cited(sheets[0], fields, following), fields.get("publisher"))


def _sheet(page: PageText) -> _Sheet:
    rows = sorted(page.rows, key=lambda row: (-round(row.base), row.box[0]))
    gaps = [9.0]
    gaps += [(above.base - row.base) / max(row.size, 1.0) for above, row in pairwise(rows)]
    return _Sheet(tuple(rows), tuple(gaps[: len(rows)]))


def _is_cover(sheet: _Sheet, first: bool) -> bool:
    """Whether several signs of a cover meet on a page and no text of a paper begins there."""
    text = sheet.text
    if not text or len(text.split()) > MAX_WORDS or _TEXT.search(text):
        return False
    flat = text + "\n" + " ".join(text.split("\n"))
    n_strong = sum(bool(pattern.search(flat)) for pattern in STRONG)
    n_weak = sum(bool(pattern.search(text)) for pattern in WEAK)
    if re.search(r"^(?:abstract|keywords)\b", text, re.I | re.M):
        return n_strong >= 3
    return n_strong >= 2 or (first and n_strong >= 1 and n_weak >= 2)


def _fields(sheet: _Sheet) -> dict[str, str]:
    """What stands behind the labels of a page, the first of each."""
    values: dict[str, list[str]] = {}
    current: list[str] | None = None
    for row, gap in zip(sheet.rows, sheet.gaps, strict=True):
        label = LABEL.match(row.text)
        if label and label.lastgroup:
            rest = row.text[label.end() :]
            current = [rest] if rest else []
            values.setdefault(label.lastgroup, current)
        elif current is not None and _goes_on(row, gap, current):
            current.append(row.text)
        else:
            current = None
    return {name: _joined(lines, name) for name, lines in values.items() if lines}


def _goes_on(row: Row, gap: float, lines: list[str]) -> bool:
    """Whether a line belongs to the value of the label above; the first below a lone label does."""
    if NOTICE.match(row.text):
        return False
    return not lines or (gap <= WIDE_GAP and not OTHER_LABEL.match(row.text))


def _joined(lines: list[str], name: str) -> str:
    """The lines of a value; names that stand each on a line of its own are parted."""
    if name == "authors" and len(lines) > 1 and all("," in line for line in lines):
        return "; ".join(line.rstrip(" ;,") for line in lines)
    return clean(" ".join(lines))


def _cited(sheet: _Sheet, fields: dict[str, str], following: str) -> Citation:
    """What the page says of the paper: its citation, filled from its labels and its largest type."""
    texts = [*filter(None, [fields.get("cite")]), *_unlabelled(sheet)]
    titles = _titles(sheet, fields, following, texts)
    citation = max(
        (citation_of(text, titles) for text in texts), key=lambda each: each.n_fields, default=Citation()
    )
    if len((citation.title or "").split()) < 2:
        citation = replace(citation, title=None, authors=())  # a place between two stops, no title
    title = titles[0] if titles else citation.title
    citation = replace(citation, title=title, authors=_authors(sheet, fields, citation, title))
    return _with_source(citation, sheet, fields)


def _titles(sheet: _Sheet, fields: dict[str, str], following: str, citations: Sequence[str]) -> list[str]:
    """Titles that the page may give, the surest first: labelled, what it is a copy of, what stands above the
    label of the authors, and large type; those that the next page or the citation repeats come before.
    """
    paragraphs = list(_paragraphs(sheet))
    weights = {clean(title): 6.0 for title in (fields.get("title"), _copied(paragraphs)) if title}
    for text, size in paragraphs:
        if (
            2 <= len(text.split()) <= 45
            and not _is_notice(text)
            and not _is_source(text)
            and not _is_names(text)
        ):
            weights.setdefault(text.strip(" .,;"), size / 10)
    if above := _above_authors(sheet):
        weights[above] = weights.get(above, 0.0) + 3
    for title in weights:
        weights[title] += 2.0 * bool(title_in(following, title))
        for text in citations:
            if (place := title_in(text, title)) and place[0] > 5:
                journal = re.match(r"\W*(?:\(\d{4}\)\W*)?(?:vol|bd|tome|issn|\d)", text[place[1] :], re.I)
                weights[title] += -4.0 if journal else 2.0
    sure = [title for title, weight in weights.items() if weight >= SURE or not citations]
    return sorted(sure, key=lambda title: -weights[title])


def _copied(paragraphs: Sequence[tuple[str, float]]) -> str | None:
    """The title in *This is a repository copy of …*"""
    return next((match.group(1) for text, _ in paragraphs if (match := _COPY_OF.search(text))), None)


def _above_authors(sheet: _Sheet) -> str | None:
    """The lines right above the label of the authors."""
    for place, row in enumerate(sheet.rows):
        if re.match(r"^(?:author|autor)(?:\(|s?\s*:)", row.text, re.I):
            lines: list[str] = []
            while place and not NOTICE.match(sheet.rows[place - 1].text):
                place -= 1
                lines.insert(0, sheet.rows[place].text)
                if sheet.gaps[place] > WIDE_GAP:
                    break
            return clean(" ".join(lines)) or None
    return None


def _is_notice(text: str) -> bool:
    """Whether a paragraph speaks of the archive, not of the paper."""
    return bool(NOTICE.match(text) or LABEL.match(text) or any(sign.search(text) for sign in STRONG))


def _is_source(text: str) -> bool:
    """Whether a paragraph cites or dates rather than entitles."""
    return bool(
        _KIND_OF_WORK.match(text)
        or re.search(r"\(\D{0,12}(?:1[5-9]|20)\d\d\)|\d\s*\(\d+\)|\d[-–]\d|https?:|10\.\d{4}", text)
    )


def _is_names(text: str) -> bool:
    """Whether a paragraph is a list of names: parts of a few capitalised words."""
    parts = [part for part in re.split(r"\s*(?:[,;&]|\band\b)\s*", text) if part]
    return len(parts) > 1 and all(
        len(part.split()) <= 4 and all(word[0].isupper() or word in _PARTICLES for word in part.split())
        for part in parts
    )


def _paragraphs(sheet: _Sheet) -> Iterator[tuple[str, float]]:
    """Runs of lines of one size without a gap, and that size."""
    lines: list[Row] = []
    for row, gap in zip(sheet.rows, sheet.gaps, strict=True):
        if lines and (gap > WIDE_GAP or abs(row.size - lines[-1].size) > 0.6 or LABEL.match(row.text)):
            yield clean(" ".join(line.text for line in lines)), lines[0].size
            lines = []
        lines.append(row)
    if lines:
        yield clean(" ".join(line.text for line in lines)), lines[0].size


def _unlabelled(sheet: _Sheet) -> Iterator[str]:
    """Paragraphs that cite without saying so: names, a year, and volume or pages."""
    for text, _ in _paragraphs(sheet):
        dated = re.search(r"\b(?:1[5-9]|20)\d\d\b", text)
        if (
            dated
            and not _SOURCE_LINE.match(text)
            and re.match(r"[A-Z][\w'’-]+", text)
            and re.search(r"\d\s*\(\d+\)|\d[-–]\d|\bvol\b", text)
        ):
            yield LABEL.sub("", text)


def _authors(
    sheet: _Sheet, fields: dict[str, str], citation: Citation, title: str | None
) -> tuple[Author, ...]:
    """Labelled, cited, or the lines below the title; the fuller names where they are the same people. A list
    that turns the names of those below the title about (*Fenn Marta*) gives way to them.
    """
    labelled = tuple(names_of(fields["authors"])) if "authors" in fields else ()
    below = tuple(_names_below(sheet, title)) if title else ()
    authors = labelled or citation.authors or below
    if _words_of(authors) == _words_of(below):
        return below
    for other in (citation.authors, below):
        authors = fuller(authors, other) if authors and other else authors
    return authors


def _words_of(authors: Sequence[Author]) -> list[list[str]]:
    return [sorted(author.name.split()) for author in authors]


def _names_below(sheet: _Sheet, title: str) -> Iterator[Author]:
    if profiles := _profiled(sheet):
        yield from profiles
        return
    paragraphs = [text for text, _ in _paragraphs(sheet)]
    for place, text in enumerate(paragraphs[:-1]):
        if title_in(text, title) and len(text) < 1.3 * len(title):
            behind = paragraphs[place + 1]
            if (
                len(behind.split()) <= 40
                and not _is_notice(behind)
                and not re.search(r"\d{4}|https?:", behind)
            ):
                yield from names_of(behind)
            return


def _profiled(sheet: _Sheet) -> list[Author]:
    """The names below ``2 authors:``, each at the head of a profile that ends in a link to it."""
    texts = [row.text for row in sheet.rows]
    start = next((n for n, text in enumerate(texts) if re.match(r"\d+ authors?\b.*:", text, re.I)), None)
    if start is None:
        return []
    names: list[Author] = []
    level: float | None = None
    for row in sheet.rows[start + 1 :]:
        if re.match(r"(?:see profile|\d+ publications?)", row.text, re.I):
            level = None
        elif level is None or abs(row.base - level) < 0.5 * row.size:
            level = row.base
            names += names_of(row.text)
        if re.match(r"(?:all content|some of the authors)", row.text, re.I):
            break
    counted = re.match(r"\d+", texts[start])
    return names[: int(counted.group())] if counted else names


def _with_source(citation: Citation, sheet: _Sheet, fields: dict[str, str]) -> Citation:
    """The citation with what its labels say of journal, volume, pages, year and DOI."""
    lone = next((row.text for row in sheet.rows if _SOURCE_LINE.match(row.text)), "")
    source = fields.get("source", lone)
    told: dict[str, str | None] = source_of(source) if source else {}
    kind = next((match for row in sheet.rows if (match := _KIND_OF_WORK.match(row.text))), None)
    if kind is not None and kind.group("venue"):
        told = {**source_of(kind.group("venue")), **{k: v for k, v in told.items() if v}}
    year = year_of(fields.get("year")) or year_of(re.sub(r"\bpp?\..*|https?\S+", "", source))
    year = year or (year_of(kind.group("date")) if kind else None) or year_of(fields.get("volume"))
    volume = re.match(r"\s*(\d+)", fields.get("volume", ""))
    return Citation(
        citation.title,
        citation.authors,
        citation.year or year,
        citation.venue or told.get("venue"),
        citation.volume or told.get("volume") or (volume.group(1) if volume else None),
        citation.issue or told.get("issue") or fields.get("issue"),
        citation.pages or told.get("pages") or fields.get("pages"),
        citation.doi or _doi(fields, sheet),
    )


def _doi(fields: dict[str, str], sheet: _Sheet) -> str | None:
    """The labelled DOI, or the only one on the page."""
    if labelled := identifiers.doi(fields.get("doi")):
        return labelled
    every = identifiers.dois(sheet.text)
    return every[0] if len(every) == 1 else None
