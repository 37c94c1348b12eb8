"""What papers as wholes do, read from title, card and verbs; each fact has its sentence."""

from __future__ import annotations

import pytest

from ingest.extract.everything import DEFAULT
from kgrag.types import Document, Extraction, Passage, Record, Sentence, Source

TITLE = "Sleep apnea and hypertension in older adults in Kenya: a cohort study"
ABSTRACT = (
    "The aim of this study was to examine sleep apnea and hypertension. ",
    "We conducted a cohort study in Kenya. ",
    "We recruited 240 older adults. ",
    "Blood pressure was measured with ambulatory monitoring. ",
    "Smith et al. used polysomnography. ",
    "Polysomnography was not used. ",
    "Actigraphy will be used in the future. ",
    "Sleep apnea was associated with hypertension (OR = 2.1, p < 0.01). ",
    "In conclusion, sleep apnea increases the risk of hypertension in older adults. ",
)


def passage_of(sentences: tuple[str, ...], number: int = 0, kind: str = "abstract") -> Passage:
    """A passage of these sentences."""
    text, places, at = "".join(sentences).strip(), [], 0
    for sentence in sentences:
        places.append(Sentence(at, at + len(sentence.strip())))
        at += len(sentence)
    return Passage(f"d#p{number}", "d", number, text, 0, len(text), (), tuple(places), kind)


@pytest.fixture(scope="module")
def found() -> Extraction:
    """What is found in a made-up paper."""
    again = tuple(
        f"{name} was common in Kenya. " for name in ("Sleep apnea", "Hypertension", "Polysomnography")
    )
    more = (
        "Actigraphy and polysomnography differ. ",
        "Ambulatory monitoring helps. ",
        "Blood pressure fell. ",
    )
    passages = [passage_of(ABSTRACT), passage_of((*again, *more, *more), 1, "paragraph")]
    text = "\n\n".join(passage.text for passage in passages)
    document = Document("d", Record(Source("x", "y", "z"), title=TITLE), text, "en")
    return DEFAULT.extract(document, passages)


def told(found: Extraction, kind: str) -> set[str]:
    """Names of what the facts of a type are about."""
    names = {one.id: one.name for one in found.concepts}
    return {names[fact.target] for fact in found.facts if fact.type == kind}


def test_what_the_title_and_the_verbs_tell(found: Extraction) -> None:
    """The title's things are studied; ways, people and places are told apart."""
    assert told(found, "STUDIES") == {"sleep apnea", "hypertension"}
    assert told(found, "IN_POPULATION") == {"older adults"}
    assert told(found, "IN_PLACE") == {"Kenya"}
    assert told(found, "MEASURES") == {"blood pressure"}


def test_others_work_and_what_was_not_done_is_no_fact(found: Extraction) -> None:
    """A method that others used, that was not used, or that is planned, is none of this paper."""
    methods = told(found, "USES_METHOD")
    assert "cohort study" in methods
    assert not methods & {"polysomnography", "actigraphy"}


def test_findings_are_sentences(found: Extraction) -> None:
    """A finding and a conclusion are knowledge objects; every fact's span is a sentence of the paper."""
    texts = {fact.type: ABSTRACT[7] for fact in found.facts if fact.type == "FINDS"}
    assert texts
    (conclusion,) = [fact for fact in found.facts if fact.type == "CONCLUDES"]
    assert conclusion.target.startswith("o:d#p0/")
    whole = "".join(ABSTRACT)
    assert whole[conclusion.start : conclusion.end].startswith("In conclusion")
    objects = {f"o:{o.passage_id}/{o.start}-{o.end}/{o.role}" for o in found.objects}
    concepts = {one.id for one in found.concepts}
    assert all(fact.target in objects | concepts for fact in found.facts)


def test_a_chinese_title_tells_what_is_studied() -> None:
    """Without a parser the title, the findings and the conclusion are told."""
    sentences = (
        "目的 探讨冠心病患者的血浆脂蛋白。",
        "血浆脂蛋白与冠心病相关。",
        "冠心病患者血浆脂蛋白升高。",
    )
    document = Document(
        "d", Record(Source("x", "y", "z"), title="冠心病与血浆脂蛋白"), "".join(sentences), "zh"
    )
    extraction = DEFAULT.extract(document, [passage_of(sentences)])
    assert "冠心病" in told(extraction, "STUDIES")
