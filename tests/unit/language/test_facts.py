"""Exact checks: numbers, units, names, negation and direction of a claim against its evidence."""

from __future__ import annotations

import pytest

from kgrag.language.facts import check, names_of, numbers, substitutions


@pytest.mark.parametrize(
    ("claim", "evidence", "failed"),
    [
        ("The trial had 300 patients.", "We enrolled 300 patients.", ()),
        ("The trial had 310 patients.", "We enrolled 300 patients.", ("number",)),
        ("Three patients died.", "Of all, 3 patients died.", ()),
        ("Costs were 2,500 dollars.", "Costs were 2500 dollars.", ()),
        ("The dose was 5 mg.", "The dose was 5 g.", ("unit",)),
        ("Aspirin does not help.", "Aspirin does help.", ("negation",)),
        ("Aspirin increases the risk.", "Aspirin decreases the risk.", ("direction",)),
        ("The paper by Miller says so.", "The paper by Smith says so.", ("name",)),
        ("咖啡因提高记忆力。", "咖啡因不能提高记忆力。", ("negation",)),
    ],
)
def test_each_kind_of_changed_fact_is_named(claim: str, evidence: str, failed: tuple[str, ...]) -> None:
    """A changed number, unit, name, negation or direction fails the check of its kind, and nothing else
    does.
    """
    assert check(claim, evidence, evidence).failed == failed


def test_numbers_are_values_not_spellings() -> None:
    """Words, digits, thousands commas, scales and Chinese numerals of one value are equal."""
    assert 2_000_000.0 in numbers("2 million people")
    assert numbers("twelve") == numbers("12")
    assert 3e4 in numbers("3 万人")
    assert numbers("") == frozenset()


def test_the_first_word_of_a_sentence_is_no_name() -> None:
    """Only capitals that grammar does not ask for make a name."""
    assert names_of("Patients in Boston took mRNA vaccines. Doctors agreed.") == {"boston", "mrna"}


@pytest.mark.parametrize(
    ("claim", "kinds"),
    [
        ("The survey of 2,000 adults was carried out in Denmark in the spring.", ("name",)),
        ("The survey of 2,100 adults was carried out in Norway in the spring.", ("number",)),
        ("The survey of 2,000 adults was carried out in Norway in the spring.", ()),
        (
            "It is well known that the survey of 2,000 adults was carried out in Denmark in the spring.",
            ("name",),
        ),
        ("Adults in Norway were asked 2,100 times.", ()),
        ("A survey of 2,000 adults was carried out in Norway this spring.", ()),
    ],
)
def test_a_fact_exchanged_in_a_copied_sentence_is_named(claim: str, kinds: tuple[str, ...]) -> None:
    """A copied sentence with another number or name in its place is told from the sentence itself and from
    words of one's own.
    """
    assert (
        substitutions(claim, "The survey of 2,000 adults was carried out in Norway in the spring.") == kinds
    )


def test_initials_and_longer_forms_are_the_same_name() -> None:
    """A name in place of its initials, or a longer form of it, exchanges nothing."""
    assert (
        substitutions(
            "The level of FGF was measured in all the patients.",
            "The level of Fibroblast Growth Factor was measured in all the patients.",
        )
        == ()
    )


def test_a_name_in_small_letters_is_a_name_too() -> None:
    """A claim or a sentence without any capitals cannot hide that a name was exchanged; a word that only
    stands for the name is no exchange.
    """
    paper = "The patients were treated in Norway for twelve months with aspirin."
    assert substitutions("the patients were treated in ljubljana for twelve months with aspirin.", paper) == (
        "name",
    )
    assert substitutions(
        "The patients were treated in Sweden for twelve months with aspirin.", paper.lower()
    ) == ("name",)
    assert substitutions("the patients were treated in norway for twelve months with aspirin.", paper) == ()
    assert substitutions("the patients were treated there for twelve months with aspirin.", paper) == ()
    assert substitutions("the patients were treated in hospital for twelve months with aspirin.", paper) == ()


def test_a_number_that_stands_elsewhere_too_does_not_hide_an_exchange() -> None:
    """The claim's number is in the sentence, but in another place; and the sentence's number is in the claim
    elsewhere.
    """
    assert substitutions(
        "The survey showed that 11 out of 100 (11%) papers gave access to the input file.",
        "The survey showed that 31 out of 100 (11%) papers gave access to the input file.",
    ) == ("number",)
    assert substitutions(
        "In 20 centres 25 of all the treated adults had no more bleeding.",
        "In 20 centres 20 of all the treated adults had no more bleeding.",
    ) == ("number",)


def test_a_name_that_opens_a_claim_is_a_name_too() -> None:
    """The part of a sentence may begin with a name, whose capital then tells nothing."""
    assert substitutions(
        "Zhenyu Zhang) extracted independently all articles that met the criteria.",
        "Three investigators (Hanyu Cao and Ljubljana Zhang) extracted independently all articles that met"
        " the criteria.",
    ) == ("name",)
