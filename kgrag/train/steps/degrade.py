"""Makes answers worse on purpose, so that a reward model learns support and candour where no person ranked
them.

Knows: a question with its evidence and a supported answer, and five ways to spoil it. Does not know any
model. Seeded.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgrag.language.sentences import split_sentences
from kgrag.train.steps.data import read_jsonl, texts_of
from kgrag.train.steps.synthetic import changed

EVASIONS = (
    "I cannot answer this question.",
    "There is not enough information to answer this question. More research is needed.",
    "It depends on many factors. It is hard to say. Please consult a professional.",
    (
        "This is an interesting and complex topic. Unfortunately, I am not able to give a definite answer to"
        " it, because many aspects play a role. It is difficult to say more without further information. I"
        " recommend that you contact an expert."
    ),
    "The evidence does not provide an answer. No relevant information was found.",
    "I'm not sure about this one, sorry.",
    "As an AI language model, I do not have access to that information. I can't help with this question.",
)
PADDINGS = (
    "It is important to note that this is a complex topic.",
    "I hope this helps, feel free to ask further questions.",
    "As mentioned, there are many aspects to consider here.",
    "Thank you for this great question.",
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Answers to a question with evidence, and how good each is (higher is better, equal is a tie)."""

    question: str
    evidence: tuple[str, ...]
    answers: tuple[str, ...]
    scores: tuple[float, ...]


def degraded(path: Path, n: int, seed: int) -> list[Ranked]:
    """Rankings from PubMedQA's questions, contexts and conclusions, at most n."""
    chance = random.Random(seed)
    rows = list(read_jsonl(path))
    return [_ranked(row, chance.choice(rows), chance) for row in chance.sample(rows, min(n, len(rows)))]


def _ranked(row: dict[str, Any], other: dict[str, Any], chance: random.Random) -> Ranked:
    answer = [*_some(row["long_answer"], 2), chance.choice(_some(" ".join(row["contexts"][-2:]), 12))]
    foreign = [*_some(other["long_answer"], 2), chance.choice(_some(" ".join(other["contexts"][-2:]), 12))]
    swapped = list(answer)
    swapped[chance.randrange(len(answer))] = chance.choice(foreign)
    wrong = [changed(answer[0], chance) or foreign[0], *answer[1:]]
    padded = [*answer, *chance.sample(PADDINGS, 2), answer[0]]
    good = [
        " ".join(answer),
        " ".join(padded),
        " ".join(swapped),
        " ".join(wrong),
        " ".join(foreign),
        chance.choice(EVASIONS),
    ]
    return Ranked(
        str(row["question"]), texts_of(row["contexts"]), tuple(good), (3.0, 2.0, 1.0, 1.0, 0.0, 0.0)
    )


def _some(text: str, n: int) -> Sequence[str]:
    return [text[a:b] for a, b in split_sentences(text)][:n] or [text]
