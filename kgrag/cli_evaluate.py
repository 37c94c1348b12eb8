"""``kgrag eval``: one repeatable measurement a command. Knows files and figures; the measuring is in ``kgrag.evaluate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

evaluate = typer.Typer(no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
FileArgument = Annotated[Path, typer.Argument(help="JSON Lines.", exists=True, dir_okay=False)]
LibraryOption = Annotated[Path | None, typer.Option("--library", envvar="KGRAG_LIBRARY", help="Folder whose settings are used.")]


def _print(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        typer.echo(f"{name}: {json.dumps(value)}")


@evaluate.command()
def retrieval(folder: Annotated[Path, typer.Argument(help="BEIR folder.", exists=True, file_okay=False)],
              mode: Annotated[str, typer.Option(help="full, nograph, dense, words or graph.")] = "full", library: LibraryOption = None,
              as_json: JsonOption = False) -> None:
    """Retrieval over a BEIR folder (corpus.jsonl, queries.jsonl, qrels/test.tsv)."""
    from kgrag.evaluate.retrieval import evaluate_retrieval

    _print(evaluate_retrieval(folder, mode), as_json)


@evaluate.command()
def claims(file: FileArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """The verifier on labelled claims: each line has claim, evidence (list of texts), label."""
    from kgrag.evaluate.claims import evaluate_claims

    _print(evaluate_claims(file), as_json)


@evaluate.command()
def preferences(file: FileArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """The reward model on rankings: each line has question, answers, ranking (best first), optional scores and evidence."""
    from kgrag.evaluate.preferences import evaluate_preferences

    _print(evaluate_preferences(file), as_json)


@evaluate.command()
def qa(file: FileArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Yes/no/maybe questions: each line has question, contexts, answer."""
    from kgrag.evaluate.qa import evaluate_qa

    _print(evaluate_qa(file), as_json)


@evaluate.command()
def extraction(path: Annotated[Path, typer.Argument(help="Folder with dev.txt or dev.json, a tagged file, or JSON Lines of labelled abstracts.", exists=True)],
               tagger: Annotated[str | None, typer.Option(help="A packaged tagger's name, or an .npz.")] = None, as_json: JsonOption = False) -> None:
    """Entity F1 (span and kind) on tagged text, or the accuracy of sentence roles."""
    from kgrag.evaluate.extraction import evaluate_extraction

    _print(evaluate_extraction(path, tagger), as_json)
