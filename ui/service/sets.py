"""A set as the pages show it: each item with what it is called and where it leads, for one person.

Knows the desk through a ``Service``. Does not know HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from kgrag.desk.sets import Opened
from kgrag.people.sets import Item
from kgrag.render.short_names import short_names
from ui.service.library import brief
from ui.service.service import Service
from ui.service.sources import held

SHORT = 300
"""Characters of a passage or an answer that a list shows."""


def shown(service: Service, opened: Opened) -> list[dict[str, Any]]:
    """What is in a set: ``{"number", "kind", "note", "title", "where", "text", "address", "document",
    "signs", "held"}`` each.
    """
    items = [_item(service, item) for item in opened.items]
    state = held(service, [each["document"] for each in items if each["document"]])
    return [each | {"held": state.get(each["document"], "")} for each in items]


def _item(service: Service, item: Item) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "number": item.number,
        "kind": item.kind,
        "note": item.note,
        "where": "",
        "text": "",
        "document": "",
        "retracted": False,
        "notices": [],
    }
    if item.kind == "answer":
        answer = service.answer(item.id)
        text = answer["text"] or answer["reason"] or ""
        return plain | {
            "title": answer["question"],
            "text": _short(text),
            "address": f"/answers/{quote(item.id, safe='')}",
        }
    passage = service.desk.passage(item.id) if item.kind == "passage" else None
    document = service.records.document(passage.document_id if passage else item.id)
    told = brief(document)
    place = " / ".join(passage.section) if passage else ""
    name = next(iter(short_names([service.records.as_json(document)]).values()))
    return plain | {
        "title": document.title or document.id,
        "text": _short(passage.text) if passage else "",
        "where": " · ".join(str(part) for part in (name, told["venue"], place) if part),
        "address": f"/?{'passage' if passage else 'paper'}={quote(item.id, safe='')}",
        "document": document.id,
        "retracted": told["retracted"],
        "notices": told["notices"],
    }


def _short(text: str) -> str:
    return text if len(text) <= SHORT else text[: SHORT - 1].rstrip() + "…"


def named(sets: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sets as the chooser lists them."""
    return [{"id": each["id"], "name": each["name"], "items": each["items"]} for each in sets]
