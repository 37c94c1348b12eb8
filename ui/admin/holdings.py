"""The administration's page of holdings: find a record, correct or delete it, decide on duplicates, take a
decision back, load notices of retraction.

Knows what is shown and which act of the desk each form is; the templates know the layout.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from sqlalchemy import or_, select

from kgrag.backends import load_backend
from kgrag.catalogue import schema as t
from kgrag.catalogue.corrections import FIELDS
from kgrag.catalogue.rows import document_from_row
from kgrag.errors import NotFound, UsageError
from kgrag.holdings.notices import KINDS
from kgrag.render.templates import Templates
from ui.admin.html import Frame
from ui.html.library import byline
from ui.html.parts import signs
from ui.service.library import brief
from ui.service.service import Service

N_FOUND, N_DECISIONS, N_PAIRS = 50, 30, 50
_TEMPLATES = Templates("ui.admin", {"signs": signs})
Form = Mapping[str, Any]


def holdings_html(frame: Frame, theirs: Service, wanted: str, *, pairs: bool) -> Markup:
    """Records that were looked for, decisions, and, where asked for, the pairs to decide on.

    Args:
        frame: of the page.
        theirs: the service as the admin may use it.
        wanted: words of a title, an author's name, a DOI, or the name of a source file; empty for the newest.
        pairs: whether duplicates are looked for, which reads every record.
    """
    theirs.desk.require("curate")
    duplicates = load_backend("ingest", "duplicates")(theirs.library.catalogue)
    return _TEMPLATES.part(
        "holdings.html",
        "holdings",
        frame,
        wanted,
        [_row(frame, one) for one in _found(theirs, wanted)],
        FIELDS,
        KINDS,
        [_pair(theirs, frame, one) for one in duplicates.doubtful()[:N_PAIRS]] if pairs else None,
        duplicates.decisions()[:N_DECISIONS],
    )


def _found(theirs: Service, wanted: str) -> list[Any]:
    d, link = t.documents.c, t.links.c
    query = select(t.documents).where(
        d.key.in_(theirs.library.catalogue.filtered_documents(theirs.filters()))
    )
    if words := wanted.strip()[:200]:
        named = select(link.document_key).where(
            link.type == "BY", link.name.icontains(words, autoescape=True)
        )
        source = d.record["source"]["path"].as_string()
        query = query.where(
            or_(
                d.title.icontains(words, autoescape=True),
                d.id.icontains(words, autoescape=True),
                source.icontains(words, autoescape=True),
                d.key.in_(named),
            )
        )
    rows = theirs.library.catalogue.rows(query.order_by(d.key.desc()).limit(N_FOUND))
    return [document_from_row(row) for row in rows]


def _row(frame: Frame, document: Any) -> dict[str, Any]:
    told = brief(document)
    return {
        **told,
        "title": told["title"] or document.id,
        "byline": byline(told, frame.language),
        "address": f"/?paper={quote(document.id, safe='')}",
        "source": document.record.source.path.rpartition("/")[2],
    }


def _pair(theirs: Service, frame: Frame, pair: Any) -> dict[str, Any]:
    catalogue = theirs.library.catalogue
    theirs.desk.require("curate")
    sides = [_row(frame, catalogue.document(one)) for one in (pair.first, pair.second)]
    return {"first": pair.first, "second": pair.second, "reason": pair.reason, "sides": sides}


# -- acts -------------------------------------------------------------------------------------------


def correct(theirs: Service, form: Form, _: Mapping[str, str]) -> str:
    """Correct a field of a record; an empty value takes the correction back."""
    theirs.desk.edit_document(
        str(form.get("document", "")), str(form.get("field", "")), str(form.get("value", "")).strip() or None
    )
    return ""


def delete(theirs: Service, form: Form, _: Mapping[str, str]) -> str:
    """Remove a document from the library."""
    theirs.desk.delete_document(str(form.get("document", "")))
    return ""


def mark(theirs: Service, form: Form, _: Mapping[str, str]) -> str:
    """Say that a work is retracted, doubted, corrected, or stands again."""
    theirs.desk.mark_document(
        str(form.get("document", "")), str(form.get("kind", "")), str(form.get("reason", ""))
    )
    theirs.library.catch_up()
    return ""


def decide(theirs: Service, form: Form, _: Mapping[str, str]) -> str:
    """Say whether two documents are one work."""
    first, second = str(form.get("first", "")), str(form.get("second", ""))
    if form.get("do") == "merge":
        theirs.desk.merge_documents(first, second)
    else:
        theirs.desk.keep_apart(first, second)
    return ""


def undo(theirs: Service, _: Form, parts: Mapping[str, str]) -> str:
    """Take a decision back."""
    if not parts["number"].isdecimal() or len(parts["number"]) > 18:
        raise NotFound(f"No decision {parts['number']}.")
    theirs.desk.undo_decision(int(parts["number"]))
    return ""


def notices(theirs: Service, form: Form, _: Mapping[str, str]) -> tuple[str, dict[str, object]]:
    """Take a file of notices into the library's mirror, and mark the documents that they are about."""
    theirs.desk.require("curate")
    sent = form.get("file")
    if sent is None or not getattr(sent, "filename", ""):
        raise UsageError("No file was chosen.")
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"notices{Path(sent.filename).suffix.lower()[:8]}"
        path.write_bytes(sent.file.read())
        found = list(load_backend("ingest", "notices")(path))
    loaded = theirs.desk.load_notices([one for one in found if hasattr(one, "kind")], sent.filename)
    theirs.library.catch_up()
    broken = sum(not hasattr(one, "kind") for one in found)
    return "said_notices", {"n": loaded.notices, "marked": len(loaded.marked), "broken": broken}


ACTS: dict[str, tuple[str, Callable[[Service, Form, Mapping[str, str]], Any]]] = {
    "holdings/correct": ("curate", correct),
    "holdings/delete": ("ingest", delete),
    "holdings/mark": ("curate", mark),
    "holdings/decide": ("curate", decide),
    "holdings/undo/{number}": ("curate", undo),
    "holdings/notices": ("curate", notices),
}
