"""HTML of answers: whatever a title, a passage or a question holds, it is text on the page, never markup."""

from __future__ import annotations

from typing import Any

import lxml.html
import pytest

from kgrag.export.chain_svg import chain_svg
from ui import render
from ui.words import WORDS

HOSTILE = ("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</svg><svg onload=alert(1)>", "[x](javascript:alert(1))", "{{7*7}}", "&lt;b&gt;")


def hostile_answer(text: str) -> dict[str, Any]:
    """An answer in which every text that comes from data is hostile."""
    evidence = {"passage_id": text, "document_id": text, "section": text, "page": 1, "boxes": [], "span": [0, len(text)], "quote": text, "score": 1.0}
    path = [{"node": {"id": text, "name": text, "kind": text}, "edge": {"type": text, "statement_id": None}}, {"node": {"id": text, "name": text, "kind": "Passage"}, "edge": None}]
    document = {"id": text, "title": text, "authors": [{"family": text, "given": text}], "year": 2000, "venue": text, "identifiers": {"doi": text}, "retracted": True}
    return {"id": text, "question": text, "language": "en", "status": "partial", "reason": text, "text": text, "withheld": [{"text": text, "reason": text}],
            "claims": [{"id": "c1", "text": text, "span": [0, len(text)], "support": {"label": "supported", "score": 1.0, "threshold": 0.5, "alpha": 0.1},
                        "evidence": [evidence], "path": path}],
            "documents": [document], "candidates": [{"text": text, "reward": 1.0, "supported": 1.0, "chosen": True}],
            "models": {"generator": text}, "trace": {"timings_ms": {"ask": 1.0}, "retrieved": []}}


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_becomes_markup(text: str) -> None:
    """No script, no event handler and no foreign link appears in any rendered piece."""
    answer = hostile_answer(text)
    hit = {"title": text, "year": text, "section": text, "page": 1, "text": text, "retracted": True}
    pieces = [render.turn_html(answer, 0, "en"), render.evidence_html(answer, 0, {"text": text}, None, "zh"), render.hits_html([hit], "en"),
              render.error_html(text, text, "en"), render.working_html(text, ["draft"], "zh"), chain_svg(answer["claims"][0]["path"]),
              render.page_html(answer, {text: text}, {text: text}, "en")]
    for piece in pieces:
        tree = lxml.html.fromstring(f"<div>{piece}</div>")
        assert tree.xpath("//script") == []
        assert [name for element in tree.iter() for name in getattr(element, "attrib", {}) if name.startswith("on")] == []
        assert not any(href.startswith("javascript") for href in tree.xpath("//@href"))


def test_every_word_exists_in_both_languages() -> None:
    """No key lacks a language, and no Chinese word is left in English."""
    assert all(en and zh and en != zh for en, zh in WORDS.values())
