"""The first page of a paper: its title and authors.

Knows how papers look: the title is the largest type, the authors stand below it. Does not know any single
publisher's template, and nothing of dates and DOIs (see imprint).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.readers.base import author_of
from ingest.readers.pdf.blocks import ABSTRACT, text_of_rows
from ingest.readers.pdf.rows import Row
from ingest.text.clean import clean
from kgrag.language.names import plain
from kgrag.types import Author

_NOT_TITLE = re.compile(
    r"""
      ^(?:
          research(?:\ article)?
        | original\ (?:article|research|paper)
        | review(?:\ article)?
        | article | open\ access | short\ report | case\ report | letter | editorial
        | perspective | brief\ communication | technical\ note | plos\ \w+ | doi\b.*
        | https?://.* | arxiv:.* | vol(?:ume|\.)\b.* | received\b.* | published\b.*
      )$
    """,
    re.I | re.X,
)
_NO_NAME = re.compile(
    r"""
      \d{3} | @ | https?:
    | \b(?:
          university | universit\w+ | institute? | department | dept | school | college
        | laborator\w+ | center | centre | faculty | hospital | abstract | received | accepted
        | published | copyright | corresponding | e-?mail | doi | orcid | street | avenue | usa
        | china | germany | inc | ltd | software | review | submitted | editor | editors
        | reviewed | license | introduction | summary | keywords
      )\b
    """,
    re.I | re.X,
)
_DEGREE = re.compile(
    r"""
      ^(?:
          ph\.?\s?d | m\.?\s?d | m\.?\s?sc | b\.?\s?sc | m\.?\s?s | m\.?\s?p\.?\s?h | r\.?\s?n
        | dr | prof | mba | ma | ba | frcp | facs | dvm
      )\.?$
    """,
    re.I | re.X,
)
_BY_LINE = re.compile(r"^(?:by|von|par)\s+(?:[a-z]{1,3}\s+)?[A-Z][\w'’-]*\.?\s+(?:[\w'’.-]+\s*){1,4}$", re.I)
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv)\.?$", re.I)
_SEPARATOR = re.compile(r"\s*(?:[,;·•|，；、]|\band\b|&|\bund\b|\bet\b(?! al)|\by\b)\s*", re.I)
_MARKS = re.compile(
    r"""
      [*†‡§¶#∗⁎✉☯\u2709¹²³⁰-⁹ⁱª°⋆★☆]+
    | \[\d+(?:,\s*\d+)*\] | \(\d+(?:,\s*\d+)*\)  # A. Author [1, 2]
    | (?<=[^\W\d_])\s?\d+(?:\s*,\s*\d+)*\b  # Author1,2
    | (?<![\w])\d+(?![\w])  # a figure alone
    """,
    re.X,
)


@dataclass(frozen=True, slots=True)
class Front:
    """What the first page says. ``rows`` are those that were used and are no text."""

    title: str | None
    authors: tuple[Author, ...]
    rows: tuple[Row, ...]


def front_of(rows: Sequence[Row], body: float, metadata: dict[str, str], first_page_height: float) -> Front:
    """Title and authors.

    Args:
        rows: the text of the first pages in reading order: a long list of authors may leave the first.
        body: size of body type in points.
        metadata: the PDF's own document information.
        first_page_height: in points.
    """
    first = [row for row in rows if row.page == rows[0].page]
    title_rows = _title_rows(first, body, metadata.get("Title", ""), first_page_height)
    title = clean(text_of_rows(title_rows)) if title_rows else None
    author_rows, other = _author_rows(rows, title_rows, body) if title_rows else ([], [])
    authors = tuple(_authors(author_rows)) or tuple(_from_metadata(metadata.get("Author", "")))
    return Front(_better(title, metadata.get("Title", "")), authors, (*title_rows, *author_rows, *other))


def _title_rows(rows: Sequence[Row], body: float, hint: str, height: float) -> list[Row]:
    """The run of rows in the largest type that is long enough for a title; the file's own title decides
    between runs.
    """
    runs: list[list[Row]] = []
    for row in rows:
        if row.box[1] < 0.3 * height:
            continue
        if (
            runs
            and abs(runs[-1][-1].size - row.size) < 0.6
            and 0 < runs[-1][-1].base - row.base < 2.2 * row.size
            and not _BY_LINE.match(row.text)
            and (runs[-1][-1].bold == row.bold or row.size > body + 3)
        ):
            runs[-1].append(row)
        else:
            runs.append([row])
    candidates = [run for run in runs if _may_be_title(run)]
    if not candidates:
        return []
    wanted = plain(hint)
    for run in candidates:
        text = plain(text_of_rows(run))
        if (
            wanted
            and len(wanted) > 12
            and (
                text == wanted
                or (len(text) > 12 and (text in wanted or wanted in text) and run[0].size > body)
            )
        ):
            return run
    best = max(candidates, key=lambda run: (run[0].size, run[0].bold, -runs.index(run)))
    if best[0].size < body + 0.9 and not best[0].bold:
        best = candidates[0]
    return best


def _may_be_title(run: list[Row]) -> bool:
    text = text_of_rows(run)
    letters = sum(map(str.isalpha, text))
    cjk = sum(sign > "\u2e80" for sign in text)
    return (
        ((letters >= 8 and len(text.split()) >= 2) or cjk >= 4)
        and len(text) < 400
        and not _NOT_TITLE.match(text)
        and not _BY_LINE.match(text)
        and not ABSTRACT.match(text)
    )


def _better(title: str | None, hint: str) -> str | None:
    """The file's own title where it says the same in letters, or says more where the page gave none."""
    hint = clean(hint)
    if title is None:
        return (
            hint
            if len(hint.split()) >= 3
            and not re.search(r"\.(?:docx?|tex|pdf|indd)\b|untitled|microsoft word", hint, re.I)
            else None
        )
    same = re.sub(r"\W", "", plain(title)) == re.sub(r"\W", "", plain(hint))
    return hint if same and hint and not hint.isupper() and "�" not in hint else title


def _author_rows(rows: Sequence[Row], title_rows: list[Row], body: float) -> tuple[list[Row], list[Row]]:
    """The rows of names below the title, and the rows of affiliations up to the text."""
    start = max(place for place, row in enumerate(rows) if row is title_rows[-1]) + 1
    names: list[Row] = []
    others: list[Row] = []
    for row in rows[start : start + 200]:
        turned = row.page != title_rows[0].page and (
            others or not names or abs(row.size - names[-1].size) > 0.6 or row.bold != names[-1].bold
        )
        if ABSTRACT.match(row.text) or turned:
            break
        if not others and _looks_like_names(row) and (not names or _same_run(names[-1], row)):
            names.append(row)
        elif names and (row.size < body - 0.4 or row.size < names[0].size - 0.4) and row.size <= body - 0.4:
            others.append(row)
        elif names:
            break
    return names, others


def _same_run(before: Row, row: Row) -> bool:
    return abs(before.size - row.size) < 1.1 and (
        before.base - row.base < 3.2 * row.size or before.page != row.page
    )


def _looks_like_names(row: Row) -> bool:
    text = _MARKS.sub("", row.plain).strip(" ,")
    if not text or _NO_NAME.search(text) or len(text) > 400:
        return False
    names = [part for part in _SEPARATOR.split(text) if part]
    good = sum(_is_name(part) or bool(_DEGREE.match(part)) for part in names)
    return bool(names) and 2 * good > len(names)


def _is_name(text: str) -> bool:
    words = text.split()
    if re.fullmatch(r"[\u4e00-\u9fff·\s]{2,12}", text):
        return True
    capitals = sum(word[0].isupper() for word in words)
    return (
        1 <= len(words) <= 6
        and capitals >= 1
        and 2 * capitals >= len(words)
        and not re.search(r"[.:]$|[<>=/%]", text.rstrip("."))
        and all(len(word) < 25 for word in words)
    )


def _authors(rows: Sequence[Row]) -> list[Author]:
    text = " ".join(row.plain if not row.plain.endswith("-") else row.plain[:-1] for row in rows)
    text = re.sub(r"^(?:by|von|par)\s+(?=\S+\s)", "", clean(_MARKS.sub(" ", _note_marks(text))), flags=re.I)
    out: list[Author] = []
    for part in _SEPARATOR.split(text):
        part = part.strip(" ,.*") if not re.search(r"\b(?:Jr|Sr)\.$", part) else part
        if not part or _DEGREE.match(part):
            continue
        if _SUFFIX.match(part) and out:
            out[-1] = Author(out[-1].family, f"{out[-1].given or ''} {part}".strip(), out[-1].literal)
        elif _is_name(part) and (author := author_of(part)):
            out.append(author)
    return out


def _note_marks(text: str) -> str:
    """Single small letters that stand for affiliations (``Smith a,b``) taken out."""
    return re.sub(r"(?<=[^\W\d_]{2})\s(?:[a-e](?:\s*,\s*[a-e])*)(?=\s*[,;]|\s+and\b|\s*$)", "", text)


def _from_metadata(value: str) -> list[Author]:
    parts = (
        re.split(r";|,\s(?=\S+\s)|\band\b", value) if not re.fullmatch(r"[^,;]+,[^,;]+", value) else [value]
    )
    return [author for part in parts if len(part.split()) > 1 and (author := author_of(part))]
