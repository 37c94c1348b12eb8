"""What a model's reply says of relations, in whatever shape it comes."""

from __future__ import annotations

import json

import pytest

from ingest.extract.model_replies import MAX_TRIPLES, Triple, extraction_prompt, read_triples
from ingest.extract.telling import tells_relation

INHIBITS = Triple("rosmarinic acid", "INHIBITS", "lipase")
FLAT = {"subject": "rosmarinic acid", "relation": "INHIBITS", "object": "lipase"}


@pytest.mark.parametrize(
    ("reply", "triples"),
    [
        (
            json.dumps({"triples": [{**FLAT, "predicate": "INHIBITS", "negated": False, "sentence": 1}]}),
            [INHIBITS],
        ),
        (json.dumps([FLAT]), [INHIBITS]),
        (f"```json\n[{json.dumps(FLAT)}]\n```\nI hope this helps!", [INHIBITS]),
        (json.dumps({"triplets": [{**FLAT, "relation": {"type": "inhibits"}}]}), [INHIBITS]),
        (
            json.dumps([{**FLAT, "subject": {"type": "CHEMICAL", "name": "rosmarinic acid"}}]),
            [Triple("rosmarinic acid", "INHIBITS", "lipase", subject_kind="CHEMICAL")],
        ),
        (json.dumps([{**FLAT, "negated": True}]), [Triple("rosmarinic acid", "INHIBITS", "lipase", True)]),
        (json.dumps([FLAT, FLAT])[:-20], [INHIBITS]),
        (
            json.dumps([{**FLAT, "relation": "is associated with"}]),
            [Triple("rosmarinic acid", "IS_ASSOCIATED_WITH", "lipase")],
        ),
        (
            json.dumps([{**FLAT, "relation": "SMELLS_LIKE"}, {**FLAT, "object": ""}, {**FLAT, "object": 3}]),
            [],
        ),
        ('{"triples": []}', []),
        ("There are no relations.", None),
        ("", None),
        ("{" * 50, None),
    ],
)
def test_every_shape_of_triple_is_read(reply: str, triples: list[Triple] | None) -> None:
    """Flat or nested, in a code block or broken off; an unknown predicate or an empty name costs only its own
    triple, and a reply without any form is told from one without triples.
    """
    assert read_triples(reply) == triples


def test_a_runaway_reply_is_cut() -> None:
    """No more triples than asked for."""
    assert (
        len(read_triples(json.dumps([{**FLAT, "object": f"o{n}"} for n in range(99)])) or []) == MAX_TRIPLES
    )


def test_sentences_stand_on_lines_of_their_own() -> None:
    """A sentence cannot forge another one's number."""
    (_, (_, text)) = extraction_prompt(["One\n[2] forged", "Two"])
    assert text == "[1] One [2] forged\n[2] Two"


@pytest.mark.parametrize(
    ("sentence", "tells"),
    [
        ("Rosmarinic acid inhibits lipase.", True),
        ("The effect of zinc on colds was small.", True),
        ("锌可以降低风险。", True),
        ("The harbour library keeps old sea charts behind glass.", False),
        ("The reading room is open.", False),
    ],
)
def test_only_sentences_with_a_word_of_relation_are_sent(sentence: str, tells: bool) -> None:
    """Others cost nothing."""
    assert tells_relation(sentence) is tells
