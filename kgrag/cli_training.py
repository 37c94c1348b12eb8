"""``kgrag calibrate``: what a library learns of its own people about the threshold. Knows words and JSON; the work is in ``kgrag.recalibrate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kgrag.library import Library

LibraryOption = Annotated[Path | None, typer.Option("--library", envvar="KGRAG_LIBRARY", help="Folder of the library (default ./library).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ALPHAS = (0.05, 0.1, 0.2)


def calibrate(library: LibraryOption = None,
              alpha: Annotated[float | None, typer.Option("--alpha", min=0.001, max=0.999, help="Share of unsupported claims tolerated (default: the settings').")] = None,
              reset: Annotated[bool, typer.Option("--reset", help="Back to the shipped threshold.")] = False, as_json: JsonOption = False) -> None:
    """Set the threshold for α anew from people's verdicts on claims in this library, joined with the shipped ones; answers use it from then on."""
    from kgrag import recalibrate
    from kgrag.backends import load_backend

    with Library.open(library) as opened:
        if reset:
            recalibrate.reset(opened.folder)
        else:
            recalibrate.recalibrate(opened, load_backend("verifier", opened.settings.verifier)())
        found = recalibrate.report(opened.folder, list(dict.fromkeys((alpha or opened.settings.alpha, *ALPHAS))))
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(f"{found['version']} is in use: {found['n_verdicts']} claims judged by people, {found['n_wrong']} of them wrong.")
    for row in found["alphas"]:
        typer.echo(f"α = {row['alpha']:g}: threshold {row['threshold']:.3f} (shipped {row['shipped_threshold']:.3f}); of the claims it is made from {row['shown']:.1%} shown, {row['unsupported']:.1%} of these unsupported")
