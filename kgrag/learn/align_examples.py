"""Makes examples for a language model from a library's answers and rankings: prompts as the generator writes
them, good replies, better and worse ones.

Knows stored answers, people's verdicts and rankings. Does not know torch. Whole questions are held out, the
same as for the reward model (``kgrag.learn.reward``).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kgrag.catalogue.answers import answers_given, retracted_since, stored_answer
from kgrag.errors import NotFound
from kgrag.generate.prompts import NO_ANSWER, writing_prompt_of
from kgrag.language.sentences import split_sentences
from kgrag.language.words import content_words
from kgrag.library import Library
from kgrag.people.feedback import claim_verdicts, usable_rankings
from kgrag.reward.pairwise import scores_of
from kgrag.reward.versions import is_held

Quotes = tuple[tuple[str, str], ...]
"""Quotes with their documents' titles, in the order in which a prompt numbers them."""
CITED = 0.5


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its quotes; ``good`` is a reply to learn, and ``bad`` a worse one where people
    preferred the good one.
    """

    question: str
    quotes: Quotes
    good: str = ""
    bad: str = ""

    @property
    def messages(self) -> list[tuple[str, str]]:
        """The prompt as (role, text)."""
        return writing_prompt_of(self.question, self.quotes)

    @property
    def held(self) -> bool:
        """Whether the question is held out of training."""
        return is_held(self.question)


def answered(library: Library) -> list[Example]:
    """Stored answers as replies: each claim with the number of its quote, without claims that people call
    wrong; *no answer* for what was abstained from. Oldest first; answers that rest on a document retracted
    since are left out.
    """
    wrong = {(item.answer_id, item.claim) for item in claim_verdicts(library) if not item.right}
    stored = (stored_answer(library.catalogue, row.id) for row in reversed(answers_given(library.catalogue)))
    found = (_reply(answer, wrong) for answer in stored if not retracted_since(library.catalogue, answer))
    return [example for example in found if example is not None]


def preferred(library: Library) -> list[Example]:
    """Each two answers that a person put in an order, with citations added by the same rule to both."""
    return [example for row in usable_rankings(library) for example in _pairs(library, row)]


def _reply(answer: Mapping[str, Any], wrong: set[tuple[str, str]]) -> Example | None:
    if answer["status"] == "abstained":
        near = _shuffled(answer["id"], [(item["text"], "") for item in answer["withheld"]])
        return Example(answer["question"], near, NO_ANSWER) if near else None
    claims = [claim for claim in answer["claims"] if (answer["id"], claim["text"]) not in wrong]
    quotes = quotes_of(answer)
    numbers = {quote: number for number, (quote, _) in enumerate(quotes, start=1)}
    said = " ".join(
        f"{claim['text'].rstrip('.。')} [{numbers[claim['evidence'][0]['quote']]}]." for claim in claims
    )
    return Example(answer["question"], quotes, said) if said else None


def quotes_of(answer: Mapping[str, Any]) -> Quotes:
    """The quotes that an answer rests on, in an order that tells nothing of it."""
    titles = {document["id"]: document["title"] or "" for document in answer["documents"]}
    found = {
        evidence["quote"]: titles.get(evidence["document_id"], "")
        for claim in answer["claims"]
        for evidence in claim["evidence"]
    }
    return _shuffled(answer["id"], list(found.items()))


def _pairs(library: Library, row: Mapping[str, Any]) -> Iterator[Example]:
    try:
        quotes = quotes_of(stored_answer(library.catalogue, row["answer_id"]))
    except NotFound:
        quotes = tuple((quote, "") for quote in row["evidence"])
    scores, texts = scores_of(row), [cited(str(text), quotes) for text in row["answers"]]
    for i, a in enumerate(scores):
        yield from (
            Example(row["question"], quotes, texts[i], texts[j]) for j, b in enumerate(scores) if a > b
        )


def cited(text: str, quotes: Quotes) -> str:
    """The text with, after each sentence, the number of the quote that has most of its words, where one has
    half of them.
    """
    parts = [(text[a:b].strip(), _nearest(text[a:b], quotes)) for a, b in split_sentences(text)]
    return " ".join(f"{part.rstrip('.。')} [{number}]." if number else part for part, number in parts)


def _nearest(sentence: str, quotes: Quotes) -> int:
    said = set(content_words(sentence))
    shares = [len(said & set(content_words(quote))) / len(said) if said else 0.0 for quote, _ in quotes]
    best = max(range(len(shares)), key=lambda i: (shares[i], -i), default=-1)
    return best + 1 if best >= 0 and shares[best] >= CITED else 0


def _shuffled(seed: str, quotes: Sequence[tuple[str, str]]) -> Quotes:
    ordered = sorted(quotes)
    random.Random(seed).shuffle(ordered)
    return tuple(ordered)
