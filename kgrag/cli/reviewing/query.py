"""``kgrag query``: search strategies built from a question and seed papers, and checked.

Knows words and JSON; what it does is in ``kgrag.review.boolean``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kgrag.cli.options import JsonOption, LibraryOption, print_json
from kgrag.desk import local_desk
from kgrag.library import Library

query = typer.Typer(no_args_is_help=True)
DatabaseOption = Annotated[
    str, typer.Option("--for", help="pubmed, ovid, wos, ebsco, cnki or wanfang: whose way of writing.")
]


@query.command()
def build(
    question: Annotated[str, typer.Argument(help="What the review asks, or its title.")],
    library: LibraryOption = None,
    seeds: Annotated[
        Path | None,
        typer.Option(help="Papers it must find: ids, titles, JSON Lines or an export.", exists=True),
    ] = None,
    database: DatabaseOption = "pubmed",
    as_json: JsonOption = False,
) -> None:
    """Build a Boolean search strategy, with a count in this library for each line."""
    with Library.open(library) as opened:
        built = local_desk(opened).build_query(question, database, seeds)
    if as_json:
        print_json(
            {
                "query": built.query,
                "lines": list(built.lines),
                "count": built.count,
                "lost": list(built.lost),
                "seeds_unknown": list(built.seeds_unknown),
            }
        )
        return
    for number, line in enumerate(built.lines, 1):
        lost = f"  (loses: {'; '.join(line['seeds_lost'])})" if line["seeds_lost"] else ""
        typer.echo(f"#{number} {line['count']:6d}  {line['text']}{lost}")
    typer.echo(f"All {built.count:5d}  {built.query}")
    for name in built.seeds_unknown:
        typer.echo(f"not in this library: {name}", err=True)


@query.command()
def check(
    file: Annotated[Path, typer.Argument(help="A strategy as PubMed takes it.", exists=True, dir_okay=False)],
    database: DatabaseOption = "pubmed",
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with a strategy, and print it for a database."""
    from kgrag.review.boolean.lint import check as checked

    told = checked(file.read_text(encoding="utf-8-sig"), database)
    if as_json:
        print_json(told)
        raise typer.Exit(0 if told["ok"] else 1)
    for problem in told["problems"]:
        typer.echo(problem, err=True)
    typer.echo(told["printed"])
    raise typer.Exit(0 if told["ok"] else 1)
