"""``kgrag duplicates``: lists pairs that may be one work, for a person to decide.

Knows words and JSON; the work is in ``ingest.works.doubts``.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from getpass import getuser
from typing import Annotated

import typer

from kgrag.backends import load_backend
from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.library import Library
from kgrag.render.unions import union_as_text

duplicates = typer.Typer(no_args_is_help=True)
First = Annotated[str, typer.Argument(help="Id of a document.")]
Second = Annotated[str, typer.Argument(help="Id of the other.")]


@duplicates.command("list")
def list_doubtful(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Pairs that may be one work and are not decided yet; and what was united, field by field."""
    with Library.open(library) as opened:
        held = load_backend("ingest", "duplicates")(opened.catalogue)
        doubts, united = held.doubtful(), held.unions()
    if as_json:
        plain = {"pairs": [asdict(doubt) for doubt in doubts], "united": united}
        typer.echo(json.dumps(plain, ensure_ascii=False))
        return
    for doubt in doubts:
        typer.echo(
            f"{doubt.first}\t{doubt.titles[0]} ({doubt.years[0]})\n{doubt.second}\t{doubt.titles[1]}"
            f" ({doubt.years[1]})\n\t{doubt.reason}\n"
        )
    for union in united:
        typer.echo(
            f"united: {union_as_text(union)}\n\tother works? kgrag duplicates split '{union['document']}'"
        )


@duplicates.command()
def split(
    document_id: Annotated[str, typer.Argument(help="Id of a document of several sources.")],
    library: LibraryOption = None,
    source: Annotated[
        int | None,
        typer.Option(min=1, help="Only this source is another work: its number in `duplicates list`."),
    ] = None,
) -> None:
    """A document's sources are different works: give each its own. No batch unites them again."""
    with Library.open(library) as opened:
        became = local_desk(opened).split_document(document_id, source, by=getuser())
    typer.echo("\n".join(became))


@duplicates.command()
def merge(first: First, second: Second, library: LibraryOption = None) -> None:
    """Two documents are one work: make them one, field by field. ``duplicates undo`` gives both back."""
    with Library.open(library) as opened:
        merged = local_desk(opened).merge_documents(first, second, by=getuser())
    typer.echo(f"One document now: {merged}")


@duplicates.command()
def different(first: First, second: Second, library: LibraryOption = None) -> None:
    """Two documents are different works: no batch joins them, and the pair is no longer listed."""
    with Library.open(library) as opened:
        local_desk(opened).keep_apart(first, second, by=getuser())
    typer.echo("Noted.")


@duplicates.command()
def undo(
    decision: Annotated[int, typer.Argument(help="Its number, from `duplicates decisions`.")],
    library: LibraryOption = None,
) -> None:
    """Take a decision back; the documents of a merge are as they were before it."""
    with Library.open(library) as opened:
        taken = local_desk(opened).undo_decision(decision)
    typer.echo(f"Taken back: {taken.first} and {taken.second} ({taken.verdict}).")


@duplicates.command()
def decisions(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """What was decided, newest first."""
    with Library.open(library) as opened:
        found = load_backend("ingest", "duplicates")(opened.catalogue).decisions()
    if as_json:
        typer.echo(json.dumps({"decisions": [asdict(decision) for decision in found]}, ensure_ascii=False))
        return
    for decision in found:
        row = (decision.key, decision.created, decision.verdict, decision.first, decision.second)
        undone = "\ttaken back" if decision.undone else ""
        typer.echo("\t".join(map(str, row)) + f"\t{decision.decided_by}{undone}")
