"""Makes claims from papers, without people: titles and conclusions against their own and other abstracts, and
changed facts.

Knows: that a paper's title and last sentence are supported by the rest of its abstract, seldom by another
paper's, and that a changed number or direction is contradicted. Does not know any model. Seeded by the
caller.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from kgrag.language.sentences import split_claims, split_sentences
from kgrag.train.steps.data import Labelled, read_jsonl, texts_of
from kgrag.verify.yesno import as_claim

_OPPOSITES = [
    ("increases", "decreases"),
    ("increased", "decreased"),
    ("increase", "decrease"),
    ("increasing", "decreasing"),
    ("higher", "lower"),
    ("more", "less"),
    ("improves", "worsens"),
    ("improved", "worsened"),
    ("promotes", "inhibits"),
    ("promote", "inhibit"),
    ("enhances", "reduces"),
    ("enhanced", "reduced"),
    ("activates", "inhibits"),
    ("activation", "inhibition"),
    ("induces", "prevents"),
    ("upregulated", "downregulated"),
    ("positive", "negative"),
    ("positively", "negatively"),
    ("before", "after"),
    ("with", "without"),
    ("greater", "smaller"),
    ("high", "low"),
    ("effective", "ineffective"),
    ("significant", "insignificant"),
    ("early", "late"),
    ("beneficial", "harmful"),
    ("required", "dispensable"),
]
_FLIP = {a: b for pair in _OPPOSITES for a, b in (pair, pair[::-1])}
_VERB = re.compile(r"\b(is|are|was|were|can|may|does|do|has|have)\b(?! not)")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_WORD = re.compile(r"[A-Za-z]+")
_CAPITAL = re.compile(r"\b[A-Z][a-z]{2,}\b")


def changed(claim: str, chance: random.Random) -> str | None:
    """The claim with one number, direction or negation changed; None where nothing can be."""
    ways = [way for way in (_other_number, _opposite, _negated) if way(claim, random.Random(0)) is not None]
    return chance.choice(ways)(claim, chance) if ways else None


def _other_number(claim: str, chance: random.Random) -> str | None:
    found = list(_NUMBER.finditer(claim))
    if not found:
        return None
    match = chance.choice(found)
    value = float(match.group())
    other = value * chance.choice([0.4, 0.5, 1.5, 2, 3, 10]) + (1 if value < 2 else 0)
    text = f"{other:.{len(match.group().partition('.')[2])}f}"
    return None if text == match.group() else claim[: match.start()] + text + claim[match.end() :]


def _opposite(claim: str, chance: random.Random) -> str | None:
    found = [m for m in _WORD.finditer(claim) if m.group().lower() in _FLIP]
    if not found:
        return None
    match = chance.choice(found)
    other = _FLIP[match.group().lower()]
    return (
        claim[: match.start()]
        + (other.capitalize() if match.group()[0].isupper() else other)
        + claim[match.end() :]
    )


def _negated(claim: str, _: random.Random) -> str | None:
    if " not " in claim:
        return claim.replace(" not ", " ", 1)
    match = _VERB.search(claim)
    return claim[: match.end()] + " not" + claim[match.end() :] if match else None


def abstract_claims(
    corpus: Path,
    skip: frozenset[str],
    chance: random.Random,
    neighbours: Sequence[Sequence[int]] | None = None,
) -> list[Labelled]:
    """Supported, unsupported and contradicted claims from a BEIR corpus of papers.

    Args:
        corpus: corpus.jsonl with ``_id``, ``title``, ``text``.
        skip: ids of papers to leave out.
        chance: the source of randomness.
        neighbours: for each paper, positions of papers that are like it (hard negatives); random ones
            without.

    Returns:
        For each paper one supported claim, one unsupported, and a contradicted one where a fact could be
        changed.
    """
    papers = list(read_jsonl(corpus))
    made = []
    for position, paper in enumerate(papers):
        text, title = str(paper["text"]), str(paper["title"]).rstrip(".")
        spans = split_sentences(text)
        if str(paper["_id"]) in skip or len(spans) < 4:
            continue
        conclusion = text[spans[-1][0] :]
        use_title = chance.random() < 0.5 and len(title.split()) > 6 and not title.endswith("?")
        claim, body = (title + ".", text) if use_title else (conclusion, f"{title}. {text[: spans[-1][0]]}")
        options = neighbours[position] if neighbours is not None else range(len(papers))
        other = papers[chance.choice([i for i in options if i != position])]
        group = f"paper-{paper['_id']}"
        made.append(Labelled(claim, (body,), "supported", "papers", group))
        made.append(Labelled(claim, (f"{other['title']} {other['text']}",), "unsupported", "papers", group))
        wrong = changed(claim, chance)
        if wrong is not None and chance.random() < 0.6:
            made.append(Labelled(wrong, (body,), "contradicted", "papers", group))
    return made


def qa_claims(path: Path, chance: random.Random) -> list[Labelled]:
    """Conclusions of PubMedQA papers against their own contexts, and changed ones."""
    made = []
    for row in read_jsonl(path):
        contexts, group = texts_of(row["contexts"]), f"pubmedqa-{row['id']}"
        claim = str(row["long_answer"])
        made.append(Labelled(claim, contexts, "supported", "papers", group))
        wrong = changed(claim, chance)
        if wrong is not None:
            made.append(Labelled(wrong, contexts, "contradicted", "papers", group))
    return made


def title_claims(
    corpus: Path, skip: frozenset[str], chance: random.Random, neighbours: Sequence[Sequence[int]]
) -> list[Labelled]:
    """Titles that state something, against one sentence: their own conclusion, a like paper's, and with a
    fact changed.

    Short evidence that says the same in other words, as people's claims meet it. Arguments as for
    ``abstract_claims``.
    """
    papers = list(read_jsonl(corpus))
    last = [_conclusion(str(paper["text"])) for paper in papers]
    made = []
    for position, paper in enumerate(papers):
        title, own = str(paper["title"]).rstrip("."), last[position]
        if str(paper["_id"]) in skip or own is None or len(title.split()) < 7 or title.endswith("?"):
            continue
        claim, group = title + ".", f"paper-{paper['_id']}"
        made.append(Labelled(claim, (own,), "supported", "titles", group))
        other = last[chance.choice(list(neighbours[position]))]
        if other is not None:
            made.append(Labelled(claim, (other,), "unsupported", "titles", group))
        wrong = changed(claim, chance)
        if wrong is not None and chance.random() < 0.5:
            made.append(Labelled(wrong, (own,), "contradicted", "titles", group))
    return made


def question_claims(path: Path, use: Callable[[str], bool]) -> list[Labelled]:
    """Yes/no questions said as statements, against the conclusion and against the last part of the abstract:
    yes supports, no contradicts, maybe does neither.

    Args:
        path: PubMedQA's labelled questions.
        use: whether a question, by its id, may be used.
    """
    labels = {"yes": "supported", "no": "contradicted", "maybe": "unsupported"}
    return [
        Labelled(
            as_claim(str(row["question"])),
            (evidence,),
            labels[str(row["answer"])],
            "questions",
            f"pubmedqa-{row['id']}",
        )
        for row in read_jsonl(path)
        if use(str(row["id"]))
        for evidence in (str(row["long_answer"]), texts_of(row["contexts"])[-1])
    ]


def passage_claims(corpora: Sequence[Path], chance: random.Random, at_most: int = 2500) -> list[Labelled]:
    """Sentences of encyclopaedia passages, with one name or fact exchanged (not supported), or shortened to a
    part (supported).
    """
    passages = [row for corpus in corpora for row in read_jsonl(corpus)]
    chance.shuffle(passages)
    made: list[Labelled] = []
    for position, row in enumerate(passages):
        if len(made) >= at_most:
            break
        text, group = str(row["text"]), f"passage-{position}"
        spans = [(a, b) for a, b in split_sentences(text) if 9 <= len(text[a:b].split()) <= 45]
        if len(spans) < 3:
            continue
        a, b = chance.choice(spans)
        evidence = (f"{row['title']}. {text}",)
        claim = chance.choice(split_claims(text[a:b])).text
        wrong = _other_name(claim, text, chance) if chance.random() < 0.6 else changed(claim, chance)
        made.append(Labelled(claim, evidence, "supported", "passages", group))
        if wrong is not None:
            made.append(Labelled(wrong, evidence, "contradicted", "passages", group))
    return made


def _conclusion(text: str) -> str | None:
    spans = split_sentences(text)
    return text[slice(*spans[-1])] if len(spans) > 2 else None


def _other_name(claim: str, text: str, chance: random.Random) -> str | None:
    """The claim with one capitalised word, not its first, replaced by another of the text that the claim
    lacks.
    """
    own = [m for m in _CAPITAL.finditer(claim) if m.start() > 0]
    others = sorted(
        {m.group() for m in _CAPITAL.finditer(text) if m.start() > 0 and text[m.start() - 2] != "."}
        - {m.group() for m in own}
    )
    if not own or not others:
        return None
    match = chance.choice(own)
    return claim[: match.start()] + chance.choice(others) + claim[match.end() :]
