"""``kgrag verify``, ``dump`` and ``mcp``: check an export again, write the graph as linked data, serve
assistants. Knows words and exit codes only.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from kgrag.errors import KgragError, ReadError
from kgrag.library import Library


def verify(
    file: Annotated[Path, typer.Argument(help="An export: ro-crate, annotation, prov or json.")],
    library: Annotated[
        Path | None,
        typer.Option(
            "--library", envvar="KGRAG_LIBRARY", help="Also against this library (default: the file only)."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check an export again: every quote, span, path edge, checksum, record, and what was retracted since."""
    plain = _report(file, library)
    if as_json:
        typer.echo(json.dumps(plain, ensure_ascii=False))
    else:
        for finding in plain["findings"]:
            typer.echo(f"{finding['what']}\t{finding['where']}\t{finding['detail']}")
        n = plain["checked"]
        against = (
            "the library and itself" if library else "itself (give --library to check against the library)"
        )
        typer.echo(
            f"{'holds' if plain['holds'] else 'DOES NOT HOLD'}: {n['claims']} claims, {n['quotes']} quotes,"
            f" {n['edges']} edges, {n['records']} records, {n['files']} files checked against {against}."
        )
    if not plain["holds"]:
        raise typer.Exit(1)


def dump(
    library: Annotated[
        Path | None,
        typer.Option("--library", envvar="KGRAG_LIBRARY", help="Folder of the library (default ./library)."),
    ] = None,
    format: Annotated[str, typer.Option("--format", help="ntriples or jsonld.")] = "ntriples",
    output: Annotated[Path | None, typer.Option("-o", help="File to write (default: stdout).")] = None,
) -> None:
    """Write the whole graph as linked data with stable names: entities and loaded vocabularies as SKOS
    concepts.
    """
    from kgrag.export.linked.files import linked_data

    with Library.open(library) as opened:
        parts = linked_data(opened.catalogue, format)
        if output is None:
            sys.stdout.buffer.writelines(part.encode() for part in parts)
            return
        with output.open("wb") as stream:
            stream.writelines(part.encode() for part in parts)


def mcp(
    library: Annotated[
        Path | None,
        typer.Option("--library", envvar="KGRAG_LIBRARY", help="Folder of the library (default ./library)."),
    ] = None,
    as_user: Annotated[
        str | None,
        typer.Option(
            "--as", help="A user within whose rights the assistant works (default: the whole library)."
        ),
    ] = None,
) -> None:
    """Serve the library to assistants by the Model Context Protocol over stdin and stdout."""
    from kgrag.integrations.mcp import serve

    serve(library, as_user)


def _report(file: Path, library: Path | None) -> dict[str, Any]:
    from kgrag.export.recheck import report

    try:
        if library is None:
            return report(file, None)
        with Library.open(library) as opened:
            return report(file, opened)
    except ReadError as error:
        raise KgragError(str(error)) from error  # nothing was quarantined: the check failed
