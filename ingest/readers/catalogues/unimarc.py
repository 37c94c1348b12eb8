"""What the fields of UNIMARC mean, CNMARC's among them.

Knows their tags and roles. Does not know encodings. Source: IFLA, UNIMARC Bibliographic Format Manual; the
roles of CNMARC stand in $4 as words.
"""

from __future__ import annotations

import re

from ingest.readers.catalogues.marc_fields import Put, Subfields, end_cut, host, role_field

_PLAIN = {
    "001": (("control_number", ""),),
    "010": (("isbn", "a"),),
    "011": (("issn", "a"),),
    "101": (("language", "a"),),
    "205": (("edition", "a"),),
    "210": (("publisher", "c"), ("year", "d"), ("place", "a")),
    "214": (("publisher", "c"), ("year", "d"), ("place", "a")),
    "215": (("extent", "ac"),),
    "225": (("series", "av"),),
    "300": (("note", "a"),),
    "327": (("note", "a"),),
    "328": (("thesis_note", "abcde"),),
    "330": (("abstract", "a"),),
    "610": (("keyword", "a"),),
    "690": (("classification", "a"),),
    "856": (("url", "u"),),
    "OAI": (("oai", ""),),
}
"""Our fields by tag and codes."""
_HEADINGS = frozenset({"600", "601", "602", "604", "605", "606", "607", "608"})
_HOSTS = frozenset({"461", "462", "463", "464"})
_AUTHORS = re.compile(r"\b0?70\b|著|撰", re.I)


def unimarc_field(tag: str, parts: Subfields, put: Put) -> None:
    """Hands the values of one field to ``put`` under the names of ``to_record``."""
    for name, codes in _PLAIN.get(tag, ()):
        for value in _values(parts, codes) if name == "keyword" else [" ".join(_values(parts, codes))]:
            put(name, value.strip() if name in ("abstract", "note") else end_cut(value.strip("[]")))
    if tag == "200":
        put("title", _title(parts))
    elif tag in {"700", "701", "702", "710", "711", "712"}:
        _name(tag, parts, put)
    elif tag in _HEADINGS:
        put("heading", "--".join(end_cut(value) for code, value in parts if code in "abcxyzj"))
    elif tag in _HOSTS:
        host(_of_host(parts), put)
    elif tag == "100":
        date = "".join(_values(parts, "a"))[9:13]
        put("year", date if date.isdigit() else "")
    elif tag in {"017", "856"}:
        doi = next((value for value in _values(parts, "a") if value.startswith("10.")), "")
        put("doi", doi)


def _values(parts: Subfields, codes: str) -> list[str]:
    return [value for code, value in parts if (code in codes if codes else True)]


def _title(parts: Subfields) -> str:
    """The first title with its part and other title information."""
    out = ""
    for code, value in parts:
        value = _without_sorting_marks(value).strip(" /:")
        if code == "a" and not out:
            out = value
        elif code in "hi" and out:
            out += f". {value}"
        elif code == "e" and out:
            out += f": {value}"
    return end_cut(out)


def _without_sorting_marks(text: str) -> str:
    """The words that are not sorted stand between signs of control, or of ``<`` and ``>``."""
    return re.sub("[\x88\x89\x98\x9c]", "", text)


def _name(tag: str, parts: Subfields, put: Put) -> None:
    role = " ".join(_values(parts, "4"))
    family, given = " ".join(_values(parts, "a")[:1]), " ".join(_values(parts, "b")[:1])
    person = tag[1] == "0"
    name = f"{end_cut(family)}, {end_cut(given)}" if person and given else end_cut(family)
    otherwise = "main_author" if tag in ("700", "710") else "author"
    if tag in ("702", "712") and not _AUTHORS.search(role):
        otherwise = "contributor"
    put(otherwise if _AUTHORS.search(role) else role_field(role, otherwise), name)


def _of_host(parts: Subfields) -> Subfields:
    """The subfields of a host in the codes of MARC 21; a field may stand whole inside, behind ``$1``."""
    out: Subfields = []
    inner = ""
    for code, value in parts:
        if code == "1":
            inner = value[:3]
        elif inner == "200" and code == "a":
            out.append(("t", value))
        elif inner in ("", "200") and code in ("t", "x"):
            out.append((code, value))
        elif inner == "011" and code == "a":
            out.append(("x", value))
        elif code == "v":
            out.append(("g", value if re.search(r"[^\d]", value) else f"vol. {value}"))
    return out
