"""``kgrag retractions``: load notices from files, list what is marked.

Knows words and JSON; the marks are ``kgrag.holdings.notices``'.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.library import Library

retractions = typer.Typer(no_args_is_help=True)
EXIT_QUARANTINED = 3


@retractions.command()
def load(
    file: Annotated[
        Path,
        typer.Argument(
            help="Retraction Watch CSV, Crossref JSON with update-to, PubMed XML or NBIB.",
            exists=True,
            dir_okay=False,
        ),
    ],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take notices of retraction into the library's mirror and mark the documents they are about."""
    from kgrag.backends import load_backend

    found = list(load_backend("ingest", "notices")(file))
    notices, broken = (
        [item for item in found if hasattr(item, "kind")],
        [item for item in found if not hasattr(item, "kind")],
    )
    with Library.open(library) as opened:
        loaded = local_desk(opened).load_notices(notices, file.name)
        warnings = opened.catch_up()
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "notices": loaded.notices,
                    "identifiers": loaded.identifiers,
                    "marked": loaded.marked,
                    "unmarked": loaded.unmarked,
                    "noticed": loaded.noticed,
                    "broken": [{"record": item.record_number, "reason": item.reason} for item in broken],
                },
                ensure_ascii=False,
            )
        )
    else:
        typer.echo(
            f"{loaded.notices} notices read; {len(loaded.marked)} documents newly marked,"
            f" {len(loaded.unmarked)} marks taken back, {len(loaded.noticed)} with a new concern or"
            f" correction; the mirror holds {loaded.identifiers} identifiers."
        )
    for item in broken:
        typer.echo(f"not read: {item.reason}", err=True)
    for warning in warnings.values():
        typer.echo(f"warning: {warning}", err=True)
    if broken:
        raise typer.Exit(EXIT_QUARANTINED)


@retractions.command("list")
def list_marks(
    library: LibraryOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every notice of the mirror, not only the library's documents.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """The library's retracted documents, those with a concern or correction, and with --all every notice
    held.
    """
    from kgrag.holdings.notices import marked_documents, mirror, noticed_documents

    with Library.open(library) as opened:
        documents = [
            {"id": row.id, "title": row.title, "year": row.year, "retraction": row.retracted}
            for row in marked_documents(opened.catalogue)
        ]
        noticed = [
            {
                "id": row.id,
                "title": row.title,
                "year": row.year,
                "notices": [{"kind": kind, "text": text} for kind, text in row.notices],
            }
            for row in noticed_documents(opened.catalogue)
        ]
        notices = [dict(row._mapping) for row in mirror(opened.catalogue)] if everything else None
    if as_json:
        typer.echo(
            json.dumps(
                {"documents": documents, "noticed": noticed}
                | ({"notices": notices} if notices is not None else {}),
                ensure_ascii=False,
            )
        )
        return
    for document in documents:
        typer.echo(
            f"{document['id']}\t{document['year'] or ''}\t{document['title']}\t{document['retraction']}"
        )
    for document in noticed:
        said = "; ".join(notice["text"] for notice in document["notices"])
        typer.echo(f"{document['id']}\t{document['year'] or ''}\t{document['title']}\t{said}")
    for notice in notices or ():
        typer.echo(
            f"{notice['identifier']}\t{notice['date'] or ''}\t{notice['notice']}\t({notice['source']}, loaded"
            f" {notice['loaded']})"
        )
