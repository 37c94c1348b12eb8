"""Whether a sentence may tell a relation at all, by its words: others are not sent to a language model.

Knows the words in ``data/relation_words.txt``, English and Chinese.
"""

from __future__ import annotations

import re
from functools import cache

from kgrag.language.modality import any_of
from kgrag.language.wordlists import ordered_words


def tells_relation(sentence: str) -> bool:
    """Whether a sentence has a verb or noun of relation at all."""
    return _words().search(sentence) is not None


@cache
def _words() -> re.Pattern[str]:
    return any_of(ordered_words("relation_words", __file__))
