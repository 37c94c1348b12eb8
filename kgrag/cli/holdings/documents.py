"""``kgrag documents``: list, show, edit, check, delete. Knows the catalogue's documents and their JSON."""

from __future__ import annotations

import json
from getpass import getuser
from typing import Annotated

import typer

from kgrag.backends import load_backend
from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.library import Library
from kgrag.render.as_json import document_to_json
from kgrag.render.as_text import marks_as_text
from kgrag.render.unions import written

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


@documents.command()
def edit(
    document_id: Annotated[str, typer.Argument()],
    field: Annotated[str, typer.Argument(help="title, year, authors, doi, venue …")],
    value: Annotated[
        str | None, typer.Argument(help="Names and lists divided by semicolons; none: as the source says.")
    ] = None,
    library: LibraryOption = None,
) -> None:
    """Correct a field of a record. The correction holds whenever its source is read again or united."""
    with Library.open(library) as opened:
        local_desk(opened).edit_document(document_id, field, value, by=getuser())
        told = document_to_json(opened.catalogue.document(document_id), full=True).get("corrections", {})
    typer.echo(f"{document_id}: {field} corrected {told[field]}" if field in told else "As the source says.")


@documents.command()
def mark(
    document_id: Annotated[str, typer.Argument()],
    kind: Annotated[str, typer.Argument(help="retraction, concern, correction or reinstatement.")],
    reason: Annotated[str, typer.Argument(help="A line that people will read beside the work.")],
    library: LibraryOption = None,
) -> None:
    """Say of a document that its work is withdrawn, doubted or corrected, or that it stands again."""
    with Library.open(library) as opened:
        local_desk(opened).mark_document(document_id, kind, reason)
        opened.catch_up()
    typer.echo(f"{document_id}: {kind} noted.")


@documents.command()
def check(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Documents that need a look: united by earlier rules from sources that disagree, or left by a file."""
    with Library.open(library) as opened:
        report = load_backend("ingest", "check")(opened.catalogue)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    for item in report["doubtful"]:
        typer.echo(f"several works? {item['document']}\t{item['title']}")
        for each in item["disagree"]:
            typer.echo(f"\t{each['field']}: {' / '.join(map(written, each['values']))}")
        typer.echo(f"\t{item['split']}")
    for item in report["unreadable"]:
        typer.echo(f"cannot be checked: {item['document']}\t{item['title']}\n\t{item['reason']}")
    for item in report["left"]:
        typer.echo(f"no longer in {item['path']}: {item['document']}\t{item['title']}")
    if not any(report.values()):
        typer.echo("Nothing to look at.")
