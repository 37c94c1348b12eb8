"""The pages of reviews as HTML: the list, one review, a record to decide on, records by outcome.

Pure: values in, markup out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from markupsafe import Markup

from kgrag.language.words import content_words_unstemmed, has_han, short_stem
from kgrag.review.project.state import VERDICTS, Review, Stage
from ui.html.parts import TEMPLATES, Plain, all_marked
from ui.html.reading import Room, page_html
from ui.words import word, words

LINKS = {"doi": "https://doi.org/", "pmid": "https://pubmed.ncbi.nlm.nih.gov/"}


@dataclass(frozen=True, slots=True)
class Part:
    """A page of a list; ``number`` from 1."""

    rows: Sequence[Plain]
    total: int
    number: int
    size: int


def brief(review: Review) -> Plain:
    """A review as the list shows it."""
    outcomes = review.outcomes("abstract")
    return {
        "id": review.id,
        "question": review.question,
        "begun": review.begun[:10],
        "records": len(review.records),
        "decided": sum(outcome != "conflict" for outcome in outcomes.values()),
    }


def list_html(room: Room, reviews: Sequence[Plain]) -> Markup:
    """The reviews of a person, and forms for a new one and one from elsewhere."""
    body = TEMPLATES.part("reviews.html", "listed", reviews, room.token, words(room.language))
    return page_html(room, word("reviews", room.language), body, "/reviews")


def review_html(room: Room, told: Plain, role: str, names: Mapping[str, str], methods: str) -> Markup:
    """One review.

    Args:
        room: of the page.
        told: its status, as ``kgrag review status --json``.
        role: of the person who looks.
        names: of the team, by id.
        methods: the paragraph for a methods section.
    """
    body = TEMPLATES.part(
        "reviews.html", "opened", told, role, names, methods, room.token, words(room.language)
    )
    return page_html(room, told["question"], body, "/reviews")


def screen_html(
    room: Room,
    review: Review,
    stage: Stage,
    row: Plain | None,
    left: Plain | None,
    last: Plain | None,
    counts: Plain,
) -> Markup:
    """A record to decide on.

    Args:
        room: of the page.
        review: that it is of.
        stage: abstract or full.
        row: the record; None when nothing is left.
        left: the record that comes next with how many are left, or None.
        last: the person's last word, which undo takes back, or None.
        counts: of the stage.
    """
    shown = None if row is None else _shown(row, review.question)
    n_left = left["left"] if left else 0
    body = TEMPLATES.part(
        "reviews.html",
        "screen",
        review.id,
        stage,
        shown,
        n_left,
        last,
        counts,
        _reasons(review),
        uuid4().hex,
        room.token,
        words(room.language),
    )
    return page_html(room, word(f"review_screen_{stage}", room.language), body, "/reviews")


def records_html(
    room: Room,
    review: Review,
    stage: Stage,
    outcome: str,
    part: Part,
    names: Mapping[str, str],
    *,
    lead: bool,
) -> Markup:
    """Records of a stage by what they came to."""
    rows = [{**row, "where": _where(row)} for row in part.rows]
    body = TEMPLATES.part(
        "reviews.html",
        "records",
        review.id,
        stage,
        outcome,
        rows,
        part,
        names,
        VERDICTS if lead else (),
        _reasons(review),
        room.token,
        words(room.language),
    )
    return page_html(room, word("review_records", room.language), body, "/reviews")


def _shown(row: Plain, question: str) -> Plain:
    spans = highlights(row["abstract"], question)
    return {
        **row,
        "where": _where(row),
        "marked": all_marked(row["abstract"], spans),
        "links": [
            (kind.upper(), LINKS[kind] + value) for kind, value in row["identifiers"].items() if kind in LINKS
        ],
    }


def highlights(text: str, question: str) -> list[tuple[int, int]]:
    """Where a text has words of the question, in any ending."""
    asked = [word for word in content_words_unstemmed(question) if len(word) > 2 or has_han(word)]
    stems = sorted({re.escape(short_stem(word)) for word in asked}, reverse=True)
    if not stems:
        return []
    wanted = re.compile("|".join(rf"(?<![^\W_]){stem}\w*" for stem in stems), re.IGNORECASE)
    return [found.span() for found in wanted.finditer(text)]


def _where(row: Plain) -> str:
    authors = "; ".join(row["authors"][:3]) + (" …" if len(row["authors"]) > 3 else "")
    return " · ".join(str(part) for part in (authors, row["venue"], row["year"]) if part)


def _reasons(review: Review) -> list[str]:
    """The criteria of the protocol, one a line, and the reasons that were given before."""
    criteria = [line.strip() for line in str(review.protocol.get("criteria", "")).splitlines()]
    given = [decision.reason for decision in review.decisions.values()]
    return [one for one in dict.fromkeys([*criteria, *given]) if one]
