"""People rank what was extracted: the scorer learns their taste, the threshold keeps the precision wanted,
and forgetting restores what was.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.extract.again import again
from ingest.extract.everything import extractor_of
from ingest.run import prepare
from kgrag.catalogue import schema as t
from kgrag.errors import NotFound, UsageError
from kgrag.learn.extraction import forget, sampled, store_rankings, threshold_for, train
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.types import Record, Source


@pytest.fixture
def library(tmp_path: Path):  # type: ignore[no-untyped-def]
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as opened:
        for number in range(12):
            text = (
                f"Anna Karlson{'abcdefghijkl'[number]} met Bruno Weiss in Old Harbour Town {number + 3}B. The"
                f" tide table was read by Carla Moreno Ruiz and by Q{number}X."
            )
            opened.catalogue.put(
                prepare(
                    Record(Source(f"f{number}", str(number), "t", number), title=None, abstract=text),
                    extractor_of(opened),
                )
            )
        opened.catch_up()
        yield opened


def _ranked(library: Library, path: Path) -> None:
    """An expert who wants long names and takes single words for wrong."""
    lines = []
    for group in sampled(library, "terms", 12, 5):
        lengths = [len(item["text"].split()) for item in group["items"]]
        group["ranking"] = sorted(range(len(lengths)), key=lambda i: -lengths[i])
        group["right"] = [length > 1 for length in lengths]
        lines.append(json.dumps(group))
    path.write_text("\n".join(lines), "utf-8")


def test_the_scorer_follows_the_expert_and_can_be_forgotten(library: Library, tmp_path: Path) -> None:
    """Held-out agreement is high, single words go, long names stay with a higher score; afterwards everything
    is as before.
    """

    def entities() -> set[str]:
        return {row.id for row in library.catalogue.rows(t.entities.select())}

    before = entities()
    _ranked(library, tmp_path / "r.jsonl")
    assert store_rankings(library, tmp_path / "r.jsonl", "expert") == 12
    figures = train(library, 0.9)["terms"]
    assert figures["groups"] == 12
    assert figures["agreement"] > 0.8
    again(library)
    after = entities()
    assert after < before
    assert "e:carla moreno ruiz" in after
    scores = {row.score for row in library.catalogue.rows(t.mentions.select())}
    assert all(0 < score < 1 for score in scores)
    forget(library)
    again(library)
    assert entities() == before
    with pytest.raises(NotFound):
        forget(library)


def test_a_ranking_that_orders_nothing_is_refused(library: Library, tmp_path: Path) -> None:
    """Every item is named once, or the line and the way to a right one are told; without rankings there is
    nothing to learn.
    """
    group = next(sampled(library, "terms", 1, 3))
    (tmp_path / "r.jsonl").write_text(json.dumps({**group, "ranking": [0, 0, 1]}), "utf-8")
    with pytest.raises(UsageError, match="line 1"):
        store_rankings(library, tmp_path / "r.jsonl", "x")
    with pytest.raises(NotFound, match="sample"):
        train(library, 0.8)


def test_a_threshold_keeps_the_precision_wanted() -> None:
    """The lowest score from which the share is right; none where no score is good enough."""
    marked = [(3.0, True), (2.0, True), (1.0, False), (0.5, True), (0.0, False)]
    assert threshold_for(marked, 0.75) == (0.5, 1.0)
    assert threshold_for(marked, 1.0) == (2.0, 0.667)
    assert threshold_for([(1.0, False)], 0.5) == (None, 1.0)
    assert threshold_for([], 0.5) == (None, 1.0)
