"""Follow-up questions: made whole where a rule is sure, told what was changed, and left alone otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kgrag.search.follow_up import complete

KNOWN = (
    "Blue Marble Health",
    "blue marble health",
    "DraggleSimulator",
    "Hotez",
    "Brazil",
    "malaria",
    "thresher sharks",
    "sharks",
    "系统综述",
    "艾滋病",
    "维生素D",
)


def names(text: str) -> Sequence[str]:
    """Names of a library, found by looking."""
    return sorted(
        (name for name in KNOWN if name in text), key=lambda name: (not name[0].isupper(), -len(name))
    )


BLUE = "What is blue marble health?"
DRAGGLE = "How does DraggleSimulator teach genetic drift?"


@pytest.mark.parametrize(
    ("earlier", "typed", "asked"),
    [
        (BLUE, "What causes it?", "What causes blue marble health?"),
        (BLUE, "Who introduced this concept?", "Who introduced blue marble health?"),
        (BLUE, "Why is that?", "Why is blue marble health?"),
        (BLUE, "What are its main diseases?", "What are blue marble health's main diseases?"),
        (DRAGGLE, "Who wrote it?", "Who wrote DraggleSimulator?"),
        (DRAGGLE, "Why?", "Why does DraggleSimulator teach genetic drift?"),
        ("How common is malaria in adults?", "And in children?", "How common is malaria in children?"),
        (
            "How common is malaria in adults?",
            "What about pregnant women?",
            "How common is malaria in pregnant women?",
        ),
        (
            "How does blue marble health matter to Brazil?",
            "What about India?",
            "How does blue marble health matter to India?",
        ),
        ("How do thresher sharks hunt?", "Do they use their tails?", "Do thresher sharks use their tails?"),
        (
            "How is open peer review organised?",
            "Does it change the reports?",
            "Does open peer review change the reports?",
        ),
        ("Compare Hotez and Brazil", "Which of them is older?", "Which of Hotez and Brazil is older?"),
        (
            "What is the dose of Hotez against malaria?",
            "and against worms?",
            "What is the dose of Hotez against worms?",
        ),
        ("Does malaria harm Brazil?", "What about dengue?", "Does dengue harm Brazil?"),
        ("什么是系统综述？", "它有哪些步骤？", "系统综述有哪些步骤？"),
        ("维生素D能预防艾滋病吗？", "为什么？", "维生素D为什么能预防艾滋病？"),
        ("降钙素原能减少艾滋病吗？", "其敏感性如何？", "降钙素原的敏感性如何？"),
        ("系统综述对艾滋病有什么影响？", "那对疟疾呢？", "系统综述对疟疾有什么影响？"),
        ("什么是系统综述？", "这种方法有什么缺点？", "系统综述有什么缺点？"),
        ("什么是系统综述？", "其步骤是什么？", "系统综述的步骤是什么？"),
        ("艾滋病如何传播？", "维生素D呢？", "维生素D如何传播？"),
        ("艾滋病如何传播？", "那疟疾呢？", "疟疾如何传播？"),
        ("什么是元数据标准？", "它为什么重要？", "元数据标准为什么重要？"),
    ],
)
def test_a_follow_up_is_made_whole(earlier: str, typed: str, asked: str) -> None:
    """Pronouns stand for the topic of the question before; what is left out is taken from it; the change is
    told.
    """
    made = complete(typed, [earlier], names)
    assert made is not None
    assert made.text == asked
    assert made.question == typed
    assert made.changes


@pytest.mark.parametrize(
    ("earlier", "typed"),
    [
        (BLUE, "What is DraggleSimulator?"),
        (BLUE, "Why do sharks lose their teeth?"),
        (BLUE, "Is it possible to prevent malaria?"),
        (BLUE, "How long does it take to review a paper?"),
        (BLUE, "Which studies show that vaccines work in children?"),
        (BLUE, "How do thresher sharks use their tails?"),
        (BLUE, ""),
        ("Do cotton stockings prevent malaria?", "What are their side effects?"),
        ("What are the limitations of the study on malaria?", "How many women did it include?"),
        ("Does malaria harm Brazil?", "Was that paper retracted?"),
        ("什么是系统综述？", "艾滋病如何传播？"),
        ("什么是系统综述？", "还有其他方法吗？"),
        ("什么是系统综述？", "中国有哪些国家和其他地区的研究？"),
    ],
)
def test_what_stands_alone_is_left_alone(earlier: str, typed: str) -> None:
    """A question with a subject of its own, an empty "it", a conjunction, or one that would be garbled: half
    of a noun phrase, one thing for several, a paper for a thing.
    """
    assert complete(typed, [earlier], names) is None


def test_the_first_question_has_nothing_to_follow() -> None:
    """Without a conversation a pronoun stays what it is."""
    assert complete("What causes it?", [], names) is None


def test_the_topic_is_looked_for_further_back() -> None:
    """Where the last question names nothing, the one before does; the whole question that was asked counts,
    not the one typed.
    """
    made = complete("Who introduced it?", [BLUE, "Why?"], names)
    assert made is not None
    assert made.text == "Who introduced blue marble health?"
