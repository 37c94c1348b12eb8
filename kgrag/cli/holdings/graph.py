"""``kgrag graph``: the library's concepts, statements, and how two concepts are connected.

Knows words and JSON; the reading is in ``kgrag.holdings``.
"""

from __future__ import annotations

from typing import Annotated

import typer

from kgrag.cli.options import JsonOption, LibraryOption, print_json
from kgrag.library import Library

graph = typer.Typer(no_args_is_help=True)


@graph.command()
def concepts(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """The concepts of the library, those that most documents name first."""
    from kgrag.holdings.concepts import concepts as listed
    from kgrag.render.graph_json import concept_as_json

    with Library.open(library) as opened:
        found = listed(opened.catalogue)
    if as_json:
        print_json({"concepts": [concept_as_json(one) for one in found]})
        return
    for one in found:
        typer.echo(f"{one.documents:5d}  {one.name} ({one.kind})")


@graph.command()
def statements(
    library: LibraryOption = None,
    document: Annotated[str | None, typer.Option(help="Id of a document.")] = None,
    about: Annotated[str | None, typer.Option(help="Name or id of a concept.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What the library's sentences say of concepts."""
    from kgrag.holdings.concepts import named
    from kgrag.holdings.concepts import statements as listed
    from kgrag.render.graph_json import statement_as_json, statement_as_text

    with Library.open(library) as opened:
        concept = named(opened.catalogue, about).id if about else None
        found = listed(opened.catalogue, document, concept)
    if as_json:
        print_json({"statements": [statement_as_json(one) for one in found]})
        return
    for one in found:
        typer.echo(statement_as_text(one))


@graph.command()
def paths(
    start: Annotated[str, typer.Argument(metavar="A", help="Name or id of a concept.")],
    end: Annotated[str, typer.Argument(metavar="B", help="Name or id of another.")],
    library: LibraryOption = None,
    top_k: Annotated[int, typer.Option("-k", min=1, max=50)] = 5,
    as_json: JsonOption = False,
) -> None:
    """How two concepts are connected, the paths that tell most first."""
    from kgrag.holdings.concepts import named
    from kgrag.holdings.connections import connections
    from kgrag.render.graph_json import connection_as_json, connection_as_text

    with Library.open(library) as opened:
        one, other = (named(opened.catalogue, name) for name in (start, end))
        found = connections(opened.catalogue, one, other, top_k)
    if as_json:
        print_json({"from": one.id, "to": other.id, "paths": [connection_as_json(path) for path in found]})
        return
    for path in found:
        typer.echo(connection_as_text(path))
    if not found:
        typer.echo("No path.")
