"""``kgrag sets``: gather documents, passages and answers under a name, and take them away in one go.

Knows words and JSON; the acts are the desk's.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kgrag.cli.options import JsonOption, LibraryOption, print_json
from kgrag.desk import local_desk
from kgrag.library import Library

sets = typer.Typer(no_args_is_help=True)
SetId = Annotated[str, typer.Argument(metavar="SET")]
Items = Annotated[
    list[str] | None, typer.Argument(metavar="ITEM…", help="Ids of documents, passages, answers.")
]
Note = Annotated[str, typer.Option("--note", help="What it is for.")]


@sets.command("list")
def list_sets(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """All sets, the last changed first."""
    with Library.open(library) as opened:
        found = local_desk(opened).sets()
    if as_json:
        print_json({"sets": [each.as_json() for each in found]})
        return
    for each in found:
        typer.echo(f"{each.id}\t{each.n_items}\t{each.name}{' (shared)' if each.shared else ''}")


@sets.command()
def show(set_id: SetId, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """What is in a set."""
    with Library.open(library) as opened:
        desk = local_desk(opened)
        found, documents = desk.open_set(set_id), desk.set_documents(set_id)
    if as_json:
        print_json(found.as_json(documents))
        return
    typer.echo(f"{found.set.name}{f': {found.set.note}' if found.set.note else ''}")
    for item in found.items:
        typer.echo(f"{item.number}\t{item.kind}\t{item.id}{f'  ({item.note})' if item.note else ''}")


@sets.command()
def make(
    name: Annotated[str, typer.Argument()],
    items: Items = None,
    note: Note = "",
    shared: Annotated[bool, typer.Option("--shared", help="Everybody of the library may read it.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a set, with things in it or without."""
    with Library.open(library) as opened:
        set_id = local_desk(opened).make_set(name, note, shared=shared, items=items or [])
    if as_json:
        print_json({"id": set_id})
    else:
        typer.echo(set_id)


@sets.command()
def add(set_id: SetId, items: Items = None, note: Note = "", library: LibraryOption = None) -> None:
    """Put documents, passages and answers into a set."""
    with Library.open(library) as opened:
        n = local_desk(opened).add_to_set(set_id, items or [], note)
    typer.echo(f"{n} added.")


@sets.command()
def remove(
    set_id: SetId,
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER…", help="As `kgrag sets show` tells.")],
    library: LibraryOption = None,
) -> None:
    """Take items out of a set; the library keeps what they are."""
    with Library.open(library) as opened:
        n = local_desk(opened).remove_from_set(set_id, numbers)
    typer.echo(f"{n} removed.")


@sets.command()
def change(
    set_id: SetId,
    name: Annotated[str | None, typer.Option("--name")] = None,
    note: Annotated[str | None, typer.Option("--note")] = None,
    shared: Annotated[bool | None, typer.Option("--shared/--private")] = None,
    library: LibraryOption = None,
) -> None:
    """Give a set another name or note, share it, or take it back."""
    with Library.open(library) as opened:
        local_desk(opened).change_set(set_id, name=name, note=note, shared=shared)
    typer.echo(f"{set_id} changed.")


@sets.command()
def export(
    set_id: SetId,
    format: Annotated[str, typer.Option("--format", help="zip, ris, bibtex, docx, csv, apa …")] = "zip",
    out: Annotated[Path | None, typer.Option("-o", "--out")] = None,
    library: LibraryOption = None,
) -> None:
    """Write a set as a file; zip is RIS, BibTeX, Word and the evidence table in one."""
    with Library.open(library) as opened:
        content = local_desk(opened).export_set(set_id, format)
    if out:
        out.write_bytes(content)
        typer.echo(f"{out} written.", err=True)
    else:
        sys.stdout.buffer.write(content)


@sets.command()
def delete(set_id: SetId, library: LibraryOption = None) -> None:
    """Remove a set; the library keeps what was in it."""
    with Library.open(library) as opened:
        local_desk(opened).delete_set(set_id)
    typer.echo(f"{set_id} deleted.")
