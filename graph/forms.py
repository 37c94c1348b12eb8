"""How Neo4j holds the ways of writing an entity: one ``Form`` node for each, with the number of documents that write so.

Knows the node's identity, so that the Bolt and the file way make the same nodes. A document names its own forms in one text, ids with spaces
between: as a list they took the server as long as all the rest of the document.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Form(NamedTuple):
    """A way of writing an entity."""

    entity: str
    form: str
    form_key: str
    kind: str
    is_name: int
    authorities: str

    @property
    def id(self) -> str:
        """The same for every document that writes so."""
        return hashlib.sha256("\x1f".join(map(str, self)).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def form_of(row: Mapping[str, Any]) -> Form:
    """The form of a row of ``DocumentGraph.forms``."""
    return Form(row["id"], row["form"], row["form_key"], row["kind"], row["is_name"], json.dumps(row["authorities"], sort_keys=True))
