"""Acts of a review: search strategies, and the project that holds decisions.

Knows rights; the work is ``kgrag.review``'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgrag.desk.sets import Gathering
from kgrag.errors import NotFound
from kgrag.people.sets import EVERYBODY
from kgrag.types import Filters

if TYPE_CHECKING:
    from kgrag.review.boolean.strategy import Built
    from kgrag.review.project.acts import Reviews
    from kgrag.review.project.flow import Flow
    from kgrag.review.project.state import Review, Stage
    from kgrag.review.report.build import Report
    from kgrag.review.report.novelty import Novelty


class Reviewing(Gathering):
    """See the module."""

    def build_query(self, question: str, database: str, seeds: Path | None = None) -> Built:
        """A search strategy over what the person sees; errors as
        ``kgrag.review.boolean.strategy.build_strategy``.
        """
        from kgrag.review.boolean.strategy import build_strategy, read_seeds

        self.require("read")
        given = read_seeds(seeds) if seeds is not None else []
        return build_strategy(self.library.catalogue, question, database, given, self.filters())

    # -- the project --------------------------------------------------------------------------------

    def _reviews(self, by: str | None = None) -> Reviews:
        from kgrag.review.project.acts import Reviews

        person = by or self.reviewer if self.in_hand else self.reviewer
        return Reviews(self.library.catalogue, person, everything=self.in_hand)

    @property
    def reviewer(self) -> str:
        """Under which id the person's decisions are kept; where nobody logs in all are one."""
        nameless = self.person.id.startswith("open-") or self.person.id == "anonymous"
        return EVERYBODY if nameless else self.person.id

    def review_names(self, review: Review) -> dict[str, str]:
        """What the people of a review's team are called, by their ids."""
        from kgrag.people.users import Users

        self.require("review")
        names = {user.id: user.name for user in Users(self.library.catalogue).list()}
        return {one: names.get(one, one) for one in review.team}

    def reviews(self) -> list[Review]:
        """The reviews whose team the person is in."""
        self.require("review")
        return self._reviews().all()

    def review(self, identifier: str) -> Review:
        """A review of the person's; errors of all that follows are those of ``kgrag.review.project.acts``."""
        self.require("review")
        return self._reviews().open(identifier)

    def create_review(self, question: str, **options: Any) -> str:
        """Begin a review; options as ``Reviews.create``."""
        return self._noted(
            "review", "review-created", str, lambda: self._reviews().create(question, **options)
        )

    def add_reviewer(self, identifier: str, person: str, role: str) -> None:
        """Take somebody into a review's team, by their id or the name they log in with.

        Raises:
            NotFound: nobody of that name, where the library's folder is not in hand.
        """
        self.require("review")
        named = self._named(person)
        self._noted(
            "review",
            "review-member",
            f"{identifier} {named}",
            lambda: self._reviews().add_member(identifier, named, role),
        )

    def _named(self, person: str) -> str:
        """The id of somebody by their name; what is an id stays."""
        from kgrag.people.users import Users

        users = Users(self.library.catalogue).list()
        if self.in_hand or person in {user.id for user in users}:
            return next((user.id for user in users if user.name == person), person)
        found = next((user.id for user in users if user.name.casefold() == person.strip().casefold()), None)
        if found is None:
            raise NotFound(f"Nobody here is called '{person}'. An admin adds people: kgrag users add NAME")
        return found

    def add_review_set(
        self, identifier: str, file: Path, *, name: str | None = None, query: str = ""
    ) -> dict[str, int]:
        """Take the records of an export into a review as a dated set."""
        from kgrag.review.project.acts import records_in

        self.require("review")
        rows = records_in(file)
        return self._noted(
            "review",
            "review-set",
            identifier,
            lambda: self._reviews().add_set(identifier, name or file.stem, file.name, rows, query),
        )

    def search_review(self, identifier: str, query: str, *, name: str = "This library") -> Mapping[str, Any]:
        """Ask a strategy of what the person sees of the library; what is new is a set of the review."""
        from kgrag.review.project.living import search_into

        self._begun("review", "review-searched", identifier)
        return search_into(self._reviews(), identifier, query, self.filters(), name)

    def refresh_review(self, identifier: str) -> dict[str, Any]:
        """Ask all strategies of a review again: what each brings that is new, and what was retracted."""
        from kgrag.review.project.living import refresh, retracted

        self._begun("review", "review-refreshed", identifier)
        brought = refresh(self._reviews(), identifier, self.filters())
        return {"brought": brought, "retracted": retracted(self._reviews(), identifier)}

    def next_record(
        self, identifier: str, stage: Stage = "abstract", *, by: str | None = None
    ) -> dict[str, Any] | None:
        """The record to decide on next, as a row, with how many are left; None when there is none."""
        from kgrag.review.project.queue import queue

        self.require("review")
        reviews = self._reviews(by)
        review = reviews.open(identifier)
        left = queue(review, stage, reviews.person)
        if not left:
            return None
        return {**row_of(review, left[0]), "left": len(left)}

    def review_records(
        self, identifier: str, stage: Stage = "abstract", outcome: str = ""
    ) -> list[dict[str, Any]]:
        """The records of a stage as rows, each with what it came to (``open`` where too few have decided)
        and, once it came to something, who said what.

        Args:
            identifier: of the review.
            stage: abstract or full.
            outcome: include, exclude, maybe, conflict or open; empty for all.
        """
        review = self.review(identifier)
        outcomes, said = review.outcomes(stage), review.said(stage)
        rows = []
        for record in review.at_stage(stage):
            came_to = outcomes.get(record, "open")
            if outcome in ("", came_to):
                words = [] if came_to == "open" else [_as_plain(one) for one in said.get(record, [])]
                rows.append({**row_of(review, record), "outcome": came_to, "said": words})
        return rows

    def review_record(self, identifier: str, record: str, stage: Stage = "abstract") -> dict[str, Any]:
        """One record as a row, with the person's own word on it where they have said one."""
        review = self.review(identifier)
        review.record(record)
        mine = review.decisions.get((stage, self.reviewer, record))
        return {**row_of(review, record), "mine": _as_plain(mine) if mine else None}

    def last_decision(self, identifier: str, stage: Stage = "abstract") -> dict[str, Any] | None:
        """The person's last word at a stage, as a row; what undo would take back."""
        review = self.review(identifier)
        mine = [d for (s, who, _), d in review.decisions.items() if s == stage and who == self.reviewer]
        last = max(mine, key=lambda one: one.seq, default=None)
        return None if last is None else {**_as_plain(last), "title": review.records[last.record].title}

    def decide(
        self, identifier: str, record: str, verdict: str, *, by: str | None = None, **options: Any
    ) -> int:
        """Say one's word on a record; options as ``Reviews.decide``."""
        return self._noted(
            "review",
            "review-decided",
            f"{identifier} {record}",
            lambda: self._reviews(by).decide(identifier, record, verdict, **options),
        )

    def settle(self, identifier: str, record: str, verdict: str, **options: Any) -> int:
        """End a conflict; options as ``Reviews.settle``."""
        return self._noted(
            "review",
            "review-settled",
            f"{identifier} {record}",
            lambda: self._reviews().settle(identifier, record, verdict, **options),
        )

    def not_retrieved(self, identifier: str, record: str) -> int:
        """Note that a full text could not be had."""
        return self._noted(
            "review",
            "review-not-retrieved",
            f"{identifier} {record}",
            lambda: self._reviews().not_retrieved(identifier, record),
        )

    def undo_review_act(self, identifier: str, seq: int, *, by: str | None = None) -> None:
        """Take an act of a review back."""
        self._noted(
            "review", "review-undone", f"{identifier} {seq}", lambda: self._reviews(by).undo(identifier, seq)
        )

    def review_status(self, identifier: str) -> dict[str, Any]:
        """What is done and left at each stage, who agrees with whom, sets, groups and the team."""
        from kgrag.review.project.agreement import agreements
        from kgrag.review.project.queue import progress
        from kgrag.review.project.state import STAGES

        review = self.review(identifier)
        return {
            "id": review.id,
            "question": review.question,
            "kind": review.kind,
            "protocol": dict(review.protocol),
            "screeners": review.screeners,
            "team": dict(review.team),
            "sets": [_as_plain(one) for one in review.sets],
            "groups": review.united.groups(),
            "stages": {stage: progress(review, stage) for stage in STAGES},
            "agreement": {stage: agreements(review, stage) for stage in STAGES},
        }

    def review_flow(self, identifier: str) -> Flow:
        """The PRISMA flow, counted from the trail."""
        from kgrag.review.project.flow import flow

        return flow(self.review(identifier))

    def export_review(self, identifier: str) -> bytes:
        """The whole review as a zip (RO-Crate)."""
        from kgrag.review.project.bundle import pack

        self._begun("review", "review-exported", identifier)
        reviews = self._reviews()
        return pack(reviews.open(identifier), reviews.events(identifier))

    def report(self, identifier: str = "", language: str = "en") -> Report:
        """A report of the works of a set, of those a review includes, or of all that the person sees.

        Raises:
            UsageError: no work.
            NotFound: no such set or review, or not for them.
        """
        from kgrag.review.report.build import included, report_of

        self.require("review")
        chosen, title, held = Filters(), "", None
        if identifier.startswith("s-"):
            chosen, title = self.within_set(identifier), self.open_set(identifier).set.name
        elif identifier:
            held = self.review(identifier)
            chosen, title = included(self.library.catalogue, held), held.question
        return report_of(self.library.catalogue, self.filters(chosen), title, language, held)

    def novelty(self, text: str, points: Sequence[str] = (), title: str = "") -> Novelty:
        """A draft of a novelty search over what the person sees; errors as ``novelty_of``."""
        from kgrag.review.boolean.match import Searcher
        from kgrag.review.boolean.strategy import searched
        from kgrag.review.report.novelty import Acts, novelty_of

        self.require("review")
        searcher = Searcher(searched(self.library.catalogue, self.filters()))
        acts = Acts(lambda words: self.search(words).found.hits, self.check_claims, searcher.count)
        return novelty_of(text, acts, points, title)

    def open_review(self, file: Path) -> str:
        """Take in a review that was exported elsewhere; returns its id."""
        return self._noted("review", "review-opened", str, lambda: self._reviews().put_back(file))


def row_of(review: Review, record: str) -> dict[str, Any]:
    """A record of a review as a row."""
    one = review.records[record]
    return {
        "record": one.id,
        "title": one.title,
        "abstract": one.abstract,
        "year": one.year,
        "venue": one.venue,
        "authors": list(one.authors),
        "identifiers": dict(one.identifiers),
    }


def _as_plain(value: Any) -> Mapping[str, Any]:
    from dataclasses import asdict

    return asdict(value)
