"""Statements by a configured language model: sentences with a word of relation, typed by our schema, every
triple tied to its sentence or dropped.

Knows the cost and the store of replies: a passage that a model has read is never sent to it again, whatever
it replied. What a model says is only a proposal: both names must stand in one sentence of the passage. Texts
that may not leave the house are not sent out of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, replace
from typing import Any

from sqlalchemy import insert, select

from ingest.extract.model_replies import SCHEMA, SYSTEM, Triple, extraction_prompt, read_triples
from ingest.extract.telling import tells_relation
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.generate.asking import Asking
from kgrag.generate.confidential import is_restricted, model_is_local
from kgrag.generate.limits.allowance import Allowance
from kgrag.generate.limits.failures import Failure
from kgrag.generate.limits.pause import Pause
from kgrag.generate.models import Opened, Request, open_calls
from kgrag.language.names import entity_id, normalise_name
from kgrag.library import Library
from kgrag.people.rights import LOCAL, Person, Rights, require
from kgrag.settings import Settings
from kgrag.system.files import now
from kgrag.types import Entity, Extraction, Mention, Passage, Statement

SCHEMA_VERSION = "2"
SCORE = 0.7
MIN_CHARACTERS = 80
REPLY_TOKENS = 60
"""A reply of one or two triples; what replies really cost is told afterwards."""
MAX_REPLY_TOKENS = 400
BATCH, N_WAYS = 8, 4
N_FAILED = 3
"""Calls that fail one after another, after which no more are made."""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of asking about a passage: triples, or None where the call failed; and its tokens."""

    triples: list[Triple] | None
    tokens: int
    unreadable: bool = False


def extract_with_model(
    library: Library, ids: Sequence[str] | None = None, *, dry_run: bool = False, person: Person = LOCAL
) -> dict[str, Any]:
    """Let the model read what it has not read, and put its statements beside the others.

    Args:
        library: open for writing, with a model in its settings.
        ids: of documents; default all.
        dry_run: only count and estimate.
        person: who starts it.

    Returns:
        ``passages``, ``cached``, ``withheld`` (may not leave the house), ``unasked`` (no word of relation),
        ``tokens_estimated``; after a run also ``tokens`` (failed calls counted), ``failed``, ``unreadable``
        (replies that hold no triple's form), ``triples``, ``statements`` and ``dropped`` (no sentence says
        both names).

    Raises:
        UsageError, MissingExtra: as ``kgrag.generate.models.open_calls``.
        Forbidden: an admin has turned ``extraction`` off for the person's role, or the role may start no
            batches.
    """
    require(person, "ingest")
    Rights(library.catalogue).require_on(person, "extraction")
    opened = open_calls(library.settings)
    name, catalogue = str(library.settings.llm), library.catalogue
    wanted = list(ids) if ids is not None else [document.id for document in catalogue.documents()]
    open_passages, withheld, cached, unasked = _unread(library, name, wanted)
    figures = {
        "model": name,
        "passages": len(open_passages) + cached + withheld + unasked,
        "cached": cached,
        "withheld": withheld,
        "unasked": unasked,
        "tokens_estimated": sum(_request(p, library.settings).tokens + REPLY_TOKENS for p in open_passages),
    }
    if dry_run:
        return figures
    counted = {"failed": 0, "unreadable": 0, "tokens": 0}
    try:
        _read_all(library, opened, open_passages, counted)
    finally:
        opened.close()
    return {**figures, **counted, **_put(library, wanted)}


def _read_all(library: Library, opened: Opened, passages: Sequence[Passage], counted: dict[str, int]) -> None:
    """Ask about every passage and keep the replies; stops where the server fails time after time."""
    name, in_a_row = str(library.settings.llm), 0
    n_ways = 1 if model_is_local(library.settings) else N_WAYS
    for start in range(0, len(passages), BATCH):
        some = passages[start : start + BATCH]
        with ThreadPoolExecutor(n_ways) as pool:
            done = list(pool.map(lambda passage: _read(library.settings, opened, passage), some))
        for passage, read in zip(some, done, strict=True):
            counted["tokens"] += read.tokens
            counted["unreadable"] += read.unreadable
            counted["failed"] += read.triples is None
            in_a_row = in_a_row + 1 if read.triples is None else 0
            if read.triples is not None:
                _keep(library.catalogue, name, passage, read.triples, read.tokens)
        if in_a_row >= N_FAILED:
            counted["failed"] += len(passages) - start - len(some)
            return


def with_replies(
    catalogue: Catalogue, model: str | None, found: Extraction, passages: Sequence[Passage]
) -> Extraction:
    """An extraction with the statements that a model once gave for the same texts."""
    if model is None:
        return found
    replies = _replies(catalogue, model, passages)
    for passage in passages:
        found, _ = aligned(found, passage, replies.get(_digest(model, passage), ()), model)
    return found


def aligned(
    found: Extraction, passage: Passage, triples: Sequence[Triple], model: str
) -> tuple[Extraction, int]:
    """The triples whose both names stand in one sentence, as statements with entities and mentions; and the
    number dropped.
    """
    entities = {entity.id: entity for entity in found.entities}
    mentions, statements, dropped = dict.fromkeys(found.mentions), {s.id: s for s in found.statements}, 0
    method = f"model:{model}"
    for triple in triples:
        subject, object_, predicate = triple.subject, triple.object, triple.predicate
        said = _sentence(passage, subject, object_)
        one, other = entity_id(subject), entity_id(object_)
        if said is None or one == other:
            dropped += 1
            continue
        start, end, first, second = said
        for key, name, kind, span in (
            (one, subject, triple.subject_kind, first),
            (other, object_, triple.object_kind, second),
        ):
            entities.setdefault(key, Entity(key, name, kind.capitalize()))
            mentions.setdefault(Mention(key, passage.id, *span, method, SCORE))
        identifier = f"s:{passage.id}/{first[0]}-{second[1]}/{predicate}"
        statements.setdefault(
            identifier,
            Statement(
                identifier,
                one,
                predicate.lower().replace("_", " "),
                other,
                passage.id,
                start,
                end,
                "negative" if triple.negated else "positive",
                method,
                SCORE,
            ),
        )
    return (
        replace(
            found,
            entities=tuple(entities[key] for key in sorted(entities)),
            mentions=tuple(mentions),
            statements=tuple(statements.values()),
        ),
        dropped,
    )


def _sentence(
    passage: Passage, one: str, other: str
) -> tuple[int, int, tuple[int, int], tuple[int, int]] | None:
    """The first sentence with both names as whole words: its span and theirs."""
    if not normalise_name(one) or not normalise_name(other):
        return None
    for sentence in passage.sentences:
        first, second = (
            re.search(
                r"(?<!\w)" + re.escape(name) + r"(?!\w)", passage.text[sentence.start : sentence.end], re.I
            )
            for name in (one, other)
        )
        if first and second:
            start = sentence.start
            return (
                start,
                sentence.end,
                (first.start() + start, first.end() + start),
                (second.start() + start, second.end() + start),
            )
    return None


def _telling(passage: Passage) -> list[str]:
    """The sentences of a passage that have a word of relation."""
    texts = [passage.text[sentence.start : sentence.end] for sentence in passage.sentences]
    return [text for text in texts if tells_relation(text)]


def _request(passage: Passage, settings: Settings) -> Request:
    schema = SCHEMA if settings.llm_structured else None
    prompt = extraction_prompt(_telling(passage))
    return Request(prompt, MAX_REPLY_TOKENS, settings.llm_timeout_s, schema=schema)


def _read(settings: Settings, opened: Opened, passage: Passage) -> Read:
    """What the model says of a passage; a server that refuses the schema is asked without it."""
    allowance = Allowance(settings.llm_timeout_s, 3)
    pause = Pause(settings.library, str(settings.llm), 0)
    asking = Asking(opened.call, opened.errors, str(settings.llm), allowance, pause)
    request = _request(passage, settings)
    reply = asking.once(request)
    if isinstance(reply, Failure) and reply.kind == "refused" and request.schema:
        reply = asking.once(replace(request, schema=None))
    tokens = allowance.cost().tokens
    if isinstance(reply, Failure):
        return Read(None, tokens)
    triples = read_triples(reply.text)
    return Read(triples or [], tokens, triples is None)


def _unread(library: Library, model: str, ids: Sequence[str]) -> tuple[list[Passage], int, int, int]:
    """Passages to send, the number withheld, the number read before, the number that tell no relation."""
    catalogue, local = library.catalogue, model_is_local(library.settings)
    todo: dict[str, Passage] = {}
    withheld = cached = unasked = 0
    for document_id in ids:
        long = [p for p in catalogue.passages_of(document_id) if len(p.text) >= MIN_CHARACTERS]
        passages = [p for p in long if _telling(p)]
        unasked += len(long) - len(passages)
        known = _replies(catalogue, model, passages)
        fresh = [p for p in passages if _digest(model, p) not in known]
        cached += len(passages) - len(fresh)
        if fresh and not local and is_restricted(catalogue.document(document_id), library.settings):
            withheld += len(fresh)
        else:
            todo.update((_digest(model, p), p) for p in fresh)
    return list(todo.values()), withheld, cached, unasked


def _put(library: Library, ids: Sequence[str]) -> dict[str, int]:
    from ingest.extract.everything import extractor_of

    catalogue, extractor, model = library.catalogue, extractor_of(library), str(library.settings.llm)
    triples = kept = 0
    for document_id in ids:
        passages = catalogue.passages_of(document_id)
        replies = _replies(catalogue, model, passages)
        if replies:
            plain = extractor.extract(catalogue.document(document_id), passages)
            found = with_replies(catalogue, model, plain, passages)
            catalogue.put_extraction(document_id, found)
            triples += sum(len(reply) for reply in replies.values())
            kept += len(found.statements) - len(plain.statements)
    library.catch_up(wait_s=None)
    return {"triples": triples, "statements": kept, "dropped": triples - kept}


def _digest(model: str, passage: Passage) -> str:
    return hashlib.sha256(f"{model}|{SCHEMA_VERSION}|{SYSTEM}|{passage.text}".encode()).hexdigest()


def _replies(catalogue: Catalogue, model: str, passages: Sequence[Passage]) -> dict[str, list[Triple]]:
    digests = [_digest(model, passage) for passage in passages]
    rows = catalogue.rows(select(t.model_replies).where(t.model_replies.c.digest.in_(digests)))
    return {row.digest: [Triple(*triple) for triple in row.body] for row in rows}


def _keep(catalogue: Catalogue, model: str, passage: Passage, triples: Sequence[Triple], cost: int) -> None:
    with catalogue.writing() as connection:
        connection.execute(
            insert(t.model_replies).values(
                digest=_digest(model, passage),
                model=model,
                created=now(),
                tokens=cost,
                body=[list(astuple(triple)) for triple in triples],
            )
        )
