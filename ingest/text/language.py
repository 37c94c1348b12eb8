"""Which language a text is in: its script first, then a small classifier for what Latin letters leave open.

Knows texts. Does not translate. Source of the classifier: py3langid (Lui & Baldwin 2012).
"""

from __future__ import annotations

import re
from collections import Counter

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
)
_NAMES = {
    "english": "en",
    "eng": "en",
    "german": "de",
    "ger": "de",
    "deu": "de",
    "french": "fr",
    "fre": "fr",
    "fra": "fr",
    "spanish": "es",
    "spa": "es",
    "italian": "it",
    "ita": "it",
    "portuguese": "pt",
    "por": "pt",
    "chinese": "zh",
    "chi": "zh",
    "zho": "zh",
    "japanese": "ja",
    "jpn": "ja",
    "russian": "ru",
    "rus": "ru",
    "korean": "ko",
    "kor": "ko",
    "dutch": "nl",
    "dut": "nl",
    "nld": "nl",
    "polish": "pl",
    "pol": "pl",
    "turkish": "tr",
    "tur": "tr",
    "arabic": "ar",
    "ara": "ar",
    "swedish": "sv",
    "swe": "sv",
    "danish": "da",
    "dan": "da",
    "norwegian": "no",
    "nor": "no",
    "finnish": "fi",
    "fin": "fi",
    "czech": "cs",
    "cze": "cs",
    "hungarian": "hu",
    "hun": "hu",
    "中文": "zh",
    "汉语": "zh",
    "英文": "en",
    "英语": "en",
    "日文": "ja",
}
_COMMON = {
    "en": "the of and in to is that for with was were are by this on from as we",
    "de": "der die und das von ist den mit für auf nicht eine werden ein dem zu",
    "fr": "les des est dans une pour que par sur avec sont aux du et le la",
    "es": "los las una por para con que como entre del más en el la se",
    "it": "che della nel sono degli una per con alla gli dei delle il di",
    "pt": "os uma com para dos das não foi são pelo em da do que",
    "nl": "het een van dat zijn voor niet met werd aan ook de",
}
_COMMON_SETS = {code: frozenset(words.split()) for code, words in _COMMON.items()}


def code_of(name: str | None) -> str | None:
    """The two-letter code of a language as files name it (``eng``, ``English``, ``zh-CN``), or None."""
    if not name or not name.strip():
        return None
    first = re.split(r"[;,/|]", name.strip().lower())[0].strip()
    if first in _NAMES:
        return _NAMES[first]
    short = re.split(r"[-_]", first)[0]
    return short if re.fullmatch(r"[a-z]{2}", short) else None


def language_of(text: str, declared: str | None = None) -> str | None:
    """The language of a text as a two-letter code; what the file declares decides only where the text is too
    short.

    Args:
        text: a few thousand characters are enough.
        declared: what the file says, in any form.
    """
    if not text.isascii():
        letters = sum(map(str.isalpha, text))
        for code, script in _SCRIPTS:
            if len(script.findall(text)) * 5 > letters > 0:
                return code
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = Counter(words)
    hits = Counter({code: sum(counts[word] for word in common) for code, common in _COMMON_SETS.items()})
    (best, n_best), (_, n_second) = hits.most_common(2)
    if n_best >= max(3, len(words) // 12) and n_best >= 2 * n_second:
        return best
    return code_of(declared) or _classified(text, len(words))


def _classified(text: str, n_words: int) -> str | None:
    if n_words < 4:
        return None
    from py3langid import classify

    return str(classify(text)[0])
