"""Keeps reviews that were read, so that the next act reads only what came since.

Knows the trail. A review that is given out is never changed: what comes since is written into a copy. An act
that was taken back is read with the whole trail.
"""

from __future__ import annotations

from collections import OrderedDict
from weakref import WeakKeyDictionary

from kgrag.catalogue import Catalogue
from kgrag.review.project import trail
from kgrag.review.project.state import Review, apply, copied, read

MOST = 16
"""Reviews kept of a library; one of 10,000 records takes some 30 MB."""
_KEPT: WeakKeyDictionary[Catalogue, OrderedDict[str, tuple[int, int, Review]]] = WeakKeyDictionary()
"""By library and id: the last event that was read, how many there were, and the review."""


def review_of(catalogue: Catalogue, identifier: str) -> Review:
    """A review as its trail tells it now.

    Raises:
        NotFound: no such review.
    """
    kept = _KEPT.setdefault(catalogue, OrderedDict())
    last, n, review = kept.get(identifier, (0, 0, Review(identifier)))
    fresh = trail.events_since(catalogue, identifier, last)
    # where several write to one database, an event may be seen after a later one
    missed = n + len(fresh) != trail.n_events(catalogue, identifier)
    if not n or missed or any(event.kind == "undone" for event in fresh):
        fresh, n = trail.events_of(catalogue, identifier), 0
        review = read(identifier, fresh)
    elif fresh:
        review = copied(review)
        for event in fresh:
            apply(review, event)
    if fresh:
        kept[identifier] = (fresh[-1].seq, n + len(fresh), review)
        while len(kept) > MOST:
            kept.popitem(last=False)
    return review
