"""From rows in reading order to blocks: paragraphs mended over lines and columns, headings, captions,
references.

Knows rows and the look of papers. Does not know the first page's title and authors (see pdf_front).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.readers.pdf.rows import Row
from ingest.readers.pdf.words import HYPHENS
from kgrag.types import Block, BlockKind, Line

_CAPTION = re.compile(
    r"""
      ^(?:(?:supplementary|extended\ data)\s+)?(?:
          fig(?:ure|\.)? | table | scheme | listing | box | algorithm | 图 | 表
      )\s*[A-Z]?\d+[a-z]?\s*(?:[.:|：。]|[-–—]\s|\s(?-i:[A-Z\u4e00-\u9fff])|$)  # Figure 2a. · Table 1 |
    """,
    re.I | re.X,
)
_NUMBERED = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,3})[.:]?\s+(?=[A-Z\u4e00-\u9fff])")
_KNOWN = re.compile(
    r"""
      ^(?:
          abstract | summary | introduction | background
        | (?:materials?\ and\ )?methods?
        | methodology
        | results?(?:\ and\ discussion)?
        | discussion | conclusions? | acknowledge?ments? | references? | bibliography
        | literature(?:\ cited)? | works\ cited | reference\ list | literatur(?:verzeichnis)?
        | références(?:\ bibliographiques)? | bibliographie | bibliografía | referencias
        | funding | statement\ of\ need
        | author\ contributions? | supporting\ information | competing\ interests?
        | conflicts?\ of\ interest
        | data\ availability(?:\ statement)?
        | appendix(?:\ [a-z])? | keywords? | related\ work | 摘\s*要 | 关键词 | 引\s*言 | 结\s*论 | 参考文献
        | 致\s*谢 | 讨\s*论 | 方\s*法 | 结\s*果
      )\s*[:：.]?$
    """,
    re.I | re.X,
)
REFERENCES = re.compile(
    r"""
      ^(?:\d+\.?\s*)?(?:
          references?(?:\ and\ notes)?
        | bibliography | literature(?:\ cited)? | works\ cited | reference\ list | literatur(?:verzeichnis)?
        | références(?:\ bibliographiques)? | bibliographie | bibliografía | referencias | 参考文献
      )\s*[:：.]?$
    """,
    re.I | re.X,
)
ABSTRACT = re.compile(r"^(?:abstract|summary|a b s t r a c t|摘\s*要)\s*[:：.]?$", re.I)
_END = re.compile(r"[.!?:;。！？：；][\"'”’)\]\d]*$")
_BULLET = re.compile(r"^(?:[•●▪◦‣–—*]|\(?\d{1,2}[.)]|\(?[a-z][.)]|\(?[ivx]{1,4}[.)])\s+\S")
_REF_START = re.compile(r"^(?:\[\d+\]|\d{1,3}\.\s|\(\d+\)\s)")


@dataclass
class _Draft:
    """Rows that will be one block."""

    rows: list[Row]
    kind: BlockKind = "paragraph"
    level: int = 0
    closed: bool = field(default=False)


def blocks_of(rows: Sequence[Row], body: float) -> list[Block]:
    """The blocks of the rows, with sections and lines.

    Args:
        rows: in reading order over all pages, without running heads, margins, title and authors.
        body: the size of body type in points.
    """
    drafts = _continued(_drafts(rows, body))
    words = _vocabulary(rows)
    levels = _levels(drafts)
    out: list[Block] = []
    path: list[tuple[int, str]] = []
    in_references = False
    for draft in drafts:
        text, lines = _text(draft.rows, words)
        if not text:
            continue
        if draft.kind == "heading":
            level = levels[id(draft)]
            while path and path[-1][0] >= level:
                path.pop()
            in_references = bool(REFERENCES.match(text)) or (
                in_references and bool(path) and level > path[0][0]
            )
            out.append(Block(text, "heading", tuple(name for _, name in path), lines))
            path.append((level, text))
            continue
        kind: BlockKind = "reference" if in_references and draft.kind == "paragraph" else draft.kind
        section = tuple(name for _, name in path)
        if kind == "paragraph" and section and ABSTRACT.match(section[-1]):
            kind = "abstract"
        out.append(Block(text, kind, section, lines))
    return out


def _drafts(rows: Sequence[Row], body: float) -> list[_Draft]:
    drafts: list[_Draft] = []
    pitch = _pitch(rows, body)
    lefts, rights = _edges(rows)
    in_references = False
    for place, row in enumerate(rows):
        before = rows[place - 1] if place else None
        heading = is_heading(row, before, rows[place + 1] if place + 1 < len(rows) else None, body, pitch)
        if heading and REFERENCES.match(row.text):
            in_references = True
        if (
            drafts
            and before is not None
            and _same(drafts[-1], before, row, heading, pitch, lefts, rights, in_references)
        ):
            drafts[-1].rows.append(row)
            continue
        kind: BlockKind = "heading" if heading else "caption" if _CAPTION.match(row.text) else "paragraph"
        drafts.append(_Draft([row], kind))
    return drafts


def _pitch(rows: Sequence[Row], body: float) -> float:
    """The usual distance between two lines of body text."""
    steps = Counter(
        round(2 * (above.base - below.base)) / 2
        for above, below in pairwise(rows)
        if above.page == below.page
        and above.column == below.column
        and abs(above.size - body) < 0.6
        and 0.8 * body < above.base - below.base < 2.5 * body
    )
    return steps.most_common(1)[0][0] if steps else 1.2 * body


def _edges(rows: Sequence[Row]) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], float]]:
    """The left and right edge of each column of each page."""
    lefts: dict[tuple[int, int], Counter[int]] = {}
    rights: dict[tuple[int, int], float] = {}
    for row in rows:
        key = (row.page, row.column)
        lefts.setdefault(key, Counter())[round(row.box[0])] += 1
        rights[key] = max(rights.get(key, 0.0), row.box[2])
    common = {
        key: float(min(edge for edge, count in counter.items() if 3 * count >= counter.most_common(1)[0][1]))
        for key, counter in lefts.items()
    }
    return common, rights


def is_heading(row: Row, before: Row | None, after: Row | None, body: float, pitch: float) -> bool:
    """True where the row looks like a heading: known words, larger or bold type, or a number, and space above
    it.
    """
    text = row.text.strip()
    if len(text) < 2 or len(text) > 140 or not re.search(r"[^\W\d_]{2}", text) or _CAPTION.match(text):
        return False
    known, numbered = (
        bool(_KNOWN.match(text)) and not text[0].islower() and (row.bold or not text.endswith(".")),
        bool(_NUMBERED.match(text)),
    )
    larger = row.size >= body + 1
    if known and (larger or row.bold or text.isupper() or _apart(before, row, pitch)):
        return True
    if (
        text.endswith((",", ";", "-"))
        or (text.endswith(".") and not numbered)
        or not (text[0].isupper() or text[0].isdigit() or text[0] > "\u2e80")
    ):
        return larger and row.size >= body + 3 and not text.endswith((",", ";"))
    if larger and (len(text) < 120):
        return True
    if not _apart(before, row, pitch) or row.size < body - 0.6:
        return False
    short = after is None or row.box[2] - row.box[0] < 0.9 * max(1.0, after.box[2] - after.box[0])
    return (row.bold and (short or numbered)) or (numbered and row.bold)


def _apart(before: Row | None, row: Row, pitch: float) -> bool:
    if before is None or (before.page, before.column) != (row.page, row.column):
        return True
    return before.base - row.base > 1.15 * pitch


def _same(
    draft: _Draft,
    before: Row,
    row: Row,
    heading: bool,
    pitch: float,
    lefts: dict[tuple[int, int], float],
    rights: dict[tuple[int, int], float],
    in_references: bool,
) -> bool:
    """True where the row goes on with the draft."""
    key = (row.page, row.column)
    same_place = key == (before.page, before.column)
    step = before.base - row.base
    if heading:
        return (
            draft.kind == "heading"
            and same_place
            and step < 1.6 * max(pitch, 1.2 * row.size)
            and abs(before.size - row.size) < 0.6
            and before.bold == row.bold
            and not _NUMBERED.match(row.text)
        )
    if draft.kind == "heading" or not same_place:
        return False
    if abs(step) <= 0.45 * row.size:
        return True
    if (step > 1.3 * max(pitch, 0.0) and step > 1.45 * row.size) or step < 0:
        return False
    if abs(before.size - row.size) > 1.2 or _CAPTION.match(row.text):
        return False
    if draft.kind == "caption":
        return True
    if in_references:
        return (
            not _REF_START.match(row.text)
            and row.box[0] - lefts[key] > -1
            and not _new_entry(draft, row, lefts[key])
        )
    indent = row.box[0] - lefts[key]
    short = rights[key] - before.box[2] > 0.12 * (rights[key] - lefts[key])
    ended = bool(_END.search(before.text))
    if (
        indent > 0.6 * row.size
        and before.box[0] - row.box[0] < -0.6 * row.size
        and (ended or short)
        and not _hangs(draft)
    ):
        return bool(_BULLET.match(draft.rows[0].text)) and row.box[0] - draft.rows[0].box[0] < 3.5 * row.size
    if _BULLET.match(row.text) and _new_item(draft, before, row, ended or short):
        return False
    return not (short and ended and step > 1.08 * pitch)


def _new_item(draft: _Draft, before: Row, row: Row, done: bool) -> bool:
    """True where a row that begins with a bullet or number begins an item of a list."""
    if re.match(r"^[•●▪◦‣]", row.text):
        return done
    level = abs(draft.rows[0].box[0] - row.box[0]) < 3 and bool(_BULLET.match(draft.rows[0].text))
    outdented = before.box[0] - row.box[0] > 3
    return level and (done or outdented or len(draft.rows) == 1)


def _hangs(draft: _Draft) -> bool:
    return len(draft.rows) > 1 and draft.rows[1].box[0] - draft.rows[0].box[0] > 3


def _new_entry(draft: _Draft, row: Row, left: float) -> bool:
    """In a list with hanging indents, a row at the left edge begins an entry."""
    hanging = any(item.box[0] - left > 4 for item in draft.rows[1:])
    return hanging and row.box[0] - left < 2


def _continued(drafts: list[_Draft]) -> list[_Draft]:
    """Paragraphs that go on in the next column or page are joined over captions that stand between."""
    out: list[_Draft] = []
    last: _Draft | None = None
    for draft in drafts:
        if draft.kind == "paragraph" and last is not None and _goes_on(last, draft):
            last.rows.extend(draft.rows)
            continue
        out.append(draft)
        if draft.kind == "paragraph" and not (last is not None and _is_note(draft, last)):
            last = draft
        elif draft.kind == "heading":
            last = None
    return out


def _is_note(draft: _Draft, text: _Draft) -> bool:
    """True where the draft is a footnote of the text: smaller type below it on its page."""
    row, above = draft.rows[0], text.rows[-1]
    return row.page == above.page and row.size < above.size - 0.6 and row.base < above.base


def _goes_on(last: _Draft, draft: _Draft) -> bool:
    before, row = last.rows[-1], draft.rows[0]
    if (
        (before.page, before.column) == (row.page, row.column)
        and draft.rows[0].base < before.base
        and abs(before.base - row.base) < 3 * row.size
    ):
        return False
    if abs(before.size - row.size) > 0.6 or _BULLET.match(row.text):
        return False
    text = before.text.rstrip()
    if text[-1:] in HYPHENS or text[-1:] == ",":
        return True
    if _END.search(text):
        return False
    return (
        row.text[0].islower()
        or row.text[0] in '(["“‘'
        or row.text[0].isdigit()
        or row.text[0] > "\u2e80"
        or not re.search(r"[\s,]\S{0,2}$", text)
        or text[-1].islower()
    )


def _levels(drafts: Iterable[_Draft]) -> dict[int, int]:
    """The level of each heading: by its number, else by size and weight of type among all headings."""
    headings = [draft for draft in drafts if draft.kind == "heading"]
    looks = sorted({(draft.rows[0].size, draft.rows[0].bold) for draft in headings}, reverse=True)
    rank = {look: place + 1 for place, look in enumerate(looks)}
    out = {}
    for draft in headings:
        found = _NUMBERED.match(draft.rows[0].text)
        level = rank[(draft.rows[0].size, draft.rows[0].bold)]
        out[id(draft)] = max(level, found.group(1).count(".") + 1) if found else level
    return out


def _vocabulary(rows: Sequence[Row]) -> Counter[str]:
    """The words of the text that are not broken at a line's end, for mending those that are."""
    words: Counter[str] = Counter()
    for row in rows:
        words.update(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", row.text.lower()))
    return words


def text_of_rows(rows: Sequence[Row]) -> str:
    """The rows as one text, hyphens at line ends mended."""
    return _text(list(rows), _vocabulary(rows))[0]


def _text(rows: list[Row], words: Counter[str]) -> tuple[str, tuple[Line, ...]]:
    """The block's text and where each row stands in it."""
    text = ""
    lines: list[Line] = []
    for row in rows:
        piece = row.text.replace("\ufffe", "-").replace("\x02", "-").replace("\u00ad", "-").strip()
        if not piece:
            continue
        if text:
            if text[-1] in "-\u2010" and len(text) > 1 and text[-2].isalpha() and piece[0].isalpha():
                if _drop_hyphen(text, piece, words):
                    text = text[:-1]
                    lines[-1] = Line(lines[-1].start, len(text), lines[-1].page, lines[-1].box)
            elif not (text[-1] > "\u2e80" and piece[0] > "\u2e80") and not (
                text[-1] == "/" or text.endswith("://")
            ):
                text += " "
        lines.append(Line(len(text), len(text) + len(piece), row.page, row.drawn))
        text += piece
    return text, tuple(lines)


def _drop_hyphen(text: str, piece: str, words: Counter[str]) -> bool:
    """True where the hyphen at the line's end only breaks the word."""
    head = re.search(r"([^\W\d_]+(?:-[^\W\d_]+)*)[-\u2010]$", text)
    tail = re.match(r"[^\W\d_]+", piece)
    if not head or not tail:
        return False
    whole, compound = (head.group(1) + tail.group()).lower(), f"{head.group(1)}-{tail.group()}".lower()
    if words[whole] or words[compound]:
        return words[whole] >= words[compound]
    return piece[0].islower() and "-" not in head.group(1)
