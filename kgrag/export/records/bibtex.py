"""Writes the cited works as BibTeX, in UTF-8 as biber and every current manager read it.

Braces and TeX's own characters are escaped.
"""

from __future__ import annotations

import re

from kgrag.export.material import Material, Plain
from kgrag.export.records.csl import csl_type

TYPES = {
    "article-journal": "article",
    "book": "book",
    "thesis": "phdthesis",
    "chapter": "incollection",
    "report": "techreport",
    "paper-conference": "inproceedings",
}
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
    """All entries with keys that are unique in the file; a retraction stands in ``note``."""
    taken: set[str] = set()
    return "\n".join(
        _entry(material, document, _key(document, taken)) for document in material.documents.values()
    ).encode()


def _entry(material: Material, document: Plain, key: str) -> str:
    kind, identifiers = csl_type(document), document["identifiers"]
    where = "booktitle" if kind in ("chapter", "paper-conference") else "journal"
    fields = {
        "title": document["title"],
        "author": " and ".join(map(_name, document["authors"])),
        "year": document["year"],
        where: document["venue"],
        "volume": document["volume"],
        "number": document["issue"],
        "pages": (document["pages"] or "").replace("–", "-").replace("-", "--"),
        "publisher": document["publisher"],
        "note": material.remark(document["id"]),
    }
    verbatim = {
        "doi": identifiers.get("doi"),
        "pmid": identifiers.get("pmid"),
        "isbn": identifiers.get("isbn"),
        "issn": identifiers.get("issn"),
    }
    lines = [
        f"  {name} = {{{_escaped(value) if name != 'author' else value}}}"
        for name, value in fields.items()
        if value
    ]
    lines += [f"  {name} = {{{value}}}" for name, value in verbatim.items() if value]
    return f"@{TYPES.get(kind, 'misc')}{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _key(document: Plain, taken: set[str]) -> str:
    first = document["authors"][0] if document["authors"] else {}
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
