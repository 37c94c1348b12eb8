"""Recombination: the best supported sentences of several drafts, never less supported than any of them."""

from __future__ import annotations

import random

from kgrag.answer.judge import RECOMBINED, Judged, claims_of, rule
from kgrag.answer.recombine import MAX_CANDIDATES, MAX_SENTENCES, recombined
from kgrag.types import Document, Draft, Evidence, Passage, Record, Sentence, Source, Verdict

WORDS = [
    "aspirin",
    "stroke",
    "adults",
    "trial",
    "placebo",
    "dose",
    "risk",
    "months",
    "bleeding",
    "heart",
    "norway",
    "women",
    "kidney",
    "age",
    "sodium",
    "island",
    "shark",
    "tail",
]


def evidence(text: str, score: float) -> Evidence:
    document = Document("d", Record(Source("a.txt", "0", "test")), text, "en")
    return Evidence(
        Passage("p", "d", 0, text, 0, len(text), (), (Sentence(0, len(text)),)), document, 0, len(text), score
    )


def judged(sentences: list[tuple[str, float, float]], maker: str = "openai-like:x") -> Judged:
    """A draft of (sentence, verifier's score, evidence's score)."""
    draft = Draft(tuple((text, (evidence(text, near),)) for text, _, near in sentences), maker)
    spans = claims_of(Draft(draft.sentences, RECOMBINED))
    return Judged(
        draft,
        tuple(spans),
        tuple(Verdict("supported" if score >= 0.5 else "unsupported", score) for _, score, _ in sentences),
        tuple(given for _, given in draft.sentences),
    )


def test_the_best_of_each_are_joined() -> None:
    """Sentences of both drafts, most certain and nearest first; what is not supported stays out."""
    first = judged([("Aspirin reduced stroke in adults.", 0.9, 0.9), ("The island has sharks.", 0.2, 0.9)])
    second = judged(
        [
            ("Bleeding was more frequent with a higher dose.", 0.95, 0.8),
            ("Women had a lower heart risk.", 0.6, 0.2),
        ]
    )
    found = recombined([first, second], 0.8)
    assert found is not None
    assert [text for text, _, _ in found.claims] == [
        "Aspirin reduced stroke in adults.",
        "Bleeding was more frequent with a higher dose.",
    ]
    assert found.draft.maker == RECOMBINED
    assert found.draft.text[found.claims[1][1] : found.claims[1][2]] == found.claims[1][0]


def test_it_never_loses_support() -> None:
    """For random drafts: every sentence of the candidate would be shown, so its share of support is at least
    that of each draft; nothing is said twice; never more than nine candidates.
    """
    chance = random.Random(4)
    made = 0
    for _ in range(300):
        drafts = [
            judged(
                [
                    (" ".join(chance.sample(WORDS, 6)) + ".", chance.random(), chance.random())
                    for _ in range(chance.randint(1, 4))
                ]
            )
            for _ in range(chance.randint(1, 9))
        ]
        found = recombined(drafts, 0.7)
        if found is None:
            continue
        made += 1
        assert found.supported == 1.0 >= max(item.supported for item in drafts)
        assert list(rule(found, 0.7).withheld) == []
        assert {text for text, _, _ in found.claims} <= {
            text for item in drafts for text, _, _ in item.claims
        }
        assert len(drafts) < MAX_CANDIDATES
        assert 2 <= len(found.claims) <= MAX_SENTENCES
    assert made > 100


def test_there_is_none_where_it_adds_nothing() -> None:
    """One draft, the same sentences as a draft, no room, or quotes only."""
    one = judged(
        [
            ("Aspirin reduced stroke in adults.", 0.9, 0.9),
            ("Bleeding was more frequent with a higher dose.", 0.9, 0.9),
        ]
    )
    half = judged([("Aspirin reduced stroke in adults.", 0.9, 0.9)])
    assert recombined([one], 0.5) is None
    assert recombined([half, one], 0.5) is None
    assert (
        recombined(
            [one, *[judged([(f"Sharks {word} tails often now.", 0.9, 0.9)]) for word in WORDS[:8]]], 0.5
        )
        is None
    )
    assert (
        recombined(
            [
                judged([("Aspirin reduced stroke.", 1.0, 0.9)], "extractive"),
                judged([("Sharks hunt with tails.", 1.0, 0.9)], "extractive"),
            ],
            0.5,
        )
        is None
    )


def test_contrary_sentences_are_not_joined() -> None:
    """Of two sentences about the same that say the contrary, the better supported one stays."""
    found = recombined(
        [
            judged(
                [("Aspirin increased the bleeding risk in women.", 0.9, 0.9), ("Sharks use tails.", 0.9, 0.5)]
            ),
            judged(
                [
                    ("Aspirin decreased the bleeding risk in women.", 0.8, 0.9),
                    ("The trial lasted twelve months.", 0.9, 0.6),
                ]
            ),
        ],
        0.5,
    )
    assert found is not None
    assert "decreased" not in found.draft.text
