"""Rankings and verdicts on claims are kept as they were given, and only where they make sense."""

from __future__ import annotations

import pytest

from kgrag.ask.asker import Asker
from kgrag.errors import NotFound, UsageError
from kgrag.library import Library
from kgrag.people.feedback import read_feedback, store_claim_verdict, store_ranking
from kgrag.render.as_json import answer_to_json


def test_a_ranking_is_read_back_as_given(papers_library: Library) -> None:
    """Ties stay ties; the order is best first; the candidates' own texts are kept with it."""
    answer = answer_to_json(Asker(papers_library).ask("What is blue marble health?"))
    n = len(answer["candidates"])
    ranks = [2, 1, *[2] * (n - 2)]
    store_ranking(papers_library.catalogue, answer["id"], ranks, "anna", "the second is clearer")
    (entry,) = [e for e in read_feedback(papers_library.catalogue, "ranking") if e["rater"] == "anna"]
    assert entry["ranking"][0] == 1
    assert entry["scores"] == [-rank for rank in ranks]
    assert entry["answers"] == [candidate["text"] for candidate in answer["candidates"]]
    for wrong in ([1] * n, [1], [0, *[1] * (n - 1)]):
        with pytest.raises(UsageError, match="candidates"):
            store_ranking(papers_library.catalogue, answer["id"], wrong, "anna")
    with pytest.raises(NotFound, match="kgrag ask"):
        store_ranking(papers_library.catalogue, "a-none", ranks, "anna")


def test_a_verdict_names_an_existing_claim(papers_library: Library) -> None:
    """Right or wrong is kept with the claim's text and quotes; an unknown claim is refused with those that
    exist.
    """
    answer = answer_to_json(Asker(papers_library).ask("What is blue marble health?"))
    store_claim_verdict(papers_library.catalogue, answer["id"], "c1", False, "ben")
    (entry,) = [e for e in read_feedback(papers_library.catalogue, "claim") if e["rater"] == "ben"]
    assert (entry["right"], entry["claim"]) == (False, answer["claims"][0]["text"])
    with pytest.raises(NotFound, match="c1"):
        store_claim_verdict(papers_library.catalogue, answer["id"], "c99", True, "ben")
