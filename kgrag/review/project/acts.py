"""What people do in a review, each as one event of its trail.

Knows a team's roles: a lead does all, a screener decides, a reader looks. Does not know logins: the desk says
who acts. Who is not in the team does not see the review.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from kgrag.backends import load_backend
from kgrag.catalogue import Catalogue
from kgrag.errors import Forbidden, NotFound, UsageError
from kgrag.review.project import trail
from kgrag.review.project.bundle import unpack
from kgrag.review.project.opened import review_of
from kgrag.review.project.state import ROLES, STAGES, VERDICTS, Review
from kgrag.types import Record

KINDS = ("free", "pico", "peo", "novelty")


class Reviews:
    """The reviews of a library, as one person may use them.

    Args:
        catalogue: of the library.
        person: id of who acts.
        everything: whether they act without being in a team (who has the library in hand).
    """

    def __init__(self, catalogue: Catalogue, person: str, *, everything: bool = False) -> None:
        self.catalogue, self.person, self.everything = catalogue, person, everything

    # -- looking ------------------------------------------------------------------------------------

    def open(self, identifier: str) -> Review:
        """A review of one's own team.

        Raises:
            NotFound: none there, or none for them; the words are the same.
        """
        review = review_of(self.catalogue, identifier)
        if not self.everything and self.person not in review.team:
            raise NotFound(f"No review '{identifier}' in this library. List them: kgrag review list")
        return review

    def events(self, identifier: str) -> list[trail.Event]:
        """A review's trail; errors as ``open``."""
        self.open(identifier)
        return trail.events_of(self.catalogue, identifier)

    def all(self) -> list[Review]:
        """The reviews of this person, in the order they were begun."""
        found = []
        for identifier in trail.reviews(self.catalogue):
            review = review_of(self.catalogue, identifier)
            if self.everything or self.person in review.team:
                found.append(review)
        return found

    # -- acting -------------------------------------------------------------------------------------

    def create(
        self,
        question: str,
        kind: str = "free",
        protocol: Mapping[str, str] | None = None,
        screeners: int = 1,
    ) -> str:
        """Begin a review as its lead; returns its id.

        Raises:
            UsageError: no question, no such kind, or fewer than one screener.
        """
        if not question.strip():
            raise UsageError("A review needs a question.")
        _one_of("kind", kind, KINDS)
        if not 1 <= screeners <= 9:
            raise UsageError(f"{screeners} people to decide on a record; 1 to 9 can.")
        identifier = f"review-{uuid4().hex[:10]}"
        body = {"question": question.strip(), "kind": kind, "protocol": dict(protocol or {}),
                "screeners": screeners}  # fmt: skip
        self._write(identifier, "created", body)
        return identifier

    def add_member(self, identifier: str, person: str, role: str) -> None:
        """Take somebody into the team, or give them another role."""
        _one_of("role", role, ROLES)
        self._lead(identifier)
        self._write(identifier, "member", {"person": person, "role": role})

    def add_set(
        self,
        identifier: str,
        name: str,
        origin: str,
        records: Sequence[Mapping[str, Any]],
        query: str = "",
        token: str | None = None,
    ) -> dict[str, int]:
        """Take records in as a dated set; returns ``records``, ``duplicates`` (there before, or twice in it)
        and ``new``.

        Raises:
            UsageError: it is empty.
        """
        self._lead(identifier)
        if not records:
            raise UsageError(f"'{origin}' holds no record that can be read.")
        body = {"name": name, "origin": origin, "query": query, "records": list(records)}
        self._write(identifier, "set", body, token)
        made = self.open(identifier).sets[-1]
        return {"records": made.records, "duplicates": made.duplicates, "new": made.records - made.duplicates}

    def decide(
        self,
        identifier: str,
        record: str,
        verdict: str,
        stage: str = "abstract",
        reason: str = "",
        token: str | None = None,
    ) -> int:
        """Say one's word on a record; a later one takes the earlier one's place. Returns the event's seq, by
        which it is undone.

        Args:
            token: made where the act was done; the same one twice is written once.

        Raises:
            UsageError: no such verdict or stage, or the record is not at this stage.
            NotFound: no such record.
        """
        review = self._may(identifier, ("lead", "screener"))
        body = self._word(review, record, verdict, stage, reason)
        return self._write(identifier, "decided", body, token)

    def settle(
        self, identifier: str, record: str, verdict: str, stage: str = "abstract", reason: str = ""
    ) -> int:
        """A lead's word, which ends a conflict; errors as ``decide``."""
        review = self._lead(identifier)
        return self._write(identifier, "settled", self._word(review, record, verdict, stage, reason))

    def not_retrieved(self, identifier: str, record: str) -> int:
        """Note that a report's full text could not be had."""
        review = self._may(identifier, ("lead", "screener"))
        return self._write(identifier, "not-retrieved", {"record": review.record(record).id})

    def undo(self, identifier: str, seq: int) -> None:
        """Take an act back; it stays in the trail. One's own, or as lead anybody's.

        Raises:
            NotFound: no such act that can be taken back, or it was.
        """
        review = self._may(identifier, ("lead", "screener"))
        events = {event.seq: event for event in trail.events_of(self.catalogue, identifier)}
        gone = {int(event.body["seq"]) for event in events.values() if event.kind == "undone"}
        event = events.get(seq)
        if event is None or event.kind not in ("decided", "settled", "not-retrieved") or seq in gone:
            raise NotFound(f"Review '{identifier}' has no act {seq} to take back.")
        if event.person != self.person and not self.everything and review.team.get(self.person) != "lead":
            raise Forbidden(f"Act {seq} is {event.person}'s; they or a lead can take it back.")
        self._write(identifier, "undone", {"seq": seq})

    def put_back(self, file: Path) -> str:
        """Open a review that was exported elsewhere; returns its id.

        Raises:
            ReadError: it is no such file.
            UsageError: the library has this review.
        """
        identifier, events = unpack(file)
        if trail.holds(self.catalogue, identifier):
            raise UsageError(f"The library holds review '{identifier}' already.")
        # undone events name others by their numbers, which are new here
        with self.catalogue.writing() as connection:
            numbers: dict[int, int] = {}
            for event in events:
                body = dict(event.body)
                if event.kind == "undone":
                    body["seq"] = numbers[int(body["seq"])]
                numbers[event.seq] = trail.put_back(connection, identifier, event, body)
            trail.append(
                connection, identifier, self.person, "member", {"person": self.person, "role": "lead"}
            )
        return identifier

    def _word(self, review: Review, record: str, verdict: str, stage: str, reason: str) -> dict[str, str]:
        _one_of("verdict", verdict, VERDICTS)
        _one_of("stage", stage, STAGES)
        review.record(record)
        if stage == "full" and record not in review.at_stage("full"):
            raise UsageError(f"Record '{record}' was not included by its abstract; decide on that first.")
        return {"record": record, "verdict": verdict, "stage": stage, "reason": reason.strip()}

    def _lead(self, identifier: str) -> Review:
        return self._may(identifier, ("lead",))

    def _may(self, identifier: str, roles: Sequence[str]) -> Review:
        review = self.open(identifier)
        if not self.everything and review.team[self.person] not in roles:
            raise Forbidden(
                f"In this review your role is '{review.team[self.person]}'; this is for: {', '.join(roles)}."
            )
        return review

    def _write(self, identifier: str, kind: str, body: Mapping[str, Any], token: str | None = None) -> int:
        with self.catalogue.writing() as connection:
            return trail.append(connection, identifier, self.person, kind, body, token)


def records_in(file: Path) -> list[dict[str, Any]]:
    """The records of an export, as rows of a set; those that cannot be read are left out.

    Raises:
        ReadError: no reader knows the file.
    """
    read_file: Iterable[Any] = load_backend("ingest", "read_file")(file)
    return [row_of(one) for one in read_file if isinstance(one, Record)]


def row_of(record: Record) -> dict[str, Any]:
    """A record as a row of a set."""
    return {
        "title": record.title,
        "abstract": record.abstract,
        "year": record.year,
        "venue": record.venue,
        "authors": [author.name for author in record.authors],
        "identifiers": dict(record.identifiers),
    }


def _one_of(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UsageError(f"No {what} '{value}' (found: {', '.join(known)}).")
