"""``kgrag watch`` and ``kgrag harvest``: ingest from a folder or a server as new papers appear.

Knows words and signals; the work is ``ingest``'s.
"""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.cli.upkeep.jobs import print_report
from kgrag.desk import local_desk
from kgrag.errors import UsageError
from kgrag.library import Library
from kgrag.settings import load_settings


def watch(
    folder: Annotated[Path, typer.Argument(help="Looked at with everything below it.")],
    library: LibraryOption = None,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 5.0,
    as_json: JsonOption = False,
) -> None:
    """Ingest what appears or changes in a folder, until stopped (Ctrl-C or SIGTERM)."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Library.open(library, create=True) as opened:
        typer.echo(f"watching {folder}; stop with Ctrl-C", err=True)
        for report in local_desk(opened).watch(folder, every, stop=stop):
            _told(report, as_json)
    typer.echo("stopped.", err=True)


def harvest(
    url: Annotated[str, typer.Argument(help="Base address of an OAI-PMH source.")],
    library: LibraryOption = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Only records changed since this date (2026-01-31).")
    ] = None,
    prefix: Annotated[str, typer.Option("--format", help="Metadata format: oai_dc, marcxml …")] = "oai_dc",
    set_name: Annotated[str | None, typer.Option("--set", help="One set of the source.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch records over OAI-PMH and ingest them; stopped at any moment, it goes on where it was."""
    from kgrag.backends import load_backend

    if not urlsplit(url).netloc:
        raise UsageError(
            f"{url!r} is no address of a source. Give its base address, for example https://example.org/oai."
        )
    place = load_settings(library).library / "harvest" / _folder_name(url, prefix, set_name)
    with Library.open(library, create=True) as opened:
        for page in load_backend("ingest", "harvest")(url, place, since, prefix, set_name):
            typer.echo(f"fetched {page.name}", err=True)
        report = local_desk(opened).ingest(sorted(place.absolute().glob("page-*.xml")))
    print_report(report, as_json)


def _folder_name(url: str, prefix: str, set_name: str | None) -> str:
    """A folder for each source, format and set."""
    parts = urlsplit(url)
    plain = "-".join(part for part in (parts.netloc, parts.path.strip("/"), prefix, set_name or "") if part)
    return "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in plain)


def _told(report: dict[str, Any], as_json: bool) -> None:
    """A batch's report; a quarantined file is no reason to stop watching."""
    try:
        print_report(report, as_json)
    except typer.Exit:
        return
