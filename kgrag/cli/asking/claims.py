"""``kgrag claims``: checks the claims of a text against the library. Knows words and JSON; the work is in
``kgrag.check.claims``.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Annotated

import typer

from kgrag.cli.asking.references import text_of
from kgrag.cli.options import JsonOption, LibraryOption
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
    from kgrag.ask.asker import Asker
    from kgrag.check.claims import check_claims

    text = text_of(file)
    with Library.open(library) as opened:
        found = check_claims(
            text,
            Asker(opened),
            progress=lambda done, of: typer.echo(f"\r{done} of {of} claims", err=True, nl=done == of),
        )
    counts = Counter(item.verdict.label for item in found)
    if as_json:
        typer.echo(
            json.dumps({"claims": [item.as_json() for item in found], "counts": counts}, ensure_ascii=False)
        )
    else:
        for number, item in enumerate(found, start=1):
            typer.echo(f"{number}. {item.verdict.label} ({item.verdict.score:.2f}): {item.span.text}")
            for said, quote in (
                ("nearest" if item.verdict.label != "supported" else "in", item.nearest),
                ("against", item.against),
            ):
                if quote is not None and (said != "nearest" or quote != item.against):
                    typer.echo(f"   {said}: “{quote.quote}” {quote.document.title} ({quote.document.id})")
        typer.echo(
            ", ".join(f"{n} {label}" for label, n in sorted(counts.items()))
            or "No claim was found in the text."
        )
    if counts["supported"] != len(found):
        raise typer.Exit(1)
