"""The part of the graph's files that people read: concepts with their mentions, knowledge objects, cited
works and terms of vocabularies.

Knows the catalogue's tables and the form of the files (``graph.neo4j_files``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, true

from graph.described import Terms, concept_row, terms_of
from graph.model import SUMMARY, Rows, fact_properties, facts_of, passage_name, works_of
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.holdings.knowledge.concepts import Concept, concepts
from kgrag.holdings.knowledge.summaries import summaries_of, summed
from kgrag.language.phrase_keys import PREFIX
from kgrag.types import object_id

SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file: the tool's option with labels or type, the header, and the lines under it."""

    option: str
    name: str
    header: str
    lines: Iterator[str]
    multiline: bool = False


def quoted(text: str) -> str:
    """A text as the import tool reads it."""
    return '"' + text.replace('"', '""') + '"'


def field(value: Any) -> str:
    """A value as the import tool reads it; None is left out."""
    if value is None:
        return ""
    return quoted(value) if isinstance(value, str) else str(value)


def reading_layer(catalogue: Catalogue, rows: Rows) -> Iterator[Sheet]:
    """The files, in any order."""
    found = {one.id: one for one in concepts(catalogue)}
    yield from _concepts(rows, found)
    yield from _objects(rows)
    yield from _facts(rows)
    yield from _summaries(rows)
    yield from _works(rows)
    yield from _terms(rows, found, terms_of(catalogue, list(found.values())))


def _concepts(rows: Rows, found: dict[str, Concept]) -> Iterator[Sheet]:
    e, m = t.entities.c, t.concept_mentions.c
    keys = select(e.key, e.id).where(e.id.like(PREFIX + "%"))
    yield Sheet(
        "--nodes",
        "concepts.csv",
        ":ID(entity),:LABEL,id,name,kind,aliases:string[],authority:string[],documents:long,mentions:long",
        (_concept(r.key, concept_row(found[r.id])) for r in rows(keys) if r.id in found),
        multiline=True,
    )
    named = select(m.passage_key, m.entity_key, m.start, m.end)
    yield Sheet(
        "--relationships=NAMES",
        "names.csv",
        ":START_ID(passage),:END_ID(entity),start:long,end:long",
        (f"{p},{c},{start},{end}\n" for p, c, start, end in rows(named)),
    )


def _concept(key: int, row: dict[str, Any]) -> str:
    labels = SEPARATOR.join(("KgragNode", "Concept", row["label"]))
    lists = (SEPARATOR.join(row[name] or ()) for name in ("aliases", "authority"))
    values = [quoted(row[name]) for name in ("id", "name", "kind")]
    return (
        ",".join(
            [str(key), labels, *values, *map(quoted, lists), str(row["documents"]), str(row["mentions"])]
        )
        + "\n"
    )


def _objects(rows: Rows) -> Iterator[Sheet]:
    o, p = t.objects.c, t.passages.c
    query = select(t.objects, p.id, p.text).select_from(t.objects.join(t.passages)).order_by(o.key)
    yield Sheet(
        "--nodes=KnowledgeObject:KgragNode",
        "objects.csv",
        ":ID(object),id,name,role,text,score:double",
        (
            f"{r.key},{quoted(object_id(r.id, r.start, r.end, r.role))},"
            f"{quoted(passage_name(r.text[r.start : r.end]))},{quoted(r.role)},"
            f"{quoted(r.text[r.start : r.end])},{r.score}\n"
            for r in rows(query)
        ),
        multiline=True,
    )
    yield Sheet(
        "--relationships=TELLS",
        "tells.csv",
        ":START_ID(passage),:END_ID(object)",
        (f"{r.passage_key},{r.key}\n" for r in rows(select(o.passage_key, o.key))),
    )


def _facts(rows: Rows) -> Iterator[Sheet]:
    """What documents as wholes do: a file for each type and kind of target."""
    o, p, e = t.objects.c, t.passages.c, t.entities.c
    targets = {r.id: r.key for r in rows(select(e.key, e.id).where(e.id.like(PREFIX + "%")))}
    query = select(o.key, o.start, o.end, o.role, p.id).select_from(t.objects.join(t.passages))
    targets.update({object_id(r.id, r.start, r.end, r.role): r.key for r in rows(query)})
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows(facts_of()):
        group = "entity" if row.target.startswith(PREFIX) else "object"
        if row.target not in targets:
            continue
        values = fact_properties(row)
        line = ",".join([str(row.document_key), str(targets[row.target]), *map(field, values.values())])
        found.setdefault((row.type, group), []).append(line + "\n")
    for (kind, group), lines in found.items():
        yield Sheet(
            f"--relationships={kind}",
            f"{kind.lower()}_{group}.csv",
            f":START_ID(document),:END_ID({group}),sentence,passage,score:double",
            iter(lines),
            multiline=True,
        )


def _summaries(rows: Rows) -> Iterator[Sheet]:
    e = t.entities.c
    keys = {r.id: r.key for r in rows(select(e.key, e.id).where(e.id.like(PREFIX + "%")))}
    yield Sheet(
        f"--relationships={SUMMARY}",
        "relates.csv",
        ":START_ID(entity),:END_ID(entity),predicate,supporting:string[],against:string[],mixed:string[],"
        "asserted:string[],noticed:string[],since:long,until:long,statements:long",
        (
            ",".join([str(keys[s.subject]), str(keys[s.object]), *map(_listed, s.properties().values())])
            + "\n"
            for s in summaries_of(rows(summed()))
        ),
    )


def _listed(value: Any) -> str:
    """A value or a list of texts as the import tool reads it."""
    return quoted(SEPARATOR.join(value)) if isinstance(value, list) else field(value)


def _works(rows: Rows) -> Iterator[Sheet]:
    cited = list(works_of(rows, true()))
    names: dict[str, str] = {}
    for _, work in cited:
        names.setdefault(work["id"], work["name"])
    numbers = {identifier: number for number, identifier in enumerate(names)}
    yield Sheet(
        "--nodes=Work",
        "works.csv",
        ":ID(work),id,name,held:boolean",
        (f"{numbers[i]},{quoted(i)},{quoted(name)},false\n" for i, name in names.items()),
        multiline=True,
    )
    pairs = dict.fromkeys((key, numbers[work["id"]]) for key, work in cited)
    yield Sheet(
        "--relationships=CITES",
        "cites_works.csv",
        ":START_ID(document),:END_ID(work)",
        (f"{key},{number}\n" for key, number in pairs),
    )


def _terms(rows: Rows, found: dict[str, Concept], terms: Terms) -> Iterator[Sheet]:
    numbers = {row["id"]: number for number, row in enumerate(terms.names)}
    yield Sheet(
        "--nodes=Term",
        "terms.csv",
        ":ID(term),id,name",
        (f"{numbers[r['id']]},{quoted(r['id'])},{quoted(r['name'])}\n" for r in terms.names),
        multiline=True,
    )
    e = t.entities.c
    keys = {r.id: r.key for r in rows(select(e.key, e.id).where(e.id.like(PREFIX + "%")))}
    yield Sheet(
        "--relationships=IS",
        "is.csv",
        ":START_ID(entity),:END_ID(term)",
        (f"{keys[r['concept']]},{numbers[r['term']]}\n" for r in terms.of_concepts),
    )
    yield Sheet(
        "--relationships=BROADER",
        "broader.csv",
        ":START_ID(term),:END_ID(term)",
        (f"{numbers[r['term']]},{numbers[r['broader']]}\n" for r in terms.broader),
    )
