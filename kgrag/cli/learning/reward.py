"""``kgrag reward``: trains and compares a library's reward model on its people's rankings.

Knows words and JSON; what is done, the desk does.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.library import Library

reward = typer.Typer(no_args_is_help=True)


def _print(found: dict[str, Any], as_json: bool) -> None:
    typer.echo(
        json.dumps(found)
        if as_json
        else "\n".join(f"{name}: {json.dumps(value)}" for name, value in found.items())
    )


@reward.command()
def train(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Train a version from the rankings given in this library, and compare it with the one in use."""
    with Library.open(library) as opened:
        _print(local_desk(opened).train_reward(), as_json)


@reward.command()
def evaluate(
    version: Annotated[str | None, typer.Argument(help="The newest by default.")] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a version on held-out questions and raters."""
    with Library.open(library) as opened:
        _print(local_desk(opened).evaluate_reward(version), as_json)


@reward.command()
def promote(version: Annotated[str, typer.Argument()], library: LibraryOption = None) -> None:
    """Put a version to use; refused where it is not better."""
    with Library.open(library) as opened:
        local_desk(opened).promote_reward(version)
    typer.echo(f"{version} is in use.")


@reward.command()
def rollback(library: LibraryOption = None) -> None:
    """Go back to the model that was in use before."""
    with Library.open(library) as opened:
        typer.echo(f"{local_desk(opened).roll_back_reward()} is in use.")


@reward.command()
def report(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """How far the model in use and people agree, how far raters agree with each other, and models and prompts
    by Elo's scale.
    """
    from kgrag.evaluate.reward import reward_report

    with Library.open(library) as opened:
        found = reward_report(opened)
    if as_json:
        _print(found, as_json)
        return
    for name, figures in (
        ("all", found["agreement"]),
        ("held-out questions", found["held_out"]),
        *found["agreement"]["by_language"].items(),
        *found["agreement"]["by_length"].items(),
    ):
        typer.echo(
            f"{name}: "
            + ", ".join(
                f"{key} {_share(value)}" for key, value in figures.items() if not key.startswith("by_")
            )
        )
    typer.echo(f"raters: {json.dumps(found['raters'])}")
    for row in found["elo"]:
        typer.echo(f"{row['rating']:7.0f}  {row['player']} ({row['won']:g} of {row['games']} games)")
    typer.echo(
        f"in use: {found['in_use']} ({found['model']}); versions:"
        f" {', '.join(version['version'] for version in found['versions']) or 'none of this library'}"
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
