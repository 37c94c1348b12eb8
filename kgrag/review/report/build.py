"""Builds the report of a set of documents: what it is, what its papers state, where they differ, what nobody
looked at.

Knows the catalogue and what was extracted from it. Every line is a count of documents or carries quotes, and
nothing is drawn by chance, so the same set gives the same report. Retracted works stand apart.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from itertools import combinations
from typing import TypedDict

from sqlalchemy import select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.rows import document_from_row
from kgrag.errors import UsageError
from kgrag.export.evidence_table import design
from kgrag.holdings.knowledge.concepts import Concept, concepts
from kgrag.holdings.knowledge.conflicts import Conflict, conflicts_among
from kgrag.holdings.knowledge.paper_facts import PaperFact, paper_facts
from kgrag.holdings.knowledge.statements import Said, statements
from kgrag.language.predicates import reading
from kgrag.review.project.flow import flow
from kgrag.review.project.living import names_of
from kgrag.review.project.state import Review
from kgrag.review.table.columns import Said as Sentenced
from kgrag.review.table.columns import cell_of, library
from kgrag.types import Filters, Passage, Sentence

MOST, QUOTES, N_TOPICS = 15, 3, 12
SURE = 0.6
KINDS = frozenset(("isa", "part_of", "method_of"))
"""Predicates that tell what a thing is, which is no finding."""


class Quote(TypedDict):
    """The exact words of a paper, and where they stand."""

    document: str
    title: str
    year: int | None
    passage: str
    span: list[int]
    page: int | None
    quote: str


class Line(TypedDict):
    """A sentence or a count; ``count`` is of documents."""

    text: str
    count: int | None
    quotes: list[Quote]


class Section(TypedDict):
    """A part; ``kind`` tells how it is shown: counts, said, hints or text."""

    key: str
    heading: str
    kind: str
    lines: list[Line]


class Report(TypedDict):
    """The object of ``kgrag review report --json``."""

    title: str
    language: str
    documents: int
    sections: list[Section]


@cache
def _words() -> dict[str, list[str]]:
    text = files("kgrag.review.report").joinpath("data", "words.toml").read_text("utf-8")
    return tomllib.loads(text)


def word(key: str, language: str, **values: object) -> str:
    """A word of the report in English or Chinese, its {places} filled."""
    text = _words()[key][1 if language == "zh" else 0]
    return text.format(**values) if values else text


def included(catalogue: Catalogue, review: Review) -> Filters:
    """The documents of the library that a review includes: by full text, or by abstract before there are any.

    Raises:
        UsageError: none.
    """
    full = [r for r, outcome in review.outcomes("full").items() if outcome == "include"]
    chosen = full or [r for r, outcome in review.outcomes("abstract").items() if outcome == "include"]
    wanted = {name for record in chosen for name in names_of(review.records[record].identifiers)}
    ids = sorted(row.id for row in catalogue.rows(select(t.documents.c.id)) if row.id in wanted)
    if not ids:
        raise UsageError(
            f"None of the {len(chosen)} records that this review includes is a document of this library. Take"
            " them in: kgrag ingest PATH"
        )
    return Filters(documents=tuple(ids))


def report_of(
    catalogue: Catalogue,
    filters: Filters,
    title: str = "",
    language: str = "en",
    review: Review | None = None,
) -> Report:
    """The report.

    Args:
        catalogue: of the library.
        filters: limits to the documents.
        title: of the set or review; empty for the whole library.
        language: of headings and counts, en or zh; quotes stay as they are.
        review: whose flow is told too.

    Raises:
        UsageError: no document is left by the filters.
    """
    return _Builder(catalogue, filters, language).report(title, review)


class _Builder:
    def __init__(self, catalogue: Catalogue, filters: Filters, language: str) -> None:
        self.language = language
        d = t.documents
        rows = catalogue.rows(
            select(d).where(d.c.key.in_(catalogue.filtered_documents(filters))).order_by(d.c.key)
        )
        if not rows:
            raise UsageError("A report needs at least one document, and this set holds none.")
        every = [document_from_row(row) for row in rows]
        gone = {row.id for row in rows if row.retracted}
        self.retracted = [one for one in every if one.id in gone]
        self.documents = [one for one in every if one.id not in gone]
        kept = Filters(documents=tuple(one.id for one in self.documents) or ("-",))
        self.passages: dict[str, Passage] = {}
        self.by_id = {one.id: one for one in self.documents}
        self.limits = {one.id: quote for one in self.documents if (quote := self._limit(catalogue, one.id))}
        self.said = [
            one for one in statements(catalogue, None, None, kept)
            if one.modality == "asserted" and one.score >= SURE and one.predicate not in KINDS
        ]  # fmt: skip
        self.conflicts = conflicts_among(self.said)
        self.facts = paper_facts(catalogue, None, None, kept)
        self.topics = _topics(concepts(catalogue, None, kept), self.facts)
        self.together = _documents_of(catalogue, self.topics, kept)

    def _limit(self, catalogue: Catalogue, document: str) -> Quote | None:
        """The sentence in which authors say what their work does not show, in a section where they would."""
        passages = catalogue.passages_of(document)
        self.passages.update({passage.id: passage for passage in passages})
        column = "limitations"
        said = {
            sentence_of(passage, sentence, number / len(passages)): passage.id
            for number, passage in enumerate(passages)
            if any(name in " ".join(passage.section).casefold() for name in library()[column].sections)
            for sentence in passage.sentences
        }
        found = cell_of(column, list(said)).said
        if found is None:
            return None
        return self._quote(document, said[found], (found.start, found.end), found.text)

    def report(self, title: str, review: Review | None) -> Report:
        """All sections in their order."""
        agreeing = self._findings()
        sections = [
            *self._holdings(),
            self._section("topics", "counts", self._topic_lines()),
            self._section("findings", "said", [line for line, _ in agreeing[:MOST]]),
            self._section("contrasts", "said", [self._contrast(one) for one in self.conflicts[:MOST]]),
            self._section("methods", "said", self._methods()),
            self._section("limitations", "said", self._limitations()),
            self._section("gaps", "said", self._gaps()),
            self._section("retracted", "said", [_line(one.title or one.id, None) for one in self.retracted]),
            self._section("hints", "hints", self._hints([groups for _, groups in agreeing])),
            self._section("how", "text", self._how(review)),
        ]
        return {
            "title": title or self._word("library"),
            "language": self.language,
            "documents": len(self.documents) + len(self.retracted),
            "sections": sections,
        }

    def _word(self, key: str, **values: object) -> str:
        return word(key, self.language, **values)

    def _section(self, key: str, kind: str, lines: Iterable[Line]) -> Section:
        return {"key": key, "heading": self._word(key), "kind": kind, "lines": list(lines)}

    def _holdings(self) -> list[Section]:
        place = 1 if self.language == "zh" else 0
        of = {
            "year": [str(one.record.year or "") for one in self.documents],
            "venue": [one.record.venue or "" for one in self.documents],
            "tongue": [one.language or "" for one in self.documents],
            "design": [design(one)[place] for one in self.documents],
        }
        return [self._section(key, "counts", self._counted(key, values)) for key, values in of.items()]

    def _counted(self, key: str, values: Sequence[str]) -> list[Line]:
        counts = Counter(value or self._word("not_stated") for value in values)
        order = sorted(counts) if key == "year" else sorted(counts, key=lambda one: (-counts[one], one))
        return [_line(one, counts[one]) for one in (order if key == "year" else order[:MOST])]

    def _topic_lines(self) -> list[Line]:
        lines = []
        for topic in self.topics:
            told = [fact for fact in self.facts if fact.type == "STUDIES" and fact.target.id == topic.id]
            lines.append(_line(topic.name, topic.documents, self._quotes(told)))
        return lines

    def _findings(self) -> list[tuple[Line, tuple[int, bool]]]:
        """Each finding with how many documents state it and whether another contradicts it, the most stated
        first.
        """
        groups: dict[tuple[str, str, str, str], list[Said]] = {}
        for one in self.said:
            groups.setdefault((one.subject.id, one.predicate, one.object.id, one.polarity), []).append(one)
        against = {said.id for one in self.conflicts for said in (one.one, one.other)}
        found = []
        for same in groups.values():
            first = same[0]
            negated = f" ({self._word('not_said')})" if first.polarity == "negative" else ""
            verb = reading(first.predicate, language=self.language)
            text = f"{first.subject.name} {verb} {first.object.name}{negated}"
            n = len({one.document_id for one in same})
            contradicted = any(one.id in against for one in same)
            surest = max(one.score for one in same)
            found.append((-n, -surest, _line(text, n, self._quotes(same)), contradicted))
        found.sort(key=lambda one: (*one[:2], one[2]["text"]))
        return [(line, (-n, contradicted)) for n, _, line, contradicted in found]

    def _contrast(self, one: Conflict) -> Line:
        both = (one.one, one.other)
        names = " / ".join(dict.fromkeys((both[0].subject.name, both[0].object.name)))
        return _line(names, 2, self._quotes(both))

    def _methods(self) -> list[Line]:
        by_name: dict[str, list[PaperFact]] = {}
        for fact in self.facts:
            if fact.type == "USES_METHOD":
                by_name.setdefault(fact.target.name, []).append(fact)
        lines = [
            _line(name, len({fact.document_id for fact in told}), self._quotes(told))
            for name, told in by_name.items()
        ]
        return sorted(lines, key=lambda line: (-(line["count"] or 0), line["text"]))[:MOST]

    def _limitations(self) -> list[Line]:
        return [_line(self.by_id[one].title or one, None, [quote]) for one, quote in self.limits.items()]

    def _gaps(self) -> list[Line]:
        return [
            _line(self._word("gap", one=one.name, other=other.name), 0)
            for one, other in combinations([topic for topic in self.topics if topic.documents > 1], 2)
            if not self.together.get(one.id, set()) & self.together.get(other.id, set())
        ][:MOST]

    def _hints(self, groups: Sequence[tuple[int, bool]]) -> list[Line]:
        counts = {
            "hint_agree": sum(n > 1 and not contradicted for n, contradicted in groups),
            "hint_contrast": len(self.conflicts),
            "hint_alone": sum(n == 1 for n, _ in groups),
            "hint_limits": len(self.documents) - len(self.limits),
            "hint_retracted": len(self.retracted),
        }
        return [_line(self._word(key, n=n), n) for key, n in counts.items()]

    def _how(self, review: Review | None) -> list[Line]:
        n = len(self.documents) + len(self.retracted)
        told = self._word("how_text", n=n, retracted=len(self.retracted), version=version("kgrag"))
        lines = [_line(told, None)]
        return [*lines, _line(self._word("flow_text", **flow(review)), None)] if review else lines

    def _quotes(self, told: Iterable[Said | PaperFact]) -> list[Quote]:
        """The surest sentence of each document, at most ``QUOTES``."""
        best: dict[str, Said | PaperFact] = {}
        for one in sorted(told, key=lambda one: (-one.score, one.document_id, one.passage_id, one.span)):
            best.setdefault(one.document_id, one)
        return [
            self._quote(one.document_id, one.passage_id, one.span, one.sentence)
            for one in list(best.values())[:QUOTES]
        ]

    def _quote(self, document: str, passage: str, span: tuple[int, int], quote: str) -> Quote:
        record = self.by_id[document].record
        return {
            "document": document,
            "title": record.title or document,
            "year": record.year,
            "passage": passage,
            "span": list(span),
            "page": self.passages[passage].page,
            "quote": quote,
        }


def _line(text: str, count: int | None, quotes: Sequence[Quote] = ()) -> Line:
    return {"text": text, "count": count, "quotes": list(quotes)}


def sentence_of(passage: Passage, sentence: Sentence, place: float) -> Sentenced:
    """A sentence of a passage as the columns of a table read it."""
    return Sentenced(
        passage.text[sentence.start : sentence.end],
        sentence.start,
        sentence.end,
        " / ".join(passage.section),
        passage.kind,
        passage.page,
        place,
    )


def _topics(found: Sequence[Concept], facts: Sequence[PaperFact]) -> list[Concept]:
    """The concepts that most documents name, of those that some document studies."""
    studied = {fact.target.id for fact in facts if fact.type == "STUDIES"}
    return [one for one in found if one.id in studied][:N_TOPICS]


def _documents_of(catalogue: Catalogue, topics: Sequence[Concept], filters: Filters) -> dict[str, set[int]]:
    """Keys of the documents that name each of some concepts."""
    e, f = t.entities.c, t.forms.c
    rows = catalogue.rows(
        select(e.id, f.document_key)
        .join(t.entities, e.key == f.entity_key)
        .where(e.id.in_([one.id for one in topics]))
        .where(f.document_key.in_(catalogue.filtered_documents(filters)))
    )
    found: dict[str, set[int]] = {}
    for row in rows:
        found.setdefault(row.id, set()).add(row.document_key)
    return found
