"""``kgrag reward``: the reward model of a library, from its people's rankings. Knows words and JSON; the work is in ``kgrag.reward.registry``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from kgrag.library import Library

reward = typer.Typer(no_args_is_help=True)
LibraryOption = Annotated[Path | None, typer.Option("--library", envvar="KGRAG_LIBRARY", help="Folder of the library (default ./library).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def _print(found: dict[str, Any], as_json: bool) -> None:
    typer.echo(json.dumps(found) if as_json else "\n".join(f"{name}: {json.dumps(value)}" for name, value in found.items()))


@reward.command()
def train(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Train a version from the rankings given in this library, and compare it with the one in use."""
    from kgrag.reward import registry

    with Library.open(library) as opened:
        _print(registry.train(opened), as_json)


@reward.command()
def evaluate(version: Annotated[str | None, typer.Argument(help="The newest by default.")] = None, library: LibraryOption = None,
             as_json: JsonOption = False) -> None:
    """Measure a version on held-out questions and raters."""
    from kgrag.reward import registry

    with Library.open(library) as opened:
        _print(registry.evaluate(opened, version), as_json)


@reward.command()
def promote(version: Annotated[str, typer.Argument()], library: LibraryOption = None) -> None:
    """Put a version to use; refused where it is not better."""
    from kgrag.reward import registry

    with Library.open(library) as opened:
        registry.promote(opened, version)
    typer.echo(f"{version} is in use.")


@reward.command()
def rollback(library: LibraryOption = None) -> None:
    """Go back to the model that was in use before."""
    from kgrag.reward import registry

    with Library.open(library) as opened:
        typer.echo(f"{registry.rollback(opened)} is in use.")
