"""Writes a query as each database takes it.

Knows truncation, quotes and NOT of PubMed, Ovid MEDLINE, Web of Science, EBSCOhost, CNKI (professional
search) and WanFang; what each calls its fields is in ``data/fields.toml``. A heading of a vocabulary that a
database has not becomes a word of title, abstract or keywords; what a database cannot say is left out, and
told.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from kgrag.errors import UsageError
from kgrag.review.boolean.query import Group, Query, Term

_FIELDS: dict[str, dict[str, str]] = tomllib.loads(
    files("kgrag.review.boolean").joinpath("data", "fields.toml").read_text("utf-8")
)
_PUBMED, _OVID, _WOS, _EBSCO, _CNKI, _WANFANG = (
    _FIELDS[name] for name in ("pubmed", "ovid", "wos", "ebsco", "cnki", "wanfang")
)


@dataclass(frozen=True, slots=True)
class Printed:
    """A query's text in a database's way, and what of it could not be said there."""

    text: str
    lost: tuple[str, ...]


def print_query(query: Query, database: str) -> Printed:
    """Write a query for a database.

    Raises:
        UsageError: no such database.
    """
    if database not in _TERMS:
        raise UsageError(f"No printer for '{database}' (found: {', '.join(_TERMS)}).")
    lost: list[str] = []
    text = _written(query, database, lost, outermost=True)
    return Printed(text, tuple(lost))


def _written(query: Query, database: str, lost: list[str], *, outermost: bool = False) -> str:
    if isinstance(query, Term):
        text = _TERMS[database](query)
        if not text:
            lost.append(f"{query.text} ({query.field})")
        return text
    parts = [text for operand in query.operands if (text := _written(operand, database, lost))]
    if not parts or (query.operator == "NOT" and not _written(query.operands[0], database, [])):
        return ""
    between = f" {_operator(query, database)} "
    return parts[0] if len(parts) == 1 else between.join(parts) if outermost else f"({between.join(parts)})"


def _operator(group: Group, database: str) -> str:
    if database == "cnki":
        return {"AND": "AND", "OR": "OR", "NOT": "NOT"}[group.operator]
    if database == "wanfang":
        return {"AND": "and", "OR": "or", "NOT": "not"}[group.operator]
    return group.operator.lower() if database == "ovid" else group.operator


def _pubmed(term: Term) -> str:
    tag = _PUBMED.get(term.field, "")
    tag += "" if term.narrower else ":noexp"
    tag += f":~{term.near}" if term.near is not None else ""
    if not tag and term.until is None:
        return _quoted(term)
    end = f" : {_quoted(Term(term.until, exact=term.exact))}" if term.until is not None else ""
    return f"{_quoted(term)}{f'[{tag}]' if tag and term.until is not None and term.exact else ''}{end}[{tag}]"


def _ovid(term: Term) -> str:
    if term.field in ("subject", "major_subject"):
        star = "*" if term.field == "major_subject" else ""
        return f"{'exp ' if term.narrower else ''}{star}{term.text}/"
    if term.near is not None:
        return f"({f' adj{term.near + 1} '.join(term.text.split())}).{_OVID[term.field]}."
    if term.until is not None:
        return f'limit to yr="{term.text[:4]} -{term.until[:4]}"' if term.field == "date" else ""
    text = f'"{term.text}"' if term.exact and " " in term.text else term.text
    return f"{text}.{_OVID[term.field]}."


def _wos(term: Term) -> str:
    if term.field == "subheading" or (term.field == "publication_type"):
        return ""
    if term.until is not None:
        return f"PY={term.text[:4]}-{term.until[:4]}" if term.field == "date" else ""
    if term.near is not None:
        return f"{_WOS[term.field]}=({f' NEAR/{term.near} '.join(term.text.split())})"
    return f"{_WOS[term.field]}=({_phrase(term)})"


def _ebsco(term: Term) -> str:
    if term.until is not None:
        return f"DT {_digits(term.text)}-{_digits(term.until)}" if term.field == "date" else ""
    text = f"({f' N{term.near} '.join(term.text.split())})" if term.near is not None else _phrase(term)
    if term.field == "title_abstract":
        return f"(TI {text} OR AB {text})"
    if term.field in ("subject", "major_subject"):
        return f'({_EBSCO[term.field]} "{term.text}{"+" if term.narrower else ""}")'
    name = _EBSCO.get(term.field)
    return f"({name} {text})" if name else text


def _cnki(term: Term) -> str:
    name = _CNKI.get(term.field)
    if name is None:
        return ""
    if term.until is not None:
        return f"YE BETWEEN ('{term.text[:4]}','{term.until[:4]}')" if term.field == "date" else ""
    sign = "%=" if name == "SU" else "="
    text = term.text.replace("'", "''")
    return f"{name}{sign}'{text.rstrip('*')}?'" if text.endswith("*") else f"{name}{sign}'{text}'"


def _wanfang(term: Term) -> str:
    name = _WANFANG.get(term.field)
    if name is None or (term.until is not None and term.field != "date"):
        return ""
    if term.until is not None:
        return f"(起始年:{term.text[:4]} and 结束年:{term.until[:4]})"
    return f'{name}:("{term.text}")' if " " in term.text or term.exact else f"{name}:({term.text})"


def _phrase(term: Term) -> str:
    return f'"{term.text}"' if " " in term.text else term.text


def _quoted(term: Term) -> str:
    return f'"{term.text}"' if term.exact else term.text


def _digits(date: str) -> str:
    return date.replace("/", "")


_TERMS: dict[str, Callable[[Term], str]] = {
    "pubmed": _pubmed, "ovid": _ovid, "wos": _wos, "ebsco": _ebsco, "cnki": _cnki, "wanfang": _wanfang,
}  # fmt: skip
DATABASES = tuple(_TERMS)
