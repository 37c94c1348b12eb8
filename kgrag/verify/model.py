"""Judges claims by default: selection, encoder, exact checks, and a small stacker that weighs them into a
verdict.

Knows: the files that ship with the package and the threshold of a claim alone, 0.5 of a probability
calibrated for equal odds of supported and not (for many claims of one kind see ``kgrag.verify.together``).
Does not know where evidence comes from, nor α (``kgrag.verify.calibrate``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.errors import NotFound
from kgrag.language.facts import Checks, check, numbers, substitutions
from kgrag.language.words import content_words, is_chinese, short_stem
from kgrag.models.minilm import load_tokenizer, load_weights
from kgrag.models.trees import Blend, sigmoid
from kgrag.types import SupportLabel, Verdict
from kgrag.verify.chinese import ChineseVerifier
from kgrag.verify.direction.claimed import claimed
from kgrag.verify.direction.features import tells_effect
from kgrag.verify.direction.judge import Judged, judged
from kgrag.verify.encoder import ClaimEncoder
from kgrag.verify.features import NAMES, features
from kgrag.verify.pieces import Difference, compare, differs, kind_of, says_contrary
from kgrag.verify.select import MAX_TEXT, Selection, Selector

FOLDER = Path(__file__).parent.parent / "models" / "data" / "verifier"
THRESHOLD = 0.5
FOLLOWS, CHANGED, DENIES = 0.6, 0.4, 0.55
"""Covered share from which a claim follows a sentence, the highest score of one that changes the sentence's
fact, and the share of its words that a sentence which denies it holds.
"""
FAILED, COPIES = 0.6, 0.7
"""What a failed check leaves of the surety above one half, and the share of a claim that stands in the
evidence in one run from which it copies.
"""
LONGEST_QUOTE, MOST_QUOTES = 600, 12
"""Letters of a text that is one quote, and how many quotes are read for a denial."""
_EMPTY = Verdict("unsupported", 0.0)


class DefaultVerifier:
    """Decides whether evidence supports a claim; offline, English by a cross-encoder, Chinese by words.

    Args:
        folder: encoder.safetensors, stacker.npz, idf.npy, chinese.npz; the shipped ones by default.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        if not (folder / "stacker.npz").exists():
            raise NotFound(
                f"No verifier in '{folder}'. Train one: python -m kgrag.train.verifier --data ../shared/data"
                f" --out {folder}"
            )
        self.folder = folder
        self.identity = "kgrag-verifier-2"

    def verify(self, claims: Sequence[str], evidence: Sequence[Sequence[str]]) -> list[Verdict]:
        """One verdict a claim against its own list of evidence texts; the order of claims is kept.

        Args:
            claims: one sentence each; a Chinese claim is judged by its characters.
            evidence: for each claim its texts, of any number and length. No text, or an empty claim:
                unsupported, score 0.
        """
        verdicts = [_EMPTY] * len(claims)
        usable = [
            i for i, claim in enumerate(claims) if claim.strip() and any(text.strip() for text in evidence[i])
        ]
        chinese = [i for i in usable if is_chinese(claims[i])]
        english = sorted(set(usable) - set(chinese))
        for part, judge in ((chinese, self._chinese.verify), (english, self._english)):
            if part:
                for i, verdict in zip(
                    part, judge([claims[i] for i in part], [list(evidence[i]) for i in part]), strict=True
                ):
                    verdicts[i] = verdict
        return verdicts

    def measure(
        self, claims: Sequence[str], evidence: Sequence[Sequence[str]]
    ) -> tuple[NDArray[np.float32], list[Selection], list[Checks]]:
        """The features, float32 (n_claims, len(NAMES)), with the selections and checks they were made
        from.
        """
        selector = self.selector
        chosen = [selector.select(claim, texts) for claim, texts in zip(claims, evidence, strict=True)]
        logits, cosine = self.encoder.read([c.claim for c in chosen], [c.evidence for c in chosen])
        checks = [
            check(claim, " ".join(c.texts), c.texts[c.best] if c.texts else "")
            for claim, c in zip(claims, chosen, strict=True)
        ]
        rows = [
            features(claim, c, k, logit, float(near), selector.idf, selector.vectors)
            for claim, c, k, logit, near in zip(claims, chosen, checks, logits, cosine, strict=True)
        ]
        return (np.stack(rows) if rows else np.zeros((0, len(NAMES)), np.float32)), chosen, checks

    def _english(self, claims: Sequence[str], evidence: Sequence[Sequence[str]]) -> list[Verdict]:
        x, chosen, checks = self.measure(claims, evidence)
        plain, contradicted = self._supported(x), self._contradicted(x)
        supported = tempered(plain, x)
        probabilities: list[float | None] = [float(p) for p in plain]
        origins = [item.origins[item.best] if item.origins else 0 for item in chosen]
        differences: list[Difference | None] = [None] * len(claims)
        for i, (claim, texts) in enumerate(zip(claims, evidence, strict=True)):
            differences[i] = differs(claim, texts, chosen[i].texts)
            reversed_ = changes_a_fact(claim, texts, chosen[i], checks[i]) or says_contrary(differences[i])
            if reversed_ or differences[i]:
                supported[i], probabilities[i] = min(supported[i], CHANGED), None
                contradicted[i] = max(contradicted[i], 1 - CHANGED) if reversed_ else contradicted[i]
            elif not checks[i].numbers_missing and (told := self.direction(claim, texts)):
                supported[i], contradicted[i], probabilities[i] = told.support, told.denial, None
                origins[i] = told.best
        return [
            Verdict(
                label_of(float(s), float(c)),
                float(s),
                origin,
                float((1 - s) * c),
                tuple(
                    dict.fromkeys((*checked.failed, *exchanged_facts(claim, selection), *kind_of(difference)))
                ),
                p,
            )
            for claim, s, p, c, origin, selection, checked, difference in zip(
                claims,
                supported,
                probabilities,
                contradicted,
                origins,
                chosen,
                checks,
                differences,
                strict=True,
            )
        ]

    def direction(self, claim: str, texts: Sequence[str]) -> Judged | None:
        """How evidence stands to a claim that an outcome was more, less or the same under one thing than
        under another; None for other claims, and for one that a text says word for word.
        """
        said = claimed(claim)
        if said is None or _verbatim(claim, texts):
            return None
        return judged(said, texts, self.encoder, self.selector.encode)

    @cached_property
    def selector(self) -> Selector:
        """Chooses sentences, and cuts texts into the encoder's tokens."""
        vectors = load_weights()["embeddings.word_embeddings.weight"]
        return Selector(load_tokenizer(2048), vectors, np.load(self.folder / "idf.npy").astype(np.float32))

    @cached_property
    def encoder(self) -> ClaimEncoder:
        """Reads claims beside evidence."""
        return ClaimEncoder(self.folder / "encoder.safetensors")

    @cached_property
    def _chinese(self) -> ChineseVerifier:
        return ChineseVerifier(self.folder / "chinese.npz")

    @cached_property
    def _stacker(self) -> Mapping[str, NDArray[Any]]:
        with np.load(self.folder / "stacker.npz", allow_pickle=False) as arrays:
            return dict(arrays)

    @cached_property
    def _supported(self) -> Blend:
        return Blend.read(self._stacker, "supported.")

    @cached_property
    def _contradicted(self) -> Blend:
        return Blend.read(self._stacker, "contradicted.")


def tempered(supported: NDArray[np.float64], x: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities above one half, held back where words and reading do not both speak for the claim: by the
    share of it that the evidence covers, by the encoder's own probability, and by failed exact checks; not
    where the claim copies the evidence and no check fails. The label stays.

    What the stacker gives alone is as sure of loosely worded claims as of close ones, and on sets it has not
    seen it is wrong there twice as often.

    Args:
        supported: probabilities, (n,).
        x: features, (n, len(NAMES)).
    """
    covered, logit, copied = (
        x[:, NAMES.index(name)].astype(np.float64) for name in ("coverage", "logit", "longest_run")
    )
    failed = (
        x[:, [NAMES.index(name) for name in ("numbers_missing", "names_missing", "negation", "opposites")]]
        > 0
    ).any(axis=1)
    held = np.where(
        (copied >= COPIES) & ~failed,
        1.0,
        np.clip(covered, 0.0, 1.0) * sigmoid(logit) * np.where(failed, FAILED, 1.0),
    )
    out: NDArray[np.float64] = np.where(
        supported > THRESHOLD, THRESHOLD + (supported - THRESHOLD) * held, supported
    )
    return out


def changes_a_fact(claim: str, evidence: Sequence[str], chosen: Selection, checked: Checks) -> bool:
    """Whether a claim follows its best sentence closely but reverses its direction or negation, or has a
    number found nowhere; or copies a sentence with another number, name or direction in its place, wherever
    else that may stand.

    On held-out claims that the stacker alone called supported, half of those caught are not: the rule costs
    no accuracy, and an edited fact must never pass for a quoted one.
    """
    if exchanged_facts(claim, chosen):
        return True
    # what another clause of the sentence denies is no denial of the claim
    agreeing = beside.clause if (beside := compare(claim, chosen.texts)) and beside.agrees else None
    if denied(claim, [t for t in _read_for_denial(evidence, chosen) if not agreeing or agreeing not in t]):
        return True
    if agreeing or not chosen.scores or chosen.scores[0] < FOLLOWS:
        return False
    return bool(
        checked.opposites
        or checked.negation
        or (checked.numbers_missing and not numbers(claim) <= numbers(" ".join(evidence)[:MAX_TEXT]))
    )


def _read_for_denial(evidence: Sequence[str], chosen: Selection) -> Sequence[str]:
    """The sentences chosen, and the other quotes where quotes are what is given: a quote that denies the
    claim may cover fewer of its words than one that tells both groups' figures.
    """
    quotes = [text for text in evidence if len(text) <= LONGEST_QUOTE]
    return [*chosen.texts, *(quotes[:MOST_QUOTES] if len(quotes) == len(evidence) else ())]


def denied(claim: str, sentences: Sequence[str]) -> bool:
    """Whether of a claim that something is more or less, or helps, one of the sentences says the contrary in
    most of its words, by a negation or an opposite; never where another says the claim word for word.
    """
    words = set(map(short_stem, content_words(claim)))
    if not tells_effect(claim) or _verbatim(claim, sentences):
        return False
    for text in sentences:
        if len(words & set(map(short_stem, content_words(text)))) >= DENIES * len(words):
            found = check(claim, text, text)
            if found.negation or found.opposites:
                return True
    return False


def exchanged_facts(claim: str, chosen: Selection) -> tuple[str, ...]:
    """The kinds of facts in which a claim differs from a sentence that it otherwise copies; none where
    another sentence says just what it says.
    """
    found = [substitutions(claim, text) for text in chosen.texts]
    return (
        ()
        if not found or _verbatim(claim, chosen.texts)
        else tuple(dict.fromkeys(kind for kinds in found for kind in kinds))
    )


def _verbatim(claim: str, texts: Sequence[str]) -> bool:
    said = claim.strip().rstrip(".。").lower()
    return any(said in text.lower() for text in texts)


def label_of(supported: float, contradicted: float) -> SupportLabel:
    """The label of a probability of support, and of contradiction given no support."""
    if supported >= THRESHOLD:
        return "supported"
    return "contradicted" if contradicted >= 0.5 else "unsupported"
