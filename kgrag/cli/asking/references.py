"""``kgrag references``: checks the references of a text against the catalogue. Knows words and JSON; the work
is in ``kgrag.check.references``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.errors import NotFound
from kgrag.library import Library

references = typer.Typer(no_args_is_help=True)


@references.callback()
def about() -> None:
    """References of any text against the catalogue."""


@references.command()
def check(
    file: Annotated[str, typer.Argument(help="BibTeX, RIS or a written list; `-` for stdin.")],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Each reference: exists, exists with wrong metadata (which), or not found.

    Exit code 1 where one is not as it should be.
    """
    text = text_of(file)
    with Library.open(library) as opened:
        found = local_desk(opened).check_references(text)
    counts = Counter(item["outcome"] for item in found)
    if as_json:
        typer.echo(json.dumps({"references": found, "counts": counts}, ensure_ascii=False))
    else:
        for number, item in enumerate(found, start=1):
            where = f" ({item['document_id']})" if item["document_id"] else ""
            typer.echo(f"{number}. {item['outcome']}{where}: {item['text'][:160]}")
            for wrong in item["wrong"]:
                typer.echo(
                    f"   {wrong['field']}: written '{wrong['written']}', the catalogue has '{wrong['held']}'"
                )
        typer.echo(
            ", ".join(f"{n} {outcome}" for outcome, n in sorted(counts.items()))
            or "No reference was found in the text."
        )
    if counts["exists"] != len(found):
        raise typer.Exit(1)


def text_of(file: str) -> str:
    """The text of a file, or of stdin for `-`."""
    if file == "-":
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    if not Path(file).is_file():
        raise NotFound(f"No file '{file}'. Give a text file, or - to read stdin.")
    return Path(file).read_bytes().decode("utf-8-sig", "replace")
