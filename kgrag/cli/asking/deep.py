"""``kgrag deep``: search round after round for every document that answers, with each step shown.

Knows words and JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from kgrag.cli.options import JsonOption, LibraryOption, print_json
from kgrag.desk import local_desk
from kgrag.errors import ReadError, UsageError
from kgrag.library import Library


def deep(
    question: Annotated[str | None, typer.Argument()] = None,
    library: LibraryOption = None,
    steps: Annotated[int, typer.Option(min=1, max=1000, help="Calls of tools, at most.")] = 60,
    replay: Annotated[
        Path | None, typer.Option(help="Run the steps of a kept search (its JSON) again and compare.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find every document that answers: by each channel, by the words of what was found, along citations."""
    from kgrag.ask.deep.told import deep_as_text, deep_to_json, done_as_text

    if (question is None) == (replay is None):
        raise UsageError("Give a question, or --replay with a kept search: one of the two.")
    with Library.open(library) as opened:
        opened.catch_up()
        desk = local_desk(opened)
        if replay is not None:
            told = desk.replay_deep(_kept(replay))
            print_json(told)
            if not told["identical"]:
                raise typer.Exit(1)
            return
        found = desk.deep_search(
            question or "", max_steps=steps, progress=lambda done: typer.echo(done_as_text(done), err=True)
        )
    if as_json:
        print_json(deep_to_json(found))
    else:
        typer.echo(deep_as_text(found))


def _kept(file: Path) -> list[dict[str, Any]]:
    try:
        kept = json.loads(file.read_text("utf-8"))["steps"]
        return [
            {"tool": step["tool"], "arguments": step["arguments"], "documents": step["documents"]}
            for step in kept
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadError(
            f"{file} holds no deep search ({error}). Make one: kgrag deep QUESTION --json > FILE"
        ) from error
