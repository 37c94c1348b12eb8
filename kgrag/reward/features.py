"""Computes the named features of an answer to a question: likeness, coverage, support, specifics, manner,
evasion, repetition.

Knows: how each is computed from the texts, an embedder and verdicts. None is the length itself: counts are
rates, or are capped where more of the same says nothing (see ``complete``). Does not know any weight or
ranking.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgrag.language.sentences import split_sentences
from kgrag.language.wordlists import word_list
from kgrag.language.words import is_chinese
from kgrag.protocols import Embedder, Vectors
from kgrag.types import Verdict

NAMES = (
    "cosine",
    "cosine_best",
    "cosine_top3",
    "cosine_first",
    "cosine_mean",
    "coverage",
    "coverage_rare",
    "complete",
    "sentence_length",
    "word_length",
    "variety",
    "numbers",
    "names",
    "listed",
    "ordered",
    "explains",
    "examples",
    "hedges",
    "person",
    "informal",
    "questions",
    "links",
    "evasion",
    "repetition",
    "padding",
    "unfinished",
    "grounded",
    "supported",
    "support_mean",
    "support_least",
    "contradicted",
)
MAX_SENTENCES = 8
COMPLETE_WORDS = 90
"""Words from which an answer counts as complete; further length earns nothing."""

_STOP = word_list("stop_words", __file__)
_WORD = re.compile(r"[A-Za-z][A-Za-z'’\-]*|\d+(?:\.\d+)?|[\u3400-\u9fff]")
_RATES = {
    "numbers": re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*%?"),
    "names": re.compile(r"(?<![.!?:\n]\s)(?<!^)\b[A-Z][\w\-]+"),
    "ordered": re.compile(
        r"""
          \b(?:
              first(?:ly)? | second(?:ly)? | third(?:ly)? | finally | additionally | furthermore
            | moreover | in\ addition | overall | in\ summary | in\ conclusion | however
            | therefore
          )\b
        | 首先 | 其次 | 最后 | 总之 | 因此
        """,
        re.I | re.X,
    ),
    "explains": re.compile(
        r"""
          \b(?:
              because | due\ to | since | thus | hence | which\ means | as\ a\ result
            | leads?\ to | causes? | helps? | allows? | in\ order\ to | works?\ by | this\ is
          )\b
        | 因为 | 由于 | 所以
        """,
        re.I | re.X,
    ),
    "examples": re.compile(
        r"\b(?:for example|for instance|such as|e\.g\.|imagine|including|like when)\b|例如|比如", re.I
    ),
    "hedges": re.compile(
        r"""
          \b(?:
              maybe | perhaps | possibly | probably | might | could\ be | i\ think | i\ guess
            | i\ believe | i\ suppose | not\ sure | seems? | kind\ of | sort\ of | afaik | imo
          )\b
        | 也许 | 可能 | 大概
        """,
        re.I | re.X,
    ),
    "person": re.compile(r"\b(?:i|i'm|i've|me|my|mine|we|us|you're|gonna|dude|guys?)\b", re.I),
    "informal": re.compile(
        r"""
          \b(?:
              lol | basically | stuff | thing(?:s|y)? | really | pretty | actually | yeah | yep
            | nope | ok | okay | crap | shit | damn | wanna | gotta | kinda | edit | eli5
            | tl;?dr | op | dont | cant | isnt | wont | doesnt
          )\b
        | \.\.\. | !
        | [\w]'(?:s|t|re|ve|ll|d)\b  # they're
        | \( | \*
        """,
        re.I | re.X,
    ),
    "questions": re.compile(r"[?？]"),
    "links": re.compile(
        r"https?://|www\.|\b(?:see|visit|read|check out) (?:the|this|our|these)\b|\[\d+\]", re.I
    ),
}
_EVASION = re.compile(
    r"""
      \b(?:
          (?:i|we)\ (?:
              do\ not | don['’]t | cannot | can['’]t | am\ unable | are\ unable | am\ not\ able
            | have\ no | won['’]t
          )\b
        | i['’]?m\ (?:sorry|not\ sure|unable|afraid)  # I'm not sure
        | as\ an\ ai | as\ a\ language\ model
        | (?:there\ is|there['’]s)\ (?:no|not\ enough|insufficient)
          \ (?:information|evidence|data)  # there is not enough evidence
        | no\ (?:information|evidence|answer)\ (?:is|was|can\ be|could\ be)
          \ (?:available|found|given|provided)  # no answer could be found
        | (?:consult|ask|contact|speak\ (?:to|with)|talk\ to)\ (?:a|an|your)\ (?:  # ask your
              doctor | professional | expert | librarian | physician | specialist | lawyer
          )
        | it\ depends | depends\ on\ many | hard\ to\ say | difficult\ to\ say  # it depends on the dose
        | (?:can|could)(?:not|\ not|n['’]t)\ (?:be\ )?
          (?:answer|determine|say|provide|find|help)\w*  # cannot be determined
        | not\ (?:known|clear|possible\ to\ (?:say|answer))  # not possible to say
        | beyond\ the\ scope
        | more\ research\ is\ needed
        | insufficient\ (?:information|evidence|context)  # insufficient context
        | many\ (?:factors|aspects|different\ opinions)  # there are many factors
        | unable\ to\ (?:answer|provide|find|determine)  # unable to find
        | no\ relevant
        | not\ (?:mentioned|provided|specified|available)\ in  # not mentioned in the text
      )
    | 无法回答 | 不知道 | 不清楚 | 没有(?:相关)?(?:信息|资料|证据) | 难以回答 | 抱歉 | 视情况而定
    """,
    re.I | re.X,
)
_LIST = re.compile(r"(?:^|\n|\s)(?:[-*•]|\d{1,2}[.)]|\(?[a-e]\))\s?(?=\S)|:\s*\d\.", re.M)
_BOILERPLATE = re.compile(
    r"""
      \b(?:
          it\ is\ important\ to\ note
        | it\ is\ worth\ (?:noting|mentioning)
        | as\ mentioned | in\ today's\ world | needless\ to\ say | i\ hope\ this\ helps
        | feel\ free\ to | let\ me\ know\ if | thank\ you\ for | great\ question
        | good\ question
        | this\ is\ a\ (?:very\ )?(?:interesting|complex|broad)\ (?:topic|question)  # this is a complex topic
      )\b
    """,
    re.I | re.X,
)


def features_of(
    question: str,
    answers: Sequence[str],
    evidence: Sequence[str],
    verdicts: Sequence[Sequence[Verdict]] | None,
    embedder: Embedder,
) -> NDArray[np.float64]:
    """The features of each answer, float64 (n_answers, len(NAMES)).

    Args:
        question: as asked.
        answers: any number of texts, empty ones too.
        evidence: the texts the answers should rest on; without any, the features of support are 0 for all.
        verdicts: each answer's per-sentence verdicts where known.
        embedder: texts to unit vectors.
    """
    ground = _content(" ".join(evidence))
    texts = [_embedded_texts(question, answer) for answer in answers]
    distinct = list(
        dict.fromkeys([question, *(text for own in texts for text in own)])
    )  # drafts share sentences
    vectors = dict(zip(distinct, embedder.embed_passages(distinct), strict=True))
    rows = [
        _row(
            question,
            answer,
            ground,
            verdicts[i] if verdicts else (),
            vectors[question],
            np.stack([vectors[text] for text in texts[i]]),
        )
        for i, answer in enumerate(answers)
    ]
    return np.stack(rows) if rows else np.zeros((0, len(NAMES)))


def evasion(answer: str) -> float:
    """How much of an answer declines to answer: the share of its sentences that evade, 1 for an empty one."""
    sentences = [answer[a:b] for a, b in split_sentences(answer)]
    return (
        sum(bool(_EVASION.search(sentence)) for sentence in sentences) / len(sentences) if sentences else 1.0
    )


def _row(
    question: str,
    answer: str,
    ground: set[str],
    verdicts: Sequence[Verdict],
    asked: Vectors,
    vectors: Vectors,
) -> NDArray[np.float64]:
    whole, all_words = answer, [word.lower() for word in _WORD.findall(answer)]
    n_said = max(len(split_sentences(whole)), 1)
    sentences = substance(answer)
    answer = " ".join(sentences)
    words = [word.lower() for word in _WORD.findall(answer)]
    n_words, n_sentences = max(len(words), 1), max(len(sentences), 1)
    rates = {name: math.sqrt(len(pattern.findall(answer)) / n_words) for name, pattern in _RATES.items()}
    values = (
        _likeness(asked, vectors)
        | rates
        | _coverage(question, words)
        | {
            "complete": math.log(min(max(len(words), 1), COMPLETE_WORDS) / COMPLETE_WORDS),
            "sentence_length": math.log(min(max(n_words / n_sentences, 3.0), 40.0)),
            "word_length": sum(map(len, words)) / n_words if not is_chinese(answer) else 5.0,
            "variety": len(set(words[:COMPLETE_WORDS])) / max(len(words[:COMPLETE_WORDS]), 1),
            "listed": float(len(_LIST.findall(answer)) >= 2),
            "evasion": evasion(whole),
            "repetition": repetition(all_words),
            "padding": math.sqrt(len(_BOILERPLATE.findall(whole)) / n_said),
            "unfinished": float(not re.search(r"[.!?。！？:)\]\"”']\s*$", whole)),
            "grounded": len(_content(answer) & ground) / max(len(_content(answer)), 1) if ground else 0.0,
        }
        | _support(verdicts)
    )
    return np.array([values[name] for name in NAMES], np.float64)


def substance(answer: str) -> list[str]:
    """The sentences of an answer without those said before in it and without phrases of politeness or
    padding.

    All features but *repetition*, *padding* and *evasion* are measured on these, so that neither can earn
    anything.
    """
    seen: dict[str, str] = {}
    for a, b in split_sentences(answer):
        if not _BOILERPLATE.search(answer[a:b]):
            seen.setdefault(" ".join(answer[a:b].lower().split()), answer[a:b])
    return list(seen.values())


def repetition(words: Sequence[str]) -> float:
    """Share of word triples that occurred before in the text, 0 to 1."""
    triples = list(zip(words, words[1:], words[2:], strict=False))
    return 1 - len(set(triples)) / len(triples) if triples else 0.0


def _embedded_texts(question: str, answer: str) -> list[str]:
    """The answer's substance, and of its sentences the first and those that share most words with the
    question.
    """
    sentences, wanted = substance(answer), _content(question)
    order = sorted(range(1, len(sentences)), key=lambda i: (-len(_content(sentences[i]) & wanted), i))
    return [" ".join(sentences), *([sentences[i] for i in [0, *order][:MAX_SENTENCES]] if sentences else [])]


def _likeness(asked: Vectors, vectors: Vectors) -> dict[str, float]:
    """Cosines of the question with the answer (the first vector) and with its sentences, the first sentence
    before the others.
    """
    whole, each = float(vectors[0] @ asked), np.sort(vectors[1:] @ asked)[::-1]
    if not len(each):
        return dict.fromkeys(("cosine", "cosine_best", "cosine_top3", "cosine_first", "cosine_mean"), 0.0)
    return {
        "cosine": whole,
        "cosine_best": float(each[0]),
        "cosine_top3": float(each[:3].mean()),
        "cosine_first": float(vectors[1] @ asked),
        "cosine_mean": float(each.mean()),
    }


def _coverage(question: str, words: Sequence[str]) -> dict[str, float]:
    wanted, said = sorted(_content(question)), {_stem(word) for word in words}
    found = [word in said for word in wanted]
    rare = [hit for word, hit in zip(wanted, found, strict=True) if len(word) >= 7]
    return {
        "coverage": sum(found) / max(len(found), 1),
        "coverage_rare": sum(rare) / len(rare) if rare else sum(found) / max(len(found), 1),
    }


def _support(verdicts: Sequence[Verdict]) -> dict[str, float]:
    scores = [v.score for v in verdicts]
    if not scores:
        return dict.fromkeys(("supported", "support_mean", "support_least", "contradicted"), 0.0)
    return {
        "supported": sum(v.label == "supported" for v in verdicts) / len(scores),
        "support_mean": sum(scores) / len(scores),
        "support_least": min(scores),
        "contradicted": sum(v.label == "contradicted" for v in verdicts) / len(scores),
    }


def _content(text: str) -> set[str]:
    return {_stem(word) for word in map(str.lower, _WORD.findall(text)) if word not in _STOP}


def _stem(word: str) -> str:
    """The word without a common English ending: good enough to match forms of one word."""
    for ending in ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
