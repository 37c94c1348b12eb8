"""Gives phrases one key, equal for singular and plural, hyphen, space and spelling.

Knows letters and endings of English; Chinese is left as it is. A short form keeps its capitals, so that *CAT*
is no cat. Does not know which phrases are concepts.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kgrag.language.names import fold

PREFIX = "c:"
_PARTS = re.compile(r"[^\W_]+(?:['’](?=s\b))?", re.UNICODE)
_POSSESSIVE = re.compile(r"['’]s?(?=\s|$)")
_IRREGULAR = {
    "mice": "mouse",
    "children": "child",
    "men": "man",
    "women": "woman",
    "people": "person",
    "teeth": "tooth",
    "feet": "foot",
    "geese": "goose",
    "bacteria": "bacterium",
    "mitochondria": "mitochondrion",
    "phenomena": "phenomenon",
    "criteria": "criterion",
    "taxa": "taxon",
    "loci": "locus",
    "nuclei": "nucleus",
    "fungi": "fungus",
    "stimuli": "stimulus",
    "bacilli": "bacillus",
    "larvae": "larva",
    "vertebrae": "vertebra",
    "algae": "alga",
    "matrices": "matrix",
    "indices": "index",
    "vertices": "vertex",
    "cortices": "cortex",
    "leaves": "leaf",
    "lives": "life",
    "wives": "wife",
    "halves": "half",
    "hooves": "hoof",
    "genera": "genus",
    "spectra": "spectrum",
    "media": "medium",
    "ova": "ovum",
    "septa": "septum",
    "lenses": "lens",
    "gases": "gas",
    "biases": "bias",
    "buses": "bus",
    "causes": "cause",
}
_SAME = frozenset(
    [
        "species",
        "series",
        "data",
        "diabetes",
        "news",
        "mathematics",
        "physics",
        "genetics",
        "statistics",
        "economics",
        "ethics",
        "aids",
        "rabies",
        "herpes",
        "measles",
        "scabies",
        "politics",
        "dynamics",
        "kinetics",
        "genomics",
        "proteomics",
        "linguistics",
        "electronics",
        "obstetrics",
        "pediatrics",
        "lens",
        "bias",
        "gas",
        "pancreas",
        "atlas",
        "canvas",
        "corps",
        "means",
        "texas",
        "kansas",
        "athens",
        "wales",
        "los",
        "das",
        "whereas",
    ]
)
_ES = re.compile(r"(?:ss|[^aou]us|x|zz|ch|sh)es$")
_SIS = re.compile(
    r"""
    (?:analy|hypothe|synthe|diagno|progno|cri|ba|necro|metasta|fibro|thrombo|paren|the|sep|metamorpho|mito
    |meio|apopto|steno|cirrho|psycho|neuro|tuberculo|symbio|osmo|gene|prosthe)ses$  # analyses, diagnoses
    """,
    re.X,
)
_SPELLINGS = (
    (re.compile(r"isation(s?)$"), r"ization\1"),
    (re.compile(r"is(e|ed|es|ing)$"), r"is\1"),
    (re.compile(r"^(tum|behavi|col|lab|fav|harb|vap|hum|neighb|rum|od|flav)our"), r"\1or"),
    (re.compile(r"^(cent|fib|lit|met|theat)re(s?)$"), r"\1er\2"),
    (re.compile(r"aem"), "em"),
    (re.compile(r"^(an|leuk|h|isch|bacter|sept)aem"), r"\1em"),
    (re.compile(r"^haem"), "hem"),
    (re.compile(r"^oe(?=s[ot]|d)"), "e"),
    (re.compile(r"^(f)oet"), r"\1et"),
    (re.compile(r"rrhoe"), "rrhe"),
    (re.compile(r"^paed"), "ped"),
    (re.compile(r"^gynaec"), "gynec"),
    (re.compile(r"^caes"), "ces"),
    (re.compile(r"sulph"), "sulf"),
    (re.compile(r"^(mod|lab|sign|chann|cance|fu|trave)ell(ing|ed)$"), r"\1el\2"),
    (re.compile(r"yse(r?s?)$"), r"yze\1"),
    (re.compile(r"^ageing$"), "aging"),
    (re.compile(r"^grey$"), "gray"),
    (re.compile(r"^programme(s?)$"), r"program\1"),
)


def concept_id(key: str) -> str:
    """The id of the concept with this key; spaces do not count, so that *data set* is *dataset*."""
    return PREFIX + key.replace(" ", "")


@lru_cache(maxsize=1 << 16)
def phrase_key(text: str) -> str:
    """The key of a phrase; empty where it has no letter.

    >>> phrase_key("Tumour Cells"), phrase_key("T-cells"), phrase_key("SNPs"), phrase_key("CAT")
    ('tumor cell', 't cell', 'SNP', 'CAT')
    """
    if is_short_form(text):
        return short_key(text)
    words = _PARTS.findall(_POSSESSIVE.sub("", fold(text)))
    if not words or not any(c.isalpha() for word in words for c in word):
        return ""
    return " ".join([*(american(word) for word in words[:-1]), american(singular(words[-1]))])


def is_short_form(text: str) -> bool:
    """One token of at most ten signs with two capitals, or a capital beside a digit.

    >>> is_short_form("XMRV"), is_short_form("IL-6"), is_short_form("mRNA"), is_short_form("Table")
    (True, True, True, False)
    """
    if " " in text or not 2 <= len(text) <= 10 or not text.isascii():
        return False
    capitals = sum(c.isupper() for c in text)
    digits = any(c.isdigit() for c in text)
    return (capitals > 1 or (capitals == 1 and digits)) and sum(c.islower() for c in text) <= 2 + capitals


def short_key(text: str) -> str:
    """A short form's key: capitals, no hyphen, no plural's s."""
    bare = re.sub(r"[^\w+]", "", text)
    return (bare[:-1] if bare.endswith("s") and bare[:-1].isupper() and len(bare) > 2 else bare).upper()


@lru_cache(maxsize=1 << 15)
def singular(word: str) -> str:
    """An English noun's singular; what may be a singular already is left.

    >>> singular("studies"), singular("analyses"), singular("biopsies"), singular("virus"), singular("boxes")
    ('study', 'analysis', 'biopsy', 'virus', 'box')
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word in _SAME or word.endswith(("ss", "us", "is", "itis")):
        return word
    if _SIS.search(word):
        return word[:-2] + "is"
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if _ES.search(word):
        return word[:-2] if not word.endswith(("ases", "oses", "eses", "ises", "enses")) else word[:-1]
    return word[:-1]


@lru_cache(maxsize=1 << 15)
def american(word: str) -> str:
    """One spelling of a word that English writes in two ways.

    >>> american("tumour"), american("leukaemia"), american("hour"), american("organisation")
    ('tumor', 'leukemia', 'hour', 'organization')
    """
    for pattern, instead in _SPELLINGS:
        word = pattern.sub(instead, word)
    return word
