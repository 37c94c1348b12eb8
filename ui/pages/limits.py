"""The fields by which a question is limited: years, venues, authors, languages, kinds and collections.

Knows Gradio's components of these fields, and what their values mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from kgrag.types import Filters
from ui.pages.text_field import text_field
from ui.service import library as reading
from ui.service.service import Service
from ui.words import Language, word

Relabel = tuple[Any, Callable[[Language], Any]]
"""A component, and what it is called in a language."""
MOST_VALUES, MOST_CHARACTERS = 100, 500
"""Of one field; nobody chooses more."""
YEARS, NAMES, KINDS = ("from_year", "to_year"), ("venue", "author"), ("doc_language", "kind", "set")
"""The fields' words, in the order that ``Limits.read`` takes their values."""


@dataclass(frozen=True)
class Limits:
    """The fields, in the order of their words."""

    box: Any
    fields: list[Any]
    clear: Any

    def read(self, service: Service, values: Sequence[Any]) -> Filters:
        """What the fields say.

        Args:
            service: of the person who asks; it knows the keys of their collections.
            values: of the fields, in their order.
        """
        low, high, *lists = values
        venues, authors, languages, kinds, sets = (
            [str(one)[:MOST_CHARACTERS] for one in (values or ())[:MOST_VALUES]] for values in lists
        )
        keys = tuple(c.key for c in service.collections() if c.name in sets) if sets else ()
        return Filters(
            _number(low),
            _number(high),
            tuple(venues or ()),
            tuple(authors or ()),
            tuple(languages or ()),
            tuple(kinds or ()),
            collections=keys or ((-1,) if sets else ()),
        )

    def labels(self) -> list[Relabel]:
        """How the fields are called in a language."""
        keys = (*YEARS, *NAMES, *KINDS)
        return [
            (self.box, partial(_labelled, "filters")),
            (self.clear, partial(word, "clear")),
            *((field, partial(_labelled, key)) for field, key in zip(self.fields, keys, strict=True)),
        ]


def build_limits() -> Limits:
    """The fields and the button that clears them, where the page is built now."""
    with gr.Accordion(word("filters", "en"), open=False, elem_id="kg-limits") as box:
        with gr.Row():
            years = [_year(key) for key in YEARS]
            names = [_choice(key, 180, custom=True) for key in NAMES]
        with gr.Row():
            kinds = [_choice(key, 150) for key in KINDS]
        clear = gr.Button(word("clear", "en"), size="sm")
    limits = Limits(box, [*years, *names, *kinds], clear)
    nothing: list[Any] = [""] * len(years) + [[] for _ in (*names, *kinds)]
    clear.click(lambda: nothing, None, limits.fields, show_progress="hidden")
    return limits


def offered(service: Service) -> list[Any]:
    """What the limits offer a person, for the fields after the years."""
    found = reading.choices(service)
    sets = [c.name for c in service.collections()]
    lists = [found.get(name, []) for name in ("venues", "authors", "languages", "kinds")]
    return [gr.Dropdown(choices=choices) for choices in (*lists, sets)]


def _year(key: str) -> Any:
    """A year as text: a field for numbers would show 0 where nothing is said."""
    return text_field("", label=word(key, "en"), max_length=4, min_width=110)


def _number(value: Any) -> int | None:
    """A year as somebody typed it; None for anything else, and for nothing."""
    text = str(value or "").strip()
    return int(text) if text.isdecimal() and len(text) <= 4 else None


def _choice(key: str, width: int, *, custom: bool = False) -> Any:
    return gr.Dropdown(
        [],
        multiselect=True,
        label=word(key, "en"),
        allow_custom_value=custom,
        min_width=width,
        elem_id=f"kg-{key}",
    )


def _labelled(key: str, language: Language) -> Any:
    return gr.update(label=word(key, language))
