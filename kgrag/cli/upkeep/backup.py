"""``kgrag backup`` and ``kgrag restore``.

Knows words; the copying is ``kgrag.upkeep.backup``'s, the judgement ``kgrag.upkeep.doctor``'s.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.errors import UsageError
from kgrag.library import Library


def backup(
    file: Annotated[str, typer.Argument(help="A new file, or its address: s3://BUCKET/NAME.")],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the library into one file; it may be in use meanwhile."""
    with Library.open(library) as opened:
        manifest = _taken(opened, file)
    size = sum(part["size_bytes"] for part in manifest["parts"].values())
    typer.echo(
        json.dumps(manifest)
        if as_json
        else (
            f"{file}: {len(manifest['parts'])} parts, {size / 1e6:.1f} MB before compression, checksums in"
            " its manifest."
        )
    )


def restore(
    file: Annotated[str, typer.Argument(help="A file of kgrag backup, or its address.")],
    library: LibraryOption = None,
    trust_settings: Annotated[
        bool,
        typer.Option(
            "--trust-settings",
            help="Use all settings of the backup, also addresses that they name: it is your own.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a library from a backup, checked part by part, and let the doctor look at it."""
    from kgrag.settings import load_settings
    from kgrag.upkeep.doctor import examine

    folder = load_settings(library).library
    manifest = _brought_back(file, folder, trust_settings)
    with Library.open(folder) as opened:
        if opened.settings.catalogue_url is not None:
            raise UsageError(
                f"{folder} is restored, but the setting catalogue_url points elsewhere. Remove it to use the"
                " restored catalogue."
            )
        opened.catch_up(wait_s=None)
        findings = examine(opened)
    whole = all(finding.ok for finding in findings)
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "library": str(folder),
                    "manifest": manifest,
                    "whole": whole,
                    "findings": [{"what": f.what, "ok": f.ok, "detail": f.detail} for f in findings],
                }
            )
        )
    else:
        typer.echo(
            f"{folder} restored from {file} (taken {manifest['created']}); "
            + ("whole." if whole else "not whole:")
        )
        _say_settings(manifest["settings"], folder)
        for finding in findings:
            if not finding.ok:
                typer.echo(f"WRONG {finding.what}: {finding.detail}", err=True)
    if not whole:
        raise typer.Exit(1)


def _taken(library: Library, target: str) -> dict[str, Any]:
    """A backup under a path, or made here and sent to an address."""
    from kgrag.upkeep.objects import is_address, send

    if not is_address(target):
        return local_desk(library).back_up(Path(target))
    with TemporaryDirectory(prefix="kgrag-backup-") as place:
        made = Path(place) / target.rpartition("/")[2]
        manifest = local_desk(library).back_up(made)
        send(made, target)
    return manifest


def _brought_back(source: str, folder: Path, trust_settings: bool) -> dict[str, Any]:
    """A library from a path, or from what is fetched from an address."""
    from kgrag.upkeep.backup import restore as read_backup
    from kgrag.upkeep.objects import fetch, is_address

    if not is_address(source):
        return read_backup(Path(source), folder, trust_settings=trust_settings)
    with TemporaryDirectory(prefix="kgrag-restore-") as place:
        fetched = Path(place) / "fetched"
        fetch(source, fetched)
        return read_backup(fetched, folder, trust_settings=trust_settings)


def _say_settings(settings: dict[str, dict[str, Any]], folder: Path) -> None:
    """What the backup brought, and what of it waits for a yes."""
    for name, value in settings["used"].items():
        typer.echo(f"setting from the backup: {name} = {value!r}")
    for name, value in settings["set_aside"].items():
        typer.echo(
            f"setting from the backup, NOT in use until you say so in {folder / 'kgrag.toml'}: {name} ="
            f" {value!r}"
        )
