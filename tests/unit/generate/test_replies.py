"""What of a reply is read: pointers and copied quotes always, phrases about nothing never."""

from __future__ import annotations

import pytest

from kgrag.generate.phrases import is_empty, plain_blocks, without_opening
from kgrag.generate.replies import pointers, read_draft, read_pointed
from tests.unit.generate.recorded import quote, recorded

QUOTES = [
    quote("XMRV was detected in none of the 186 patients with chronic fatigue.", 1),
    quote("The macronuclear genome has about 16,000 chromosomes.", 2),
    quote("Zinc shortened colds in two of nine trials [3],[4].", 3),
    quote("锌可以缩短感冒的病程，但对儿童无效。", 4),
]
TEXTS = [item.quote for item in QUOTES]


@pytest.mark.parametrize(
    ("reply", "chosen"),
    [
        ("[3]", [2]),
        ("3", [2]),
        ("3.", [2]),
        ("1]", [0]),
        ("[2] [3]", [1, 2]),
        ("2, 3", [1, 2]),
        ("【4】", [3]),
        ("[3][3][9]", [2]),
        ("[99]", []),
        ("1 2 3 4 5 6 7 8 9", []),
        ("[1] [2] [3] [4] [5]", []),
        ("16,000", None),
        ("2009", None),
        ("zinc [3]", None),
        ("", None),
    ],
)
def test_numbers_alone_point(reply: str, chosen: list[int] | None) -> None:
    """Any digits are pointers where nothing else is said; numbers that no quote has are dropped, and counting
    up chooses nothing; a figure is no pointer.
    """
    assert pointers(reply, 4) == chosen


WAYS = [
    "{quote}",
    "{bare}",
    "{quote} [{right}]",
    "{bare} [{wrong}].",
    "[{wrong}] {quote}",
    "- {quote}\n- {other} [{wrong}]",
    "**Answer:** {quote} [{wrong}]",
    "Based on the quotes, {quote}",
    "<think>Number {wrong} is nice.</think>{quote}",
    "nice, is it?</think>\n{quote}",
    '{{"sentences": [{{"quote": {wrong}, "text": {json}}}]}}',
    "[{right}]",
    "{right}",
]


@pytest.mark.parametrize("way", WAYS)
def test_every_copied_quote_and_every_pointer_is_that_quote(way: str) -> None:
    """Cited rightly, wrongly or not, before or after, within Markdown or JSON: the draft begins with the
    quote in its own words.
    """
    import json

    for case in recorded():
        for n, text in enumerate(case.quotes):
            wrong, other = (n + 5) % 12, case.quotes[(n + 3) % 12]
            reply = way.format(
                quote=text,
                bare=text.rstrip("."),
                right=n + 1,
                wrong=wrong + 1,
                other=other,
                json=json.dumps(text),
            )
            draft = read_draft(reply, case.evidence, "m", case.question)
            assert draft.sentences[0] == (text, (case.evidence[n],)), reply
            assert all(sentence in case.quotes for sentence, _ in draft.sentences)
            assert read_pointed(reply, case.evidence, "m").sentences[0][0] == text


@pytest.mark.parametrize(
    "phrase",
    [
        "NO ANSWER",
        "No ANSWER.",
        "YES Answer. No ANSWER.",
        "Sure! Here is the answer to your question:",
        "I hope this helps!",
        "[treatment burden]",
        "YES",
        "According to the quotes provided, the answer is as follows:",
        "The quotes do not provide information on treatment burden after stroke.",
        "Unfortunately, I am not able to answer the question based on the quotes.",
        "Would you like to know more?",
        "## Treatment burden",
        "<think>The quotes say that burdens are many",
        "<think>hm</think>",
        "希望对您有帮助。",
        "根据提供的引文，答案如下：",
        "{",
        "",
    ],
)
def test_phrases_that_say_nothing_are_no_claims(phrase: str) -> None:
    """Lead-ins, offers, refusals, headings, thoughts, and the question's own words are left out."""
    question = "What is treatment burden after stroke?"
    assert read_draft(phrase, QUOTES, "m", question).sentences == ()


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Based on the quotes, zinc shortens colds in adults.", "Zinc shortens colds in adults."),
        ("Yes, zinc shortens colds in adults.", "Zinc shortens colds in adults."),
        ("In adults, zinc shortens colds.", "In adults, zinc shortens colds."),
        ("Answer: zinc shortens colds.", "Zinc shortens colds."),
    ],
)
def test_openings_about_the_reply_go(sentence: str, said: str) -> None:
    """A first clause that speaks of the quotes or says yes or no goes; one that limits the claim stays."""
    assert without_opening(sentence) == said


def test_a_sentence_that_repeats_the_question_is_a_claim() -> None:
    """Only a fragment of the question says nothing; a verdict in its words does."""
    assert not is_empty("Zinc shortens colds in adults.", "Does zinc shorten colds in adults?")
    assert is_empty("zinc colds", "Does zinc shorten colds in adults?")


@pytest.mark.parametrize(
    ("answer", "question", "held"),
    [
        ("none of the 186 patients", "In how many patients was XMRV detected?", 0),
        ("None", "In how many patients was XMRV detected?", 0),
        ("16,000", "How many chromosomes does the genome have?", 1),
        ("16,000 chromosomes [3]", "How many chromosomes does the genome have?", 1),
        ("in two of nine trials", "In how many trials did zinc shorten colds?", 2),
    ],
)
def test_a_short_answer_is_the_quote_that_holds_it(answer: str, question: str, held: int) -> None:
    """A number, *none*, a name: the quote that says it of what is asked, whatever number is cited."""
    assert read_draft(answer, QUOTES, "m", question).sentences == ((TEXTS[held], (QUOTES[held],)),)


@pytest.mark.parametrize(
    "answer", ["68 of 101", "17,000", "Aristotle", "all of the 186 patients were infected"]
)
def test_a_short_answer_that_no_quote_holds_stays_to_be_judged(answer: str) -> None:
    """No quote stands in for it."""
    draft = read_draft(answer, QUOTES, "m", "In how many patients was XMRV detected?")
    assert all(sentence not in TEXTS for sentence, _ in draft.sentences)


def test_a_reply_cut_off_in_a_quote_is_that_quote() -> None:
    """Six words of a quote's beginning at the reply's end are enough."""
    reply = "Genomes differ in many ways here. [2] XMRV was detected in none of the 186"
    assert read_draft(reply, QUOTES, "m").sentences[-1][0] == TEXTS[0]


def test_markdown_is_read_as_text() -> None:
    """Marks go, items are one each, tables are rows of cells."""
    assert plain_blocks("**Zinc** helps `much`.\n\n# Zinc\n\n* one p<0.05\n* two") == [
        "Zinc helps much.",
        "one p<0.05",
        "two",
    ]


def test_leading_citations_belong_to_what_follows() -> None:
    """A reply that begins with a number has its numbers before the sentences, another one after them."""
    leading = read_draft(
        "[1] Sharks of the reef hunt at night and rest by day. [2] Rays of the bay do so too by day.",
        QUOTES,
        "m",
    )
    after = read_draft(
        "Sharks of the reef hunt at night and rest by day [1]. Rays of the bay do so too by day [2].",
        QUOTES,
        "m",
    )
    assert [given for _, given in leading.sentences] == [given for _, given in after.sentences]
    assert [given for _, given in after.sentences] == [(QUOTES[0],), (QUOTES[1],)]
