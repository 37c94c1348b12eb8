"""Questions for works on a subject are answered from records; talk is told what to ask."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from kgrag.answer.abstain import abstention
from kgrag.answer.answerable import asks_something
from kgrag.answer.by_record import works_on
from kgrag.answer.recorded import recorded, size_told, works_selected
from kgrag.language.question_form import read_form
from kgrag.render.as_text import record_as_text
from kgrag.testing import asked
from kgrag.types import Author, Hit, QuestionForm, RecordQuery
from tests.unit.answer.test_by_record import hit

MALARIA = hit(
    "Malaria vaccines in children",
    "d1",
    authors=(Author("Wilson", "Anne"), Author("Hans", "N")),
    year=2011,
    venue="PLoS ONE",
)
KEYWORD = hit("Bed nets in Mali", "d2", keywords=("malaria",), authors=())
ABSTRACT = hit("Fevers of travellers", "d3", abstract="Of 40 cases, 12 were malaria.")
OTHER = hit("Reading rooms", "d4")
WORK, AUTHORS = (QuestionForm("works", field=field) for field in ("work", "authors"))


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Which papers do you have on malaria?", ("work", "malaria")),
        ("Show me a list of papers about open access", ("work", "open access")),
        ("List articles on malaria", ("work", "malaria")),
        ("Are there any studies about hair growth?", ("work", "hair growth")),
        ("I'm looking for literature on reading rooms", ("work", "reading rooms")),
        ("papers about malaria", ("work", "malaria")),
        ("Is there any literature about bed nets in your library?", ("work", "bed nets")),
        ("Do you have anything on malaria?", ("work", "malaria")),
        ("How many papers do you have on malaria?", ("work", "malaria")),
        ("Who wrote about thresher sharks?", ("authors", "thresher sharks")),
        ("Who has written on malaria?", ("authors", "malaria")),
        ("newest papers on malaria", ("work", "malaria")),
        ("What is the latest research on malaria?", None),
        ("有哪些关于疟疾的论文？", ("work", "疟疾")),
        ("关于疟疾的文献有哪些？", ("work", "疟疾")),
        ("哪些论文研究了疟疾？", ("work", "疟疾")),
        ("谁写过关于疟疾的文章？", ("authors", "疟疾")),
        ("What is malaria?", None),
        ("Who wrote Macbeth?", None),
        ("Which papers show that nets help?", None),
        ("How many people have malaria?", None),
        ("What works against malaria?", None),
        ("疟疾是什么？", None),
    ],
)
def test_what_is_asked_of_works(question: str, wanted: tuple[str, str] | None) -> None:
    """Lists and authors of works on a subject, in both languages; other questions are left to the texts."""
    form = read_form(question)
    assert ((form.field, form.thing) if form.kind == "works" else None) == wanted


def test_works_hold_all_words_of_the_subject() -> None:
    """By title or keywords first, then by the abstract, each work once; no work for words that no record
    holds together.
    """
    hits = [ABSTRACT, OTHER, KEYWORD, MALARIA, MALARIA]
    assert [(fact.document_id, fact.value) for fact in works_on(WORK, "malaria", hits)] == [
        ("d2", "2019, Journal of Open Source Education"),
        ("d1", "Anne Wilson et al., 2011, PLoS ONE"),
        ("d3", "Mark A Fisher, 2019, Journal of Open Source Education"),
    ]
    assert [fact.value for fact in works_on(AUTHORS, "vaccines for children", hits)] == [
        "Anne Wilson; N Hans"
    ]
    assert [
        fact.document_id for fact in works_on(read_form("latest papers on malaria"), "malaria", hits)
    ] == [
        "d2",
        "d3",
        "d1",
    ]
    assert (
        works_on(WORK, "malaria in reading rooms", hits)
        == works_on(WORK, "the", hits)
        == works_on(WORK, "malaria", [])
        == ()
    )


@pytest.mark.parametrize(
    ("question", "size"),
    [
        ("How many papers are in the library?", True),
        ("How many documents do you have?", True),
        ("馆里一共有多少篇论文？", True),
        ("How many papers cite Darwin?", False),
    ],
)
def test_the_size_of_the_library(question: str, size: bool) -> None:
    """The number of works is asked for, not that of some works."""
    assert (read_form(question).kind == "size") is size


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Hello", False),
        ("Thank you!", False),
        ("What can you do?", False),
        ("Who are you?", False),
        ("你好", False),
        ("你能做什么？", False),
        ("What can you say about malaria?", True),
        ("Hello, what is malaria?", True),
        ("疟疾", True),
    ],
)
def test_talk_asks_nothing(question: str, asks: bool) -> None:
    """A greeting has no word that a paper could tell of; a question after it has."""
    assert asks_something(question) is asks


def _reason(question: str, hits: list[Hit]) -> tuple[str | None, int]:
    answer = abstention(asked(question), hits, [], {}, {})
    assert (answer.status, answer.claims) == ("abstained", ())
    return answer.reason, len(answer.documents)


def test_silence_says_why() -> None:
    """Talk is told what to ask, with nothing called near; else what was found is."""
    assert "no word in this" in str(_reason("Hello", [MALARIA])[0])
    assert _reason("What is gold?", [MALARIA]) == (
        "The passages found do not answer the question. Nearest: Malaria vaccines in children.",
        1,
    )
    assert _reason("Which papers are there on gold?", [MALARIA]) == (
        (
            "No record of the library has “gold” in its title, keywords or abstract. Nearest: Malaria"
            " vaccines in children."
        ),
        1,
    )
    assert _reason("What is gold?", []) == (
        "The library holds nothing near this question. Use other words, or remove limits.",
        0,
    )


def test_records_answer() -> None:
    """An answer of records claims nothing, is answered, and tells the number in the question's language."""
    works = [MALARIA.document, KEYWORD.document, OTHER.document]
    facts, told = works_selected(RecordQuery(author="Anne Wilson", year_from=2010), works, "en")
    assert (len(facts), told) == (3, "The library holds 3 works by Anne Wilson since 2010.")
    facts, told = works_selected(RecordQuery(year_to=2012, subject="malaria"), works, "zh")
    assert (len(facts), told) == (2, "馆藏有 2 篇2012 年以前、关于“malaria”的文献。")
    answer = recorded(asked("Papers by Anne Wilson"), facts, told, [MALARIA], {}, {})
    assert (answer.status, answer.reason, answer.claims, len(answer.record)) == ("answered", told, (), 2)
    assert size_told(1234, "en") == "The library holds 1,234 documents."


def test_the_terminal_lists_works() -> None:
    """A line for each, with its title first; who wrote them is said as of a work that is named."""
    facts = works_on(WORK, "malaria", [MALARIA]) + works_on(AUTHORS, "malaria", [MALARIA])
    assert record_as_text({"record": [asdict(fact) for fact in facts]}) == [
        "By the catalogue: “Malaria vaccines in children”, Anne Wilson et al., 2011, PLoS ONE",
        "By the catalogue: Anne Wilson; N Hans (authors of “Malaria vaccines in children”)",
        "",
    ]
