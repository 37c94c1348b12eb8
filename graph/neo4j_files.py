"""The whole graph as files for ``neo4j-admin database import full``: a first load, or a rebuild of a large
graph, at the speed of a disk.

Knows the catalogue's tables and the tool's arguments; nodes are joined by the catalogue's integer keys, so
nothing is looked up. All is read in one snapshot and the seq lies among the files, so that a store that opens
the imported database goes on from there. Starts and stops no server.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Select, func, select

from graph.files_reading import Sheet, field, quoted, reading_layer
from graph.forms import COLUMNS, form_of
from graph.model import document_row, orcid_of, passage_name, statement_properties
from graph.queries import VERSION
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import read_transaction
from kgrag.errors import ServiceUnavailable, UsageError
from kgrag.holdings.citations import cites
from kgrag.language.phrase_keys import PREFIX
from kgrag.settings import Settings

ARGUMENTS = "import.args"
SMALL_BYTES = 100_000_000
_BLOCK = 20_000
_LAST_WORDS = 1500
Rows = Callable[[Select[Any]], Iterable[Any]]


def rebuild(settings: Settings, catalogue: Catalogue, files: Path | None, admin: str | None) -> int:
    """Make the graph in Neo4j anew by its import tool, or write the files for that.

    Args:
        settings: of the library; they name the database.
        catalogue: its catalogue.
        files: a new folder, where they stay; None for a temporary one beside the library.
        admin: the command ``neo4j-admin`` of the stopped server; None to write only.

    Returns:
        The seq up to which the files go.

    Raises:
        UsageError: neither is given, or the graph of the library is not in Neo4j.
        ServiceUnavailable: the tool failed.
    """
    if files is None and admin is None:
        raise UsageError("Give a folder for the files, or the server's neo4j-admin, or both.")
    if settings.graph != "neo4j":
        raise UsageError(
            f"The graph of this library is '{settings.graph}', and only Neo4j imports files. Set"
            " KGRAG_GRAPH=neo4j."
        )
    with ExitStack() as stack:
        folder = files or Path(
            stack.enter_context(TemporaryDirectory(prefix="graph-files-", dir=settings.library))
        )
        seq = write_files(catalogue, folder)
        if admin is not None:
            import_files(folder, admin, settings.neo4j_database)
    return seq


def write_files(catalogue: Catalogue, folder: Path) -> int:
    """Write the graph into a folder: CSV files, and ``import.args`` that names them.

    Args:
        catalogue: of the library.
        folder: made if it is not there; must hold nothing.

    Returns:
        The seq up to which the files go.

    Raises:
        UsageError: something is in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise UsageError(f"'{folder}' is not empty. Give a new folder.")
    arguments = [
        "--overwrite-destination=true",
        "--id-type=integer",
        "--bad-tolerance=0",
        "--multiline-fields-format=v2",
        "--array-delimiter=U+001F",
    ]
    with read_transaction(catalogue.engine) as connection:
        reading = connection.execution_options(yield_per=_BLOCK)
        seq = int(connection.execute(select(func.coalesce(func.max(t.changes.c.seq), 0))).scalar_one())
        sheets = [
            *_sheets(reading.execute, seq, catalogue.library_id),
            *reading_layer(catalogue, reading.execute),
        ]
        for sheet in sheets:
            with (folder / sheet.name).open("w", encoding="utf-8", newline="") as file:
                file.write(sheet.header + "\n")
                file.writelines(sheet.lines)
    arguments.append("--multiline-fields=" + ",".join(sheet.name for sheet in sheets if sheet.multiline))
    (folder / ARGUMENTS).write_text(
        "\n".join([*arguments, *(f"{sheet.option}={sheet.name}" for sheet in sheets)]) + "\n", "utf-8"
    )
    return seq


def import_files(folder: Path, admin: str, database: str) -> None:
    """Let ``neo4j-admin`` make the database from the files; the server must be stopped.

    Args:
        folder: written by ``write_files``.
        admin: the command, such as ``neo4j-admin`` or ``sudo -u neo4j neo4j-admin``.
        database: its name; what is in it is replaced.

    Raises:
        ServiceUnavailable: there is no such command, or it failed; with its last words.
    """
    try:
        done = subprocess.run(
            [*shlex.split(admin), "database", "import", "full", database, f"@{ARGUMENTS}"],
            cwd=folder,
            env=_environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise ServiceUnavailable(
            f"'{admin}' cannot be run ({error}). Give the server's neo4j-admin: --admin PATH"
        ) from error
    if done.returncode:
        raise ServiceUnavailable(
            f"neo4j-admin failed with code {done.returncode}:"
            f" {(done.stdout + done.stderr).strip()[-_LAST_WORDS:]}\nStop the server before an import."
        )


def _environment(folder: Path) -> dict[str, str]:
    """A small import ends before Java's second compiler has paid for itself: without it, it takes half the
    processor time.
    """
    small = sum(path.stat().st_size for path in folder.iterdir()) < SMALL_BYTES
    options = f"{os.environ.get('JDK_JAVA_OPTIONS', '')} -XX:TieredStopAtLevel=1".strip()
    return {**os.environ, "JDK_JAVA_OPTIONS": options} if small else dict(os.environ)


def _sheets(rows: Rows, seq: int, library: str) -> Iterator[Sheet]:
    yield Sheet(
        "--nodes=KgragState",
        "state.csv",
        ":ID(state),id,applied_seq:long,version:long,library",
        iter([f'1,"state",{seq},{VERSION},{quoted(library)}\n']),
    )
    yield from _texts(rows)
    yield from _names(rows)
    yield from _statements(rows)
    yield from _links(rows)


def _texts(rows: Rows) -> Iterator[Sheet]:
    d, p = t.documents.c, t.passages.c
    yield Sheet(
        "--nodes=Document:KgragNode",
        "documents.csv",
        ":ID(document),id,name,year:long,venue,language,kind,doi,retracted,held:boolean,forms",
        _documents(rows),
        multiline=True,
    )
    passages = select(p.key, p.id, p.text, p.ordinal, p.section).order_by(p.key)
    yield Sheet(
        "--nodes=Passage:KgragNode",
        "passages.csv",
        ":ID(passage),id,name,ordinal:long,section,text",
        (
            f"{r.key},{quoted(r.id)},{quoted(passage_name(r.text))},{r.ordinal},"
            f"{quoted(' > '.join(r.section))},{quoted(r.text)}\n"
            for r in rows(passages)
        ),
        multiline=True,
    )
    yield Sheet(
        "--relationships=HAS",
        "has.csv",
        ":START_ID(document),:END_ID(passage)",
        (f"{r.document_key},{r.key}\n" for r in rows(select(p.document_key, p.key))),
    )
    cited = t.documents.alias()
    pairs = select(d.key, cited.c.key.label("cited")).select_from(cites(cited)).distinct()
    yield Sheet(
        "--relationships=CITES",
        "cites.csv",
        ":START_ID(document),:END_ID(document)",
        (f"{r.key},{r.cited}\n" for r in rows(pairs)),
    )


def _documents(rows: Rows) -> Iterator[str]:
    """Documents with the ids of their forms; both streams go by the document's key."""
    d, f = t.documents.c, t.forms.c
    written = groupby(
        rows(select(f.document_key, *COLUMNS).join(t.entities).order_by(f.document_key, f.key)),
        lambda row: row[0],
    )
    key, own = next(written, (None, iter(())))
    columns = (d.key, d.id, d.title, d.year, d.venue, d.language, d.kind, d.record, d.retracted)
    for row in rows(select(*columns).order_by(d.key)):
        forms = ""
        if row.key == key:
            forms = " ".join(form_of(*form[1:]).id for form in own)
            key, own = next(written, (None, iter(())))
        yield ",".join([str(row.key), *map(field, document_row(row).values()), "true", quoted(forms)]) + "\n"


def _names(rows: Rows) -> Iterator[Sheet]:
    e, m, f = t.entities.c, t.mentions.c, t.forms.c
    named = select(e.key, e.id).where(e.key.in_(select(f.entity_key)), e.id.not_like(PREFIX + "%"))
    yield Sheet(
        "--nodes=Entity:KgragNode",
        "entities.csv",
        ":ID(entity),id,name",
        (f"{r.key},{quoted(r.id)},{quoted(r.id[2:])}\n" for r in rows(named)),
        multiline=True,
    )
    mentions = select(m.passage_key, m.entity_key, m.start, m.end, m.score)
    yield Sheet(
        "--relationships=MENTIONS",
        "mentions.csv",
        ":START_ID(passage),:END_ID(entity),start:long,end:long,score:double",
        (
            f"{passage},{entity},{start},{end},{score}\n"
            for passage, entity, start, end, score in rows(mentions)
        ),
    )
    owners = array("q")
    yield Sheet(
        "--nodes=Form",
        "forms.csv",
        ":ID(form),id,form,form_key,kind,is_name:long,authorities,n:long",
        _forms(rows, owners),
        multiline=True,
    )
    yield Sheet(
        "--relationships=FORM_OF",
        "form_of.csv",
        ":START_ID(form),:END_ID(entity)",
        (f"{number},{entity}\n" for number, entity in enumerate(owners)),
    )


def _forms(rows: Rows, owners: array[int]) -> Iterator[str]:
    """Each way of writing once, with the number of documents that write so; ``owners`` gets the entity's key
    of each.
    """
    f = t.forms.c
    query = (
        select(f.entity_key, func.count(), *COLUMNS)
        .join(t.entities)
        .group_by(f.entity_key, *COLUMNS)
        .order_by(f.entity_key, *COLUMNS)
    )
    counted = ((row[0], form_of(*row[2:]), row[1]) for row in rows(query))
    for number, ((entity, form), same) in enumerate(groupby(counted, lambda row: row[:2])):
        owners.append(entity)
        texts = ",".join(map(quoted, (form.id, form.form, form.form_key, form.kind)))
        yield f"{number},{texts},{form.is_name},{quoted(form.authorities)},{sum(row[2] for row in same)}\n"


def _statements(rows: Rows) -> Iterator[Sheet]:
    s, p, d = t.statements.c, t.passages.c, t.documents.c
    number = func.row_number().over(order_by=s.id).label("number")
    query = (
        select(number, t.statements, p.text, p.section, d.id.label("document_id"))
        .join(t.passages, p.key == s.passage_key)
        .join(t.documents, d.key == p.document_key)
    )
    yield Sheet(
        "--nodes=Statement:KgragNode",
        "statements.csv",
        ":ID(statement),id,name,polarity,modality,score:double,sentence,section,document,"
        "measure,value,unit,ci,p,"
        "direction,population,condition",
        (
            f"{r.number},{quoted(r.id)},"
            + ",".join(map(field, statement_properties(r, r.document_id).values()))
            + "\n"
            for r in rows(query)
        ),
        multiline=True,
    )
    yield Sheet(
        "--relationships=SAID_IN",
        "said_in.csv",
        ":START_ID(statement),:END_ID(passage),start:long,end:long",
        (",".join(map(str, row)) + "\n" for row in rows(select(number, s.passage_key, s.start, s.end))),
    )
    for kind, column in (("SUBJECT", s.subject_key), ("OBJECT", s.object_key)):
        yield Sheet(
            f"--relationships={kind}",
            f"{kind.lower()}.csv",
            ":START_ID(statement),:END_ID(entity)",
            (f"{row[0]},{row[1]}\n" for row in rows(select(number, column))),
        )


def _links(rows: Rows) -> Iterator[Sheet]:
    """People, venues and headings; the first link to one lends it its key."""
    for kind, label in (("BY", "Person"), ("IN", "Venue"), ("ABOUT", "Heading")):
        ends = (
            select(func.min(t.links.c.key).label("key"), t.links.c.target)
            .where(t.links.c.type == kind)
            .group_by(t.links.c.target)
            .subquery()
        )
        first = select(ends, t.links.c.name).join(t.links, t.links.c.key == ends.c.key)
        yield Sheet(
            f"--nodes={label}:KgragNode",
            f"{label.lower()}.csv",
            f":ID({label}),id,name,orcid",
            (
                f"{r.key},{quoted(r.target)},{quoted(r.name)},{field(orcid_of(r.target))}\n"
                for r in rows(first)
            ),
            multiline=True,
        )
        own = (
            select(t.links.c.document_key, ends.c.key, t.links.c.name)
            .join(ends, t.links.c.target == ends.c.target)
            .where(t.links.c.type == kind)
        )
        yield Sheet(
            f"--relationships={kind}",
            f"{kind.lower()}.csv",
            f":START_ID(document),:END_ID({label}),name",
            (f"{r.document_key},{r.key},{quoted(r.name)}\n" for r in rows(own)),
            multiline=True,
        )
