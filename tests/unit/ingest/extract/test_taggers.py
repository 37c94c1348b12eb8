"""Trained taggers and roles: exact spans, only where they pay, and figures of ``kgrag eval extraction`` as
conlleval counts.
"""

from __future__ import annotations

import pickle
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ingest.extract.everything import DefaultExtractor
from ingest.extract.objects import section_role
from ingest.extract.roles import abstract_objects, sentence_roles
from ingest.extract.taggers import is_biomedical, tag
from kgrag.errors import UsageError
from kgrag.evaluate.extraction import entity_scores, evaluate_extraction, read_tagged
from kgrag.models.labeller import viterbi
from kgrag.models.tags import forbidden_steps, labels_of, spans_of, tags_of
from kgrag.types import Document, Passage, Record, Sentence, Source

MEDICAL = (
    "Metformin reduced blood glucose in patients with type 2 diabetes. Treatment with metformin (MET) did not"
    " cause lactic acidosis in 40 patients."
)
PLAIN = (
    "The town hall was built in 1890. Its tower was added by the architect in 1912, and the market moved"
    " there."
)


def _document(text: str, language: str = "en") -> tuple[Document, Passage]:
    cut = text.index(". ") + 1
    passage = Passage(
        "d#p0", "d", 0, text, 0, len(text), sentences=(Sentence(0, cut), Sentence(cut + 1, len(text)))
    )
    return Document("d", Record(Source("f", "s", "r")), text, language), passage


def test_tagged_spans_are_the_texts_own_words() -> None:
    """Chemicals and diseases are found at their exact places, and a document that is not biomedical is left
    alone.
    """
    document, passage = _document(MEDICAL)
    found = {passage.text[span.start : span.end]: span.kind for _, span in tag(document, [passage])}
    assert {"diabetes", "lactic acidosis"} <= set(found)
    assert found["diabetes"] == "Disease"
    assert is_biomedical(document)
    assert not is_biomedical(_document(PLAIN)[0])


def test_chinese_names_are_found_by_characters() -> None:
    """Diseases and drugs in a Chinese text, at their exact places."""
    text = "患者因直肠癌在我院行根治术。 术后给予奥沙利铂化疗，恢复良好，未见高血压病史。"
    passage = Passage(
        "d#p0", "d", 0, text, 0, len(text), sentences=(Sentence(0, 14), Sentence(15, len(text)))
    )
    document = Document("d", Record(Source("f", "s", "r")), text, "zh")
    assert is_biomedical(document)
    found = {text[span.start : span.end]: span.kind for _, span in tag(document, [passage])}
    assert (found.get("直肠癌"), found.get("奥沙利铂")) == ("Disease", "Drug")


def test_extraction_stays_pure_and_picklable_with_its_steps() -> None:
    """Equal input, equal output, also through pickle; without steps no tagger speaks."""
    document, passage = _document(MEDICAL)
    extractor = pickle.loads(pickle.dumps(DefaultExtractor()))
    assert extractor.extract(document, [passage]) == DefaultExtractor().extract(document, [passage])
    assert not any(
        m.method.startswith("tagger") for m in DefaultExtractor(()).extract(document, [passage]).mentions
    )


def test_each_sentence_of_an_abstract_has_a_role() -> None:
    """The order of an abstract is known: what was asked, done, found and concluded."""
    roles = [
        role
        for role, _ in sentence_roles(
            [
                "The aim of this study was to compare two drugs.",
                "Patients were randomly assigned to either drug for 12 weeks.",
                "Blood pressure fell by 12 mmHg (p < 0.01) in the first group.",
                "We conclude that the first drug is better.",
            ]
        )
    ]
    assert roles == ["question", "method", "result", "conclusion"]
    assert sentence_roles([]) == []


@pytest.mark.parametrize(
    ("section", "text", "role"),
    [
        ("Methods", "A value of P < 0.05 was considered statistically significant.", "method"),
        ("Results", "The rate was significantly lower in the first group (p = 0.01, Table 2).", "result"),
        ("Introduction", "Malaria is one of the most common causes of death in children [3,4].", None),
    ],
)
def test_a_sentence_of_a_body_has_the_role_that_its_words_and_section_tell(
    section: str, text: str, role: str | None
) -> None:
    """A level of significance is no result; what is known is no object."""
    document, _ = _document(MEDICAL)
    passage = Passage(
        "d#p1", "d", 1, text, 0, len(text), section=(section,), sentences=(Sentence(0, len(text)),)
    )
    found = DefaultExtractor(("roles",)).extract(document, [passage]).objects
    assert [one.role for one in found] == ([role] if role else [])


def test_tags_and_spans_are_inverse() -> None:
    """Any spans that do not overlap survive the way through tags; forbidden steps never occur in them."""
    spans = [(0, 1, "A"), (1, 3, "B"), (4, 8, "A")]
    labels = labels_of("AB")
    tags = tags_of(spans, 9)
    assert spans_of(tags) == spans
    assert not {(labels.index(a), labels.index(b)) for a, b in pairwise(tags)} & set(forbidden_steps(labels))


def test_viterbi_equals_the_search_through_all_paths() -> None:
    """The best of all label sequences, also for shorter ones of a batch."""
    chance = np.random.default_rng(3)
    emissions, steps = (
        chance.normal(size=(4, 2, 3)).astype(np.float32),
        chance.normal(size=(3, 3)).astype(np.float32),
    )
    for row, length in enumerate((4, 2)):
        paths = list(np.ndindex(*[3] * length))

        def total(path: tuple[int, ...], row: int = row) -> float:
            return float(
                sum(emissions[t, row, label] for t, label in enumerate(path))
                + sum(steps[a, b] for a, b in pairwise(path))
            )

        found = viterbi(emissions, steps, np.array([4, 2], np.int32))[row]
        assert found.labels == max(paths, key=total)
        share = sum(np.exp(total(p)) for p in paths if p[0] == found.labels[0]) / sum(
            np.exp(total(p)) for p in paths
        )
        assert found.scores[0] == pytest.approx(share, abs=1e-4)


def test_conll_is_read_in_iob1_and_iob2(tmp_path: Path) -> None:
    """An entity begins at B, or at I where none of its kind goes on; a wrong kind or edge is no hit."""
    (tmp_path / "dev.txt").write_text(
        "-DOCSTART- O\n\na X I-K\nb X I-K\nc X B-K\n\nd X B-K\ne X I-L\n", "utf-8"
    )
    sentences = read_tagged(tmp_path, "dev")
    assert [s.spans for s in sentences] == [((0, 2, "K"), (2, 3, "K")), ((0, 1, "K"), (1, 2, "L"))]
    figures = entity_scores(sentences, [["B-K", "E-K", "O"], ["S-L", "S-L"]])
    assert (figures["n"], figures["precision"], figures["recall"]) == (4, 66.67, 50.0)


def test_unknown_kinds_are_refused_with_the_way_out(tmp_path: Path) -> None:
    """No packaged tagger for some kinds: the error says how to train one."""
    (tmp_path / "dev.txt").write_text("a X B-Ship\n", "utf-8")
    with pytest.raises(UsageError, match=r"kgrag\.train\.tagger"):
        evaluate_extraction(tmp_path)


def test_a_registration_is_no_finding() -> None:
    """A sentence of an abstract under a heading of its own that is beside the work tells nothing of it."""
    sentences = (
        "Pain is common after surgery.",
        "We gave ice to 40 patients.",
        "Ice reduced pain by 30%.",
        "Registration: PROSPERO CRD42019127893.",
    )
    text = " ".join(sentences)
    spans = tuple(Sentence(text.index(one), text.index(one) + len(one)) for one in sentences)
    passage = Passage("d#0", "d", 0, text, 0, len(text), ("Abstract",), spans, kind="abstract")
    told = {text[one.start : one.end] for one in abstract_objects([passage])}
    assert sentences[2] in told
    assert sentences[3] not in told


@pytest.mark.parametrize(
    ("section", "role"),
    [
        (["Aims"], "question"),
        (["研究目的"], "question"),
        (["Claims"], None),
        (["Results"], "result"),
        ([], None),
    ],
)
def test_section_role(section: list[str], role: str | None) -> None:
    """What a section's name says by whole words."""
    assert section_role(section) == role
