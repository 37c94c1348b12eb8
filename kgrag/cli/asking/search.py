"""``kgrag search`` and ``kgrag searches``: find passages, keep the record, run it again, print it.

Knows words and JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.errors import ReadError, UsageError
from kgrag.library import Library
from kgrag.render.as_text import marks_as_text

searches = typer.Typer(no_args_is_help=True)


def search(
    question: Annotated[str | None, typer.Argument()] = None,
    library: LibraryOption = None,
    top_k: Annotated[int, typer.Option("-k", min=1, max=1000)] = 10,
    mode: Annotated[str, typer.Option(help="full, nograph, dense, words or graph.")] = "full",
    year_from: Annotated[int | None, typer.Option()] = None,
    year_to: Annotated[int | None, typer.Option()] = None,
    venue: Annotated[list[str] | None, typer.Option()] = None,
    author: Annotated[list[str] | None, typer.Option()] = None,
    language: Annotated[list[str] | None, typer.Option()] = None,
    kind: Annotated[list[str] | None, typer.Option()] = None,
    replay: Annotated[
        str | None,
        typer.Option(help="Run a recorded search again: its id, or the file of an exported record."),
    ] = None,
    no_expand: Annotated[
        bool, typer.Option("--no-expand", help="Without the vocabularies' words in the other language.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Find passages; never refuses a topic.

    The search is kept as a record that can be run again and reported.
    """
    from kgrag.search import MODES
    from kgrag.types import Filters

    if (question is None) == (replay is None):
        raise UsageError("Give a question, or --replay with a record: one of the two.")
    if mode not in MODES:
        raise UsageError(f"No mode '{mode}' (found: {', '.join(MODES)}).")
    filters = Filters(
        year_from, year_to, tuple(venue or ()), tuple(author or ()), tuple(language or ()), tuple(kind or ())
    )
    with Library.open(library) as opened:
        opened.catch_up()
        found = (
            _again(opened, replay)
            if replay is not None
            else _search(opened, question or "", top_k, mode, filters, False if no_expand else None)
        )
        warnings = list(opened.warnings.values())
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print(found)
    if replay is not None and not found["replay"]["identical"]:
        raise typer.Exit(1)


def _search(
    library: Library, question: str, top_k: int, mode: str, filters: Any, expand: bool | None = None
) -> dict[str, Any]:
    from kgrag.render.as_json import hit_to_json

    made = local_desk(library).search(question, filters, top_k=top_k, mode=mode, expand=expand)
    return {
        "question": question,
        "repairs": [list(r) for r in made.understood.repairs],
        "record": made.record,
        "counts": dict(made.found.counts),
        "hits": [hit_to_json(hit, pattern=library.settings.openurl) for hit in made.found.hits],
    }


def _again(library: Library, name: str) -> dict[str, Any]:
    from kgrag.render.as_json import hit_to_json
    from kgrag.search import Retriever
    from kgrag.search.record import replay

    record = _record(library, name)
    found, changed = replay(Retriever(library), record)
    return {
        "question": record["question"],
        "repairs": record["repairs"],
        "record": record["id"],
        "counts": dict(found.counts),
        "replay": {"of": record["id"], "identical": not changed, "differences": changed},
        "hits": [hit_to_json(hit, pattern=library.settings.openurl) for hit in found.hits],
    }


def _record(library: Library, name: str) -> dict[str, Any]:
    """A record by its id, or from an exported file."""
    from kgrag.catalogue.searches import stored_search

    if not Path(name).is_file():
        return stored_search(library.catalogue, name)
    try:
        record: dict[str, Any] = json.loads(Path(name).read_text("utf-8"))
        missing = {
            "id",
            "question",
            "text",
            "language",
            "repairs",
            "expansions",
            "entities",
            "mode",
            "top_k",
            "filters",
            "hits",
            "library",
            "versions",
        } - record.keys()
    except (ValueError, AttributeError) as error:
        raise ReadError(
            f"{name} is no search record. Write one: kgrag searches export ID -o {name}"
        ) from error
    if missing:
        raise ReadError(f"{name} is no search record: it lacks {', '.join(sorted(missing))}.")
    return record


def _print(found: dict[str, Any]) -> None:
    for number, hit in enumerate(found["hits"], start=1):
        mark = marks_as_text(hit, "  ")
        where = ", ".join(str(part) for part in (hit["year"], hit["section"]) if part)
        typer.echo(f"{number:3}. {hit['title']} ({where}){mark}\n     {hit['text'][:300].strip()}\n")
    for line in found.get("replay", {}).get("differences", []):
        typer.echo(f"differs: {line}")
    typer.echo(f"Record {found['record']} (run again: kgrag search --replay {found['record']})", err=True)


@searches.command("list")
def list_searches(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """The searches kept, newest first."""
    from kgrag.catalogue.searches import searches_made

    with Library.open(library) as opened:
        found = searches_made(opened.catalogue)
    if as_json:
        typer.echo(json.dumps({"searches": found}, ensure_ascii=False))
        return
    for record in found:
        typer.echo(f"{record['id']}\t{record['created']}\t{record['question']}")


@searches.command()
def export(
    record: Annotated[str, typer.Argument(help="Its id.")],
    format: Annotated[
        str, typer.Option("--format", help="json, csv, methods (a paragraph after PRISMA-S) or methods-zh.")
    ] = "json",
    output: Annotated[Path | None, typer.Option("-o", "--output")] = None,
    library: LibraryOption = None,
) -> None:
    """A search record as a file, or as a paragraph for a methods section."""
    from kgrag.catalogue.searches import stored_search
    from kgrag.render.search_report import FORMATS

    if format not in FORMATS:
        raise UsageError(f"No format '{format}' (found: {', '.join(FORMATS)}).")
    with Library.open(library) as opened:
        text = FORMATS[format](stored_search(opened.catalogue, record))
    if output is None:
        typer.echo(text.rstrip("\n"))
    else:
        output.write_text(text, "utf-8", newline="")
