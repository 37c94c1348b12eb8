"""A question's form is read once: a rule reads its example and not its counter-example; kinds differ."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrag.language.question_form import Rule, first_reading, read_form, rules
from kgrag.types import QuestionForm, RecordQuery


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule.slot}: {rule.example}")
def test_each_rule_reads_its_example_alone(rule: Rule) -> None:
    """The example is read, by this rule first of its slot, with the parts it gives; the counter is not."""
    match = rule.pattern.search(rule.example)
    assert match is not None
    assert rule.gives in ((), tuple(group.strip() for group in match.groups() if group))
    read = first_reading(rule.slot, rule.example)
    assert rule.slot == "select" or (read is not None and read[0].field == rule.field)
    assert rule.pattern.search(rule.counter) is None


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many papers are in the library?", "size"),
        ("Which papers are there on malaria?", "works"),
        ("Who wrote Blue marble health?", "record"),
        ("What is the difference between sensitivity and specificity?", "comparison"),
        ("Does zinc help against colds?", "verdict"),
        ("How many adults took part?", "number"),
        ("When was the trial stopped?", "date"),
        ("What is open access?", "definition"),
        ("Why are most published findings false?", "reason"),
        ("Which diseases are found in G20 countries?", "list"),
        ("Who found the virus?", "name"),
        ("Summarise the paper “Blue marble health”", "summary"),
        ("Thresher sharks hunt with their tails.", "fact"),
        ("什么是信息素养？", "definition"),
        ("为什么图书馆需要关联数据？", "reason"),
        ("《信息素养研究》的作者是谁？", "record"),
        ("数字图书馆和传统图书馆有什么区别？", "comparison"),
        ("有多少名患者参加了试验？", "number"),
        ("数字图书馆的评价指标有哪些？", "list"),
        ("总结一下《信息素养研究》的主要内容", "summary"),
        ("", "fact"),
    ],
)
def test_kinds_are_told_apart(question: str, kind: str) -> None:
    """The most definite kind that fits, in both languages."""
    assert read_form(question).kind == kind


@given(st.text(max_size=200))
def test_any_text_has_a_form(text: str) -> None:
    """Reading never fails, and says the same twice."""
    form = read_form(text)
    assert form == read_form(text)
    assert set(asdict(form)) == set(QuestionForm.__slots__)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("How many papers by Lorena Barba are in the library?", RecordQuery(True, author="Lorena Barba")),
        ("Which papers from 2013 do you hold?", RecordQuery(year_from=2013, year_to=2013)),
        ("Papers by Hotez since 2010", RecordQuery(author="Hotez", year_from=2010)),
        ("Which papers before 2010 are there on malaria?", RecordQuery(year_to=2009, subject="malaria")),
        ("What has Peter Hotez published?", RecordQuery(author="Peter Hotez")),
        ("How many papers from 2005 to 2010 are there?", RecordQuery(True, year_from=2005, year_to=2010)),
        ("张三写了哪些论文？", RecordQuery(author="张三")),
        ("2013年发表的论文有哪些？", RecordQuery(year_from=2013, year_to=2013)),
        ("馆里有多少篇2013年的论文？", RecordQuery(True, year_from=2013, year_to=2013)),
        ("Which papers are there on malaria?", None),
        ("How many people were treated in 2013?", None),
        ("What is malaria?", None),
    ],
)
def test_works_are_selected_by_their_records(question: str, wanted: RecordQuery | None) -> None:
    """Author, years, subject; a subject alone is for the search."""
    assert read_form(question).records == wanted
