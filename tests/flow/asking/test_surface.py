"""The Python surface: open, ask, search, export, verify; a notebook shows an answer with its quotes and
chains.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest

import kgrag
from kgrag.errors import NotFound, UsageError
from kgrag.integrations.notebook import OpenLibrary
from kgrag.library import Library


@pytest.fixture(scope="module")
def opened(own_papers: Library) -> Iterator[OpenLibrary]:
    """The papers, opened as a user opens them."""
    with kgrag.open(own_papers.folder) as library:
        yield library


def test_an_answer_is_typed_and_shown(opened: OpenLibrary, tmp_path: Path) -> None:
    """Claims carry quotes and chains; the notebook's view is valid HTML with each quote marked; the export
    holds when checked.
    """
    answer = opened.ask("What is blue marble health?", candidates=2)
    assert answer.status in ("answered", "partial")
    assert all(claim.quotes and claim.chain and claim.score >= claim.threshold for claim in answer.claims)
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False)
    fragment = parser.parse(
        f"<!DOCTYPE html><html><head><title>t</title></head><body>{answer._repr_html_()}</body></html>"
    )
    assert parser.errors == []
    assert ["".join(mark.itertext()) for mark in fragment.iter("mark")] == [
        q.quote for claim in answer.claims for q in claim.quotes
    ]
    answer.export("ro-crate", tmp_path / "answer.zip")
    assert opened.verify(tmp_path / "answer.zip")["holds"]
    assert opened.answer(answer.id) == answer
    assert "[1]" in str(answer)


def test_search_gives_typed_hits(opened: OpenLibrary) -> None:
    """Hits come best first and are shown as a list."""
    hits = opened.search("thresher sharks hunting with their tails", top_k=3)
    assert len(hits) == 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits._repr_html_().count("<li>") == 3


def test_wrong_use_is_told(opened: OpenLibrary, tmp_path: Path) -> None:
    """The same errors, with the same words, as on the command line."""
    with pytest.raises(UsageError, match="candidates is 10"):
        opened.ask("x", candidates=10)
    with pytest.raises(UsageError, match="alpha is 0"):
        opened.ask("x", alpha=0)
    with pytest.raises(UsageError, match="No mode 'best'"):
        opened.search("x", mode="best")
    with pytest.raises(UsageError, match="top_k is 0"):
        opened.search("x", top_k=0)
    with pytest.raises(NotFound, match="No answer 'a-none'"):
        opened.export("a-none", "prov")
    with pytest.raises(NotFound, match="No library"):
        kgrag.open(tmp_path / "none")
