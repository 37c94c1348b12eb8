"""The command line. Each command opens a library, calls one function, and prints its result as text or JSON.

Knows words and exit codes: 0 done, 1 failed, 2 wrong use, 3 done but something was quarantined. Results go to
stdout, progress and errors to stderr.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from kgrag.cli.asking import answers as cli_answers
from kgrag.cli.asking import claims as cli_claims
from kgrag.cli.asking import deep as cli_deep
from kgrag.cli.asking import references as cli_references
from kgrag.cli.asking import search as cli_searches
from kgrag.cli.asking import verify as cli_export
from kgrag.cli.holdings import documents as cli_documents
from kgrag.cli.holdings import duplicates as cli_duplicates
from kgrag.cli.holdings import extraction as cli_extraction
from kgrag.cli.holdings import graph as cli_graph
from kgrag.cli.holdings import notices as cli_retractions
from kgrag.cli.holdings import sets as cli_sets
from kgrag.cli.holdings import sources as cli_sources
from kgrag.cli.holdings import vocabulary as cli_vocabulary
from kgrag.cli.learning import evaluate as cli_evaluate
from kgrag.cli.learning import reward as cli_reward
from kgrag.cli.learning import training as cli_training
from kgrag.cli.options import JsonOption, LibraryOption, print_json
from kgrag.cli.reviewing import query as cli_query
from kgrag.cli.reviewing import review as cli_review
from kgrag.cli.reviewing import table as cli_table
from kgrag.cli.upkeep import backup as cli_keeping
from kgrag.cli.upkeep import jobs as cli_jobs
from kgrag.cli.upkeep import users as cli_users
from kgrag.desk import local_desk
from kgrag.errors import Damaged, DiskFull, KgragError, ReadOnly, UsageError
from kgrag.library import Library
from kgrag.settings import load_settings
from kgrag.system.files import is_disk_full
from kgrag.system.names import shown
from kgrag.types import Filters

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Cited answers from your own library, tied to its knowledge graph.",
)


TRACEBACK = "KGRAG_TRACEBACK"
"""In the environment: errors that are none of ours are shown as Python shows them."""


def main() -> None:
    """Entry point: errors of ours become one line and an exit code."""
    os.umask(0o077)  # what a library keeps is for the account that keeps it
    try:
        app()
    except KgragError as error:
        typer.echo(f"kgrag: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("kgrag: stopped.", err=True)
        sys.exit(130)
    except Exception as error:  # a line for a librarian, whatever went wrong; the rest on demand
        if os.environ.get(TRACEBACK):
            raise
        told = _named(error)
        typer.echo(f"kgrag: {told}", err=True)
        sys.exit(told.exit_code)


def _named(error: Exception) -> KgragError:
    """What an error that is none of ours means to whoever gave the command."""
    if is_disk_full(error):
        return DiskFull(shown(str(getattr(error, "filename", None) or "what is written")))
    if isinstance(error, PermissionError):
        return ReadOnly(shown(str(error.filename or "A file")))
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return KgragError(
        f"something went wrong that kgrag has no words for: {type(error).__name__}: {str(error)[:300]} (at"
        f" {Path(frame.filename).name}:{frame.lineno}). Whether the library is whole: kgrag doctor. To report"
        f" it, give the command again with {TRACEBACK}=1."
    )


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    library: LibraryOption = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on after an interruption (unchanged files are always skipped)."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Read papers and records into the library."""
    from kgrag.cli.progress import batch_progress

    with Library.open(library, create=True) as opened, batch_progress() as progress:
        report = local_desk(opened).ingest(paths, progress=progress)
    cli_jobs.print_report(report, as_json)


@app.command()
def ask(
    question: Annotated[str, typer.Argument()],
    library: LibraryOption = None,
    candidates: Annotated[int | None, typer.Option(min=1, max=9, help="Drafts compared.")] = None,
    alpha: Annotated[
        float | None, typer.Option(min=0.001, max=0.999, help="Share of unsupported claims tolerated.")
    ] = None,
    reading_set: Annotated[
        str | None, typer.Option("--set", help="Only from the documents of this set (kgrag sets list).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with evidence, or say that the library does not answer it."""
    from kgrag.render.as_text import answer_as_text

    with Library.open(library) as opened:
        opened.catch_up()
        desk = local_desk(opened)
        limits = desk.within_set(reading_set) if reading_set else Filters()
        text = desk.answer_text(desk.ask(question, limits, candidates=candidates, alpha=alpha).id)
        warnings = list(opened.warnings.values())
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(text if as_json else answer_as_text(json.loads(text)))


@app.command()
def export(
    answer_ids: Annotated[
        list[str], typer.Argument(metavar="ANSWER_ID…", help="One answer, or several for an archive of them.")
    ],
    format: Annotated[str, typer.Option("--format")],
    library: LibraryOption = None,
    output: Annotated[Path | None, typer.Option("-o", help="File to write (default: stdout).")] = None,
) -> None:
    """Write a stored answer in a researcher's format; of several answers, a zip with a file each."""
    with Library.open(library) as opened:
        desk = local_desk(opened)
        content = (
            desk.export(answer_ids[0], format)
            if len(answer_ids) == 1
            else desk.export_many(answer_ids, format)
        )
    if output is not None:
        output.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)


@app.command()
def rebuild(
    follower: Annotated[str, typer.Argument(help="vectors, words or graph.")],
    library: LibraryOption = None,
    files: Annotated[
        Path | None,
        typer.Option(
            "--files",
            help=(
                "graph in Neo4j: write it into this new folder as files for neo4j-admin, and leave the server"
                " alone."
            ),
        ),
    ] = None,
    admin: Annotated[
        str | None,
        typer.Option(
            "--admin",
            help=(
                "graph in Neo4j: this neo4j-admin of the stopped server makes the database anew from files."
                " All that is in it is replaced."
            ),
        ),
    ] = None,
) -> None:
    """Make an index anew from the catalogue; a graph in Neo4j also by its import tool, which is faster for a
    large library.
    """
    if follower != "graph" and (files or admin):
        raise UsageError("--files and --admin are for the graph.")
    with Library.open(library) as opened:
        if not files and not admin:
            typer.echo(f"{follower} rebuilt up to change {local_desk(opened).rebuild(follower)}.")
            return
        seq = local_desk(opened).rebuild_graph_by_files(files, admin)
        database = opened.settings.neo4j_database
    made = (
        f"database '{database}' made anew. Start the server; the graph goes on from there"
        if admin
        else (
            f"files in {files}. In that folder, with the server stopped: neo4j-admin database import full"
            f" {database} @import.args (all that is in the database is replaced)"
        )
    )
    typer.echo(f"graph up to change {seq}: {made}.")


@app.command()
def doctor(
    library: LibraryOption = None,
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild what is wrong.")] = False,
    model: Annotated[
        bool, typer.Option("--model", help="Test whether the language model writes what its quotes say.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check the program, the models, the files and every follower against the catalogue."""
    from kgrag.upkeep.doctor import examine_damaged

    try:
        with Library.open(library) as opened:
            desk = local_desk(opened)
            findings = [*desk.examine(repair=repair), *([desk.examine_model()] if model else [])]
    except Damaged as error:
        findings = examine_damaged(error, load_settings(library).library)
    if as_json:
        print_json(
            {
                "whole": all(f.ok for f in findings),
                "findings": [{"what": f.what, "ok": f.ok, "detail": f.detail} for f in findings],
            }
        )
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'WRONG'} {finding.what}: {finding.detail}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def schema(what: Annotated[str, typer.Argument(help="answer")] = "answer") -> None:
    """Print the JSON Schema of an object."""
    from kgrag.render.as_json import answer_schema

    if what != "answer":
        raise UsageError(f"No schema for '{what}' (found: answer).")
    print_json(answer_schema())


@app.command()
def serve(
    library: LibraryOption = None,
    host: Annotated[str | None, typer.Option()] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535)] = None,
) -> None:
    """Open the chat in the browser's reach."""
    from kgrag.backends import load_backend

    settings = load_settings(library)
    load_backend("ui", "serve")(settings, host or settings.host, port if port is not None else settings.port)


@app.command()
def demo(
    library: LibraryOption = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop after the answers.")] = False,
) -> None:
    """Ingest the bundled open-access papers, answer three questions, open the chat."""
    from kgrag.cli.demo import run_demo

    run_demo(library, serve=not no_serve)


app.command()(cli_searches.search)
app.command()(cli_deep.deep)


app.command()(cli_export.verify)


app.command()(cli_export.dump)


app.command()(cli_export.mcp)


app.add_typer(cli_documents.documents, name="documents", help="The documents of the library.")


app.add_typer(
    cli_duplicates.duplicates,
    name="duplicates",
    help="Documents that may be one work: list, decide, decide back.",
)


app.add_typer(cli_evaluate.evaluate, name="eval", help="Repeatable evaluation.")


app.add_typer(cli_answers.answers, name="answers", help="Answers that were given.")


app.add_typer(cli_sets.sets, name="sets", help="What is gathered under a name: fill, show, export.")


app.add_typer(cli_searches.searches, name="searches", help="Records of searches: list them, report them.")


app.add_typer(cli_claims.claims, name="claims", help="Claims of any text against the library.")


app.add_typer(
    cli_references.references, name="references", help="References of any text against the catalogue."
)


app.add_typer(cli_retractions.retractions, name="retractions", help="Notices of retraction, kept locally.")


app.add_typer(
    cli_reward.reward,
    name="reward",
    help="The reward model of the library: train, evaluate, promote, roll back.",
)


app.command()(cli_training.calibrate)


app.command()(cli_training.align)


app.add_typer(cli_training.training, name="train", help="The recipes of the models that ship.")


app.command()(cli_keeping.backup)


app.command()(cli_keeping.restore)


app.add_typer(cli_jobs.jobs, name="jobs", help="Ingest batches: progress, pause, resume, report.")


app.add_typer(cli_users.users, name="users", help="People, roles, collections, switches.")


app.add_typer(cli_users.audit, name="audit", help="The two logs and their chains.")


app.add_typer(cli_vocabulary.vocabulary, name="vocabulary", help="Vocabularies: load, list, remove, apply.")


app.add_typer(
    cli_vocabulary.entities, name="entities", help="Names that are one thing: merge, split, pairs in doubt."
)


app.command()(cli_extraction.extract)


app.add_typer(cli_graph.graph, name="graph", help="Concepts, statements, and how two concepts are connected.")


app.add_typer(
    cli_extraction.extraction,
    name="extraction",
    help="People rank what was extracted; a scorer learns from it.",
)


app.command()(cli_table.table)
app.add_typer(cli_review.review, name="review", help="Reviews: records, screening, flow, export.")
app.add_typer(cli_query.query, name="query", help="Boolean search strategies: build, check.")


app.command()(cli_sources.watch)


app.command()(cli_sources.harvest)
