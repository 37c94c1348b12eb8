"""How Neo4j holds the ways of writing an entity: one ``Form`` node for each, with the number of documents
that write so.

Knows the node's identity, so that the Bolt and the file way make the same nodes. A document names its own
forms in one text, ids with spaces between: a list of texts takes the server longer than the rest of the
document.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Text, cast

from kgrag.catalogue import schema as t


class Form(NamedTuple):
    """A way of writing an entity; its id is the same for every document that writes so."""

    id: str
    entity: str
    form: str
    form_key: str
    kind: str
    is_name: int
    authorities: str


COLUMNS: tuple[Any, ...] = (
    t.entities.c.id,
    t.forms.c.form,
    t.forms.c.form_key,
    t.forms.c.kind,
    t.forms.c.is_name,
    cast(t.forms.c.authorities, Text),
)
"""What ``form_of`` takes, of ``forms`` joined with ``entities``."""


@lru_cache(maxsize=1 << 17)
def form_of(entity: str, form: str, form_key: str, kind: str, is_name: int, authorities: str) -> Form:
    """The form of a row of ``COLUMNS``; kept, because many documents write alike."""
    parts = (entity, form, form_key, kind, is_name, json.dumps(json.loads(authorities), sort_keys=True))
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()
    return Form(digest[:24], *parts)
