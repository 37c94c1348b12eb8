"""``kgrag eval``: one repeatable measurement a command.

Knows files and figures; the measuring is in ``kgrag.evaluate``.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.errors import UsageError

evaluate = typer.Typer(no_args_is_help=True)
FileArgument = Annotated[Path, typer.Argument(help="JSON Lines.", exists=True, dir_okay=False)]


def _print(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        typer.echo(f"{name}: {json.dumps(value)}")


@evaluate.command()
def retrieval(
    folder: Annotated[Path, typer.Argument(help="BEIR folder.", exists=True, file_okay=False)],
    mode: Annotated[str, typer.Option(help="full, nograph, dense, words or graph.")] = "full",
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
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
    """The reward model on rankings: each line has question, answers, ranking (best first), optional scores
    and evidence.
    """
    from kgrag.evaluate.preferences import evaluate_preferences

    _print(evaluate_preferences(file), as_json)


@evaluate.command()
def qa(file: FileArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Yes/no/maybe questions: each line has question, contexts, answer."""
    from kgrag.evaluate.qa import evaluate_qa

    _print(evaluate_qa(file), as_json)


@evaluate.command()
def relations(file: FileArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Statements of single sentences: each line has sentence and relations (subject, predicate, object)."""
    from kgrag.evaluate.relations import evaluate_relations

    _print(evaluate_relations(file), as_json)


@evaluate.command()
def trials(
    folder: Annotated[
        Path, typer.Argument(help="Folder with annotations.jsonl and text/.", exists=True, file_okay=False)
    ],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Directions of trials' outcomes, each read from its article."""
    from kgrag.evaluate.trials import evaluate_trials

    _print(evaluate_trials(folder), as_json)


@evaluate.command()
def screening(file: FileArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Screening of a review whose decisions are known: each line has title, abstract, included (1 or 0)."""
    from kgrag.review.screening.simulate import evaluate_screening

    _print(evaluate_screening(file), as_json)


@evaluate.command()
def boolean(
    topics: Annotated[
        Path, typer.Argument(help="JSON Lines: query; or title, seeds, included.", exists=True)
    ],
    records: Annotated[Path, typer.Argument(help="JSON Lines of records, or a folder of them.", exists=True)],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search strategies: published ones printed and read again, built ones against what they must find."""
    from kgrag.review.boolean.evaluate import evaluate_boolean

    _print(evaluate_boolean(topics, records), as_json)


@evaluate.command()
def extraction(
    path: Annotated[
        Path,
        typer.Argument(
            help="Folder with dev.txt or dev.json, a tagged file, or JSON Lines of labelled abstracts.",
            exists=True,
        ),
    ],
    tagger: Annotated[str | None, typer.Option(help="A packaged tagger's name, or an .npz.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Entity F1 (span and kind) on tagged text, or the accuracy of sentence roles."""
    from kgrag.evaluate.extraction import evaluate_extraction

    _print(evaluate_extraction(path, tagger), as_json)


@evaluate.command()
def report(
    library: Annotated[
        Path | None,
        typer.Option(
            "--library",
            envvar="KGRAG_LIBRARY",
            help="Library whose people's verdicts on claims are reported.",
        ),
    ] = None,
    claims: Annotated[
        list[Path] | None,
        typer.Option(
            "--claims",
            help="Labelled claims; may be given several times, as the others.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    preferences: Annotated[
        list[Path] | None,
        typer.Option("--preferences", help="Rankings by people.", exists=True, dir_okay=False),
    ] = None,
    qa: Annotated[
        list[Path] | None, typer.Option("--qa", help="Yes/no/maybe questions.", exists=True, dir_okay=False)
    ] = None,
    retrieval: Annotated[
        list[Path] | None, typer.Option("--retrieval", help="BEIR folder.", exists=True, file_okay=False)
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare",
            help="An older report (JSON): what became better or worse, item by item.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="HTML page to write; the same report as JSON beside it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """One evaluation of everything given: figures by language and length, every wrong fact by kind, versions
    of models, code and data.
    """
    from kgrag.evaluate.report.build import evaluation
    from kgrag.evaluate.report.compare import KINDS_OF_DATA, as_text
    from kgrag.evaluate.report.compare import compare as compared
    from kgrag.evaluate.report.html import report_html
    from kgrag.library import Library

    older = _older(compare)
    with Library.open(library) if library is not None else nullcontext() as opened:
        found = evaluation(claims or (), preferences or (), qa or (), retrieval or (), opened)
    if older is not None:
        found["compared"] = compared(older, found)
    if out is not None:
        out.with_suffix(".json").write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
        out.with_suffix(".html").write_text(report_html(found, found.get("compared")), "utf-8")
        typer.echo(f"{out.with_suffix('.html')} and {out.with_suffix('.json').name} written.", err=True)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for kind, part in [(name, each) for name in KINDS_OF_DATA for each in found[name]]:
        typer.echo(
            f"{kind} {part['name']}: {json.dumps(part['figures'])}"
            + (f" wrong: {json.dumps(part['wrong_by_kind'])}" if "wrong" in part else "")
        )
    if older is not None:
        typer.echo(as_text(found["compared"]))


def _older(path: Path | None) -> dict[str, Any] | None:
    """An older report, read before the work begins."""
    if path is None:
        return None
    try:
        held = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise UsageError(
            f"'{path}' is no JSON: {error}. Give the .json that kgrag eval report wrote."
        ) from error
    if not isinstance(held, dict) or not {"created", "versions", "claims"} <= set(held):
        raise UsageError(f"'{path}' is no report. Give the .json that kgrag eval report wrote.")
    return held
