"""``kgrag table``: an evidence table of papers.

Knows words and JSON; the reading is in ``kgrag.review.table``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kgrag.cli.options import JsonOption, LibraryOption, print_json


def table(
    paths: Annotated[list[Path], typer.Argument(help="Papers, or folders of them.", exists=True)],
    columns: Annotated[
        str,
        typer.Option(
            help="Separated by commas: n, design, population, setting, follow_up, effect, limitations,"
            " funding, or own questions."
        ),
    ] = "n,design,population,follow_up,effect",
    library: LibraryOption = None,
    csv: Annotated[Path | None, typer.Option(help="Write the table into this CSV file.")] = None,
    docx: Annotated[Path | None, typer.Option(help="Write the table into this Word file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """A row a paper, a column a question; each cell with the exact words that say it, or not stated."""
    from kgrag.review.table.papers import as_csv, as_docx, table_of

    made = table_of(paths, columns.split(","))
    if csv is not None:
        csv.write_text("\ufeff" + as_csv(made), encoding="utf-8", newline="")
    if docx is not None:
        docx.write_bytes(as_docx(made))
    if as_json:
        print_json(made)
    else:
        for row in made["rows"]:
            typer.echo(row["title"] or row["path"])
            for name, cell in row["cells"].items():
                quote = f"  “{cell['quote']}”" if cell["quote"] else ""
                typer.echo(f"  {name}: {cell['value'] or 'not stated'}{quote}")
    for one in made["refused"]:
        typer.echo(f"not read: {one['path']}: {one['reason']}", err=True)
    if made["refused"]:
        raise typer.Exit(3)
