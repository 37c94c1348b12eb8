"""``kgrag users`` and ``kgrag audit``: manage people, collections and switches, and read the two logs.

Knows words, JSON and exit codes; what is done, the desk does.

A password is read from the terminal, from standard input or from ``KGRAG_PASSWORD``; never from the command
line, which others can see.
"""

from __future__ import annotations

import getpass
import json
import os
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer

from kgrag.catalogue.audit import LOGS, holds_hash
from kgrag.cli.options import JsonOption, LibraryOption
from kgrag.desk import local_desk
from kgrag.errors import UsageError
from kgrag.library import Library
from kgrag.people.rights import ROLES

users = typer.Typer(no_args_is_help=True)
audit = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="A user's name.")]
RoleOption = Annotated[str, typer.Option(help=", ".join(ROLES))]
Groups = Annotated[
    list[str] | None, typer.Option("--group", help="A group they belong to; may be given several times.")
]


@users.command()
def add(
    name: Name,
    library: LibraryOption = None,
    role: RoleOption = "reader",
    group: Groups = None,
    no_password: Annotated[bool, typer.Option("--no-password", help="They come through OIDC only.")] = False,
) -> None:
    """Make a user; the password is asked for."""
    password = None if no_password else _password()
    with Library.open(library, create=True) as opened:
        made = local_desk(opened).add_user(name, role, password=password, groups=group or ())
    typer.echo(f"{made.name} is a {made.role}.")


@users.command("list")
def list_users(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Everybody, with role and groups."""
    with Library.open(library) as opened:
        found = local_desk(opened).users()
    if as_json:
        typer.echo(json.dumps({"users": [asdict(user) for user in found]}, ensure_ascii=False))
        return
    for user in found:
        typer.echo(
            "\t".join(
                [
                    user.name,
                    user.role,
                    ", ".join(user.groups) or "-",
                    *(["disabled"] if user.disabled else []),
                    *([] if user.by_password else ["no password"]),
                ]
            )
        )


@users.command()
def passwd(name: Name, library: LibraryOption = None) -> None:
    """Give a new password; their sessions end."""
    with Library.open(library) as opened:
        desk = local_desk(opened)
        user = desk.user(name)
        desk.set_password(name, _password())
    typer.echo(f"{user.name} has a new password.")


@users.command()
def role(
    name: Name, role: Annotated[str, typer.Argument(help=", ".join(ROLES))], library: LibraryOption = None
) -> None:
    """Give another role; it holds at once."""
    with Library.open(library) as opened:
        desk = local_desk(opened)
        user = desk.user(name)
        desk.set_role(name, role)
    typer.echo(f"{user.name} is a {role}.")


@users.command()
def groups(
    name: Name,
    group: Annotated[
        list[str] | None, typer.Argument(help="All their groups; none takes them out of all.")
    ] = None,
    library: LibraryOption = None,
) -> None:
    """Say which groups somebody belongs to."""
    with Library.open(library) as opened:
        desk = local_desk(opened)
        user = desk.user(name)
        desk.set_groups(name, group or ())
    typer.echo(f"{user.name}: {', '.join(group or ()) or 'no groups'}")


@users.command()
def disable(
    name: Name,
    library: LibraryOption = None,
    again: Annotated[bool, typer.Option("--enable", help="Let them in again.")] = False,
) -> None:
    """Bar somebody from logging in; their sessions end at once."""
    with Library.open(library) as opened:
        desk = local_desk(opened)
        user = desk.user(name)
        desk.set_disabled(name, not again)
    typer.echo(f"{user.name} is {'let in again' if again else 'let in no more'}.")


@users.command()
def unlock(name: Name, library: LibraryOption = None) -> None:
    """Forget failed logins under a name."""
    with Library.open(library) as opened:
        local_desk(opened).unlock(name)
    typer.echo(f"{name} may try again.")


@users.command("forget")
def forget_user(name: Name, library: LibraryOption = None) -> None:
    """Erase what somebody asked, everywhere; they stay a user."""
    with Library.open(library) as opened:
        desk = local_desk(opened)
        user = desk.user(name)
        n = desk.forget_user(name)
    typer.echo(f"{n} questions of {user.name} are forgotten.")


@users.command()
def delete(name: Name, library: LibraryOption = None) -> None:
    """Erase what somebody asked, and then the user."""
    with Library.open(library) as opened:
        desk = local_desk(opened)
        user = desk.user(name)
        desk.delete_user(name)
    typer.echo(f"{user.name} and what they asked are deleted.")


@users.command("purge")
def purge_history(library: LibraryOption = None) -> None:
    """Forget who asked what longer ago than history_days (the service does so every hour)."""
    with Library.open(library) as opened:
        n = local_desk(opened).purge_history()
    typer.echo(f"{n} entries of personal histories are forgotten.")


@users.command()
def switch(
    what: Annotated[str, typer.Argument(help="answers, extraction, feedback, or collection:NAME")],
    library: LibraryOption = None,
    on: Annotated[list[str] | None, typer.Option("--on", help="Roles it is on for.")] = None,
    off: Annotated[list[str] | None, typer.Option("--off", help="Roles it is off for.")] = None,
) -> None:
    """Turn something on or off by role."""
    with Library.open(library) as opened:
        desk = local_desk(opened)
        for roles, value in ((on or (), True), (off or (), False)):
            for each in roles:
                desk.switch(what, each, on=value)
        told = {each: not desk.rights.is_off(what, each) for each in ROLES}
    typer.echo(f"{what}: " + ", ".join(f"{each} {'on' if value else 'off'}" for each, value in told.items()))


@users.command()
def collection(
    name: Annotated[str, typer.Argument()],
    path: Annotated[
        list[str] | None, typer.Option("--path", help="A folder or pattern of source paths.")
    ] = None,
    document: Annotated[list[str] | None, typer.Option("--document", help="A document's id.")] = None,
    group: Groups = None,
    records: Annotated[
        bool, typer.Option("--records", help="Others see the records, with a link and without the texts.")
    ] = False,
    empty: Annotated[
        bool, typer.Option("--empty", help="Its documents are yet to come; else one without any is refused.")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove the collection; its documents stay.")
    ] = False,
    library: LibraryOption = None,
) -> None:
    """Make or change a named set of documents that only some groups see."""
    with Library.open(library) as opened:
        desk = local_desk(opened)
        if remove:
            desk.delete_collection(name)
        else:
            made = desk.set_collection(
                name,
                path or (),
                documents=document or (),
                groups=group or (),
                shows_records=records,
                may_be_empty=empty,
            )
    typer.echo(
        f"{name} is removed."
        if remove
        else (
            f"{name}: {made.n_documents} documents, seen by"
            f" {', '.join(made.groups) or 'everybody'}{', records by all' if made.shows_records else ''}."
        )
    )


@users.command()
def collections(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """All collections, with who sees them."""
    with Library.open(library) as opened:
        found = local_desk(opened).rights.collections()
    if as_json:
        typer.echo(json.dumps({"collections": [asdict(item) for item in found]}, ensure_ascii=False))
        return
    for item in found:
        typer.echo(
            f"{item.name}\t{item.n_documents} documents\tseen by"
            f" {', '.join(item.groups) or 'everybody'}{', records by all' if item.shows_records else ''}"
            + (f"\toff for {', '.join(item.off_for)}" if item.off_for else "")
        )


@audit.command()
def verify(
    library: LibraryOption = None,
    head: Annotated[
        str | None,
        typer.Option(help="A hash that an earlier check printed; that it is still there is checked too."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Walk along both chains and name every line that does not hold."""
    with Library.open(library) as opened:
        found = [local_desk(opened).verify_log(log) for log in LOGS]
        lost = (
            []
            if head is None or holds_hash(opened.catalogue, head)
            else [
                f"no line of either log has the noted hash {head}: lines at the end were removed or made anew"
            ]
        )
    holds = not lost and not any(each.problems for each in found)
    if as_json:
        typer.echo(json.dumps({"holds": holds, "logs": [asdict(each) for each in found], "lost": lost}))
    else:
        for each in found:
            typer.echo(
                f"{each.log}: {each.lines} lines, {'whole' if not each.problems else 'NOT WHOLE'}, newest"
                f" hash {each.head}"
            )
        for problem in [*(problem for each in found for problem in each.problems), *lost]:
            typer.echo(problem, err=True)
    if not holds:
        raise typer.Exit(1)


@audit.command()
def show(
    log: Annotated[str, typer.Argument(help="provenance or security")] = "security",
    library: LibraryOption = None,
    limit: Annotated[int, typer.Option("-n", min=1, help="Newest lines shown.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """The newest lines of a log."""
    with Library.open(library) as opened:
        desk = local_desk(opened)
        lines = desk.log_lines(log, limit)
        names = {user.id: user.name for user in desk.users()}
    if as_json:
        typer.echo(json.dumps({"log": log, "lines": lines}, ensure_ascii=False))
        return
    for line in lines:
        typer.echo(_line(log, line, names))


def _line(log: str, line: dict[str, Any], names: dict[str, str]) -> str:
    if log == "security":
        who, whom = (names.get(line[key], line[key]) for key in ("person", "target"))
        return "\t".join((str(line["seq"]), line["at"], who, line["action"], whom))
    asked = "(erased)" if line["question"] is None else line["question"]
    quotes = f"{len(line['evidence'])} quotes"
    return "\t".join((str(line["seq"]), line["day"], line["answer_id"], quotes, asked))


def _password() -> str:
    """From ``KGRAG_PASSWORD``, else asked for twice at a terminal, else the first line of standard input."""
    if given := os.environ.get("KGRAG_PASSWORD"):
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise UsageError("The two passwords differ. Nothing was changed.")
    return first
