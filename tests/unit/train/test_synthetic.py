"""Claims made without people: what is called supported follows from its evidence, and what was changed is not
in it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from kgrag.train.steps.synthetic import passage_claims, question_claims, title_claims

PAPERS = [
    {
        "_id": str(number),
        "title": f"Cold storage of {thing} increases the yield of spring sowing in 1987",
        "text": (
            f"Seeds of {thing} were stored. Half of them were kept cold for two months. Cold storage of"
            f" {thing} gave a higher yield."
        ),
    }
    for number, thing in enumerate(("barley", "oats", "rye", "wheat"))
]
PASSAGES = [
    {
        "_id": "d0",
        "title": "Anna Berg",
        "text": (
            "The painter Anna Berg was born in Oslo in the spring of the year 1911. Later she lived with her"
            " sister in Bergen and taught drawing there for years. Her best known picture hangs in the town"
            " hall of Stavanger since 1950."
        ),
    }
]


def written(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def test_titles_stand_beside_one_sentence_of_a_paper(tmp_path: Path) -> None:
    """Supported by their own conclusion, unsupported by another paper's, contradicted once changed; papers to
    skip give none.
    """
    corpus = written(tmp_path / "corpus.jsonl", PAPERS)
    made = title_claims(corpus, frozenset(["3"]), random.Random(1), [[1], [2], [0], [0]])
    assert {e.group for e in made} == {"paper-0", "paper-1", "paper-2"}
    for example in made:
        number = int(example.group.split("-")[1])
        own = "Cold storage of {} gave a higher yield.".format(("barley", "oats", "rye")[number])
        assert (example.evidence == (own,)) is (example.label != "unsupported")
        assert (example.claim == PAPERS[number]["title"] + ".") is (example.label != "contradicted")


def test_the_answer_to_a_question_is_its_label(tmp_path: Path) -> None:
    """Yes supports the question said as a statement, no contradicts it, maybe does neither; only questions
    that may be used are.
    """
    rows: list[dict[str, object]] = [
        {
            "id": answer,
            "question": "Does cold storage increase yield?",
            "contexts": ["Seeds.", "Half."],
            "long_answer": "It did.",
            "answer": answer,
        }
        for answer in ("yes", "no", "maybe")
    ]
    made = question_claims(written(tmp_path / "qa.jsonl", rows), lambda key: key != "maybe")
    assert [(e.claim, e.evidence[0], e.label) for e in made] == [
        ("Cold storage increase yield.", evidence, label)
        for label in ("supported", "contradicted")
        for evidence in ("It did.", "Half.")
    ]


def test_a_changed_sentence_is_not_in_its_passage(tmp_path: Path) -> None:
    """What is called supported stands in the passage; what is called contradicted differs from every sentence
    of it.
    """
    corpus = written(tmp_path / "corpus.jsonl", PASSAGES)
    for seed in range(20):
        for example in passage_claims([corpus], random.Random(seed)):
            assert (example.claim in example.evidence[0]) is (example.label == "supported")
