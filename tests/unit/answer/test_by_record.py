"""Questions about a work itself are answered from its record; questions about what a thing is, by the
sentence that says it.
"""

from __future__ import annotations

from typing import Any

import pytest

from kgrag.answer.by_record import record_facts
from kgrag.generate.fitting import defines
from kgrag.language.question_form import read_form
from kgrag.language.wanted import holds_figure
from kgrag.types import Author, Document, Hit, Passage, Record, Source


def hit(title: str, name: str = "d1", **record: Any) -> Hit:
    """A passage of a paper with this record."""
    values: dict[str, Any] = {
        "title": title,
        "authors": (Author("Fisher", "Mark A"),),
        "year": 2019,
        "venue": "Journal of Open Source Education",
        "identifiers": {"doi": "10.1/x"},
        **record,
    }
    document = Document(name, Record(Source("f", "0", "ris"), **values), "en", "")
    return Hit(Passage(f"{name}#0", name, 0, "I began writing it.", None, 0, 19), document, 1.0, {})


PAPER = hit("DraggleSimulator: An Open Source Web Application for Teaching Genetic Drift")


@pytest.mark.parametrize(
    ("question", "field", "value"),
    [
        ("Who wrote DraggleSimulator?", "authors", "Mark A Fisher"),
        ("Who is the author of the paper “DraggleSimulator”?", "authors", "Mark A Fisher"),
        ("When was DraggleSimulator published?", "year", "2019"),
        ("In which journal was DraggleSimulator published?", "venue", "Journal of Open Source Education"),
        ("Which journal publishes DraggleSimulator?", "venue", "Journal of Open Source Education"),
        ("What is the DOI of DraggleSimulator?", "doi", "10.1/x"),
        ("谁写了《DraggleSimulator》？", "authors", "Mark A Fisher"),
        ("DraggleSimulator的作者是谁？", "authors", "Mark A Fisher"),
        ("《DraggleSimulator》是哪一年发表的？", "year", "2019"),
        ("DraggleSimulator发表在哪个期刊上？", "venue", "Journal of Open Source Education"),
    ],
)
def test_records_answer(question: str, field: str, value: str) -> None:
    """Author, year, journal and DOI, asked in both languages, with and without the title's quotation
    marks.
    """
    (fact,) = record_facts(
        read_form(question), [PAPER.document, hit("Another paper on drift", "d2").document]
    )
    assert (fact.document_id, fact.field, fact.value) == ("d1", field, value)


@pytest.mark.parametrize(
    "question",
    [
        "Who discovered radium?",
        "What is DraggleSimulator?",
        "Who wrote about DraggleSimulator?",
        "When was radium discovered?",
        "Who wrote it?",
        "Who wrote Macbeth?",
    ],
)
def test_other_questions_are_left_to_the_texts(question: str) -> None:
    """Nothing where the question asks for something else, or no title found bears the name."""
    assert record_facts(read_form(question), [PAPER.document]) == ()


def test_a_subject_is_no_work() -> None:
    """Where many titles hold the words, none is meant; where one title is just these words, that one is; what
    a record does not say is not said.
    """
    many = [hit(f"Malaria in district {number}", f"d{number}").document for number in range(5)]
    assert record_facts(read_form("Who wrote Malaria?"), many) == ()
    assert [
        fact.document_id
        for fact in record_facts(read_form("Who wrote Malaria?"), [*many, hit("Malaria", "own").document])
    ] == ["own"]
    assert (
        record_facts(
            read_form("When was DraggleSimulator published?"),
            [hit(PAPER.document.record.title or "", year=None).document],
        )
        == ()
    )


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("What is open access?", "open access"),
        ("What is the blue marble health?", "blue marble health"),
        ("什么是系统综述？", "系统综述"),
        ("系统综述是什么？", "系统综述"),
        ("Define open access", "open access"),
        ("What does XRD mean?", "XRD"),
        ("How does it work?", None),
        ("What is the best way to teach people about genetic drift?", None),
    ],
)
def test_what_is_asked_to_be_defined(question: str, thing: str | None) -> None:
    """Both languages; long descriptions are no terms."""
    assert read_form(question).defined == (thing or "")


@pytest.mark.parametrize(
    ("thing", "sentence", "says"),
    [
        ("DraggleSimulator", "DraggleSimulator is an open-source web application.", True),
        ("DraggleSimulator", "I began writing DraggleSimulator to be a help.", False),
        ("XRD", "X-ray diffraction (XRD) is a method.", True),
        ("open access", "Open access (OA) means that anyone may read.", True),
        ("open access", "Open access is growing.", False),
        ("系统综述", "系统综述是一种研究方法。", True),
        ("系统综述", "我们做了系统综述。", False),
    ],
)
def test_sentences_that_define(thing: str, sentence: str, says: bool) -> None:
    """The thing opens the sentence and is said to be something."""
    assert defines(thing, sentence) is says


@pytest.mark.parametrize(
    ("question", "sentence", "held"),
    [
        ("How many neglected diseases are there?", "There are 17 major neglected tropical diseases.", True),
        ("How many neglected diseases are there?", "Thirteen diseases are neglected.", True),
        ("How many neglected diseases are there?", "2012. Fighting neglected diseases.", False),
        ("How many neglected diseases are there?", "Diseases were neglected [12].", False),
        ("When was radium discovered?", "Radium was discovered in 1898.", True),
        ("When was radium discovered?", "Radium glows (Curie 1911).", False),
        ("How long does it take?", "It takes 3 days.", True),
        ("Why is it so?", "Because it is.", True),
        ("有多少种疾病？", "共有17种疾病。", True),
    ],
)
def test_figures_asked_for(question: str, sentence: str, held: bool) -> None:
    """A count stands before what is counted; years and numbers of references are no figures."""
    assert holds_figure(read_form(question), sentence) is held
