"""``kgrag jobs``: watch and steer ingest batches.

Knows words and JSON; the jobs are ``kgrag.catalogue.jobs``', the work ``ingest.run``'s.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from kgrag.catalogue.jobs import Jobs, Overview
from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.errors import UsageError
from kgrag.library import Library
from kgrag.render.unions import union_as_text

jobs = typer.Typer(no_args_is_help=True)
JobArgument = Annotated[int, typer.Argument(help="Number of the job (kgrag jobs list).")]
EXIT_QUARANTINED = 3
MANY_UNIONS = 20


def print_report(report: dict[str, Any], as_json: bool) -> None:
    """A batch's report on stdout, what went wrong on stderr; exit code 3 where something was quarantined."""
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        typer.echo(
            f"{report['documents']} documents read, {report['skipped']} unchanged; the library holds"
            f" {report['passages']} passages, {report['entities']} entities, {report['statements']}"
            f" statements. {report['seconds']:.1f} s."
        )
        typer.echo(_records(report))
        for union in report["unions"][:MANY_UNIONS]:
            typer.echo(f"united: {union_as_text(union)}")
        if len(report["unions"]) > MANY_UNIONS:
            typer.echo("… all of them: kgrag duplicates list")
    for item in report["quarantined"]:
        typer.echo(f"quarantined: {item['path']}: {item['reason']}", err=True)
    for warning in report["warnings"]:
        typer.echo(f"warning: {warning}", err=True)
    if report["quarantined"]:
        raise typer.Exit(EXIT_QUARANTINED)


def _records(report: Mapping[str, Any]) -> str:
    """Records by what became of them, in words."""
    return (
        f"Records: {report['new']} new, {report['united']} united with others, {report['changed']} changed,"
        f" {report['unchanged']} unchanged, {len(report['refused'])} refused."
    )


@jobs.command()
def metrics(library: LibraryOption = None) -> None:
    """The library's figures in Prometheus' text format (the service gives them at /api/v1/metrics)."""
    from kgrag.upkeep.metrics import metrics_text

    with Library.open(library) as opened:
        typer.echo(metrics_text(opened), nl=False)


@jobs.command("list")
def list_jobs(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Ingest batches, newest first."""
    with Library.open(library) as opened:
        found = Jobs(opened.catalogue).overviews()
    if as_json:
        typer.echo(json.dumps({"jobs": [overview_to_json(item) for item in found]}, ensure_ascii=False))
        return
    for item in found:
        typer.echo(_line(item))


@jobs.command()
def show(job: JobArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """One batch, and every file that was not read with its reason."""
    with Library.open(library) as opened:
        found, items = Jobs(opened.catalogue).overview(job), Jobs(opened.catalogue).items(job)
    problems = [problem for item in items for problem in item["problems"]]
    if as_json:
        typer.echo(json.dumps({**overview_to_json(found), "quarantined": problems}, ensure_ascii=False))
        return
    typer.echo(_line(found))
    for worker in found.workers:
        typer.echo(f"worker: {worker}")
    for problem in problems:
        typer.echo(f"quarantined: {problem['path']}: {problem['reason']}")


@jobs.command()
def pause(job: JobArgument, library: LibraryOption = None) -> None:
    """Let its workers stop after the document in hand."""
    with Library.open(library) as opened:
        local_desk(opened).steer(job, "pause")
    typer.echo(f"Job {job} is paused. Go on: kgrag jobs resume {job}")


@jobs.command()
def resume(job: JobArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Go on with a batch; on a running one, join it as one more worker."""
    with Library.open(library) as opened:
        local_desk(opened).steer(job, "resume")
        report = _work(opened, job)
    print_report(report, as_json)


@jobs.command()
def cancel(
    job: JobArgument,
    library: LibraryOption = None,
    reason: Annotated[str, typer.Option(help="Kept with the job.")] = "cancelled by the admin",
) -> None:
    """Stop a batch for good; what was read stays in the library."""
    with Library.open(library) as opened:
        local_desk(opened).steer(job, "cancel", reason=reason)
    typer.echo(f"Job {job} is cancelled. What it read stays; the rest can be read anew: kgrag ingest PATH")


@jobs.command()
def retry(job: JobArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Read the quarantined files of a batch once more."""
    with Library.open(library) as opened:
        n = local_desk(opened).steer(job, "retry")
        typer.echo(f"{n} files are read again.", err=True)
        report = _work(opened, job)
    print_report(report, as_json)


@jobs.command()
def report(
    job: JobArgument,
    library: LibraryOption = None,
    format: Annotated[str, typer.Option("--format", help="json or html.")] = "json",
    output: Annotated[Path | None, typer.Option("-o", help="File to write (default: stdout).")] = None,
) -> None:
    """Every file's outcome, as JSON or one HTML page that needs nothing else."""
    from kgrag.cli.upkeep.job_report import report_html

    if format not in ("json", "html"):
        raise UsageError(f"No format '{format}' (found: json, html).")
    with Library.open(library) as opened:
        found, items = Jobs(opened.catalogue).overview(job), Jobs(opened.catalogue).items(job)
    text = (
        report_html(found, items)
        if format == "html"
        else json.dumps({**overview_to_json(found), "files": items}, ensure_ascii=False, indent=1)
    )
    if output is not None:
        output.write_text(text, "utf-8")
    else:
        typer.echo(text)


def _work(library: Library, job: int) -> dict[str, Any]:
    from kgrag.cli.progress import batch_progress

    with batch_progress() as progress:
        return local_desk(library).work(job, progress=progress)


def overview_to_json(found: Overview) -> dict[str, Any]:
    """An overview as plain values, with its rate in documents a minute."""
    return {**asdict(found), "documents_per_minute": round(found.rate, 1), "seconds": round(found.seconds, 1)}


def _line(found: Overview) -> str:
    n_open = found.items["pending"] + found.items["leased"]
    lost = found.items["quarantined"] + found.items["failed"]
    left = (
        f", about {found.left_s:.0f} s left"
        if found.state == "running" and n_open and found.left_s is not None
        else ""
    )
    why = f" ({found.reason})" if found.reason else ""
    return (
        f"{found.id}\t{found.state}{why}\t{found.created}\t{found.items['done']} files read, {n_open} open,"
        f" {lost} quarantined, {found.skipped} unchanged; {found.documents} documents, {found.passages}"
        f" passages, {found.rate:.0f} documents a minute{left}\t{' '.join(found.paths)}"
    )
