"""Statements by a configured language model: llama-index's schema extractor, typed by our schema, every
triple tied to its sentence or dropped.

Knows the schema, the cost and the store of replies: a passage that a model has read is never sent to it
again. What a model says is only a proposal: both names must stand in one sentence of the passage. Texts that
may not leave the house are not sent out of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

from sqlalchemy import insert, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.generate.confidential import is_restricted, model_is_local
from kgrag.generate.models import open_model
from kgrag.language.names import entity_id, normalise_name
from kgrag.library import Library
from kgrag.people.rights import LOCAL, Person, Rights, require
from kgrag.system.files import now
from kgrag.types import Entity, Extraction, Mention, Passage, Statement

Kind = Literal[
    "PERSON", "ORGANISATION", "PLACE", "WORK", "METHOD", "MATERIAL", "DISEASE", "CHEMICAL", "GENE", "CONCEPT"
]
Predicate = Literal[
    "INHIBITS",
    "INCREASES",
    "REDUCES",
    "CAUSES",
    "PREVENTS",
    "TREATS",
    "PREDICTS",
    "ENCODES",
    "BINDS",
    "REGULATES",
    "INFECTS",
    "OUTPERFORMS",
    "IS_ASSOCIATED_WITH",
    "IS_PART_OF",
    "USES",
    "IS_A",
]
SCHEMA_VERSION = "1"
SCORE = 0.7
MIN_CHARACTERS = 80
MAX_TRIPLES = 8
REPLY_TOKENS = 250
"""A reply of some four triples; what replies really cost is told afterwards."""
BATCH = 8
Triple = tuple[str, str, str, str, str]
"""Subject, its kind, predicate, object, its kind."""


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
        ``passages``, ``cached``, ``withheld`` (may not leave the house), ``tokens_estimated``; after a run
        also ``tokens`` (about: four characters each), ``failed``, ``triples``, ``statements`` and ``dropped``
        (no sentence says both names).

    Raises:
        UsageError, MissingExtra: as ``kgrag.generate.models.open_model``.
        Forbidden: an admin has turned ``extraction`` off for the person's role, or the role may start no
            batches.
    """
    require(person, "ingest")
    Rights(library.catalogue).require_on(person, "extraction")
    model, errors = open_model(library.settings)
    name, catalogue = str(library.settings.llm), library.catalogue
    wanted = list(ids) if ids is not None else [document.id for document in catalogue.documents()]
    open_passages, withheld, cached = _unread(library, name, wanted)
    prompt_tokens = len(json.dumps(_extractor(model).kg_schema_cls.model_json_schema())) // 4 + 120
    figures = {
        "model": name,
        "passages": len(open_passages) + cached + withheld,
        "cached": cached,
        "withheld": withheld,
        "tokens_estimated": sum(len(p.text) // 4 + prompt_tokens + REPLY_TOKENS for p in open_passages),
    }
    if dry_run:
        return figures
    failed = tokens = 0
    for start in range(0, len(open_passages), BATCH):
        done = asyncio.run(_read(model, errors, open_passages[start : start + BATCH]))
        for passage, triples in zip(open_passages[start : start + BATCH], done, strict=True):
            if triples is None:
                failed += 1
                continue
            cost = len(passage.text) // 4 + prompt_tokens + len(json.dumps(triples)) // 4
            tokens += cost
            _keep(catalogue, name, passage, triples, cost)
    return {**figures, "failed": failed, "tokens": tokens, **_put(library, wanted)}


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
    for subject, subject_kind, predicate, object_, object_kind in triples:
        said = _sentence(passage, subject, object_)
        one, other = entity_id(subject), entity_id(object_)
        if said is None or one == other:
            dropped += 1
            continue
        start, end, first, second = said
        for key, name, kind, span in (
            (one, subject, subject_kind, first),
            (other, object_, object_kind, second),
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
                "positive",
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


def _extractor(model: Any) -> Any:
    from llama_index.core.indices.property_graph import SchemaLLMPathExtractor

    kinds, predicates = get_args(Kind), get_args(Predicate)
    return SchemaLLMPathExtractor(
        llm=model,
        possible_entities=Kind,
        possible_relations=Predicate,
        strict=True,
        max_triplets_per_chunk=MAX_TRIPLES,
        kg_validation_schema=list(itertools.product(kinds, predicates, kinds)),
        num_workers=4,
        raise_on_error=True,
    )


async def _read(
    model: Any, errors: tuple[type[Exception], ...], passages: Sequence[Passage]
) -> list[list[Triple] | None]:
    extractor = _extractor(model)
    return list(await asyncio.gather(*(_one(extractor, errors, passage) for passage in passages)))


async def _one(extractor: Any, errors: tuple[type[Exception], ...], passage: Passage) -> list[Triple] | None:
    """The triples of a passage; None where the call failed, so that it is tried again next time."""
    from llama_index.core.schema import TextNode

    try:
        (node,) = await extractor.acall([TextNode(text=passage.text)], show_progress=False)
    except errors:
        return None
    kinds = {entity.id: (entity.name, entity.label) for entity in node.metadata.get("nodes", [])}
    return [
        (*kinds[relation.source_id], relation.label, *kinds[relation.target_id])
        for relation in node.metadata.get("relations", [])
        if relation.source_id in kinds and relation.target_id in kinds
    ]


def _unread(library: Library, model: str, ids: Sequence[str]) -> tuple[list[Passage], int, int]:
    """Passages to send, the number withheld, the number read before."""
    catalogue, local = library.catalogue, model_is_local(library.settings)
    todo: dict[str, Passage] = {}
    withheld = cached = 0
    for document_id in ids:
        passages = [p for p in catalogue.passages_of(document_id) if len(p.text) >= MIN_CHARACTERS]
        known = _replies(catalogue, model, passages)
        fresh = [p for p in passages if _digest(model, p) not in known]
        cached += len(passages) - len(fresh)
        if fresh and not local and is_restricted(catalogue.document(document_id), library.settings):
            withheld += len(fresh)
        else:
            todo.update((_digest(model, p), p) for p in fresh)
    return list(todo.values()), withheld, cached


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
    return hashlib.sha256(f"{model}|{SCHEMA_VERSION}|{passage.text}".encode()).hexdigest()


def _replies(catalogue: Catalogue, model: str, passages: Sequence[Passage]) -> dict[str, list[Triple]]:
    digests = [_digest(model, passage) for passage in passages]
    rows = catalogue.rows(select(t.model_replies).where(t.model_replies.c.digest.in_(digests)))
    return {row.digest: [tuple(triple) for triple in row.body] for row in rows}


def _keep(catalogue: Catalogue, model: str, passage: Passage, triples: Sequence[Triple], cost: int) -> None:
    with catalogue.writing() as connection:
        connection.execute(
            insert(t.model_replies).values(
                digest=_digest(model, passage),
                model=model,
                created=now(),
                tokens=cost,
                body=[list(triple) for triple in triples],
            )
        )
