"""``kgrag claims``: checks the claims of a text against the library. Knows words and JSON; the work is in
``kgrag.check.claims``.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Annotated, Any

import typer

from kgrag.cli.asking.references import text_of
from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.library import Library

claims = typer.Typer(no_args_is_help=True)


@claims.callback()
def about() -> None:
    """Claims of any text against the library."""


@claims.command()
def check(
    file: Annotated[str, typer.Argument(help="A text; `-` for stdin.")],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Each claim: supported, contradicted, or unsupported, with the quote.

    Exit code 1 where one is not supported.
    """
    text = text_of(file)
    with Library.open(library) as opened:
        found = local_desk(opened).check_claims(
            text,
            progress=lambda done, of: typer.echo(f"\r{done} of {of} claims", err=True, nl=done == of),
        )
    counts = Counter(item["label"] for item in found)
    if as_json:
        typer.echo(json.dumps({"claims": found, "counts": counts}, ensure_ascii=False))
    else:
        for number, item in enumerate(found, start=1):
            typer.echo(f"{number}. {item['label']} ({item['score']:.2f}): {item['text']}")
            nearest, against = item["nearest"], item["contradicted_by"]
            said = "nearest" if item["label"] != "supported" else "in"
            if nearest is not None and (said != "nearest" or nearest != against):
                _print_quote(said, nearest)
            if against is not None:
                _print_quote("against", against)
        typer.echo(
            ", ".join(f"{n} {label}" for label, n in sorted(counts.items()))
            or "No claim was found in the text."
        )
    if counts["supported"] != len(found):
        raise typer.Exit(1)


def _print_quote(said: str, quote: dict[str, Any]) -> None:
    typer.echo(f"   {said}: “{quote['quote']}” {quote['title']} ({quote['document_id']})")
