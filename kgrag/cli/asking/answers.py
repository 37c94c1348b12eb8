"""``kgrag answers``: list and show answers that were given, with the retractions learned since.

Knows words and JSON.
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kgrag.catalogue.answers import answers_given, noticed_since, retracted_since, stored_answer
from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.library import Library
from kgrag.render.as_text import answer_as_text

answers = typer.Typer(no_args_is_help=True)


@answers.command("list")
def list_answers(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Answers given, newest first; those that rest on a document retracted since are marked."""
    with Library.open(library) as opened:
        found = [
            {
                "id": row.id,
                "created": row.created,
                "question": row.question,
                "retracted_since": retracted_since(opened.catalogue, json.loads(row.body)),
            }
            for row in answers_given(opened.catalogue)
        ]
    if as_json:
        typer.echo(json.dumps({"answers": found}, ensure_ascii=False))
        return
    for answer in found:
        mark = (
            "\tRETRACTED SINCE: " + ", ".join(answer["retracted_since"]) if answer["retracted_since"] else ""
        )
        typer.echo(f"{answer['id']}\t{answer['created']}\t{answer['question']}{mark}")


@answers.command()
def show(
    answer_id: Annotated[str, typer.Argument()], library: LibraryOption = None, as_json: JsonOption = False
) -> None:
    """An answer as it was given, and which of its documents were retracted since."""
    with Library.open(library) as opened:
        answer = stored_answer(opened.catalogue, answer_id)
        since, noticed = retracted_since(opened.catalogue, answer), noticed_since(opened.catalogue, answer)
    if as_json:
        typer.echo(
            json.dumps(
                {"answer": answer, "retracted_since": since, "noticed_since": noticed}, ensure_ascii=False
            )
        )
        return
    for document, notice in since.items():
        typer.echo(f"RETRACTED since this answer was given: {document}: {notice}")
    for document, notice in noticed.items():
        typer.echo(f"NOTICE since this answer was given: {document}: {notice}")
    typer.echo(answer_as_text(answer))
