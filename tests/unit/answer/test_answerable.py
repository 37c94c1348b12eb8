"""Whether evidence can answer a question: features, the three models, and silence where nothing was found."""

from __future__ import annotations

import json
from importlib.resources import files

from kgrag.answer.answerable import FEATURES, features, kind_of, probability
from kgrag.testing import asked
from kgrag.types import Document, Evidence, Hit, Passage, Record, Sentence, Source, Understood


def _evidence(title: str, text: str, score: float = 0.8) -> tuple[Evidence, Hit]:
    record = Record(Source("a.txt", "0", "test", 0), title=title)
    document = Document(f"d-{title}", record, text, "en")
    passage = Passage(f"p-{title}", document.id, 0, text, 0, len(text), (), (Sentence(0, len(text)),))
    return Evidence(passage, document, 0, len(text), score), Hit(passage, document, 5.0, {"dense": score})


def _asked(text: str, language: str = "en") -> Understood:
    return asked(text, language)


def test_nothing_found_is_never_an_answer() -> None:
    """Without evidence the probability is 0, whatever is asked; so it is where nothing is asked."""
    assert probability(_asked("Who is Ada Lovelace?"), []) == 0.0
    evidence, hit = _evidence("Ada Lovelace", "Ada Lovelace wrote the first program in 1843.")
    assert probability(_asked("???"), [evidence], [hit]) == 0.0


def test_features_are_finite_shares_for_any_text() -> None:
    """Each feature of any question, an empty one and odd Unicode too, lies between 0 and 1 (hits: of the
    order of 1).
    """
    evidence, hit = _evidence("Ada Lovelace", "Ada Lovelace wrote the first program in 1843.")
    for text in ("", "?", "Who?", "Ada Lovelace", "谁写了第一个程序？", "\u202e\u0301 🙂", "“Ada” " * 200):
        for found, hits in (([], []), ([evidence], [hit])):
            values = features(_asked(text), found, hits)
            assert tuple(values) == FEATURES
            assert all(-1.0 <= value <= 2.0 for value in values.values())


def test_a_question_whose_document_is_gone_is_less_answerable() -> None:
    """The person asked for is in the library, or only another one of a like name is."""
    question = _asked("When did Ada Lovelace write the first program?")
    own, own_hit = _evidence("Ada Lovelace", "Ada Lovelace wrote the first program in 1843.", 0.85)
    other, other_hit = _evidence("Ada Yonath", "Ada Yonath is a crystallographer from Israel.", 0.35)
    assert probability(question, [own], [own_hit]) > 0.5 > probability(question, [other], [other_hit])


def test_a_number_asked_for_must_be_there() -> None:
    """``kind`` falls to 0 where a question asks how many and no quote holds a number."""
    with_number, _ = _evidence("Trial", "The trial had 300 adults.")
    without, _ = _evidence("Trial", "The trial had adults of both sexes.")
    question = _asked("How many adults were in the trial?")
    assert (features(question, [with_number])["kind"], features(question, [without])["kind"]) == (1.0, 0.0)


def test_titles_that_are_names_choose_the_model() -> None:
    """Short titles name their subject, a paper's title does not; Chinese has its own model; each model has
    all weights.
    """
    short, _ = _evidence("Ada Lovelace", "A programmer.")
    paper, _ = _evidence(
        "Effects of early programming on the history of science in Britain", "We study programs."
    )
    assert kind_of(_asked("Who?"), [short]) == "named"
    untitled, _ = _evidence("", "A programmer.")
    assert untitled.document.title == "a.txt"
    assert kind_of(_asked("Who?"), [untitled]) == "papers"
    assert kind_of(_asked("Who?"), [paper]) == "papers"
    assert kind_of(_asked("谁？", "zh"), [short]) == "zh"
    weights = json.loads(files("kgrag.models").joinpath("data", "answerable.json").read_text("utf-8"))
    assert all(set(model) == {"bias", *FEATURES} for model in weights.values())
    assert set(weights) == {"named", "papers", "zh"}
