"""Sets works side by side: a row a finding in the paper's own words, with its role, the work's design, sample
and population, the direction of the finding, and the page.

Knows cards of papers and what a paper calls its own work. What a paper does not say stays empty; nothing is
guessed.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kgrag.answer.card import Card, card_of
from kgrag.catalogue import schema as t
from kgrag.errors import MissingExtra, NotFound
from kgrag.export.material import Material, Plain
from kgrag.library import Library
from kgrag.render.csv_text import csv_text
from kgrag.render.short_names import short_names
from kgrag.types import Document

COLUMNS = ("paper", "finding", "role", "design", "n", "population", "direction", "page")
_N = re.compile(r"\b[nN]\s*=\s*(\d[\d,]*)")
_YEAR = re.compile(r"(?:19|20)\d\d")
"""A number that may be a year tells no size: better none than 2019 patients."""
_LABEL = re.compile(
    r"\W*(?:background|introduction|objectives?|aims?|purpose|methods?|design|背景|目的|方法)\W*[:：]", re.I
)
"""The label of a part of an abstract that tells no finding: *BACKGROUND: …*, and not *RESULTS: …*."""
_PEOPLE = re.compile(
    r"""(\d[\d,]*)\s+
    ((?:(?!(?:and|or|of|the|for|to|in|by|on|from|with|were|was|until|between)\b)[a-zA-Z][\w-]*\s+){0,4}
    (?:patients|participants|women|men|children|adults|subjects|people|individuals|infants|students|cases
    |respondents|volunteers|mice|rats|samples|articles|studies|trials|papers|records|libraries|documents)
    (?:\s+(?:with|aged|from|in|who|undergoing)\s+[^.,;()]{2,60})?)
    | (\d+)\s*(?:例|名|位|篇|份|所|只|家)([^，。；,;]{0,24})""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A finding of a work. Every field but the first three is empty where the paper does not say it.

    Args:
        document_id: of the work.
        paper: what the work is called, such as *Oliver 2013*.
        finding: in the paper's words.
        role: of the finding in its paper, a key of the interface's words without ``is_``.
        design: in English and Chinese.
        n: size of the sample.
        population: whom or what it was drawn from.
        direction: ``up`` or ``down``, as the graph's statement says, or ``negated``.
        page: of the source.
    """

    document_id: str
    paper: str
    finding: str
    role: str = ""
    design: tuple[str, str] = ("", "")
    n: str = ""
    population: str = ""
    direction: str = ""
    page: int | None = None

    def cells(self, language: str = "en") -> tuple[object, ...]:
        """The row as a file shows it."""
        design = self.design[0 if language == "en" else 1]
        return (
            self.paper,
            self.finding,
            self.role,
            design,
            self.n,
            self.population,
            self.direction,
            self.page or "",
        )


def rows_of(library: Library, material: Material, readable: Callable[[str], bool]) -> list[Row]:
    """A row for each sentence with its evidence; for a work without one, its result or conclusion.

    Args:
        library: open.
        material: of an answer or a set.
        readable: whether the person may read a document's text; of others only the record is told.
    """
    names = short_names(list(material.documents.values()))
    works = {one: _work(library, one) for one in material.documents if readable(one)}
    rows = [row for claim in material.answer["claims"] for row in _said(library, claim, works, names)]
    told = {row.document_id for row in rows}
    return rows + [_own(one, names[one], works.get(one)) for one in material.documents if one not in told]


def _said(library: Library, claim: Plain, works: dict[str, Any], names: dict[str, str]) -> Iterator[Row]:
    for evidence in claim["evidence"][:1]:
        one = evidence["document_id"]
        if works.get(one) is None:
            continue
        document, card = works[one]
        n, population = sample(evidence["quote"]) or _sampled(card)
        yield Row(
            one,
            names[one],
            evidence["quote"],
            claim.get("role") or "",
            design(document),
            n,
            population,
            _direction(library, evidence, claim),
            evidence["page"],
        )


def _own(one: str, name: str, work: tuple[Document, Card] | None) -> Row:
    """What a work finds by its own card."""
    if work is None:
        return Row(one, name, "")
    document, card = work
    told = [("result", item) for item in card.results] + [("conclusion", item) for item in card.conclusion]
    found, role = next((([item], role) for role, item in told if not _LABEL.match(item.quote)), ([], ""))
    if not found:
        return Row(one, name, "", design=design(document))
    n, population = _sampled(card)
    page = found[0].passage.page
    return Row(one, name, found[0].quote, role, design(document), n, population, "", page)


def _work(library: Library, one: str) -> tuple[Document, Card] | None:
    catalogue = library.catalogue
    try:
        document = catalogue.document(one)
    except NotFound:
        return None
    passages = catalogue.passages_of(one)
    keys = catalogue.passage_keys([passage.id for passage in passages])
    return document, card_of(document, passages, catalogue.objects_of(keys.values()))


def _sampled(card: Card) -> tuple[str, str]:
    return (sample(card.sample[0].quote) if card.sample else None) or ("", "")


def sample(text: str) -> tuple[str, str] | None:
    """Size and population of a sample, as a sentence tells it: ("186", "patients with CFS"); None without."""
    for found in _PEOPLE.finditer(text):
        if not _YEAR.fullmatch(found[1] or found[3]):
            return (found[1], " ".join(found[2].split())) if found[1] else (found[3], found[4].strip())
    counted = _N.search(text)
    return (counted[1], "") if counted else None


def design(document: Document) -> tuple[str, str]:
    """What a paper calls its own work, in English and Chinese; empty where it does not say."""
    record = document.record
    told = " ".join((record.title or "", record.abstract or "", *record.headings))
    folded = told.casefold()
    return next((name for name, phrases in _designs() if any(one in folded for one in phrases)), ("", ""))


@cache
def _designs() -> list[tuple[tuple[str, str], tuple[str, ...]]]:
    path = Path(__file__).parent / "data" / "designs.toml"
    read = tomllib.loads(path.read_text("utf-8"))["design"]
    return [((each["name"][0], each["name"][1]), tuple(each["phrases"])) for each in read]


def _direction(library: Library, evidence: Plain, claim: Plain) -> str:
    """Which way a finding goes, by the graph's statement in its sentence."""
    s, p = t.statements.c, t.passages.c
    start, end = evidence["span"]
    rows = library.catalogue.rows(
        select(s.quantity, s.polarity)
        .join(t.passages, p.key == s.passage_key)
        .where(p.id == evidence["passage_id"], s.start < end, s.end > start)
        .order_by(s.score.desc(), s.id)
    )
    for row in rows:
        if row.quantity and row.quantity.get("direction"):
            return str(row.quantity["direction"])
    return "negated" if claim.get("modality") == "negated" else ""


def as_csv(rows: Sequence[Row], language: str = "en") -> bytes:
    """The table for a spreadsheet, with a byte order mark so that Excel shows Chinese rightly."""
    return b"\xef\xbb\xbf" + csv_text(COLUMNS, (row.cells(language) for row in rows)).encode(
        "utf-8", "replace"
    )


def as_docx(rows: Sequence[Row], title: str, language: str = "en") -> bytes:
    """The table as a Word file, landscape.

    Raises:
        MissingExtra: python-docx is not installed.
    """
    try:
        import docx
        from docx.enum.section import WD_ORIENT
    except ModuleNotFoundError as error:
        raise MissingExtra("The table as a Word file", "export") from error
    file = docx.Document()
    page = file.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = page.page_height, page.page_width
    file.add_heading(_plain(title), 1)
    table = file.add_table(rows=1, cols=len(COLUMNS), style="Table Grid")
    for cell, name in zip(table.rows[0].cells, COLUMNS, strict=True):
        cell.text = name
    for row in rows:
        for cell, value in zip(table.add_row().cells, row.cells(language), strict=True):
            cell.text = _plain(str(value))
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isprintable() or c == "\n")
