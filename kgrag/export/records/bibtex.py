"""Writes the cited works as BibTeX, in UTF-8 as biber and every current manager read it.

Braces and TeX's own characters are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kgrag.export.material import Material, Plain
from kgrag.export.records.csl import csl_type, date_parts
from kgrag.render.kept_fields import MONTHS

TYPES = {
    "article-journal": "article",
    "book": "book",
    "thesis": "phdthesis",
    "chapter": "incollection",
    "report": "techreport",
    "paper-conference": "inproceedings",
    "article-newspaper": "article",
    "article-magazine": "article",
    "webpage": "online",
}
SUBTYPES = {"article-newspaper": "newspaper", "article-magazine": "magazine"}
"""What BibLaTeX calls an article that is in no journal."""
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "$": r"\$",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def entries(material: Material) -> bytes:
    """All entries with keys that are unique in the file, and in all files of a batch; a retraction stands in
    ``note``.
    """
    keys = material.keys or citation_keys(material.documents.values())
    return "\n".join(
        _entry(material, document, keys[document["id"]]) for document in material.documents.values()
    ).encode()


def citation_keys(documents: Iterable[Plain]) -> dict[str, str]:
    """A key for each document: its first name and its year, with a number where another has them too."""
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for document in documents:
        if document["id"] not in keys:
            keys[document["id"]] = _key(document, taken)
    return keys


def _entry(material: Material, document: Plain, key: str) -> str:
    kind, identifiers = csl_type(document), document["identifiers"]
    where = "booktitle" if kind in ("chapter", "paper-conference") else "journal"
    publisher = {"thesis": "school", "report": "institution"}.get(kind, "publisher")
    date = date_parts(document) if document.get("date") else []
    fields = {
        "title": document["title"],
        "author": " and ".join(map(_name, document["authors"])),
        "editor": " and ".join(map(_name, document.get("editors", ()))),
        "year": document["year"],
        where: document["venue"],
        "volume": document["volume"],
        "number": document["issue"],
        "pages": (document["pages"] or "").replace("–", "-").replace("-", "--"),
        publisher: document["publisher"],
        "address": document.get("place"),
        "series": document.get("series"),
        "edition": document.get("edition"),
        "type": document.get("genre"),
        "entrysubtype": SUBTYPES.get(kind),
        "day": date[2] if len(date) > 2 else None,
        "note": material.remark(document["id"]),
    }
    verbatim = {
        "doi": identifiers.get("doi"),
        "pmid": identifiers.get("pmid"),
        "isbn": identifiers.get("isbn"),
        "issn": identifiers.get("issn"),
        "url": document.get("url"),
    }
    lines = [
        f"  {name} = {{{value if name in ('author', 'editor') else _escaped(value)}}}"
        for name, value in fields.items()
        if value
    ]
    lines += [f"  {name} = {{{value}}}" for name, value in verbatim.items() if value]
    lines += [f"  month = {MONTHS[date[1] - 1]}"] if date else []
    return f"@{TYPES.get(kind, 'misc')}{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _key(document: Plain, taken: set[str]) -> str:
    first: Plain = next(iter((*document["authors"], *document.get("editors", ()))), {})
    name = first.get("family") or first.get("literal") or "work"
    stem = re.sub(r"[^\w]", "", name.lower()) + str(document["year"] or "")
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}-{number}", number + 1
    taken.add(key)
    return key


def _name(author: Plain) -> str:
    if author.get("literal"):
        return "{" + _escaped(author["literal"]) + "}"
    return ", ".join(_escaped(author[part]) for part in ("family", "given") if author.get(part))


def _escaped(value: object) -> str:
    return " ".join(str(value).split()).translate(_ESCAPES)
