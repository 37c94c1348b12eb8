"""``kgrag extract`` and ``kgrag extraction``.

Knows words and JSON; the work is in ``ingest.extract`` and ``kgrag.reward.extraction``.
"""

from __future__ import annotations

import json
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any

import typer

from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.errors import UsageError
from kgrag.library import Library

extraction = typer.Typer(no_args_is_help=True)


def _print(found: dict[str, Any], as_json: bool) -> None:
    typer.echo(
        json.dumps(found, ensure_ascii=False)
        if as_json
        else "\n".join(f"{name}: {value}" for name, value in found.items())
    )


def extract(
    documents: Annotated[list[str] | None, typer.Argument(help="Ids of documents; default all.")] = None,
    library: LibraryOption = None,
    again: Annotated[
        bool, typer.Option("--again", help="With the vocabularies, settings and decisions as they are now.")
    ] = False,
    with_model: Annotated[
        bool, typer.Option("--with-model", help="Statements by the configured language model too.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what the model would cost.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Extract once more from documents that are in the library."""
    if not (again or with_model):
        raise UsageError("Say --again or --with-model. Documents are extracted from when they are ingested.")
    with Library.open(library) as opened:
        if with_model:
            _print(local_desk(opened).extract_with_model(documents or None, dry_run=dry_run), as_json)
        else:
            _print(local_desk(opened).extract_again(documents or None), as_json)


@extraction.command()
def sample(
    kind: Annotated[str, typer.Argument(help="terms or statements.")] = "terms",
    library: LibraryOption = None,
    groups: Annotated[int, typer.Option(min=1)] = 10,
    size: Annotated[int, typer.Option(min=2, max=9)] = 6,
) -> None:
    """Print groups for people to rank, as JSON Lines: put the best first in ``ranking``, and say in ``right``
    which are right.
    """
    from kgrag.learn.extraction import sampled

    with Library.open(library) as opened:
        for group in sampled(opened, kind, groups, size):
            typer.echo(json.dumps(group, ensure_ascii=False))


@extraction.command()
def rank(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON Lines of sample, ranked.")],
    library: LibraryOption = None,
    rater: Annotated[str | None, typer.Option(help="Who ranked (default: you).")] = None,
) -> None:
    """Keep people's rankings of extracted terms or statements."""
    with Library.open(library) as opened:
        kept = local_desk(opened).rank_extraction(file, rater=rater or getuser())
        typer.echo(f"{kept} rankings kept. Learn from them: kgrag extraction train")


@extraction.command()
def train(
    library: LibraryOption = None,
    precision: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of kept items that should be right.")
    ] = 0.8,
    as_json: JsonOption = False,
) -> None:
    """Train the scorer of extraction from the rankings, and the threshold of each kind; ``kgrag extract
    --again`` applies it.
    """
    with Library.open(library) as opened:
        _print(local_desk(opened).train_extraction(precision), as_json)


@extraction.command()
def forget(library: LibraryOption = None) -> None:
    """Go back to extraction without a scorer."""
    with Library.open(library) as opened:
        local_desk(opened).forget_extraction()
    typer.echo("Extraction is scored by its methods again. Apply: kgrag extract --again")
