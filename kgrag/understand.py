"""From a question as typed to a question as searched: language, and the entities of the library that it names.

Knows the question and the graph store's look-up. Every change it makes is recorded in ``repairs``.
"""

from __future__ import annotations

import re
import unicodedata

from kgrag.library import Library
from kgrag.names import normalise_name
from kgrag.text import is_chinese, without_surrogates, words
from kgrag.types import Entity, Understood

MAX_NAME_WORDS = 8
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")


def understand(question: str, library: Library) -> Understood:
    """The question, cleaned, with its entities.

    Returns:
        ``entities`` longest name first; ``repairs`` as (from, to, why).
    """
    question = without_surrogates(question)
    text = " ".join(unicodedata.normalize("NFKC", question).split())
    repairs = ((question, text, "full-width characters and spaces"),) if text != question.strip() else ()
    language = "zh" if is_chinese(text) else "en"
    return Understood(question, text, language, repairs, tuple(_entities(text, language, library)))


def _entities(text: str, language: str, library: Library) -> list[Entity]:
    tokens = words(text) if language == "zh" else _WORD.findall(text)
    joiner = "" if language == "zh" else " "
    spans = [joiner.join(tokens[i : i + n]) for n in range(MAX_NAME_WORDS, 0, -1) for i in range(len(tokens) - n + 1)]
    found = {normalise_name(form): entity for entity in library.graph.find(spans) for form in (entity.name, *entity.aliases)}
    kept: dict[str, Entity] = {}
    taken: set[str] = set()
    for span in spans:
        key = normalise_name(span)
        if key in found and len(key) > 2 and not any(key in other for other in taken):
            taken.add(key)
            kept.setdefault(found[key].id, found[key])
    return list(kept.values())
