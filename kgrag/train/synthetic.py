"""Claims made from papers, without people: titles and conclusions against their own and other abstracts, and changed facts.

Knows: that a paper's title and last sentence are supported by the rest of its abstract, seldom by another paper's, and
that a changed number or direction is contradicted. Does not know any model. Seeded by the caller.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

from kgrag.claims import split_sentences
from kgrag.train.data import Labelled, read_jsonl, texts_of

_OPPOSITES = [
    ("increases", "decreases"), ("increased", "decreased"), ("increase", "decrease"), ("increasing", "decreasing"), ("higher", "lower"),
    ("more", "less"), ("improves", "worsens"), ("improved", "worsened"), ("promotes", "inhibits"), ("promote", "inhibit"), ("enhances", "reduces"),
    ("enhanced", "reduced"), ("activates", "inhibits"), ("activation", "inhibition"), ("induces", "prevents"), ("upregulated", "downregulated"),
    ("positive", "negative"), ("positively", "negatively"), ("before", "after"), ("with", "without"), ("greater", "smaller"), ("high", "low"),
    ("effective", "ineffective"), ("significant", "insignificant"), ("early", "late"), ("beneficial", "harmful"), ("required", "dispensable"),
]
_FLIP = {a: b for pair in _OPPOSITES for a, b in (pair, pair[::-1])}
_VERB = re.compile(r"\b(is|are|was|were|can|may|does|do|has|have)\b(?! not)")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_WORD = re.compile(r"[A-Za-z]+")
_FINDING = re.compile(
    r"\b(?:is|are|was|were|does|do|can|cause[sd]?|increase[sd]?|decrease[sd]?|reduce[sd]?|inhibit(?:s|ed)?|promote[sd]?|induce[sd]?|prevent(?:s|ed)?|improve[sd]?|predict(?:s|ed)?|"
    r"regulate[sd]?|require[sd]?|mediate[sd]?|control(?:s|led)?|suppress(?:es|ed)?|enhance[sd]?|activate[sd]?|protect(?:s|ed)?|contribute[sd]?|drive[sn]?|affect(?:s|ed)?|"
    r"associated|links?|reveals?|lead(?:s|ing)? to|confers?|maintains?|limits?|determines?|impairs?|attenuates?|triggers?|stimulates?|blocks?)\b", re.IGNORECASE)


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
    return claim[: match.start()] + (other.capitalize() if match.group()[0].isupper() else other) + claim[match.end() :]


def _negated(claim: str, _: random.Random) -> str | None:
    if " not " in claim:
        return claim.replace(" not ", " ", 1)
    match = _VERB.search(claim)
    return claim[: match.end()] + " not" + claim[match.end() :] if match else None


def abstract_claims(corpus: Path, skip: frozenset[str], chance: random.Random, neighbours: Sequence[Sequence[int]] | None = None) -> list[Labelled]:
    """Supported, unsupported and contradicted claims from a BEIR corpus of papers.

    Args:
        corpus: corpus.jsonl with ``_id``, ``title``, ``text``.
        skip: ids of papers to leave out.
        chance: the source of randomness.
        neighbours: for each paper, positions of papers that are like it (hard negatives); random ones without.

    Returns:
        For each paper one supported claim, one unsupported, and a contradicted one where a fact could be changed.
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


def rationale_claims(claims: Path, corpus: Path, held: frozenset[str], chance: random.Random) -> list[Labelled]:
    """SciFact's claims against single sentences: those people marked decide it, the others of the same abstract do not.

    Args:
        claims: scifact_train.jsonl with ``rationale_sentences``.
        corpus: corpus.jsonl of the same papers, for where a title ends.
        held: claims to leave out.
        chance: the source of randomness.

    Returns:
        For each decided claim one example with a marked sentence, and up to two of the same topic that are *unsupported*.
    """
    titles = {str(row["_id"]): str(row["title"]) for row in read_jsonl(corpus)}
    made = []
    for row in read_jsonl(claims):
        marked, claim = row.get("rationale_sentences"), str(row["claim"])
        if not isinstance(marked, list) or claim in held:
            continue
        text = texts_of(row["evidence"])[0].removeprefix(titles.get(str(row["id"]).rsplit("-", 1)[1], "").rstrip(".")).lstrip(". ")
        sentences = [text[a:b] for a, b in split_sentences(text)]
        decisive = [sentences[i] for i in marked if i < len(sentences)]
        other = [s for i, s in enumerate(sentences) if all(abs(i - m) > 1 for m in marked) and len(s.split()) > 5]
        made += [Labelled(claim, (chance.choice(decisive),), str(row["label"]), "sentences", claim)] if decisive else []
        made += [Labelled(claim, (s,), "unsupported", "sentences", claim) for s in chance.sample(other, min(2, len(other)))]
    return made


def sentence_claims(corpus: Path, skip: frozenset[str], chance: random.Random, neighbours: Sequence[Sequence[int]]) -> list[Labelled]:
    """Titles that state something against single sentences: the conclusion supports, the background and a like paper's conclusion do not.

    Args:
        corpus: corpus.jsonl of papers.
        skip: ids of papers to leave out.
        chance: the source of randomness.
        neighbours: for each paper, positions of papers like it.

    Returns:
        For each paper whose title has a verb of finding: one supported example, two unsupported of the same topic, a contradicted one where
        a direction can be changed; one in ten is worded as an answered question.
    """
    papers = list(read_jsonl(corpus))
    split = [[str(p["text"])[a:b] for a, b in split_sentences(str(p["text"]))] for p in papers]
    made = []
    for position, paper in enumerate(papers):
        title, sentences = str(paper["title"]).rstrip(". "), split[position]
        if str(paper["_id"]) in skip or len(sentences) < 5 or not _FINDING.search(title):
            continue
        other = split[chance.choice([i for i in neighbours[position] if i != position])]
        group, wrong = f"paper-{paper['_id']}", changed(title, chance)
        pairs = [(title, sentences[-1], "supported"), (title, chance.choice(sentences[:2]), "unsupported"),
                 (title, other[-1] if other else "", "unsupported"), (wrong or "", sentences[-1], "contradicted")]
        made += [Labelled(claim + (". Is this true? Yes." if chance.random() < 0.1 else "."), (text,), label, "sentences", group)
                 for claim, text, label in pairs if claim and text]
    return made
