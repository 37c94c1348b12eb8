"""Searches round after round until two rounds bring nothing new: by each channel, by the words of what was
found, and along citations.

Knows the plan, when to stop, and how much is likely missing. Which documents answer is told by the chance of
their quotes, as in an answer; no model is asked. Every step is told as it begins and kept with what it gave,
so that it can be run again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from kgrag.ask.deep.tools import Found, Step, run_step
from kgrag.ask.loaded import Loaded
from kgrag.types import Evidence, Filters

MAX_STEPS = 60
ACCEPT = 0.35
"""Part of the best quote's chance from which a document's quote answers too."""
QUIET_ROUNDS = 2
"""Rounds without a new document, after which the search ends."""
N_FOLLOWED = 4
"""New documents of a round whose words and citations are followed."""
NEAR = 10
"""Documents looked at in the neighbourhood of one that was found."""


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was run: the documents it gave in order, those of them that were new and answer, and how
    long it took.
    """

    step: Step
    documents: tuple[str, ...]
    new: tuple[str, ...]
    round: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class DeepSearch:
    """What a deep search found.

    Args:
        question: as asked.
        found: the documents that answer, the likeliest first, each with its quote.
        steps: all that was done, in order.
        missing: how many documents that answer are likely not found, by how far two channels agree
            (Chapman's estimate); None where they tell nothing.
        ended: why it ended.
    """

    question: str
    found: tuple[Found, ...]
    steps: tuple[Done, ...]
    missing: float | None
    ended: str

    @property
    def quoted(self) -> list[tuple[Found, Evidence]]:
        """The documents with their quotes."""
        return [(item, item.quote) for item in self.found if item.quote is not None]


@dataclass
class _State:
    """What is known while a search runs."""

    loaded: Loaded
    question: str
    filters: Filters
    max_steps: int
    progress: Callable[[Done], object]
    stopped: Callable[[], bool]
    accepted: dict[str, Found] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    steps: list[Done] = field(default_factory=list)
    best: float = 0.0
    by_channel: dict[str, set[str]] = field(default_factory=dict)

    def run(self, step: Step, number: int) -> list[Found]:
        """Run a step, keep it, and accept what answers; nothing once the budget is spent."""
        if self.over():
            return []
        start = time.perf_counter()
        found = run_step(self.loaded, step, self.filters)
        self.best = max([self.best, *(item.chance for item in found)])
        new = [
            item
            for item in found
            if item.quote is not None
            and item.document.id not in self.accepted
            and item.chance > 0
            and item.chance >= ACCEPT * self.best
        ]
        self.accepted |= {item.document.id: item for item in new}
        done = Done(
            step,
            tuple(item.document.id for item in found),
            tuple(item.document.id for item in new),
            number,
            (time.perf_counter() - start) * 1000,
        )
        self.steps.append(done)
        self.progress(done)
        return found

    def over(self) -> bool:
        """Whether no further step may be run."""
        return len(self.steps) >= self.max_steps or self.stopped()


def deep_search(
    loaded: Loaded,
    question: str,
    *,
    filters: Filters = Filters(),
    max_steps: int = MAX_STEPS,
    progress: Callable[[Done], object] = lambda done: None,
    stopped: Callable[[], bool] = lambda: False,
) -> DeepSearch:
    """Every document of the library that answers, as far as the plan reaches.

    Args:
        loaded: a library with its models.
        question: any text.
        filters: limits to part of the library.
        max_steps: calls of tools, at most.
        progress: told each step when it is done.
        stopped: looked at before each step.
    """
    state = _State(loaded, question, filters, max_steps, progress, stopped)
    _first_round(state)
    fresh, quiet, number = list(state.accepted), 0, 1
    while fresh or quiet < QUIET_ROUNDS:
        if state.over():
            break
        number += 1
        before = set(state.accepted)
        for step in _next_steps(state, fresh):
            state.run(step, number)
        fresh = [name for name in state.accepted if name not in before]
        quiet = 0 if fresh else quiet + 1
        if quiet >= QUIET_ROUNDS or not _unfollowed(state):
            break
    ended = "stopped" if stopped() else "budget" if len(state.steps) >= max_steps else "nothing new"
    ranked = sorted(state.accepted.values(), key=lambda item: (-item.chance, item.document.id))
    kept = tuple(item for item in ranked if item.chance >= ACCEPT * state.best)
    return DeepSearch(question, kept, tuple(state.steps), _missing(state, kept), ended)


def replayed(loaded: Loaded, steps: Sequence[Done], filters: Filters = Filters()) -> list[bool]:
    """Whether each step gives the same documents in the same order again."""
    return [
        tuple(item.document.id for item in run_step(loaded, done.step, filters)) == done.documents
        for done in steps
    ]


def _first_round(state: _State) -> None:
    for mode in ("full", "words", "dense"):
        found = state.run(Step("search", {"query": state.question, "mode": mode}), 1)
        state.by_channel[mode] = {item.document.id for item in found}


def _unfollowed(state: _State) -> list[str]:
    return [name for name in state.accepted if name not in state.seen]


def _next_steps(state: _State, fresh: Sequence[str]) -> Iterator[Step]:
    """For documents whose neighbourhood was not looked at yet: what is near their quote, and what they cite
    or what cites them, as far as that answers.
    """
    waiting = sorted(_unfollowed(state), key=lambda name: (name not in fresh, -state.accepted[name].chance))
    for name in waiting[:N_FOLLOWED]:
        state.seen.add(name)
        quote = state.accepted[name].quote
        if quote is not None:
            yield Step("search", {"query": quote.quote.strip(), "about": state.question, "top_k": NEAR})
        for tool in ("cites", "cited_by"):
            yield Step(tool, {"document": name})
            linked = [found for found in state.steps[-1].documents if found not in state.accepted]
            if linked and state.steps[-1].step.tool == tool:
                yield Step("search", {"query": state.question, "documents": linked})


def _missing(state: _State, kept: Sequence[Found]) -> float | None:
    """Chapman's estimate of all that answers, by words and by meaning as two catches, less what is found."""
    names = {item.document.id for item in kept}
    words, dense = (state.by_channel.get(mode, set()) & names for mode in ("words", "dense"))
    if not words or not dense:
        return None
    whole = (len(words) + 1) * (len(dense) + 1) / (len(words & dense) + 1) - 1
    return round(max(0.0, whole - len(names)), 1)
