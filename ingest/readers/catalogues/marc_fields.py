"""What the fields of MARC 21 mean, whatever carries them: titles, people, hosts.

Knows MARC 21's tags and where an article stands in its host (773). UNIMARC is
``unimarc``'s. Source: MARC 21 Format for Bibliographic Data.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Subfields = list[tuple[str, str]]
MarcField = tuple[str, str, Subfields]
"""Tag, second indicator, subfields (code, value); a control field has one subfield with code ''."""
Put = Callable[[str, str], None]
_EDITOR = re.compile(r"\b(?:edt|editor|ed\.|hrsg|herausgeber|red\.|redakt|340|650)|主编|^编$", re.I)
_CONTRIBUTOR = re.compile(r"\b(?:trl|ill|translat|illustrat|übers|ctb|aui|pbl|cre?t|730|440|080)|译", re.I)
_PLAIN = {
    "020": (("isbn", "a"),),
    "022": (("issn", "a"),),
    "041": (("language", "a"),),
    "250": (("edition", "a"),),
    "260": (("publisher", "b"), ("year", "c"), ("place", "a")),
    "264": (("publisher", "b"), ("year", "c"), ("place", "a")),
    "300": (("extent", "abc"),),
    "490": (("series", "av"),),
    "500": (("note", "a"),),
    "502": (("thesis_note", "abcd"),),
    "520": (("abstract", "ab"),),
    "830": (("series", "av"),),
    "856": (("url", "u"),),
}
"""Our fields by tag and codes, where the values are taken as they stand."""
_ALTERNATIVE = {"245": "title_alternative", "100": "author_alternative", "700": "author_alternative"}
"""Where the romanised form stays that a linked field has in another script."""
_HOST = {
    "volume": (
        r"\b(?:vol|v|bd|band|tome?|t|jg|jahrg|anno|año)\b\.?\s*(\d+[A-Za-z]?)",
        r"第\s*(\d+)\s*卷",
    ),
    "issue": (
        r"\b(?:no|n|nr|num|núm|iss|issue|heft|h|fasc|afl)\b\.?\s*[º°]?\s*(\d+(?:[-/]\d+)?)",
        r"第\s*(\d+(?:[-/]\d+)?)\s*期",
    ),
    "pages": (
        r"\b(?:pages?|pp?|s|seiten?|str|blz|pág)\b\.?\s*([A-Za-z]?\d+(?:\s*[-–]\s*[A-Za-z]?\d+)?)",
        r"第\s*(\d+(?:\s*[-–]\s*\d+)?)\s*页",
    ),
    "year": (r"(?<!\d)((?:1[5-9]|20)\d\d)(?!\d)",),
}
"""Where a part stands in its host, as $g of field 773 says it in several languages."""
_SHORT_HOST = re.compile(
    r"(?P<volume>\d+)\s*\((?P<issue>[^)]{1,9})\)\s*[:,]\s*(?:p\.?\s*)?(?P<pages>\w+(?:\s*[-–]\s*\w+)?)"
)
_ENUMERATED = re.compile(r"^(?P<volume>\w+)(?::(?P<issue>\w+))?(?:<(?P<pages>\w+))?")


def sub(parts: Subfields, codes: str) -> str:
    return " ".join(value for code, value in parts if code in codes).strip()


def marc_field(tag: str, parts: Subfields, put: Put) -> None:
    """Hands the values of one field of MARC 21 to ``put`` under the names of ``to_record``."""
    for name, codes in _PLAIN.get(tag, ()):
        value = sub(parts, codes)
        put(name, value if name in ("abstract", "url", "year") else end_cut(value))
    if tag.startswith("~"):
        put(_ALTERNATIVE.get(tag[1:], ""), end_cut(sub(parts, "ab")) if tag[1:] in _ALTERNATIVE else "")
    elif tag == "245":
        put("title", re.sub(r"\s+([:;,.])", r"\1", end_cut(sub(parts, "abknp"))))
    elif tag in {"130", "240"}:
        put("title_uniform", end_cut(sub(parts, "anp")))
    elif tag in {"100", "110", "111", "700", "710", "711"} and not (tag[0] == "7" and sub(parts, "t")):
        _person(tag, parts, put)
    elif tag in {"650", "651", "600", "610", "630", "655"}:
        put("heading", "--".join(end_cut(value) for code, value in parts if code in "abcdvxyz"))
    elif tag == "653":
        for code, value in parts:
            put("keyword", end_cut(value) if code == "a" else "")
    elif tag == "773":
        host(parts, put)
    else:
        _coded(tag, parts, put)


def _coded(tag: str, parts: Subfields, put: Put) -> None:
    """Control fields and those whose meaning stands in a code."""
    value = sub(parts, "") or "".join(value for _, value in parts)
    if tag == "008":
        put("year", value[7:11] if value[7:11].isdigit() else "")
        put("language", value[35:38] if value[35:38].isalpha() else "")
    elif tag == "024":
        doi = sub(parts, "2").lower() == "doi" or sub(parts, "a").startswith("10.")
        put("doi" if doi else "other_id", sub(parts, "a"))
    elif tag in {"540", "506"}:
        put("licence", sub(parts, "u") or sub(parts, "a"))
    elif tag in {"001", "OAI"}:
        put("control_number" if tag == "001" else "oai", value)


def _person(tag: str, parts: Subfields, put: Put) -> None:
    role = sub(parts, "e4").lower()
    name = end_cut(sub(parts, "a" if tag[1:] == "00" else "abq"))
    numbered = sub(parts, "b") if tag[1:] == "00" else ""
    name = f"{name} {end_cut(numbered)}" if numbered else name
    put(role_field(role, "main_author" if tag[0] == "1" else "author"), name)


def role_field(role: str, otherwise: str) -> str:
    """The field for a person in a role: editor, contributor, or an author's."""
    if _EDITOR.search(role):
        return "editor"
    return "contributor" if _CONTRIBUTOR.search(role) else otherwise


def host(parts: Subfields, put: Put) -> None:
    """The work of which this one is a part, and where in it: title, ISSN, volume, issue, year, pages."""
    put("venue", end_cut(sub(parts, "t")))
    put("issn", sub(parts, "x"))
    put("container_isbn", sub(parts, "z"))
    place = place_in_host(sub(parts, "g"), sub(parts, "q"))
    for name, value in place.items():
        put("host_year" if name == "year" else name, value)
    put("year", place.get("year", "") or sub(parts, "d"))


def place_in_host(where: str, enumeration: str = "") -> dict[str, str]:
    """Volume, issue, pages and year of a part in its host.

    Args:
        where: as people write it (``Vol. 3, no. 2 (2011), p. 11-19``; ``3(2): 11-19``).
        enumeration: as MARC 21 codes it (``3:2<11``), for what the text does not tell.
    """
    place = {}
    for name, forms in _HOST.items():
        told = next(filter(None, (re.search(form, where, re.I) for form in forms)), None)
        if told:
            place[name] = told.group(1)
    match = None if "volume" in place else _SHORT_HOST.search(where) or _ENUMERATED.match(enumeration)
    short = {name: value for name, value in (match.groupdict() if match else {}).items() if value}
    if re.fullmatch(_HOST["year"][0], short.get("issue", "")):
        short = {"year": short.pop("issue"), **short} if "issue" not in place else {}
    return place | short


def end_cut(text: str) -> str:
    """Without the punctuation that MARC puts between fields; the point of an initial stays."""
    text = text.strip().rstrip(" /:;,=")
    point = text.endswith(".") and not re.search(r"(?:\b\w|\b(?:Jr|Sr|etc|Inc|Ltd|Co))\.$", text)
    return text[:-1] if point else text
