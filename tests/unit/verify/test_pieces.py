"""A claim beside the clause that says most of it: each kind of piece, in English and Chinese."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from kgrag.verify.pieces import clauses_of, compare, differs, lacks_number

CUT = tomllib.loads(files("kgrag.verify").joinpath("data", "pieces.toml").read_text("utf-8"))["clauses"]


@pytest.mark.parametrize("row", CUT, ids=[row["text"][:30] for row in CUT])
def test_a_sentence_is_cut_where_it_turns_against_itself(row: dict[str, list[str]]) -> None:
    """At *but* and *whereas*, not at *butter* or *and*."""
    assert clauses_of(str(row["text"])) == row["parts"]


@pytest.mark.parametrize(
    ("kind", "claim", "evidence"),
    [
        ("unit", "The IC50 was 43 µM.", "The IC50 was 43 nM."),
        ("direction", "E-book loans declined.", "Loans of print fell, while e-book loans tripled."),
        ("direction", "治疗组住院时间比对照组长。", "治疗组的住院时间短于对照组。"),
        ("direction", "推广后借阅量下降。", "推广后借阅量由12万上升到17万。"),
        ("negation", "该基因与疾病存在关联。", "未发现该基因与疾病之间存在关联。"),
        (
            "population",
            "Teachers used the tool daily.",
            "Students used the tool daily, whereas teachers did not.",
        ),
        ("population", "该药对人体有降糖作用。", "该药对大鼠有降糖作用，但尚未在人体中试验。"),
        ("voice", "The app raises reading time.", "We hypothesised that the app raises reading time."),
        ("voice", "本研究证明该疗法有效。", "有学者认为该疗法有效，但本研究结果不支持这一观点。"),
    ],
)
def test_what_differs_is_named(kind: str, claim: str, evidence: str) -> None:
    """By its kind, with the words on both sides."""
    difference = differs(claim, [evidence], [evidence])
    assert difference is not None
    assert difference.kind == kind
    assert difference.said


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        (
            "The vaccine prevented influenza in children.",
            "It prevented influenza in children; men were excluded.",
        ),
        ("治疗组住院时间比对照组短。", "治疗组的住院时间短于对照组。"),
        ("The IC50 was 43 nM.", "The IC50 was 43 nM."),
        ("Masks slow COVID-19.", "Masks slow the spread of the disease."),
        ("The data do not support that coffee helps.", "Coffee may help, but our data do not support this."),
    ],
)
def test_what_agrees_is_left_to_the_models(claim: str, evidence: str) -> None:
    """Another clause, another way to compare, digits of a name."""
    assert differs(claim, [evidence], [evidence]) is None


def test_a_clause_that_agrees_outweighs_one_that_does_not() -> None:
    """Of two near clauses the one that says it counts."""
    beside = compare(
        "Zinc shortens colds.", ["We asked whether zinc shortens colds.", "Zinc shortens colds by a day."]
    )
    assert beside is not None
    assert beside.agrees


def test_a_figure_must_stand_somewhere_in_the_evidence() -> None:
    """In any text, as word or digits; references are no figures."""
    assert lacks_number("It has 14 branches.", ["It has fourteen branches."]) is None
    assert lacks_number("It has branches [3].", ["It has branches."]) is None
    missing = lacks_number("研究纳入171例患者。", ["共纳入117例患者。"])
    assert missing is not None
    assert missing.said == "171"
