"""Reads the number that a relation's sentence gives: measure, value, unit, confidence interval, p and
direction.

Knows how results are written in English. Does not know relations: the nearest figure after or before the word
that states one is taken.
"""

from __future__ import annotations

import re
from typing import Any

from kgrag.verify.direction.features import begins

_N = r"[-+−]?\d{1,3}(?:,\d{3})+(?:[.·]\d+)?|[-+−]?\d*[.·]\d+|[-+−]?\d+"
_MEASURES = {
    "odds ratio": r"(?:adjusted\ |pooled\ )?(?:odds\ ratios?|a?ORs?)",
    "hazard ratio": r"(?:adjusted\ |pooled\ )?(?:hazard\ ratios?|a?HRs?)",
    "risk ratio": r"(?:adjusted\ |pooled\ )?(?:risk\ ratios?|relative\ risks?|a?RRs?)",
    "incidence rate ratio": r"incidence\ rate\ ratios?|IRRs?",
    "mean difference": r"(?:standardi[sz]ed\ |weighted\ )?mean\ differences?|W?MDs?|SMDs?",
    "correlation": (
        r"(?:correlation\ coefficients?|Pearson(?:'s|’s)?\ r|Spearman(?:'s|’s)?\ (?:rho|ρ)"
        r"|\br\b|\brho\b|ρ|r\ ?2|R\ ?2|r²|R²)"
    ),
    "beta": r"(?:\bbeta\b|β)",
    "AUC": r"AUCs?|AUROCs?|area\ under\ the\ (?:ROC\ )?curve",
    "F1": r"F1(?:-scores?)?",
    "accuracy": r"accurac(?:y|ies)",
    "sensitivity": r"sensitivit(?:y|ies)",
    "specificity": r"specificit(?:y|ies)",
    "fold change": r"(?!)",
}
_LINK = r"(?:was|were|is|of|=|:|,|\(|≈|~)"
_MEASURE = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(f"(?P<m{i}>{pattern})" for i, pattern in enumerate(_MEASURES.values()))
    + rf")(?![\w-])(?:{_LINK}|\s)+(?P<value>{_N})(?P<percent>\s?%)?",
    re.X,
)
_FOLD = re.compile(
    rf"(?P<value>{_N})(?:(?:\s?(?:-|–|‐)?\s?(?:fold|-fold)\b)"
    r"|\s?(?:times\b|×)(?=\s(?:as|more|less|higher|lower|greater|larger|faster|slower|the|that)\b))",
    re.I,
)
_PERCENT = re.compile(
    rf"(?:\bby\s+|\bof\s+|\bfrom\s+)?(?P<value>{_N})\s?(?:%|percent\b|per\ cent\b|percentage\ points?)"
    rf"(?:\s*(?:to|vs\.?|versus|and|compared\ with|compared\ to|than)\s*(?P<other>{_N})\s?(?:%|percent\b))?",
    re.I | re.X,
)
_UNIT = re.compile(
    rf"(?P<value>{_N})\s?(?P<unit>mm\s?Hg|mg/d[lL]|mmol/[lL]|μmol/[lL]|µmol/[lL]|mg/kg|kg/m2|kg/m²"
    r"|g/[lL]|ng/m[lL]|pg/m[lL]|kcal/mol|°C|kg|mg|km|cm|mm|ms|Hz|kPa|points?)(?![\w/])",
    re.X,
)
_BY_TIME = re.compile(
    rf"\bby\s+(?:about\s+|nearly\s+)?(?P<value>{_N})\s?"
    r"(?P<unit>years?|months?|weeks?|days?|hours?|minutes?|seconds?)\b"
)
"""A time is a figure where something changes by it; *at 12 months* is when."""
_BARE = re.compile(rf"(?P<value>{_N})(?=\s?[,;(\[]\s*(?:95|90|99)\s?%\s?C)")
"""The number before its interval: *reduced (−2.88, 95% CI −5.68 to −0.08)*."""
_CI = re.compile(
    r"(?:(?P<level>\d\d)\s?%\s?)?(?:CI|confidence\ interval|credible\ interval|CrI)s?\s*"
    rf"(?:was|of|from|:|,|=|\(|\[)*\s*(?P<low>{_N})\s?%?"
    rf"\s?(?:–|-|—|−|to|,|;|and)\s?(?P<high>{_N})",
    re.I | re.X,
)
_P = re.compile(
    r"\b[pP]\s?(?:-?values?\s*)?(?P<sign>[<>=≤≥]|of|was)\s?"
    r"(?P<p>0?\.\d+|\d(?:\.\d+)?\s?[×x]\s?10\s?[-−–]\s?\d+|1(?:\.0+)?)"
)
NEAR = 160


def quantity(text: str, place: int, predicate: str) -> dict[str, Any] | None:
    """The figure of a sentence that is nearest to ``place``.

    Args:
        text: the sentence.
        place: where the word stands that states the relation.
        predicate: gives the direction where it has one.

    Returns:
        ``measure``, ``value``, ``unit``, ``ci``, ``p``, ``direction``, each a text, a number, a pair or None;
        None where the sentence has no figure.
    """
    found = _nearest(text, place)
    ci, p = _interval(text), _P.search(text)
    if found is None and ci is None and p is None:
        return None
    measure, value, unit = found or (None, None, None)
    return {
        "measure": measure,
        "value": value,
        "unit": unit,
        "ci": ci,
        "p": (p["sign"].replace("of", "=").replace("was", "=") + " " + p["p"]) if p else None,
        "direction": _direction(text, predicate),
    }


def _nearest(text: str, place: int) -> tuple[str | None, float | str, str | None] | None:
    figures: list[tuple[int, int, tuple[str | None, float | str, str | None]]] = []
    names = tuple(_MEASURES)
    for match in _MEASURE.finditer(text):
        name = next(names[i] for i in range(len(names)) if match[f"m{i}"])
        figures.append(
            (0, match.start("value"), (name, _number(match["value"]), "%" if match["percent"] else None))
        )
    figures += [
        (1, match.start(), ("fold change", _number(match["value"]), "fold")) for match in _FOLD.finditer(text)
    ]
    intervals = [match.span() for match in _CI.finditer(text)]
    for match in _PERCENT.finditer(text):
        if not any(a <= match.start() < b for a, b in intervals) and not re.match(
            r"\s?(?:CI|confidence|credible)", text[match.end() :]
        ):
            value: float | str = _number(match["value"])
            if match["other"]:
                value = f"{match['value']} vs {match['other']}"
            figures.append((2, match.start(), ("percentage", value, "%")))
    figures += [
        (3, match.start(), (None, _number(match["value"]), match["unit"]))
        for pattern in (_UNIT, _BY_TIME)
        for match in pattern.finditer(text)
    ]
    figures += [(1, match.start(), (None, _number(match["value"]), None)) for match in _BARE.finditer(text)]
    near = [one for one in figures if abs(one[1] - place) <= NEAR] or figures
    return min(near, key=lambda one: (one[0] if one[0] != 3 else 9, abs(one[1] - place)))[2] if near else None


def _interval(text: str) -> list[float] | None:
    match = _CI.search(text)
    return [_number(match["low"]), _number(match["high"])] if match else None


def _number(text: str) -> float:
    value = float(text.replace(",", "").replace("·", ".").replace("−", "-").replace("+", ""))
    return int(value) if value.is_integer() and "." not in text else value


def _direction(text: str, predicate: str) -> str | None:
    if predicate in ("increases", "higher_than", "better_than", "predisposes"):
        return "up"
    if predicate in ("decreases", "prevents", "treats"):
        return "down"
    up, down = (len(begins(name).findall(text)) for name in ("up", "down"))
    return "up" if up > down else "down" if down > up else None
