"""Text of TeX as letters and signs: accents, Greek, comparisons, powers. What is not known keeps its name, so
that no sign vanishes.

Knows pylatexenc's table of signs. Does not run TeX.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from ingest.readers.exports.markup import raised
from kgrag.language.wordlists import ordered_words

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text

_SIGNS = {
    "textmu": "µ",
    "textonehalf": "½",
    "textonequarter": "¼",
    "textthreequarters": "¾",
    "texttimes": "×",
    "textdiv": "÷",
    "textsurd": "√",
    "textcelsius": "°C",
    "textperthousand": "‰",
    "textnumero": "№",
    "degree": "°",
    "celsius": "°C",
    "micro": "µ",
    "permil": "‰",
    "percent": "%",
    "textgreater": ">",
    "textless": "<",
    "lessim": "≲",
    "lesssim": "≲",
    "gtrsim": "≳",
    "leqslant": "⩽",
    "geqslant": "⩾",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textbackslash": "\\",
    "textquotesingle": "'",
    "slash": "/",
}
"""Signs that pylatexenc does not know."""
_SILENT = ordered_words("silent_commands", __file__)
"""Commands that only set."""
_RAISED = re.compile(r"\^(?:\{([^{}]*)\}|(\\?[A-Za-z]+|[^\s{}\\]))")
_LOWERED = re.compile(r"(?<!\\)_(?:\{([^{}]*)\}|([^\s{}\\]))")
_MATH = re.compile(r"(?<!\\)\$((?:[^$\\]|\\.)*)\$|\\\((.*?)\\\)", re.S)
_PIECE = re.compile(r"\S+\s*|\s+")
_OPEN, _CLOSE, _DOLLAR = (re.compile(rf"(?<!\\){sign}") for sign in (r"\{", r"\}", r"\$"))
_WAITS = re.compile(r"\\(?:[A-Za-z]+|[`'^~\"=.])\s*$")
_SIMPLE = re.compile(r"\\([%&#_])")
_QUOTES = (("``", "“"), ("''", "”"))


def delatex(text: str) -> str:
    """TeX as readable text: accents composed, signs as signs, commands and braces gone."""
    if "\\" not in text and "$" not in text:
        return _tidy(text.replace("~", " ").replace("{", "").replace("}", ""))
    text = _MATH.sub(_formula, re.sub(r"(?<!\\)%", r"\\%", text))
    text = re.sub(r"\\textsuperscript\s*\{([^{}]*)\}", lambda match: raised(match[1]), text)
    try:
        return _tidy("".join(map(_read, _pieces(text))))
    except (ValueError, IndexError, RecursionError, AssertionError):
        return _tidy(re.sub(r"\\([A-Za-z]+)", r"\1", re.sub(r"(?<!\\)[{}]", "", text)))


def _formula(match: re.Match[str]) -> str:
    """The formula's text: powers raised, indices without their sign."""
    inside = match[1] if match[1] is not None else match[2]
    inside = _LOWERED.sub(lambda found: found[1] if found[1] is not None else found[2], inside)
    inside = _RAISED.sub(_power, inside)
    return f"${inside}$" if inside.strip() else ""


def _power(match: re.Match[str]) -> str:
    power = match[1] if match[1] is not None else match[2]
    sign = str(_reader().latex_to_text(f"${power}$")).strip() if "\\" in power else ""
    if sign in ("∘", "°", "′", "*", "∗"):
        return "°" if sign == "∘" else sign
    return raised(power)


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that TeX reads by themselves: words, with the braces, formulas and arguments that
    begin in them. Only those with commands need to be read.
    """
    held, depth, dollars = "", 0, 0
    for match in _PIECE.finditer(text):
        held += match.group()
        depth += len(_OPEN.findall(match.group())) - len(_CLOSE.findall(match.group()))
        dollars += len(_DOLLAR.findall(match.group()))
        if depth <= 0 and dollars % 2 == 0 and not _WAITS.search(held):
            yield held
            held, depth, dollars = "", 0, 0
    yield held


@lru_cache(maxsize=1 << 15)
def _read(piece: str) -> str:
    bare = _SIMPLE.sub(r"\1", piece)
    if "\\" not in bare and "$" not in bare:
        return bare.replace("~", " ").replace("{", "").replace("}", "")
    return str(_reader().latex_to_text(piece))


def _tidy(text: str) -> str:
    for written, sign in _QUOTES:
        text = text.replace(written, sign)
    text = re.sub(r"(?<!-)--(?!-)", "–", text)
    return " ".join(unicodedata.normalize("NFC", text).split())


@cache
def _reader() -> LatexNodes2Text:
    from pylatexenc.latex2text import (
        LatexNodes2Text,
        MacroTextSpec,
        get_default_latex_context_db,
    )

    known = get_default_latex_context_db()
    known.add_context_category(
        "bibliographic",
        macros=[MacroTextSpec(name, sign) for name, sign in _SIGNS.items()]
        + [MacroTextSpec(name, "") for name in _SILENT],
        prepend=True,
    )
    known.set_unknown_macro_spec(MacroTextSpec("", _by_name))
    return LatexNodes2Text(known, math_mode="text", keep_comments=False, strict_latex_spaces=False)


def _by_name(node: Any, l2tobj: Any) -> str:
    """A command that is not known: its arguments, behind its own name where it has none."""
    arguments = node.nodeargd.argnlist if node.nodeargd and node.nodeargd.argnlist else []
    inside = "".join(l2tobj.nodelist_to_text([one]) for one in arguments if one is not None)
    return str(inside or f"\\{node.macroname}{node.macro_post_space or ' '}")
