"""The PRISMA 2020 flow of a review, counted from its trail, and the paragraph of a methods section.

Knows a review; draws SVG by a template. Every number is a count of events, and the boxes add up. Source: Page
et al. 2021, The PRISMA 2020 statement; Rethlefsen et al. 2021, PRISMA-S.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, TypedDict

from kgrag.render.templates import Templates
from kgrag.review.project.state import Review
from kgrag.review.screening.stopping import CONFIDENCE, TARGET

_TEMPLATES = Templates("kgrag.review.project")


class Flow(TypedDict):
    """The boxes. ``awaiting_*`` are records that nobody, or too few, decided on yet."""

    identified: dict[str, int]
    identified_total: int
    duplicates_removed: int
    screened: int
    excluded: int
    awaiting_screening: int
    sought: int
    not_retrieved: int
    assessed: int
    excluded_reasons: dict[str, int]
    awaiting_assessment: int
    included: int


def flow(review: Review) -> Flow:
    """The counts of all boxes."""
    abstract, full = review.outcomes("abstract"), review.outcomes("full")
    passed = [record for record in review.records if abstract.get(record) == "include"]
    assessed = [record for record in passed if record not in review.not_retrieved]
    screened = sum(abstract.get(record) in ("include", "exclude") for record in review.records)
    reasons = _reasons(review, assessed)
    included = sum(full.get(record) == "include" for record in assessed)
    by_name: dict[str, int] = {}
    for one in review.sets:
        by_name[one.name] = by_name.get(one.name, 0) + one.records
    return {
        "identified": by_name,
        "identified_total": sum(by_name.values()),
        "duplicates_removed": sum(one.duplicates for one in review.sets),
        "screened": screened,
        "excluded": screened - len(passed),
        "awaiting_screening": len(review.records) - screened,
        "sought": len(passed),
        "not_retrieved": len(passed) - len(assessed),
        "assessed": len(assessed),
        "excluded_reasons": reasons,
        "awaiting_assessment": len(assessed) - included - sum(reasons.values()),
        "included": included,
    }


def _reasons(review: Review, assessed: list[str]) -> dict[str, int]:
    """Reasons of exclusion at full text, the commonest first, of records that came so far."""
    here = set(assessed)
    why: dict[str, int] = {}
    for record, outcome in review.outcomes("full").items():
        if outcome == "exclude" and record in here:
            settled = review.settled.get(("full", record))
            given = [settled] if settled else review.of("full", record)
            reason = next((d.reason for d in given if d.reason), "no reason given")
            why[reason] = why.get(reason, 0) + 1
    return dict(sorted(why.items(), key=lambda one: (-one[1], one[0])))


def as_svg(counted: Flow) -> str:
    """The flow as a picture."""
    return str(_TEMPLATES.page("flow.svg", flow=counted, boxes=_boxes(counted)))


def _boxes(counted: Flow) -> list[dict[str, Any]]:
    """Boxes of the two columns with their lines: left what goes on, right what is taken out."""
    sources = [f"{name} (n = {n})" for name, n in counted["identified"].items()]
    reasons = [f"{reason} (n = {n})" for reason, n in counted["excluded_reasons"].items()]
    rows = [
        (["Records identified:", *sources, f"Total (n = {counted['identified_total']})"],
         ["Records removed before screening:", f"Duplicates (n = {counted['duplicates_removed']})"]),
        ([f"Records screened (n = {counted['screened']})", *_waiting(counted["awaiting_screening"])],
         [f"Records excluded (n = {counted['excluded']})"]),
        ([f"Reports sought for retrieval (n = {counted['sought']})"],
         [f"Reports not retrieved (n = {counted['not_retrieved']})"]),
        ([f"Reports assessed for eligibility (n = {counted['assessed']})",
          *_waiting(counted["awaiting_assessment"])], ["Reports excluded:", *(reasons or ["(n = 0)"])]),
        ([f"Studies included in review (n = {counted['included']})"], []),
    ]  # fmt: skip
    top, boxes = 20, []
    for number, (left, right) in enumerate(rows):
        height = 16 + 18 * max(len(left), len(right))
        boxes.append(
            {"y": top, "height": height, "left": left, "right": right, "last": number == len(rows) - 1}
        )
        top += height + 30
    return boxes


def _waiting(n: int) -> list[str]:
    return [f"Not decided yet (n = {n})"] if n else []


def methods(review: Review, language: str = "en") -> str:
    """A paragraph for a methods section (PRISMA-S, and what the program did), in English or Chinese."""
    counted, people = flow(review), sum(role != "reader" for role in review.team.values())
    told: Mapping[str, Any] = {
        **counted,
        "sets": [(one.name, one.records, one.at[:10], one.query) for one in review.sets],
        "screeners": review.screeners,
        "people": people,
        "version": version("kgrag"),
        "target": round(TARGET * 100),
        "confidence": round(CONFIDENCE * 100),
    }
    file = "methods.zh.txt" if language == "zh" else "methods.en.txt"
    return " ".join(_TEMPLATES.page(file, **told).unescape().split())
