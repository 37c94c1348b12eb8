"""Turns spans into tags and back: B- I- E- S- with a kind, and O. Knows which tag may follow which; knows no
words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

TaggedSpan = tuple[int, int, str]
"""First item, end (exclusive), kind."""


def labels_of(kinds: Iterable[str]) -> tuple[str, ...]:
    """All tags for some kinds; O is the first."""
    return ("O", *(f"{part}-{kind}" for kind in sorted(set(kinds)) for part in "BIES"))


def tags_of(spans: Iterable[TaggedSpan], n_items: int) -> list[str]:
    """One tag an item."""
    tags = ["O"] * n_items
    for start, end, kind in spans:
        if end - start == 1:
            tags[start] = f"S-{kind}"
        else:
            tags[start:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - start - 2), f"E-{kind}"]
    return tags


def spans_of(tags: Sequence[str]) -> list[TaggedSpan]:
    """Whole spans in order; a span that is not closed is none."""
    spans: list[TaggedSpan] = []
    start = None
    for place, tag in enumerate(tags):
        part, _, kind = tag.partition("-")
        if part == "S":
            spans.append((place, place + 1, kind))
        elif part == "B":
            start = place
        elif part == "E" and start is not None:
            spans.append((start, place + 1, kind))
        if part in ("S", "E", "O"):
            start = None
    return spans


def forbidden_steps(labels: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Pairs of label numbers that may not stand side by side."""
    return tuple(
        (i, j)
        for i, one in enumerate(labels)
        for j, other in enumerate(labels)
        if not _may_follow(one, other)
    )


def _may_follow(one: str, other: str) -> bool:
    before, _, kind = one.partition("-")
    after, _, next_kind = other.partition("-")
    if before in ("B", "I"):
        return after in ("I", "E") and kind == next_kind
    return after in ("O", "B", "S")
