"""Answers yes, no or maybe to a question that asks for it, from the evidence of the claims that are shown.

Knows which questions ask for a verdict, and which claims it stands on. It is no claim: it is shown apart,
with its probability, and only where there are claims. English only, as the model behind it
(``kgrag.verify.yesno``).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from kgrag.errors import NotFound
from kgrag.language.facts import negations
from kgrag.language.sentences import split_sentences
from kgrag.language.words import content_words, short_stem
from kgrag.protocols import Embedder
from kgrag.types import Claim, Conclusion, Understood
from kgrag.verify.model import DefaultVerifier

SURE = {"yes": 0.7, "no": 0.5}
"""From which probability a paper is said to answer so. A wrong yes does more harm than none, and is likelier:
in cross-validation on PubMedQA's 500 these decide half of the questions, three in four rightly, and say yes
to one in nine whose answer is no (kgrag/models/data/yesno).
"""


VerdictLabel = Literal["yes", "no", "mixed", "unclear"]
DECIDED: tuple[Literal["yes", "no"], ...] = ("yes", "no")


ON_POINT = 0.6
"""Share of the question's words from which a claim with its work's title is about it."""


class Reader(Protocol):
    """What reads a verdict from texts (``kgrag.verify.yesno.YesNo``)."""

    def answer(self, question: str, contexts: Sequence[str]) -> tuple[str, dict[str, float]]:
        """The verdict, and the probability of each."""
        ...


def conclude(question: Understood, claims: Sequence[Claim], reader: Reader) -> Conclusion | None:
    """The verdict of the passages that the claims stand on; each document counts the same.

    Returns:
        None without a claim, where the question asks for none, or where no claim with its work's title holds
        enough of its words to be about it: the model behind it has read only abstracts on the very question.
    """
    if not claims or not question.form.verdict or _told(question.text, claims) < ON_POINT:
        return None
    passages: dict[str, dict[str, tuple[int, str]]] = {}
    for claim in claims:
        for evidence in claim.evidence:
            passages.setdefault(evidence.document.id, {})[evidence.passage.id] = (
                evidence.passage.ordinal,
                evidence.passage.text,
            )
    read = [
        reader.answer(question.text, [text for _, text in sorted(own.values())])[1]
        for own in passages.values()
    ]
    label = weighed([decided(shares) for shares in read])
    shares = [paper[label] if label in SURE else max(paper.values()) for paper in read]
    return Conclusion(label, sum(shares) / len(shares), tuple(claim.id for claim in claims))


def decided(shares: Mapping[str, float]) -> VerdictLabel:
    """What one paper answers: yes or no where that is sure enough, else *unclear*."""
    return next((label for label in DECIDED if shares.get(label, 0.0) >= SURE[label]), "unclear")


def weighed(labels: Sequence[VerdictLabel]) -> VerdictLabel:
    """What several papers answer together: *mixed* where one says yes and another no."""
    said = [label for label in DECIDED if label in labels]
    return "mixed" if len(said) > 1 else said[0] if said else "unclear"


def _told(question: str, claims: Sequence[Claim]) -> float:
    """The largest share of the question's words that stand in one claim or its work's title, by their
    stems.
    """
    asked = set(map(short_stem, content_words(question)))
    told = [
        set(map(short_stem, content_words(f"{evidence.document.title} {claim.text}")))
        for claim in claims
        for evidence in claim.evidence
    ]
    return max((len(asked & words) for words in told), default=0) / max(len(asked), 1)


YesNoMaybe = Literal["yes", "no", "maybe"]


CLASSES: tuple[YesNoMaybe, ...] = ("yes", "no", "maybe")


PATH = Path(__file__).parent.parent / "models" / "data" / "yesno" / "yesno.npz"


_OPENER = re.compile(
    r"^(?:(?:and|but|so)\s+)?"
    r"(?:is|are|was|were|do|does|did|can|could|should|will|would|has|have|had|may|might|must|am)\s+"
    r"(?:there\s+|it\s+(?:possible|necessary)\s+(?:to\s+)?)?",
    re.I,
)


_NULL = re.compile(
    r"\b(?:no (?:significant|statistical\w*|clear|apparent|evidence|difference|correlation|association|effect"
    r"|relationship|change|benefit|increase|improvement|impact|influence|advantage)\w*"
    r"|not? (?:\w+ )?(?:significant\w*|differ\w*|associated|correlat\w*|related|affect\w*|improve\w*"
    r"|increase\w*|predict\w*|influence\w*|necessary|support\w*|useful|effective)"
    r"|did not|does not|do not|was not|were not|is not|are not|cannot|failed to|similar|comparable|unchanged"
    r"|equal(?:ly)?|no more|neither|nor|without (?:significant|any)|identical|independent of|lack of"
    r"|non-?significant|ns\b|unlikely|poor(?:ly)?|only)\b",
    re.I,
)


_EFFECT = re.compile(
    r"\b(?:significant(?:ly)?|associated with|correlat\w+|predict\w*|increas\w+|improv\w+|higher|lower"
    r"|greater|reduc\w+|decreas\w+|effective\w*|superior|benefit\w*|independent (?:predictor|risk)"
    r"|more (?:likely|frequent\w*|common\w*)|better|strong(?:ly)?|feasible|safe(?:ly)?|successful\w*|useful"
    r"|accurate\w*|sensitiv\w+|demonstrat\w+|confirm\w+|show\w*)\b",
    re.I,
)


_DOUBT = re.compile(
    r"\b(?:may|might|could|however|although|but|whether|unclear|further|trend|tended|some|partial\w*|limited"
    r"|depend\w*|only|except|mixed|inconclusive|controvers\w+|marginal\w*|moderate\w*|conflicting)\b",
    re.I,
)


_SMALL_P = re.compile(r"\bp\s*(?:[<≤]|less than|=)\s*0?\.0[0-4]\d*|\bp\s*[<≤]\s*0?\.05", re.I)


_LARGE_P = re.compile(r"\bp\s*(?:=|>|≥)\s*0?\.(?:0[5-9]|[1-9])\d*|\bp\s*>\s*0?\.05", re.I)


_ASKED = {
    "difference": re.compile(
        r"\bdiffer|\bsame\b|\bequal|\bcompar|\bversus\b|\bvs\b|\bbetter\b|\bsuperior|\bmore\b", re.I
    ),
    "need": re.compile(r"\bnecessary|\bneed|\brequire|\bshould\b|\bjustif|\bindicated|\broutine", re.I),
    "useful": re.compile(
        r"\buseful|\bsafe|\beffective|\bfeasib|\bhelp|\bbenefi|\bimprov|\bvalid|\breliab|\baccura"
        r"|\bvalue\b|\brole\b",
        re.I,
    ),
    "effect": re.compile(
        r"\baffect|\binfluenc|\bimpact|\beffect\b|\bassociat|\bcorrelat|\bpredict|\brelat"
        r"|\bcause|\brisk|\bincrease|\breduc|\bcontribut",
        re.I,
    ),
    "can": re.compile(r"^(?:can|could|may|might)\b|:\s*(?:can|could)\b", re.I),
    "do": re.compile(r"^(?:do|does|did)\b", re.I),
    "should": re.compile(r"^should\b", re.I),
    "be": re.compile(r"^(?:is|are|was|were)\b", re.I),
    "colon": re.compile(r"[:?].+\?"),
    "negated": re.compile(r"\bnot\b|n't\b|\bwithout\b|\bno\b|\bmyth\b|\bstill\b|\bonly\b|\breally\b", re.I),
    "there": re.compile(r"\bis there\b|\bare there\b", re.I),
}


N_LAST, N_BUCKETS, N_PLAIN, WORDS = 3, 4096, 44, 6.0


def as_claim(question: str) -> str:
    """The question said as a statement, well enough to be compared with evidence: its opener and question
    mark dropped.
    """
    text = question.strip().rstrip("?？ ")
    body = text.rsplit(": ", 1)[-1] if ": " in text and len(text.rsplit(": ", 1)[-1].split()) > 3 else text
    claim = _OPENER.sub("", body, count=1)
    return claim[:1].upper() + claim[1:] + "."


def plain_features(
    question: str, contexts: Sequence[str], near: NDArray[np.float32], sentences: Sequence[str]
) -> NDArray[np.float64]:
    """Word cues of the question, of the last sentences, and of the sentences nearest to the question.

    Args:
        question: as asked.
        contexts: the texts in order.
        near: cosine of each sentence with the question, float32 (n_sentences,).
        sentences: all sentences of the contexts in order.
    """
    nearest = [sentences[i] for i in np.argsort(-near, kind="stable")[:N_LAST]]
    views = (" ".join(sentences[-1:]), " ".join(sentences[-N_LAST:]), " ".join(nearest), " ".join(contexts))
    values = [float(bool(pattern.search(question))) for pattern in _ASKED.values()]
    for view in views:
        n = max(len(view.split()), 1) / 25
        values += [len(pattern.findall(view)) / n for pattern in (_NULL, _EFFECT, _DOUBT, _SMALL_P, _LARGE_P)]
        values += [negations(view) / n, float(len(_LARGE_P.findall(view)) > len(_SMALL_P.findall(view)))]
    values += [
        float(near.max(initial=0.0)),
        float(near[-1:].sum()),
        float(near.mean()) if len(near) else 0.0,
        len(question.split()) / 10,
        len(sentences) / 10,
    ]
    return np.array(values, np.float64)


class YesNo:
    """Answers yes/no questions from contexts.

    Args:
        path: npz of the linear model; the shipped one by default.
        embedder: MiniLM by default.
        verifier: the shipped one by default.
    """

    def __init__(
        self, path: Path = PATH, embedder: Embedder | None = None, verifier: DefaultVerifier | None = None
    ) -> None:
        self.path, self.identity = path, "kgrag-yesno-1"
        self._given, self._given_verifier = embedder, verifier

    def answer(self, question: str, contexts: Sequence[str]) -> tuple[YesNoMaybe, dict[str, float]]:
        """The verdict and the probability of each; without any context *maybe*, with all its weight."""
        if not any(text.strip() for text in contexts):
            return "maybe", {"yes": 0.0, "no": 0.0, "maybe": 1.0}
        odds = self._odds(self.features(question, contexts))
        probabilities = np.exp(odds - odds.max())
        probabilities /= probabilities.sum()
        return CLASSES[int(probabilities.argmax())], dict(
            zip(CLASSES, map(float, probabilities), strict=True)
        )

    def features(self, question: str, contexts: Sequence[str]) -> NDArray[np.float64]:
        """Plain cues, the verifier's features of the question as a claim, and hashed words of the question
        and of the last sentences.
        """
        sentences = [text[a:b] for text in contexts for a, b in split_sentences(text)]
        vectors = self._embedder.embed_passages([question, *sentences])
        near = vectors[1:] @ vectors[0]
        claim, (nearest, last) = as_claim(question), (_texts(sentences, near), sentences[-N_LAST:])
        judged, _, _ = self._verifier.measure([claim, claim], [nearest, last])
        words = [hashed_words(question), hashed_words(" ".join(sentences[-N_LAST - 1 :]))]
        return np.concatenate(
            [plain_features(question, contexts, near, sentences), judged.ravel(), *words]
        ).astype(np.float64)

    def _odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        w = self._arrays
        odds: NDArray[np.float64] = (
            w["weight"] @ scaled(features, w["mean"], w["deviation"], w["rarity"]) + w["bias"]
        )
        return odds

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        if not self.path.is_file():
            raise NotFound(
                f"No yes/no model '{self.path}'. Train one: python -m kgrag.train.yesno --data ../shared/data"
                f" --out {self.path.parent}"
            )
        with np.load(self.path, allow_pickle=False) as arrays:
            return {name: arrays[name].astype(np.float64) for name in arrays.files}

    @cached_property
    def _embedder(self) -> Embedder:
        if self._given is not None:
            return self._given
        from kgrag.models.minilm import MiniLM

        return MiniLM()

    @cached_property
    def _verifier(self) -> DefaultVerifier:
        return self._given_verifier or DefaultVerifier()


def hashed_words(text: str) -> NDArray[np.float64]:
    """1 + log counts of words and word pairs in ``N_BUCKETS`` buckets."""
    words = re.findall(r"\w+", text.lower())
    counts = np.zeros(N_BUCKETS)
    for key in [*words, *(f"{a} {b}" for a, b in pairwise(words))]:
        counts[zlib.crc32(key.encode()) % N_BUCKETS] += 1
    return np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0.0)


def scaled(
    features: NDArray[np.float64],
    mean: NDArray[np.float64],
    deviation: NDArray[np.float64],
    rarity: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The features as the model weighs them: dense ones in deviations, hashed ones by rarity, each text at
    length ``WORDS``.

    Args:
        features: as ``YesNo.features`` gives them, (n_dense + 2 * N_BUCKETS,).
        mean: of the dense ones, (n_dense,).
        deviation: of the dense ones, (n_dense,).
        rarity: of the hashed ones, (2 * N_BUCKETS,).
    """
    n = len(mean)
    dense = np.clip((features[:n] - mean) / deviation, -4.0, 4.0)
    dense[N_PLAIN:] *= 0.4
    texts = (features[n:] * rarity).reshape(2, N_BUCKETS)
    texts = WORDS * texts / np.maximum(np.linalg.norm(texts, axis=1, keepdims=True), 1e-9)
    return np.concatenate([dense, texts.ravel()])


def _texts(sentences: Sequence[str], near: NDArray[np.float32], n: int = 6) -> list[str]:
    """The n sentences nearest to the question, in their order."""
    return [sentences[i] for i in sorted(np.argsort(-near, kind="stable")[:n].tolist())]
