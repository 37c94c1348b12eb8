"""``kgrag calibrate``, ``kgrag train`` and ``kgrag align``: learn from a library's own people, and make the
models that ship.

Knows words, JSON and the order of a recipe's steps; the work is in ``kgrag.verify.library_threshold``,
``kgrag.train`` and ``kgrag.learn``.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.errors import MissingExtra, UsageError
from kgrag.library import Library

training = typer.Typer(no_args_is_help=True)
DataOption = Annotated[
    Path,
    typer.Option(
        "--data",
        help=(
            "Folder with claims/, preferences/, qa/ and retrieval/ (JSON Lines; the models' cards name the"
            " sets)."
        ),
        exists=True,
        file_okay=False,
    ),
]
OutOption = Annotated[
    Path,
    typer.Option("--out", help="Folder for the model's files; made where there is none.", file_okay=False),
]
SeedOption = Annotated[int, typer.Option("--seed")]
ALPHAS = (0.05, 0.1, 0.2)


def calibrate(
    library: LibraryOption = None,
    alpha: Annotated[
        float | None,
        typer.Option(
            "--alpha",
            min=0.001,
            max=0.999,
            help="Share of unsupported claims tolerated (default: the settings').",
        ),
    ] = None,
    claims: Annotated[
        list[Path] | None,
        typer.Option(
            "--claims",
            help="Labelled claims in place of the shipped ones (needed for another verifier).",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Back to the shipped threshold.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Set the threshold for α anew from people's verdicts on claims in this library, joined with the shipped
    ones; answers use it from then on.
    """
    from kgrag.backends import open_verifier
    from kgrag.verify import library_threshold as recalibrate

    with Library.open(library) as opened:
        judge = open_verifier(opened.settings.verifier)
        if reset:
            local_desk(opened).reset_threshold()
        else:
            local_desk(opened).calibrate(judge, files=claims or ())
        found = recalibrate.report(
            opened.folder,
            list(dict.fromkeys((opened.settings.alpha if alpha is None else alpha, *ALPHAS))),
            judge,
        )
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(
        f"{found['version']} is in use: {found['n_verdicts']} claims judged by people, {found['n_wrong']} of"
        " them wrong."
    )
    for row in found["alphas"]:
        typer.echo(
            f"α = {row['alpha']:g}: threshold {row['threshold']:.3f} (shipped"
            f" {row['shipped_threshold']:.3f}); of the claims it is made from {row['shown']:.1%} shown,"
            f" {row['unsupported']:.1%} of these unsupported"
        )


@training.command()
def verifier(
    data: DataOption,
    out: OutOption,
    minutes: Annotated[
        float, typer.Option("--minutes", min=0.0, help="Processor's time for the encoder.")
    ] = 90.0,
    seed: SeedOption = 7,
    base: Annotated[
        Path | None,
        typer.Option(
            "--base",
            help="ONNX file of the model to fine-tune, as e5-small-v2 (default: MiniLM as installed).",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    layers: Annotated[
        int | None,
        typer.Option("--layers", min=3, help="Layers of it to keep, from the bottom (default: all)."),
    ] = None,
) -> None:
    """The claim verifier: encoder, Chinese model, stacker and calibration claims, with held-out figures
    (extra `train`).
    """
    _require("torch", "Training the verifier")
    _has(data, ("claims", "qa", "retrieval"))
    from kgrag.train import chinese, stacker
    from kgrag.train import verifier as encoder

    given, made = ["--data", str(data)], out / "encoder"
    chosen = [
        *(["--base", str(base), "--mix", "long", "--compared", "0"] if base else []),
        *(["--layers", str(layers)] if layers else []),
    ]
    encoder.main(
        [
            *given,
            "--out",
            str(made),
            "--minutes",
            str(minutes),
            "--seed",
            str(seed),
            "--rate",
            "1.2e-4",
            *chosen,
        ]
    )
    chinese.main([*given, "--out", str(out)])
    stacker.main([*given, "--encoder", str(made), "--out", str(out), "--seed", str(seed)])


@training.command()
def reward(data: DataOption, out: OutOption, seed: SeedOption = 7) -> None:
    """The reward model that ships, from experts' rankings and answers made worse, with cross-validated
    figures. A library's own: kgrag reward train.
    """
    _has(data, ("preferences", "qa"))
    from kgrag.train import reward as recipe

    recipe.main(["--data", str(data), "--out", str(out), "--seed", str(seed)])


def align(
    method: Annotated[str, typer.Argument(help="sft, dpo or grpo.")],
    model: Annotated[
        str, typer.Option("--model", help="Folder of a causal language model (Hugging Face's format).")
    ],
    out: Annotated[
        Path,
        typer.Option("--out", help="A new folder for the adapter, its card and figures.", file_okay=False),
    ],
    library: LibraryOption = None,
    beta: Annotated[
        float, typer.Option(min=0.0, help="How strongly KL holds the model to the reference (dpo, grpo).")
    ] = 0.1,
    steps: Annotated[int, typer.Option(min=1)] = 200,
    rate: Annotated[float, typer.Option(min=0.0, help="Learning rate.")] = 2e-5,
    seed: SeedOption = 7,
    as_json: JsonOption = False,
) -> None:
    """Fine-tune a language model of your own on this library's answers and rankings, as a LoRA adapter; a GPU
    is used where there is one (extra `align`).
    """
    from kgrag.learn.align import Options

    with Library.open(library) as opened:
        options = Options(beta=beta, steps=steps, rate=rate, seed=seed)
        found = local_desk(opened).align(method, model, out=out, options=options)
    typer.echo(
        json.dumps(found)
        if as_json
        else (
            f"{out}: {found['examples']['trained']} examples; before {json.dumps(found['before'])}, after"
            f" {json.dumps(found['after'])}"
        )
    )


def _require(module: str, what: str) -> None:
    """Nothing, or the extra to install."""
    try:
        import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtra(what, "train") from error


def _has(data: Path, folders: tuple[str, ...]) -> None:
    missing = [name for name in folders if not (data / name).is_dir()]
    if missing:
        raise UsageError(
            f"'{data}' has no {', '.join(missing)}. Give the folder that holds {', '.join(folders)}."
        )
