"""``kgrag documents``: list, show, delete. Knows the catalogue's documents and their JSON."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.library import Library
from kgrag.render.as_json import document_to_json
from kgrag.render.as_text import marks_as_text

documents = typer.Typer(no_args_is_help=True)


@documents.command("list")
def list_documents(
    library: LibraryOption = None,
    full: Annotated[bool, typer.Option("--full", help="With abstracts, references and text.")] = False,
    as_json: JsonOption = False,
) -> None:
    """All documents in the order of their ids."""
    with Library.open(library) as opened:
        if as_json:
            typer.echo('{"documents": [', nl=False)
            for number, document in enumerate(opened.catalogue.documents()):
                typer.echo(
                    (", " if number else "")
                    + json.dumps(document_to_json(document, full=full), ensure_ascii=False),
                    nl=False,
                )
            typer.echo("]}")
            return
        for document in opened.catalogue.documents():
            marks = marks_as_text(document_to_json(document))
            typer.echo(f"{document.id}\t{document.year or ''}\t{document.title}{marks}")


@documents.command()
def show(document_id: Annotated[str, typer.Argument()], library: LibraryOption = None) -> None:
    """One document with everything known of it, as JSON."""
    with Library.open(library) as opened:
        document = opened.catalogue.document(document_id)
        passages = opened.catalogue.passages_of(document_id)
    plain = document_to_json(document, full=True)
    plain["passages"] = [
        {"id": p.id, "section": list(p.section), "page": p.page, "span": [p.start, p.end], "text": p.text}
        for p in passages
    ]
    typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))


@documents.command()
def delete(document_id: Annotated[str, typer.Argument()], library: LibraryOption = None) -> None:
    """Remove a document from the catalogue and from every index."""
    with Library.open(library) as opened:
        warnings = local_desk(opened).delete_document(document_id)
    for warning in warnings.values():
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(f"{document_id} deleted.")
