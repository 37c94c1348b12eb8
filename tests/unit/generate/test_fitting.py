"""Which sentences fit what is asked: a thing named as one, its definition first, findings for yes or no;
captions never.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from kgrag.answer.answerable import probability
from kgrag.answer.evidence import find_evidence
from kgrag.generate.extractive import ExtractiveGenerator
from kgrag.generate.fitting import definition, fitting, spells_out, telling
from kgrag.language.question_form import read_form
from kgrag.testing import HashEmbedder, asked
from kgrag.types import Evidence, Role, Sentence
from tests.unit.answer.test_by_record import hit


def quote(text: str, role: Role | None = None, score: float = 0.8) -> Evidence:
    """A sentence of a paper as evidence."""
    found = hit("A paper", f"d{len(text)}")
    return Evidence(
        replace(found.passage, text=text, end=len(text)), found.document, 0, len(text), score, role
    )


def test_a_thing_of_two_words_is_named_as_one() -> None:
    """Sentences that hold the words apart are left out beside one that names the thing; where none does,
    those that hold all its words are better than others.
    """
    named, apart, half = (
        quote("Reports measure the impact factor of journals."),
        quote("The impact of smoking is a factor of risk."),
        quote("The impact was small."),
    )
    assert fitting(read_form("What is impact factor?"), [apart, half, named]) == [named]
    assert fitting(read_form("What is impact factor?"), [half, apart]) == [apart]
    assert fitting(read_form("What is impact factor?"), [half]) == [half]


@pytest.mark.parametrize(
    ("short", "sentence", "says"),
    [
        ("MDR-TB", "Multidrug resistant tuberculosis (MDR-TB) spreads.", True),
        ("NTD", "Of the neglected tropical diseases (NTDs) some are rare.", True),
        ("PRISMA", "Guidelines named PRISMA (Preferred Reporting Items) exist.", True),
        ("hERG", "人类果蝇相关基因(hERG)编码钾通道。", True),
        ("PQS", "The signal (PQS) is one.", False),
        ("PQS", "PQS is a signal.", False),
        ("open access", "Open access (open access) is it.", False),
    ],
)
def test_short_names_spelled_out(short: str, sentence: str, says: bool) -> None:
    """The long name begins with the same letter and stands before the brackets, or in them."""
    assert spells_out(short, sentence) is says


def test_what_is_only_asked_answers_nothing() -> None:
    """An aim or an open question is left out beside any other sentence, but not where it is asked for."""
    aim = quote("To find out if zinc helps.", role="question")
    open_ = quote("How zinc acts remains to be determined.")
    tested = quote("We tested whether zinc shortens colds, and it did.", role="result")
    assert telling(asked("How does zinc act?"), [aim, open_, tested]) == [tested]
    assert telling(asked("How does zinc act?"), [aim, open_]) == [aim, open_]
    assert telling(asked("What was the aim of the study of zinc?"), [aim, tested]) == [aim, tested]


def test_a_definition_opens_every_draft() -> None:
    """Whatever else a composition chooses, the sentence that says what the thing is comes first; other
    questions have no such sentence.
    """
    said, other = (
        quote("Multidrug resistant tuberculosis (MDR-TB) spreads.", score=0.5),
        [
            quote(f"MDR-TB was found in {n} cohorts of the {word}.", "result")
            for n, word in enumerate(("north", "south", "east"))
        ],
    )
    question = asked("What is MDR-TB?")
    drafts = ExtractiveGenerator().draft(question, [*other, said], 4)
    assert len(drafts) > 1
    assert all(draft.sentences[0][0] == said.quote for draft in drafts)
    assert (
        definition(read_form("Is MDR-TB rare?"), [said])
        == definition(read_form("What is MDR-TB?"), other)
        == []
    )


def test_yes_or_no_is_answered_by_findings() -> None:
    """Where results or conclusions are found, aims and background say nothing; where none is, all stay."""
    aim, result = quote("We asked whether zinc helps."), quote("Zinc helped in nine of ten.", "result")
    assert fitting(read_form("Does zinc help?"), [aim, result]) == [result]
    assert fitting(read_form("Does zinc help?"), [aim]) == [aim]
    assert fitting(read_form("How does zinc help?"), [aim, result]) == [aim, result]


@pytest.mark.parametrize(
    "caption",
    [
        "Table 1. Cases of malaria by year and place.",
        "Fig 2: Malaria in the north of the country.",
        "Protocol S1. Malaria and its treatment in children.",
        "Supplementary File 3. Malaria records of all children.",
        "Additional file 2: Malaria in the south of the country.",
        "S1 Fig. Malaria in the whole of the country.",
    ],
)
def test_captions_are_no_evidence(caption: str) -> None:
    """What names a table, a picture or a file of the supporting information says nothing of its own."""
    text = f"{caption} Malaria was treated with quinine in all of the children."
    sentences = (Sentence(0, len(caption)), Sentence(len(caption) + 1, len(text)))
    found = hit("A paper")
    read = [
        replace(found, passage=replace(found.passage, text=text, start=0, end=len(text), sentences=sentences))
    ]
    assert [item.quote for item in find_evidence("What of malaria?", read, HashEmbedder(), {})] == [
        text[len(caption) + 1 :]
    ]
    assert (
        find_evidence(
            "What of malaria?",
            [replace(item, passage=replace(item.passage, kind="caption")) for item in read],
            HashEmbedder(),
            {},
        )
        == []
    )


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("What is the difference between sensitivity and specificity?", ("sensitivity", "specificity")),
        ("Compare acupuncture with usual care", ("acupuncture", "usual care")),
        ("How do bats differ from birds?", ()),
        ("Is mortality higher or lower compared with women and men of the north?", ()),
        ("开放获取和开放数据有什么区别？", ("开放获取", "开放数据")),
        ("What is zinc?", ()),
    ],
)
def test_things_compared(question: str, things: tuple[str, ...]) -> None:
    """Both sides of a comparison, in both languages."""
    assert read_form(question).others == things


def test_half_a_comparison_is_no_answer() -> None:
    """Where one of the two is not found at all, silence."""
    found = [quote("Acupuncture helped more than usual care did.")]
    ask = [
        asked(text)
        for text in (
            "What is the difference between acupuncture and usual care?",
            "What is the difference between acupuncture and the usual?",
            "What is the difference between acupuncture and surgery?",
        )
    ]
    assert probability(ask[0], found) > 0.0 < probability(ask[1], found)
    assert probability(ask[2], found) == 0.0


@pytest.mark.parametrize(
    ("question", "text", "likely"),
    [
        ("What is impact factor?", "The impact of smoking is a factor of risk.", False),
        ("What is impact factor?", "The impact factors of journals differ.", True),
        ("What is data access?", "Access to data is open.", True),
        ("What is the drug gantenerumab?", "Gantenerumab, which is one of several drugs, binds.", True),
        ("How large is the impact factor?", "The impact of smoking is a factor of risk.", True),
    ],
)
def test_a_name_of_common_words_is_found_as_one(question: str, text: str, likely: bool) -> None:
    """In either order and around small words; a rare word in the name is enough; only where something is to
    be defined.
    """
    assert (probability(asked(question), [quote(text)]) > 0.0) is likely
