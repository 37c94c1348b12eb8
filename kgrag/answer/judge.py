"""Judges drafts: gives each sentence its evidence and verdict, and decides what of it may be shown.

Knows that a sentence which stands word for word among the quotes is supported by identity, before it is
split; that everything else is the verifier's to say, against the quotes most like it; and that a citation
only breaks ties. Does not know rewards, nor where drafts and evidence come from.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from kgrag.answer.cues import found_cues, has_cue
from kgrag.generate.extractive import ExtractiveGenerator
from kgrag.language.sentences import split_claims, without_joint
from kgrag.language.words import content_words
from kgrag.protocols import Verifier
from kgrag.types import Claim, Draft, Evidence, Verdict
from kgrag.verify.direction.features import tells_effect

SHRINKAGE, SAME_THING = 0.3, 0.5
FOLLOWS = 0.8
"""Share of a claim's words in a quote, from which the claim is that quote shortened."""
N_READ, CITED = 6, 0.05
"""Quotes that a claim is checked against, and what a citation adds to a quote's likeness to it."""
RECOMBINED = "recombined"
AS_THEY_STAND = (ExtractiveGenerator.identity, RECOMBINED)
"""Makers whose sentences are claims already."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft with the verdict and best evidence of each of its claims."""

    draft: Draft
    claims: tuple[tuple[str, int, int], ...]
    verdicts: tuple[Verdict, ...]
    evidence: tuple[tuple[Evidence, ...], ...]

    @property
    def supported(self) -> float:
        """Share of claims that are supported."""
        return sum(v.label == "supported" for v in self.verdicts) / (len(self.verdicts) or 1)


Shown = tuple[str, Verdict, tuple[Evidence, ...]]
"""A sentence with its verdict and evidence."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A judged draft, ruled once: what of it is shown, and what is withheld with the reason."""

    judged: Judged
    shown: tuple[Shown, ...]
    withheld: tuple[tuple[str, str], ...]

    @property
    def maker(self) -> str:
        """Who wrote the draft."""
        return self.judged.draft.maker


def judge(drafts: Sequence[Draft], evidence: Sequence[Evidence], verifier: Verifier) -> list[Judged]:
    """Every claim of every draft against its own evidence and the best other quotes; one batch for the
    verifier.
    """
    parts = [
        (draft, claim, _evidence_for(claim[0], given, draft, evidence))
        for draft in drafts
        for claim, given in _claims_with_given(draft, evidence)
    ]
    verdicts = [
        held_to(verdict, claim[0], found)
        for verdict, (_, claim, found) in zip(
            verdicts_on([(claim[0], found) for _, claim, found in parts], verifier), parts, strict=True
        )
    ]
    judged = []
    for draft in drafts:
        own = [(c, f, v) for (d, c, f), v in zip(parts, verdicts, strict=True) if d is draft]
        judged.append(
            Judged(
                draft,
                tuple(c for c, _, _ in own),
                tuple(v for _, _, v in own),
                tuple((f[v.best],) if f else () for _, f, v in own),
            )
        )
    return judged


def claims_of(draft: Draft, evidence: Sequence[Evidence] = ()) -> list[tuple[str, int, int]]:
    """The draft's claims with their spans in its text: sentences that are a quote, of the draft or of all the
    evidence, and those of ``AS_THEY_STAND``, as they stand; the others part by part.
    """
    return [claim for claim, _ in _claims_with_given(draft, evidence)]


def _claims_with_given(
    draft: Draft, evidence: Sequence[Evidence]
) -> list[tuple[tuple[str, int, int], tuple[Evidence, ...]]]:
    """The claims, each with what the draft gives for its sentence."""
    quotes = {_bare(item.quote) for item in evidence}
    quotes |= {_bare(item.quote) for _, given in draft.sentences for item in given}
    found: list[tuple[tuple[str, int, int], tuple[Evidence, ...]]] = []
    position = 0
    for sentence, given in draft.sentences:
        if draft.maker in AS_THEY_STAND or _bare(sentence) in quotes:
            parts = [(0, len(sentence))]
        else:
            parts = _parts(sentence, quotes)
        for start, end in parts:
            found.append(((sentence[start:end], position + start, position + end), given))
        position += len(sentence) + 1
    return found


def _parts(text: str, quotes: set[str]) -> list[tuple[int, int]]:
    """The claims of what one sentence of a draft holds; a part that is a quote is not split."""
    sentences = [list(parts) for _, parts in groupby(split_claims(text), key=lambda span: span.sentence)]
    return [
        span
        for parts in sentences
        for span in (
            [(parts[0].start, parts[-1].end)]
            if _bare(text[parts[0].start : parts[-1].end]) in quotes
            else [(part.start, part.end) for part in parts]
        )
    ]


def _bare(text: str) -> str:
    return text.strip().rstrip(".。 ")


def is_shown(verdict: Verdict, threshold: float) -> bool:
    """Whether a claim with this verdict may be shown."""
    return verdict.label == "supported" and verdict.score >= threshold


def rule(judged: Judged, threshold: float) -> Ruled:
    """Claims to show with their evidence, and claims to withhold with the reason.

    In the place of a claim that is not supported stands its best quote, where that is about the same; a part
    of a compound sentence whose next part is withheld does not lead on to it.
    """
    shown: list[Shown] = []
    withheld: list[tuple[str, str]] = []
    kept = [
        is_shown(verdict, threshold) and bool(evidence)
        for verdict, evidence in zip(judged.verdicts, judged.evidence, strict=True)
    ]
    for i, ((sentence, _, _), verdict, evidence) in enumerate(
        zip(judged.claims, judged.verdicts, judged.evidence, strict=True)
    ):
        if kept[i]:
            whole = judged.draft.maker in AS_THEY_STAND or any(kept[i + 1 : i + 2])
            shown.append((sentence if whole else without_joint(sentence), verdict, evidence))
            continue
        withheld.append(
            (
                sentence,
                ", ".join(verdict.checks)
                or f"{verdict.label}, score {verdict.score:.2f} below {threshold:.2f}",
            )
        )
        if evidence and _share(sentence, evidence[0].quote) >= SAME_THING:
            shown.append((evidence[0].quote.strip(), Verdict("supported", 1.0), evidence))
    return Ruled(judged, tuple(_once(shown)), tuple(withheld))


def _once(shown: Sequence[Shown]) -> list[Shown]:
    """Without what stands in another sentence that is shown; of equal ones the first stays."""
    texts = [text.rstrip(".。").lower() for text, _, _ in shown]
    return [
        item
        for i, item in enumerate(shown)
        if not any(
            texts[i] in other and (len(other) > len(texts[i]) or j < i)
            for j, other in enumerate(texts)
            if j != i
        )
    ]


def relevance(judged: Judged) -> float:
    """Mean score of the evidence that a draft rests on, shrunk a little for short drafts: two good sentences
    tell more than one.
    """
    scores = [
        found[0].chance if found and verdict.label == "supported" else 0.0
        for found, verdict in zip(judged.evidence, judged.verdicts, strict=True)
    ]
    return sum(scores) / (len(scores) + SHRINKAGE)


def contradicted(
    claims: Sequence[Claim], evidence: Sequence[Evidence], verifier: Verifier
) -> list[tuple[Evidence, ...]]:
    """For each claim the quote that the verifier says contradicts it most; only quotes about the same (half
    of the claim's words) are read.
    """
    pairs = [
        (number, other) for number, claim in enumerate(claims) for other in _about_the_same(claim, evidence)
    ]
    verdicts = (
        verifier.verify([claims[number].text for number, _ in pairs], [[other.quote] for _, other in pairs])
        if pairs
        else []
    )
    against: dict[int, tuple[tuple[bool, float], Evidence]] = {}
    for (number, other), verdict in zip(pairs, verdicts, strict=True):
        # a claim of an effect is best contradicted by what was found, not by what is advised
        weight = (tells_effect(claims[number].text) and tells_effect(other.quote), verdict.contradiction)
        if verdict.label == "contradicted" and (number not in against or weight > against[number][0]):
            against[number] = (weight, other)
    return [(against[number][1],) if number in against else () for number in range(len(claims))]


def verdicts_on(pairs: Sequence[tuple[str, Sequence[Evidence]]], verifier: Verifier) -> list[Verdict]:
    """A sentence that stands word for word in its evidence is supported by identity; one without a word says
    nothing; the verifier reads the others.
    """
    unique = dict.fromkeys((claim, tuple(e.quote for e in found)) for claim, found in pairs)
    asked = [key for key in unique if _quoted(*key) is None and key[1] and content_words(key[0])]
    read = (
        dict(zip(asked, verifier.verify([c for c, _ in asked], [list(q) for _, q in asked]), strict=True))
        if asked
        else {}
    )
    return [
        _quoted(*key) or read.get(key) or Verdict("unsupported", 0.0)
        for key in ((claim, tuple(e.quote for e in found)) for claim, found in pairs)
    ]


def _evidence_for(
    claim: str, given: Sequence[Evidence], draft: Draft, evidence: Sequence[Evidence]
) -> list[Evidence]:
    """The quotes that a claim is checked against: the one that it is, else those most like it, of which the
    cited ones come first where they are as like.
    """
    if draft.maker == ExtractiveGenerator.identity:
        return list(given[:1])
    own = {(item.passage.id, item.start) for item in given}
    every = list({(item.passage.id, item.start): item for item in (*given, *evidence)}.values())
    if same := [item for item in every if _bare(item.quote) == _bare(claim)]:
        return same[:1]
    words = set(content_words(claim))
    common = Counter(word for item in every for word in set(content_words(item.quote)) & words)
    weight = {word: 1 / math.sqrt(1 + common[word]) for word in words}
    total = sum(weight.values()) or 1.0

    def likeness(item: Evidence) -> float:
        held = sum(weight[word] for word in words & set(content_words(item.quote))) / total
        return held + CITED * ((item.passage.id, item.start) in own)

    return sorted(every, key=likeness, reverse=True)[:N_READ]


def held_to(verdict: Verdict, claim: str, found: Sequence[Evidence]) -> Verdict:
    """The verdict, unsupported where the claim shortens the quote that it follows and says outright what that
    leaves open (*modality*), or as its own what that reports of others (*voice*).
    """
    if verdict.label != "supported" or not found:
        return verdict
    quote = found[verdict.best].quote
    if _bare(claim) == _bare(quote) or _share(claim, quote) < FOLLOWS:
        return verdict
    if lost := _lost(claim, quote):
        return replace(verdict, label="unsupported", checks=(*verdict.checks, *lost), probability=None)
    return verdict


def _lost(claim: str, quote: str) -> list[str]:
    """What a shortened quote has lost: that something only may be, or is asked; that others say it."""
    unsettled = found_cues("unsettled", quote) - found_cues("unsettled", claim)
    hedged = has_cue("hedge", quote) and not has_cue("hedge", claim)
    cited = has_cue("cited", quote) and not has_cue("cited", claim)
    return [*["modality"] * bool(unsettled or hedged), *["voice"] * cited]


def _about_the_same(claim: Claim, evidence: Sequence[Evidence]) -> list[Evidence]:
    """At most three quotes of other sentences that share half of the claim's words or more."""
    own = {item.quote for item in claim.evidence} | {claim.text}
    return [
        item for item in evidence if item.quote not in own and _share(claim.text, item.quote) >= SAME_THING
    ][:3]


def _share(claim: str, quote: str) -> float:
    """Share of the claim's words that the quote has; 0 for a claim without words."""
    said = set(content_words(claim))
    return len(said & set(content_words(quote))) / len(said) if said else 0.0


def _quoted(claim: str, quotes: tuple[str, ...]) -> Verdict | None:
    for place, quote in enumerate(quotes):
        if _bare(claim) == _bare(quote):
            return Verdict("supported", 1.0, best=place)
    return None
