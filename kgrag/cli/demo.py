"""Runs the demo: ingests the bundled open-access papers, answers three questions in the terminal, opens the
chat.

Knows the bundled folder and the questions. Licences and sources of the papers: ``ATTRIBUTION.md`` beside this
file.
"""

from __future__ import annotations

import time
from importlib.resources import as_file, files
from pathlib import Path

import typer

from kgrag.backends import load_backend
from kgrag.cli.progress import batch_progress
from kgrag.desk import local_desk
from kgrag.library import Library
from kgrag.render.as_text import answer_as_text

QUESTIONS = (
    "Why are most published research findings false?",
    "How do thresher sharks use their tails when they hunt?",
    "What is blue marble health?",
)


FOLDER = Path("demo-library")


def run_demo(folder: Path | None, *, serve: bool) -> None:
    """Ingest, ask, show what each step cost, and open the chat unless told not to.

    Args:
        folder: the library to make or use; default ``./demo-library``.
        serve: open the chat at the end.
    """
    started = time.perf_counter()
    with Library.open(folder or FOLDER, create=True) as library:
        _ingest(library)
        desk = local_desk(library)
        for question in QUESTIONS:
            typer.echo("\n" + "─" * 80 + "\n" + answer_as_text(desk.answer(desk.ask(question).id)))
        typer.echo(
            "\n" + "─" * 80 + f"\ndone in {time.perf_counter() - started:.1f} s, 0 language-model tokens."
        )
        settings = library.settings
    if serve:
        load_backend("ui", "serve")(settings, settings.host, settings.port)


def _ingest(library: Library) -> None:
    with as_file(files("kgrag.demo") / "papers") as papers, batch_progress() as progress:
        typer.echo("reading 20 open-access papers and one RIS export …")
        report = local_desk(library).ingest([papers], progress=progress)
    typer.echo(
        f"{report['documents']} documents read, {report['skipped']} unchanged; {report['passages']} passages,"
        f" {report['entities']} entities: {report['seconds']:.1f} s"
    )
