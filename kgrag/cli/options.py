"""Defines the options that every command shares, and prints a result as JSON.

Knows the command line only; no command and no library.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

LibraryOption = Annotated[
    Path | None,
    typer.Option("--library", envvar="KGRAG_LIBRARY", help="Folder of the library (default ./library)."),
]


JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def print_json(value: Any) -> None:
    """One JSON object on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=None if not sys.stdout.isatty() else 2))
