"""Cleaning of text: Unicode, ligatures, white space, and a cheap count of tokens.

Knows characters. Does not know documents, layout or languages beyond their script.
"""

from __future__ import annotations

import html
import re
import unicodedata

_LIGATURES = {
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
    "ﬅ": "st",
    "ﬆ": "st",
    "Ĳ": "IJ",
    "ĳ": "ij",
}
_REMOVED = "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufffe\uffff"
_TABLE = str.maketrans({**_LIGATURES, **dict.fromkeys(_REMOVED, None), "\u2011": "\u2010"})
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SPECIAL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2011" + "".join(_LIGATURES) + _REMOVED + "]"
)
_ODD = re.compile(r"[^\x20-\x7e]|  ")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")
_BREAK = re.compile(r"(?<=\s)(?:\\[nrt])+(?=\s)")
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8}\d{0,2});", re.I)
_WORD = re.compile(r"[^\W\d_]+|\d|[^\w\s]")


def clean(text: str) -> str:
    """One line of clean text: NFC, ligatures as letters, invisible and control characters gone, single
    spaces.
    """
    if not _ODD.search(text):
        return text.strip()
    if _SPECIAL.search(text):
        text = _CONTROL.sub(" ", text).translate(_TABLE)
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def unescaped(text: str) -> str:
    """Text whose entities were escaped (``&nbsp;``, ``&amp;lt;``), as some records of Crossref are, or whose
    line breaks were (``BACKGROUND … \\n METHODS``); only whole names with their semicolon count, and breaks
    that stand alone.
    """
    text = _BREAK.sub("\n", text)
    for _ in range(3):
        if not _ENTITY.search(text):
            break
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return text


def count_tokens(text: str) -> int:
    """About how many word pieces an encoder makes of the text.

    A word of up to 8 letters counts as one, a longer one as one for each 6 letters; each digit, sign and
    Chinese character as one. Checked against MiniLM's tokenizer in tests/bench/reading/metadata.py.
    """
    total = 0
    for word in _WORD.findall(text):
        size = len(word)
        if size == 1:
            total += 1
        elif word.isascii():
            total += 1 if size <= 8 else (size + 5) // 6
        else:
            n_cjk = len(_CJK.findall(word))
            total += n_cjk + (size - n_cjk + 4) // 5
    return total
