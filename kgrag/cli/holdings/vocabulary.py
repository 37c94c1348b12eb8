"""``kgrag vocabulary`` and ``kgrag entities``.

Knows words and JSON; the work is in ``kgrag.holdings.vocabularies``, ``kgrag.holdings.entities`` and
``ingest.extract``.
"""

from __future__ import annotations

import json
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any

import typer

from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.library import Library

vocabulary = typer.Typer(no_args_is_help=True)
entities = typer.Typer(no_args_is_help=True)


def _print(found: dict[str, Any], as_json: bool) -> None:
    typer.echo(
        json.dumps(found, ensure_ascii=False)
        if as_json
        else "\n".join(f"{name}: {value}" for name, value in found.items())
    )


@vocabulary.command()
def load(
    path: Annotated[
        Path, typer.Argument(help="SKOS, OBO, CSV, TSV or MeSH XML; or a folder of them.", exists=True)
    ],
    library: LibraryOption = None,
    name: Annotated[
        str | None, typer.Option(help="By which its ids are known (default: the file's name).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Take a vocabulary into the library; documents read from now on are matched with it."""
    with Library.open(library, create=True) as opened:
        found = local_desk(opened).load_vocabulary(path, name)
    _print(found, as_json)
    typer.echo("Documents that are in already: kgrag vocabulary apply", err=True)


@vocabulary.command("list")
def list_vocabularies(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """The vocabularies of the library."""
    from kgrag.holdings.vocabularies import listed

    with Library.open(library) as opened:
        found = listed(opened.catalogue)
    if as_json:
        typer.echo(json.dumps({"vocabularies": found}, ensure_ascii=False))
    for row in found if not as_json else ():
        typer.echo(
            f"{row['name']}: {row['terms']} terms, {row['forms']} forms, from {row['source']},"
            f" {row['loaded']}"
        )


@vocabulary.command()
def remove(name: Annotated[str, typer.Argument()], library: LibraryOption = None) -> None:
    """Forget a vocabulary."""
    with Library.open(library) as opened:
        local_desk(opened).remove_vocabulary(name)
    typer.echo(f"{name} is forgotten. Its mentions go with: kgrag vocabulary apply")


@vocabulary.command()
def apply(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Extract once more from every document that is in, with the vocabularies, settings and decisions as they
    are now.
    """
    with Library.open(library) as opened:
        _print(local_desk(opened).extract_again(), as_json)


@entities.command("list-doubtful")
def list_doubtful(
    library: LibraryOption = None,
    limit: Annotated[int, typer.Option(min=1)] = 50,
    meaning: Annotated[bool, typer.Option("--meaning", help="Compare names by their vectors too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Pairs of names that may be one thing, the surest first."""
    from kgrag.holdings.entities import doubtful

    with Library.open(library) as opened:
        found = doubtful(opened.catalogue, opened.embedder if meaning else None, limit)
    if as_json:
        typer.echo(json.dumps({"pairs": found}, ensure_ascii=False))
    for pair in found if not as_json else ():
        typer.echo(
            f"{pair['score']:.3f}  {pair['entity'][2:]}  →  {pair['into'][2:]}   ({pair['why']};"
            f" {pair['mentions'][0]} and {pair['mentions'][1]} mentions)"
        )


@entities.command()
def merge(
    one: Annotated[str, typer.Argument()],
    into: Annotated[str, typer.Argument()],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide that a name is another one, and find the documents concerned anew."""
    with Library.open(library) as opened:
        _print(local_desk(opened).merge_names(one, into, by=getuser()), as_json)


@entities.command()
def split(
    one: Annotated[str, typer.Argument()], library: LibraryOption = None, as_json: JsonOption = False
) -> None:
    """Undo a merge, and find the documents concerned anew."""
    with Library.open(library) as opened:
        _print(local_desk(opened).split_name(one, by=getuser()), as_json)


@entities.command()
def decisions(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Every decision about names, in order."""
    from kgrag.holdings.entities import decisions as read

    with Library.open(library) as opened:
        found = read(opened.catalogue)
    if as_json:
        typer.echo(json.dumps({"decisions": found}, ensure_ascii=False))
    for row in found if not as_json else ():
        typer.echo(
            f"{row['created']}  {row['kind']}  {row['entity_id'][2:]}  {row['into_id'][2:]} "
            f" ({row['reason']}, {row['who']})"
        )
