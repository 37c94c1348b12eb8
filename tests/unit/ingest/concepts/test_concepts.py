"""Concepts of a text: whole noun phrases with kinds, short and long form one, nothing that only points."""

from __future__ import annotations

import pytest

from ingest.concepts.chinese import find_chinese
from ingest.concepts.document import Found, find_concepts
from ingest.extract.reading import read_document, read_sentences
from ingest.facts.reading import Read
from kgrag.types import Author, Document, Passage, Record, Sentence, Source
from kgrag.types.documents import BlockKind

TEXT = (
    "We found that polymerase chain reaction (PCR) detects malaria in children. The results of this study"
    " show a large number of cases. PCR is used in Uganda. Malaria parasites infect red blood cells. Okello"
    " reported malaria in Uganda, and Okello wrote a letter. Red blood cells carry oxygen. We lead the way,"
    " and lead was not measured."
)
"""Sentences end at ". "."""


def passage_of(
    text: str, number: int = 0, section: str = "Results", kind: BlockKind = "paragraph"
) -> Passage:
    """A passage whose sentences end at full stops."""
    sentences, start = [], 0
    for part in text.split(". "):
        sentences.append(Sentence(start, start + len(part)))
        start += len(part) + 2
    return Passage(f"d#p{number}", "d", number, text, 0, len(text), (section,), tuple(sentences), kind)


def found_in(*passages: Passage, keywords: tuple[str, ...] = ()) -> Found:
    """The concepts of a document of these passages."""
    record = Record(
        Source("x", "y", "z"), title="Malaria", authors=(Author(family="Okello"),), keywords=keywords
    )
    document = Document("d", record, passages[0].text, "en")
    return find_concepts(document, read_sentences(passages))


@pytest.fixture(scope="module")
def found() -> Found:
    """The concepts of the text."""
    return found_in(passage_of(TEXT))


def test_short_and_long_form_are_one(found: Found) -> None:
    """The short form is an alias of the long one and has no node of its own."""
    (pcr,) = [c for c in found.concepts if "PCR" in (c.name, *c.aliases)]
    assert (pcr.name, pcr.kind) == ("polymerase chain reaction", "method_or_instrument")
    assert sum(m.entity_id == pcr.id for m in found.mentions) >= 2


def test_kinds_and_what_is_left_out(found: Found) -> None:
    """Named things have their kinds; results, numbers, the verb "lead" and authors are none."""
    kinds = {c.name.lower(): c.kind for c in found.concepts}
    assert kinds["malaria"] == "disease"
    assert kinds["uganda"] == "place"
    assert kinds["red blood cells"] == "anatomy_or_cell"
    assert not {"results", "study", "number", "cases", "okello", "lead", "letter", "way"} & kinds.keys()


def test_mentions_are_the_words(found: Found) -> None:
    """Every mention stands where it says, as a phrase that the concept is written as."""
    names = {c.id: {form.lower() for form in (c.name, *c.aliases)} for c in found.concepts}
    for mention in found.mentions:
        assert TEXT[mention.start : mention.end].lower() in names[mention.entity_id]


def test_homographs_are_two() -> None:
    """One short form with two long forms, in two documents, is two concepts."""
    one = found_in(passage_of("Polymerase chain reaction (PCR) is a method. PCR is fast. PCR is used"))
    other = found_in(passage_of("Pathological complete response (PCR) was seen. PCR is rare. PCR is good"))
    ids = [{c.id for c in f.concepts if "PCR" in c.aliases} for f in (one, other)]
    assert all(ids)
    assert not ids[0] & ids[1]


def test_what_is_aside_names_nothing() -> None:
    """Acknowledgements, references and labels of figures make no concepts."""
    thanks = passage_of("We thank the Wellcome Trust. The Wellcome Trust paid", 0, "Acknowledgements")
    assert not found_in(thanks).concepts
    assert not found_in(passage_of("Figure 1 shows it. Figure 1 is here")).concepts


def test_a_keyword_in_the_text_is_a_concept() -> None:
    """An author's keyword counts though it is said once."""
    once = passage_of("Here the role of quorum sensing is told. It is told")
    assert "quorum sensing" in {c.name for c in found_in(once, keywords=("Quorum sensing",)).concepts}


def test_chinese_terms() -> None:
    """Runs of nouns that recur are concepts with kinds; everyday words are not."""
    text = "冠心病患者的血浆脂蛋白升高。血浆脂蛋白与冠心病相关。本文研究冠心病。"
    sentences = (Sentence(0, 14), Sentence(14, 27), Sentence(27, len(text)))
    passage = Passage("d#p0", "d", 0, text, 0, len(text), (), sentences, "abstract")
    document = Document("d", Record(Source("x", "y", "z"), title="冠心病研究"), text, "zh")
    concepts, _ = find_chinese(document, [passage], {})
    names = {c.name: c.kind for c in concepts.concepts}
    assert names["冠心病"] == "disease"
    assert "研究" not in names


def test_other_languages_and_empty_texts_give_nothing() -> None:
    """A language that is not read has no concepts; neither has an empty document."""
    passage = passage_of("Der Hund bellt. Der Hund schläft")
    german = Document("d", Record(Source("x", "y", "z")), passage.text, "de")
    assert read_document(german, [passage]) == Read()
    empty = Document("d", Record(Source("x", "y", "z")), "", "en")
    assert read_document(empty, []) == Read(sentences=[])
