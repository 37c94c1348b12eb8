"""Checks the references of a text: whether each work is in the catalogue, and which of its fields are wrong.

Knows: how lists of references are cut into entries, how a work is found by identifier or by a near title,
which fields can be compared. Does not know formats (``ingest`` reads BibTeX, RIS and written references, by
``kgrag.backends``). It compares with this library only: *not found* means that the library does not hold the
work, which is what a librarian then looks into.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import select

from kgrag.backends import load_backend
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.check.written import first_page, written_venue
from kgrag.language.names import plain
from kgrag.types import Filters, Record, Reference

Outcome = Literal["exists", "wrong metadata", "not found"]
NEAR, SAME = 0.86, 0.97
"""Likeness of titles from which they name one work perhaps wrongly written, and from which they are equal but
for signs.
"""
SHARE_OF_WORDS = 0.6
SHORT = 25
"""A title with fewer letters names a work only together with its year or author."""
_BIBTEX = re.compile(r"^\s*@\s*[A-Za-z]+\s*[{(]", re.M)
_RIS = re.compile(r"^\s{0,3}\ufeff?TY\s{1,4}-\s", re.M)
_NUMBERED = re.compile(r"^\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}[.)、])\s+(?=\S)", re.M)
_HEADING = re.compile(r"^\s*#*\s*(?:references|bibliography|works cited|literature|参考文献)\s*:?\s*$", re.I)
_VOLUME = re.compile(
    r"""
      \b(?:vol(?:ume)?\.?\s*|,\s*|;\s*|\.\s+|\s)(\d{1,4})\s*
      (?:\(\s*\d[\w –-]*\)|,\s*(?:no|pp?|art)\b|\s*:\s*e?\d)  # vol. 12(3) · , 12, pp · 12: e7
    """,
    re.I | re.X,
)
_PAGES = re.compile(r"(?<![\d/.])(e?\d{1,7})\s*[-–—]+\s*e?\d{1,7}(?![\d/])")


@dataclass(frozen=True, slots=True)
class Checked:
    """One reference with what the catalogue says: the work it means, and each field that is wrong as (field,
    written, held).
    """

    text: str
    outcome: Outcome
    document_id: str | None = None
    wrong: tuple[tuple[str, str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The entry as ``kgrag references check --json`` prints it."""
        return {
            "text": self.text,
            "outcome": self.outcome,
            "document_id": self.document_id,
            "wrong": [
                {"field": name, "written": written, "held": held} for name, written, held in self.wrong
            ],
        }


@dataclass(frozen=True, slots=True)
class _Said:
    """What a reference says of its work; ``remainder`` is what a written one has besides its title."""

    text: str
    title: str | None
    year: int | None
    families: tuple[str, ...]
    identifiers: dict[str, str]
    venue: str | None = None
    volume: str | None = None
    first_page: str | None = None
    written: bool = False


@dataclass
class ReferenceChecker:
    """Checks references against one catalogue; keeps its titles between checks.

    Args:
        catalogue: of the library.
        hidden: keys of collections whose documents the person who asks may not see.
    """

    catalogue: Catalogue
    hidden: Sequence[int] = ()
    _records: dict[str, Record] = field(default_factory=dict)

    def check(self, text: str) -> list[Checked]:
        """Each reference of a text, in order.

        Args:
            text: BibTeX, RIS, or a written list (APA, IEEE, Vancouver, GB/T 7714 …), one entry a number,
                paragraph or line.
        """
        return [self._checked(said) for said in _read(text)]

    def check_reference(self, reference: Reference) -> Checked:
        """One reference as ``ingest.readers.references`` reads it."""
        return self._checked(_of_reference(reference))

    def _checked(self, said: _Said) -> Checked:
        document_id = self._find(said)
        if document_id is None:
            return Checked(said.text, "not found")
        wrong = tuple(_wrong(said, self._record(document_id)))
        return Checked(said.text, "wrong metadata" if wrong else "exists", document_id, wrong)

    def _find(self, said: _Said) -> str | None:
        """The work meant: by its title where one is near; else by an identifier.

        A real identifier under another work's title is a wrong one.
        """
        titled = self._by_title(said)
        named = self._by_identifier(said)
        return titled or named

    def _by_identifier(self, said: _Said) -> str | None:
        keys = [f"{kind}:{value}" for kind, value in said.identifiers.items()]
        query = (
            select(t.documents.c.id)
            .join(t.match_keys)
            .where(t.match_keys.c.value.in_(keys))
            .order_by(t.documents.c.id)
        )
        found = [row.id for row in self.catalogue.rows(query)] if keys else []
        return next((document_id for document_id in found if document_id in self._titles.visible), None)

    def _by_title(self, said: _Said) -> str | None:
        """The document whose title is nearest, if near enough; short titles need a year or author that
        agree.
        """
        sought = plain(said.title or "") if not said.written else plain(said.text)
        best: tuple[float, float, str] | None = None
        for document_id, title, in_it in self._titles.candidates(sought):
            likeness = max(
                _likeness(title, sought, inside=said.written),
                _likeness(title, plain(said.title or ""), inside=False),
            )
            if likeness < NEAR or (best is not None and (likeness, in_it) <= best[:2]):
                continue
            if (
                len(title.replace(" ", "")) >= SHORT
                or title[:1] > "\u2e80"
                or self._agrees(said, document_id)
            ):
                best = (likeness, in_it, document_id)
        return best[2] if best else None

    def _agrees(self, said: _Said, document_id: str) -> bool:
        record = self._record(document_id)
        return (said.year is not None and said.year == record.year) and not list(_wrong_authors(said, record))

    def _record(self, document_id: str) -> Record:
        if document_id not in self._records:
            self._records[document_id] = self.catalogue.document(document_id).record
        return self._records[document_id]

    @cached_property
    def _titles(self) -> _Titles:
        chosen = self.catalogue.filtered_documents(Filters(hidden=tuple(self.hidden)))
        rows = self.catalogue.rows(
            select(t.documents.c.id, t.documents.c.title)
            .where(t.documents.c.key.in_(chosen))
            .order_by(t.documents.c.id)
        )
        return _Titles([(row.id, plain(row.title or "")) for row in rows])


class _Titles:
    """Titles by their words, so that only those sharing most of their words with a text are compared letter
    by letter.
    """

    def __init__(self, rows: Sequence[tuple[str, str]]) -> None:
        self.visible = {document_id for document_id, _ in rows}
        self.rows = [(document_id, title, _tokens(title)) for document_id, title in rows if title]
        self.by_word: dict[str, list[int]] = defaultdict(list)
        for number, (_, _, tokens) in enumerate(self.rows):
            for token in tokens:
                self.by_word[token].append(number)

    def candidates(self, sought: str) -> Iterator[tuple[str, str, float]]:
        """Documents with at least ``SHARE_OF_WORDS`` of their title's words in the text: id, plain title,
        words shared.
        """
        shared = Counter(number for token in _tokens(sought) for number in self.by_word.get(token, ()))
        for number, n in sorted(shared.items()):
            document_id, title, tokens = self.rows[number]
            if n >= SHARE_OF_WORDS * len(tokens):
                yield document_id, title, float(n)


def _tokens(text: str) -> frozenset[str]:
    """Words; pairs of signs where the text is Chinese."""
    found = set()
    for word in text.split():
        found |= {word[i : i + 2] for i in range(len(word) - 1)} if word > "\u2e80" else {word}
    return frozenset(found)


def _likeness(title: str, sought: str, *, inside: bool) -> float:
    """0 … 1.

    ``inside``: how well the title stands somewhere in the text; else how alike both are as wholes, a subtitle
    left away forgiven.
    """
    from rapidfuzz import fuzz

    if not title or not sought:
        return 0.0
    if inside:
        return (
            fuzz.partial_ratio(title, sought) / 100
            if len(title) <= len(sought)
            else fuzz.ratio(title, sought) / 100
        )
    if len(sought) >= SHORT and title.startswith(sought):
        return 1.0
    return fuzz.ratio(title, sought) / 100


# -- what is wrong ---------------------------------------------------------------------------------


def _wrong(said: _Said, record: Record) -> Iterator[tuple[str, str, str]]:
    """Each field that the reference gives and the record holds otherwise."""
    yield from _wrong_title(said, record)
    yield from _wrong_authors(said, record)
    if said.year and record.year and said.year != record.year:
        yield "year", str(said.year), str(record.year)
    for kind, value in said.identifiers.items():
        held = record.identifiers.get(kind)
        if held and kind not in ("issn", "isbn") and held.casefold() != value.casefold():
            yield kind, value, held
    for name, written, kept in (
        ("volume", said.volume, record.volume),
        ("pages", said.first_page, first_page(record.pages)),
    ):
        if written and kept and written.lstrip("e0") != kept.lstrip("e0"):
            yield name, written, kept
    venue = said.venue or (written_venue(said.text, record.title or "") if said.written else None)
    if venue and record.venue and not _same_venue(venue, record.venue):
        yield "venue", venue, record.venue


def _wrong_title(said: _Said, record: Record) -> Iterator[tuple[str, str, str]]:
    held = plain(record.title or "")
    told = plain(said.title or "")
    written = said.written and _stands_in(held, plain(said.text))
    if held and (told or said.written) and not written and _likeness(held, told, inside=False) < SAME:
        yield "title", said.title or said.text[:120], record.title or ""


def _stands_in(title: str, text: str) -> bool:
    """Whether the title, or its part before a subtitle, stands in the text word for word."""
    return f" {title} " in f" {text} " or (
        title > "\u2e80" and title.replace(" ", "") in text.replace(" ", "")
    )


def _wrong_authors(said: _Said, record: Record) -> Iterator[tuple[str, str, str]]:
    """The first author, and every author that the reference names and the work has not."""
    held = {plain(author.family or author.name) for author in record.authors} | {
        plain(author.name) for author in record.authors
    }
    if not record.authors or not said.families:
        return
    whole = " ".join(plain(author.name) for author in record.authors)
    strangers = [
        family
        for family in said.families
        if plain(family) not in held
        and f" {plain(family)} " not in f" {whole} "
        and plain(family).replace(" ", "") not in whole.replace(" ", "")
    ]
    if strangers:
        yield "authors", "; ".join(strangers), "; ".join(author.name for author in record.authors[:6])


def _same_venue(written: str, held: str) -> bool:
    """Equal, an abbreviation of it (each word begins a word), or its initials."""
    short, full = plain(written).split(), plain(held).split()
    if len(short) > len(full):
        short, full = full, short
    initials = "".join(word[0] for word in full)
    return all(any(word.startswith(part[:3]) for word in full) for part in short) or "".join(short) in (
        initials,
        "".join(full),
    )


# -- reading ---------------------------------------------------------------------------------------


def _read(text: str) -> list[_Said]:
    if _BIBTEX.search(text) or _RIS.search(text):
        return [_of_record(record) for record in _records(text, ".bib" if _BIBTEX.search(text) else ".ris")]
    read = load_backend("ingest", "reference_of")
    return [_of_reference(read(entry)) for entry in entries(text)]


def _records(text: str, ending: str) -> list[Record]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"references{ending}"
        path.write_text(text, encoding="utf-8")
        return [item for item in load_backend("ingest", "read_file")(path) if isinstance(item, Record)]


def entries(text: str) -> list[str]:
    """The entries of a written list: numbered ones, else paragraphs, else lines; headings and lines without a
    letter go.
    """
    kept = "\n".join(line for line in text.splitlines() if not _HEADING.match(line))
    numbered = [match.start() for match in _NUMBERED.finditer(kept)]
    if len(numbered) >= 2 or (numbered and not kept[: numbered[0]].strip()):
        parts = [kept[a:b] for a, b in zip(numbered, [*numbered[1:], len(kept)], strict=True)]
    elif re.search(r"\S\s*\n\s*\n\s*\S", kept):
        parts = re.split(r"\n\s*\n", kept)
    else:
        parts = kept.splitlines()
    return [
        " ".join(part.split())
        for part in parts
        if len(re.findall(r"\w", part)) >= 12 or re.search(r"10\.\d{4,}/", part)
    ]


def _of_reference(reference: Reference) -> _Said:
    text = re.sub(r"https?://\S+|\bdoi:?\s*\S+|\b10\.\d{4,}/\S+", " ", reference.text)
    bare = re.sub(r"^\s*(?:\[\d+\]|\(\d+\)|\d{1,3}[.)、])\s*", "", text)
    volume, pages = _VOLUME.search(bare), _PAGES.search(bare)
    first = (reference.author,) if reference.author else ()
    surname = _surname(bare)
    return _Said(
        reference.text,
        reference.title,
        reference.year,
        (surname,) if surname else first,
        dict(reference.identifiers),
        volume=volume.group(1) if volume else None,
        first_page=pages.group(1) if pages else None,
        written=True,
    )


def _surname(text: str) -> str | None:
    """The first author's family name: before a comma or initials (APA, Vancouver, GB/T), or after initials
    (IEEE); a Chinese name whole.
    """
    head = text.strip()
    for pattern in (
        r"([\u4e00-\u9fff·]{2,8})(?=[,，、.．\s])",
        r"(?:[A-Z]\.[\s-]?){1,3}((?:[a-z]{2,3}\s)*[^\W\d_][\w'’-]+)",
        r"((?:[a-z]{2,3}\s)*[^\W\d_][\w'’-]+(?:\s[A-Z][a-z][\w'’-]+)?)(?=,\s|\s[A-Z]{1,3}\b|\s&|\s\()",
    ):
        if found := re.match(pattern, head):
            return found.group(1)
    return None


def _of_record(record: Record) -> _Said:
    names = tuple(author.family or author.name for author in record.authors)
    written = "; ".join(
        part
        for part in (
            ", ".join(author.name for author in record.authors[:3]),
            record.title or "",
            str(record.year or ""),
            record.venue or "",
        )
        if part
    )
    return _Said(
        written,
        record.title,
        record.year,
        names,
        {k: v for k, v in record.identifiers.items() if k in ("doi", "pmid", "pmcid", "isbn", "arxiv")},
        record.venue,
        record.volume,
        first_page(record.pages),
    )
