"""Names of chemicals and diseases by trained taggers, in documents that are about medicine or biology; zero
tokens, no torch.

Knows which taggers are packaged (all on the first, the second on the sentences where the first found
something), where they pay, and how words of a sentence become spans of a passage. Does not know how they were
trained (``kgrag.train.tagger``, the card ``kgrag/models/data/extraction/README.md``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ingest.text.abbreviations import find_abbreviations
from kgrag.language.words import has_han
from kgrag.models.item_features import TOKEN, ItemVectors, Vectors, word_hashes
from kgrag.models.labeller import Labeller
from kgrag.models.tags import spans_of
from kgrag.types import Document, Passage

FOLDER = Path(__file__).parents[2] / "kgrag" / "models" / "data" / "extraction"
MIN_SCORE = 0.7
MAX_WORDS, MAX_CHARACTERS = 8, 16
_CHARACTER = re.compile(r"\S")
_KINDS = {
    "疾病和诊断": "Disease",
    "症状": "Symptom",
    "药物": "Drug",
    "手术": "Procedure",
    "实验室检验": "Test",
    "影像检查": "Test",
    "解剖部位": "Body part",
}
MIN_CUES_A_THOUSAND = 6.0
_CUES = re.compile(
    r"""
      \b(?:
          patients? | clinical | disease | syndrome | cancers? | tumou?rs? | genes? | proteins?
        | cells? | mice | mouse | rats? | drugs? | dose | treatment | therap\w+ | infect\w+
        | virus\w* | mutations? | receptors? | inhibit\w+ | symptoms? | diagnos\w+ | blood
        | plasma | serum | mg | acid | placebo | mortality | chronic | acute | hepat\w+
        | cardi\w+ | renal | neuro\w+ | pathogen\w* | enzymes? | antibod\w+
      )\b
    """,
    re.I | re.X,
)
_HAN_CUES = re.compile(
    r"患者|治疗|疾病|症状|临床|药物|手术|病变|肿瘤|诊断|感染|细胞|剂量|疗效|患儿|血压|血糖"
)


@dataclass(frozen=True, slots=True)
class Tagged:
    """A span of a passage's text with its kind and score."""

    start: int
    end: int
    kind: str
    method: str
    score: float


GENERAL, DISEASES, CHINESE = "chemicals_diseases", "diseases", "chinese_medical"


def is_biomedical(document: Document) -> bool:
    """Whether the document speaks of medicine or biology often enough for the taggers to pay."""
    text = document.text[:20_000]
    if has_han(text[:400]):
        return len(_HAN_CUES.findall(text)) * 250 >= MIN_CUES_A_THOUSAND / 2 * len(text) / 4
    return len(_CUES.findall(text)) * 1000 >= MIN_CUES_A_THOUSAND * 2 * max(text.count(" "), 20)


def tag(document: Document, passages: Sequence[Passage]) -> Iterator[tuple[Passage, Tagged]]:
    """Every tagged span of the document's passages, in order, none overlapping another.

    Args:
        document: whose language chooses the taggers.
        passages: with their sentences.
    """
    if document.language == "zh":
        yield from _chinese(passages)
        return
    places = [
        (passage, list(TOKEN.finditer(passage.text, s.start, s.end)))
        for passage in passages
        for s in passage.sentences
    ]
    found = _run(GENERAL, places)
    some = [i for i, spans in enumerate(found) if spans]
    diseases = dict(zip(some, _run(DISEASES, [places[i] for i in some]), strict=True))
    written_out = {places[i][0].text[a:b].lower() for i in some for a, b, _, _ in found[i]}
    known = _defined(passages, written_out)
    for i in some:
        ill = [range(a, b) for a, b, _, _ in diseases[i]]
        for start, end, score, _ in found[i]:
            passage = places[i][0]
            if _is_name(passage.text, start, end, known):
                disease = any(start < r.stop and r.start < end for r in ill)
                yield (
                    passage,
                    Tagged(
                        start,
                        end,
                        "Disease" if disease else "Chemical or disease",
                        f"tagger:{DISEASES if disease else GENERAL}",
                        round(score, 4),
                    ),
                )


def _chinese(passages: Sequence[Passage]) -> Iterator[tuple[Passage, Tagged]]:
    """Names in Chinese medical text; the tagger reads characters."""
    places = [
        (passage, list(_CHARACTER.finditer(passage.text, s.start, s.end)))
        for passage in passages
        for s in passage.sentences
    ]
    for (passage, _), spans in zip(places, _run(CHINESE, places, MAX_CHARACTERS), strict=True):
        for start, end, score, kind in spans:
            if end - start > 1:
                yield passage, Tagged(start, end, _KINDS[kind], f"tagger:{CHINESE}", round(score, 4))


def _run(
    name: str, places: Sequence[tuple[Passage, list[re.Match[str]]]], most: int = MAX_WORDS
) -> list[list[tuple[int, int, float, str]]]:
    """(start, end, score, kind) of the spans of each sentence."""
    model = _model(name)
    labels = model.header["labels"]
    results = model.label_inputs(
        [
            np.stack([_word(name, m.group()) for m in tokens]) if tokens else model.inputs((), _NONE)
            for _, tokens in places
        ]
    )
    out = []
    for (_, tokens), result in zip(places, results, strict=True):
        spans = spans_of([labels[i] for i in result.labels]) if any(result.labels) else []
        scored = [
            (tokens[a].start(), tokens[b - 1].end(), min(result.scores[a:b]), kind)
            for a, b, kind in spans
            if b - a <= most
        ]
        out.append([span for span in scored if span[2] >= MIN_SCORE])
    return out


def _defined(passages: Sequence[Passage], tagged: set[str]) -> frozenset[str]:
    """Short forms whose long form, as the document gives it, was tagged itself."""
    return frozenset(
        item.short
        for passage in passages
        for item in find_abbreviations(passage.text)
        if item.long.lower() in tagged
    )


def _is_name(text: str, start: int, end: int, defined: frozenset[str]) -> bool:
    """A whole name: not cut out of a hyphenated one, no bracket left open, and no short form whose long form
    is none.

    Short forms of methods, strains and genes look like those of drugs; only their long forms tell.
    """
    name = text[start:end]
    short = (
        " " not in name
        and len(name) <= 6
        and (sum(c.isupper() for c in name) > 1 or any(c.isdigit() for c in name))
    )
    cut = text[max(0, start - 1) : start] in _HYPHENS or (
        text[end : end + 1] in _HYPHENS and not _AFTER.match(text, end)
    )
    return (
        sum(c.isalpha() for c in name) > 2
        and name.count("(") == name.count(")")
        and not cut
        and (not short or name in defined)
    )


_HYPHENS = ("-", "‐", "–", "−")
_AFTER = re.compile(
    r"""
      .(?:
          induced | related | associated | free | dependent | treated | like | mediated
        | resistant | sensitive | positive | negative | specific | based | containing
      )\b
    """,
    re.X,
)
_NONE = np.zeros((0, 384), np.float32)


@lru_cache(maxsize=8)
def _model(name: str) -> Labeller:
    return Labeller(FOLDER / f"{name}.npz")


@lru_cache(maxsize=1 << 16)
def _word(name: str, word: str) -> Vectors:
    """What the model reads of a word, remembered: a word's part does not depend on its sentence."""
    model = _model(name)
    found: Vectors = model.inputs(
        (word_hashes(word, int(model.header["n_buckets"])),), _vectors().of_words((word,))
    )[0]
    return found


@lru_cache(maxsize=1)
def _vectors() -> ItemVectors:
    return ItemVectors()
