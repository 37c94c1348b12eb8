"""``kgrag graph``: the library's concepts, statements and facts, what is said of a concept, what contradicts
what, and how two concepts are connected.

Knows words and JSON; the reading is in ``kgrag.holdings``.
"""

from __future__ import annotations

from typing import Annotated

import typer

from kgrag.cli.options import JsonOption, LibraryOption, print_json
from kgrag.library import Library
from kgrag.types import Filters

graph = typer.Typer(no_args_is_help=True)


@graph.command()
def concepts(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """The concepts of the library, those that most documents name first."""
    from kgrag.holdings.knowledge.concepts import concepts as listed
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
    from kgrag.holdings.knowledge.concepts import named
    from kgrag.holdings.knowledge.statements import statements as listed
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
def facts(
    concept: Annotated[str | None, typer.Argument(help="Name or id of a concept; none: all.")] = None,
    library: LibraryOption = None,
    document: Annotated[str | None, typer.Option(help="Id of a document.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What papers as wholes study, use, measure, find and conclude, with the sentence that says it."""
    from kgrag.holdings.knowledge.concepts import named
    from kgrag.holdings.knowledge.paper_facts import paper_facts
    from kgrag.render.graph_json import fact_as_json, fact_as_text

    with Library.open(library) as opened:
        about = named(opened.catalogue, concept).id if concept else None
        found = paper_facts(opened.catalogue, document, about)
    if as_json:
        print_json({"facts": [fact_as_json(one) for one in found]})
        return
    for one in found:
        typer.echo(fact_as_text(one))


@graph.command()
def said(
    concept: Annotated[str, typer.Argument(help="Name or id of a concept.")],
    library: LibraryOption = None,
    kind: Annotated[str | None, typer.Option(help="Only relations to concepts of this kind.")] = None,
    year_from: Annotated[int | None, typer.Option(help="Only documents of this year and later.")] = None,
    year_to: Annotated[int | None, typer.Option(help="Only documents of this year and before.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What is said of a concept: for and against, with quotes, by which papers, since when."""
    from kgrag.holdings.knowledge.concepts import named
    from kgrag.holdings.knowledge.said_of import said_of
    from kgrag.render.graph_json import dossier_as_json, fact_as_text, relation_as_text

    limits = Filters(year_from=year_from, year_to=year_to)
    with Library.open(library) as opened:
        found = said_of(opened.catalogue, named(opened.catalogue, concept), limits, kind)
    if as_json:
        print_json(dossier_as_json(found))
        return
    typer.echo(f"{found.concept.name} ({found.concept.kind}), {found.concept.documents} documents")
    for relation in found.relations:
        typer.echo(relation_as_text(relation))
    for fact in found.facts:
        typer.echo(fact_as_text(fact))


@graph.command()
def conflicts(
    concept: Annotated[str | None, typer.Argument(help="Name or id of a concept; none: all.")] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Statements of different papers that contradict each other, where their contexts can be compared."""
    from kgrag.holdings.knowledge.concepts import named
    from kgrag.holdings.knowledge.conflicts import conflicts as listed
    from kgrag.render.graph_json import conflict_as_json, conflict_as_text

    with Library.open(library) as opened:
        about = named(opened.catalogue, concept).id if concept else None
        found = listed(opened.catalogue, about)
    if as_json:
        print_json({"conflicts": [conflict_as_json(one) for one in found]})
        return
    for one in found:
        typer.echo(conflict_as_text(one))


@graph.command()
def paths(
    start: Annotated[str, typer.Argument(metavar="A", help="Name or id of a concept.")],
    end: Annotated[str, typer.Argument(metavar="B", help="Name or id of another.")],
    library: LibraryOption = None,
    top_k: Annotated[int, typer.Option("-k", min=1, max=50)] = 5,
    as_json: JsonOption = False,
) -> None:
    """How two concepts are connected, the paths that tell most first."""
    from kgrag.holdings.connections import connections
    from kgrag.holdings.knowledge.concepts import named
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
