"""``kgrag review``: a review from its records to its flow.

Knows words and JSON; the acts are the desk's.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kgrag.cli.options import JsonOption, LibraryOption, print_json
from kgrag.desk import local_desk
from kgrag.errors import UsageError
from kgrag.library import Library
from kgrag.review.project.state import STAGES, Stage

review = typer.Typer(no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="REVIEW", help="Id of the review.")]
RecordArgument = Annotated[str, typer.Argument(metavar="RECORD", help="Id within the review: r1, r2 …")]
StageOption = Annotated[str, typer.Option(help="abstract or full.")]
ByOption = Annotated[str | None, typer.Option("--by", help="Who decides (default: local).")]
ReasonOption = Annotated[str, typer.Option(help="Why, where it is excluded.")]
VerdictArgument = Annotated[str, typer.Argument(help="include, exclude or maybe.")]


@review.command()
def create(
    question: Annotated[str, typer.Argument()],
    library: LibraryOption = None,
    kind: Annotated[str, typer.Option(help="free, pico, peo or novelty.")] = "free",
    protocol: Annotated[
        list[str] | None, typer.Option(help="FIELD=TEXT of the protocol; may be given several times.")
    ] = None,
    screeners: Annotated[int, typer.Option(help="People who decide on each record.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Begin a review; prints its id."""
    fields = dict(_field(one) for one in protocol or [])
    with Library.open(library) as opened:
        made = local_desk(opened).create_review(question, kind=kind, protocol=fields, screeners=screeners)
    print_json({"review": made}) if as_json else typer.echo(made)


@review.command("list")
def list_reviews(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """The reviews of the library."""
    with Library.open(library) as opened:
        found = local_desk(opened).reviews()
    rows = [{"review": r.id, "question": r.question, "begun": r.begun, "records": len(r.records)}
            for r in found]  # fmt: skip
    if as_json:
        print_json({"reviews": rows})
        return
    for row in rows:
        typer.echo(f"{row['review']}  {row['records']:6d} records  {row['question']}")


@review.command()
def member(
    identifier: Id,
    person: Annotated[str, typer.Argument(help="Id of a user.")],
    role: Annotated[str, typer.Argument(help="lead, screener or reader.")],
    library: LibraryOption = None,
) -> None:
    """Take somebody into the team."""
    with Library.open(library) as opened:
        local_desk(opened).add_reviewer(identifier, person, role)


@review.command()
def add(
    identifier: Id,
    file: Annotated[Path, typer.Argument(help="RIS, NBIB, CSV or another export.", exists=True)],
    library: LibraryOption = None,
    name: Annotated[str | None, typer.Option(help="Of the set, as the flow shows it: PubMed …")] = None,
    query: Annotated[str, typer.Option(help="The strategy that found it.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Take the records of a file in as a set; duplicates across sets are united and counted."""
    with Library.open(library) as opened:
        told = local_desk(opened).add_review_set(identifier, file, name=name, query=query)
    if as_json:
        print_json(told)
    else:
        typer.echo(f"{told['records']} records, {told['duplicates']} there before, {told['new']} new.")


@review.command()
def search(
    identifier: Id,
    file: Annotated[
        Path, typer.Argument(help="A strategy in PubMed's grammar.", exists=True, dir_okay=False)
    ],
    library: LibraryOption = None,
    name: Annotated[str, typer.Option(help="Of the set.")] = "This library",
    as_json: JsonOption = False,
) -> None:
    """Ask a search strategy of the library; the works it finds become a set of the review."""
    with Library.open(library) as opened:
        told = local_desk(opened).search_review(identifier, file.read_text("utf-8-sig").strip(), name=name)
    print_json(told) if as_json else typer.echo(f"{told['new']} works.")


@review.command()
def refresh(identifier: Id, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Ask the review's strategies again: what is new becomes a dated set, each work told once; and what was
    retracted.
    """
    with Library.open(library) as opened:
        told = local_desk(opened).refresh_review(identifier)
    if as_json:
        print_json(told)
        return
    for one in told["brought"]:
        typer.echo(f"{one['name']}: {one['new']} new")
        for title in one["titles"]:
            typer.echo(f"  {title}")
    for one in told["retracted"]:
        typer.echo(f"retracted: {one['record']} {one['title']} ({one['notice']})")


@review.command("next")
def next_record(
    identifier: Id,
    library: LibraryOption = None,
    stage: StageOption = "abstract",
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """The record to decide on next, the likeliest to be included."""
    with Library.open(library) as opened:
        told = local_desk(opened).next_record(identifier, _stage(stage), by=by)
    if as_json:
        print_json(told or {"record": None, "left": 0})
    elif told is None:
        typer.echo("Nothing is left at this stage.")
    else:
        typer.echo(f"{told['record']}  {told['title']} ({told['year'] or 'no year'}, {told['venue']})\n\n"
                   f"{told['abstract'] or 'No abstract.'}\n\n{told['left']} left.")  # fmt: skip


@review.command()
def decide(
    identifier: Id,
    record: RecordArgument,
    verdict: VerdictArgument,
    library: LibraryOption = None,
    stage: StageOption = "abstract",
    reason: ReasonOption = "",
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide on a record; prints the number by which it is undone."""
    with Library.open(library) as opened:
        seq = local_desk(opened).decide(identifier, record, verdict, stage=stage, reason=reason, by=by)
    _print_act(seq, as_json)


@review.command()
def settle(
    identifier: Id,
    record: RecordArgument,
    verdict: VerdictArgument,
    library: LibraryOption = None,
    stage: StageOption = "abstract",
    reason: ReasonOption = "",
    as_json: JsonOption = False,
) -> None:
    """End a conflict by a lead's word."""
    with Library.open(library) as opened:
        seq = local_desk(opened).settle(identifier, record, verdict, stage=stage, reason=reason)
    _print_act(seq, as_json)


@review.command("not-retrieved")
def not_retrieved(identifier: Id, record: RecordArgument, library: LibraryOption = None) -> None:
    """Note that a report's full text could not be had."""
    with Library.open(library) as opened:
        typer.echo(local_desk(opened).not_retrieved(identifier, record))


@review.command()
def undo(
    identifier: Id,
    act: Annotated[int, typer.Argument(help="The number that decide printed.")],
    library: LibraryOption = None,
    by: ByOption = None,
) -> None:
    """Take an act back; it stays in the trail."""
    with Library.open(library) as opened:
        local_desk(opened).undo_review_act(identifier, act, by=by)


@review.command()
def status(identifier: Id, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Counts of both stages, expected number still missing, advice to stop, kappa and AC1."""
    with Library.open(library) as opened:
        told = local_desk(opened).review_status(identifier)
    if as_json:
        print_json(told)
        return
    typer.echo(told["question"])
    for stage, counts in told["stages"].items():
        advice = "; reading on is hardly worth it" if counts["stop_advised"] else ""
        missing = "" if counts["missing_at_most"] is None else (
            f"; about {counts['missing_expected']} still missing, at most {counts['missing_at_most']}"
        )  # fmt: skip
        typer.echo(
            f"{stage}: {counts['decided']} of {counts['records']} decided, {counts['included']} included,"
            f" {counts['conflicts']} in conflict{missing}{advice}"
        )
    for stage, pairs in told["agreement"].items():
        for pair in pairs:
            typer.echo(f"{stage}: {pair['first']} and {pair['second']} agree on {pair['same']} of"
                       f" {pair['records']}; kappa {pair['kappa']}, AC1 {pair['ac1']}")  # fmt: skip


@review.command()
def flow(
    identifier: Id,
    library: LibraryOption = None,
    svg: Annotated[Path | None, typer.Option(help="Write the picture into this file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The PRISMA 2020 flow, counted from the trail."""
    from kgrag.review.project.flow import as_svg

    with Library.open(library) as opened:
        counted = local_desk(opened).review_flow(identifier)
    if svg is not None:
        svg.write_text(as_svg(counted), encoding="utf-8")
    if as_json:
        print_json(counted)
    elif svg is None:
        for name, value in counted.items():
            typer.echo(f"{name.replace('_', ' ')}: {value}")


@review.command()
def methods(
    identifier: Id,
    library: LibraryOption = None,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
) -> None:
    """A paragraph for a methods section (PRISMA-S), with what the program did."""
    from kgrag.review.project.flow import methods as told

    with Library.open(library) as opened:
        typer.echo(told(local_desk(opened).review(identifier), language))


@review.command()
def report(
    identifier: Annotated[
        str, typer.Argument(metavar="[REVIEW|SET]", help="Id; without one: the whole library.")
    ] = "",
    library: LibraryOption = None,
    language: Annotated[str, typer.Option(help="Of headings and counts: en or zh.")] = "en",
    output: Annotated[Path | None, typer.Option("-o", help="File to write: .html, .docx or .pdf.")] = None,
    as_json: JsonOption = False,
) -> None:
    """A report of a set of documents: counts, topics, findings, contrasts, methods, limitations, gaps and
    hints; every sentence is a count or a quote.
    """
    from kgrag.review.report.pages import as_docx, as_html, as_pdf

    writers = {".html": lambda made: as_html(made).encode(), ".docx": as_docx, ".pdf": as_pdf}
    kind = output.suffix.lower() if output is not None else ".html"
    if kind not in writers:
        raise UsageError(f"A report is written as {', '.join(writers)}; '{output}' is none of them.")
    with Library.open(library) as opened:
        made = local_desk(opened).report(identifier, language)
    if as_json:
        print_json(made)
    if output is not None:
        output.write_bytes(writers[kind](made))
    elif not as_json:
        typer.echo(as_html(made))


@review.command()
def novelty(
    file: Annotated[Path, typer.Argument(help="A text that claims something new.", exists=True)],
    library: LibraryOption = None,
    points: Annotated[
        Path | None, typer.Option(help="Points of novelty, one a line, as people edited them.", exists=True)
    ] = None,
    propose: Annotated[bool, typer.Option("--propose", help="Print the text's own points; no more.")] = False,
    output: Annotated[Path | None, typer.Option("-o", help="File for the draft (.html).")] = None,
    as_json: JsonOption = False,
) -> None:
    """Prepare a novelty search (GB/T 32003): points, strategies, nearest documents, what they say of each
    point; a person concludes.
    """
    from kgrag.review.report.novelty import as_html, points_of

    text = file.read_text("utf-8-sig")
    if propose:
        typer.echo("\n".join(points_of(text)))
        return
    given = points.read_text("utf-8-sig").splitlines() if points is not None else []
    with Library.open(library) as opened:
        made = local_desk(opened).novelty(text, given)
    if as_json:
        print_json(made)
    if output is not None:
        output.write_text(as_html(made), encoding="utf-8")
    elif not as_json:
        typer.echo(as_html(made))


@review.command()
def export(
    identifier: Id,
    library: LibraryOption = None,
    output: Annotated[Path | None, typer.Option("-o", help="File to write (default: stdout).")] = None,
) -> None:
    """The whole review as a zip (RO-Crate), which another library opens."""
    with Library.open(library) as opened:
        content = local_desk(opened).export_review(identifier)
    if output is not None:
        output.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)


@review.command("open")
def open_review(
    file: Annotated[Path, typer.Argument(help="A zip of kgrag review export.", exists=True)],
    library: LibraryOption = None,
) -> None:
    """Take in a review that was exported elsewhere; prints its id."""
    with Library.open(library, create=True) as opened:
        typer.echo(local_desk(opened).open_review(file))


def _print_act(seq: int, as_json: bool) -> None:
    """Print the number by which an act is undone."""
    print_json({"act": seq}) if as_json else typer.echo(seq)


def _field(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"'{text}' is no field of a protocol; write FIELD=TEXT.")
    return name.strip(), value.strip()


def _stage(text: str) -> Stage:
    if text not in STAGES:
        raise UsageError(f"No stage '{text}' (found: {', '.join(STAGES)}).")
    return text
