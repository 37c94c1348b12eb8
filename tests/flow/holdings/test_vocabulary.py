"""Vocabularies: read in every format, matched as whole words, known at the question in the other language;
decisions about names are reversible.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.extract.again import again
from ingest.extract.everything import extractor_of
from ingest.run import prepare
from kgrag.errors import NotFound, ReadError, UsageError
from kgrag.holdings import vocabularies as vocabulary
from kgrag.holdings.entities import decisions, documents_naming, doubtful, in_force, merge, split
from kgrag.holdings.vocabulary_files import merged, read_vocabulary
from kgrag.library import Library
from kgrag.search import Retriever
from kgrag.search.understand import understand
from kgrag.settings import Settings
from kgrag.types import Record, Source

TABLE = """id,name,synonyms,name_zh
C1,Colorectal Neoplasms,colorectal cancer|CRC,结直肠癌
C2,Reading Rooms,,阅览室
C3,Abdomen\\, Acute,,
"""
OBO = """format-version: 1.2

[Term]
id: X:1
name: leaf
synonym: "foliage" EXACT []

[Term]
id: X:2
name: old leaf
is_obsolete: true

[Typedef]
id: part_of
name: part of
"""
SKOS = (
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . <http://v/1> a skos:Concept ;"
    ' skos:prefLabel "library"@en, "图书馆"@zh ; skos:altLabel "libraries"@en .'
)
MESH = (
    "<?xml version='1.0'?><DescriptorRecordSet><DescriptorRecord><DescriptorUI>D1</DescriptorUI>"
    "<DescriptorName><String>Abdomen, Acute</String></DescriptorName><ConceptList><Concept><TermList>"
    "<Term><String>Acute Abdomen</String></Term>"
    "</TermList></Concept></ConceptList></DescriptorRecord></DescriptorRecordSet>"
)


@pytest.fixture
def library(tmp_path: Path):  # type: ignore[no-untyped-def]
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as opened:
        yield opened


def _put(library: Library, number: int, text: str) -> str:
    parcel = prepare(
        Record(
            Source(f"f{number}", str(number), "test", number),
            title=f"Paper {number} about many different things that matter here",
            abstract=text,
        ),
        extractor_of(library),
    )
    library.catalogue.put(parcel)
    library.catch_up()
    return parcel.document.id


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("t.csv", TABLE.replace("\\,", ""), {"Colorectal Neoplasms", "CRC", "结直肠癌", "colorectal cancer"}),
        ("t.obo", OBO, {"leaf", "foliage"}),
        ("t.ttl", SKOS, {"library", "图书馆", "libraries"}),
        ("t.xml", MESH, {"Abdomen, Acute", "Acute Abdomen"}),
    ],
)
def test_every_format_gives_its_terms(tmp_path: Path, name: str, text: str, wanted: set[str]) -> None:
    """Names, synonyms and labels of other languages; what is obsolete is left out, inverted headings are
    turned.
    """
    (tmp_path / name).write_text(text, "utf-8")
    forms = {form for term in merged(read_vocabulary(tmp_path / name)) for form, _ in term.forms}
    assert wanted <= forms
    assert "old leaf" not in forms


def test_what_is_no_vocabulary_is_refused(tmp_path: Path) -> None:
    """A table without names, an unknown format, an empty folder: each says what is wanted."""
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(ReadError, match="no column of names"):
        list(read_vocabulary(tmp_path / "t.csv"))
    (tmp_path / "x.docx").write_text("", "utf-8")
    with pytest.raises(UsageError, match="known"):
        list(read_vocabulary(tmp_path / "x.docx"))


def test_a_chinese_question_finds_an_english_paper_and_the_expansion_can_be_refused(
    library: Library, tmp_path: Path
) -> None:
    """The vocabulary gives mentions with authority ids at ingest, and words of the other language at the
    question, shown with their source.
    """
    (tmp_path / "t.csv").write_text(TABLE.replace("\\,", ""), "utf-8")
    assert vocabulary.load(library.catalogue, tmp_path / "t.csv", "subjects")["terms"] == 3
    wanted = _put(
        library,
        1,
        "Screening for colorectal cancer lowers mortality. CRC is common, but crc is not the acronym.",
    )
    _put(library, 2, "The old map of the harbour shows twelve ships and a lighthouse on the pier.")
    (entity,) = library.graph.find(["结直肠癌"])
    assert entity.authorities == {"subjects": "C1"}
    understood = understand("结直肠癌的筛查", library)
    assert ("结直肠癌", "Colorectal Neoplasms", "vocabulary subjects") in understood.repairs
    hits = Retriever(library).search(understood)
    assert hits[0].document.id == wanted
    assert understand("结直肠癌的筛查", library, expand=False).queries == ()


def test_a_vocabulary_is_applied_to_what_is_in_and_taken_back(library: Library, tmp_path: Path) -> None:
    """``apply`` after a load finds the terms, after a removal they are gone; passages keep their keys."""
    document = _put(library, 1, "The reading rooms are open until eight in the evening on all days.")
    keys = library.catalogue.passage_keys([p.id for p in library.catalogue.passages_of(document)])
    (tmp_path / "t.csv").write_text(TABLE.replace("\\,", ""), "utf-8")
    vocabulary.load(library.catalogue, tmp_path / "t.csv", "subjects")
    again(library)
    assert [e.id for e in library.graph.find(["阅览室"])] == ["e:reading rooms"]
    vocabulary.remove(library.catalogue, "subjects")
    again(library)
    assert library.graph.find(["阅览室"]) == []
    assert library.catalogue.passage_keys([p.id for p in library.catalogue.passages_of(document)]) == keys
    with pytest.raises(NotFound):
        vocabulary.remove(library.catalogue, "subjects")


def test_a_merge_is_reversible_and_never_crosses_an_authority(library: Library, tmp_path: Path) -> None:
    """Merged names are one entity with both forms; a split restores exactly what was; two ids of one
    authority stay two.
    """
    _put(library, 1, "Anna Karlson met Bruno Weiss. Later Anna Karlsson wrote to Bruno Weiss again.")
    before = {e.id for e in library.graph.find(["anna karlson", "anna karlsson"])}
    ids = merge(library.catalogue, "Anna Karlson", "Anna Karlsson", "me")
    again(library, documents_naming(library.catalogue, ids))
    (one,) = library.graph.find(["anna karlson"])
    assert one.id == "e:anna karlsson"
    split(library.catalogue, "Anna Karlson", "me")
    again(library, documents_naming(library.catalogue, ids))
    assert {e.id for e in library.graph.find(["anna karlson", "anna karlsson"])} == before
    assert in_force(library.catalogue) == {}
    kinds = [row["kind"] for row in decisions(library.catalogue)]
    assert kinds == ["merge", "merge", "split", "split"]  # of the name, and of the concept that it is
    (tmp_path / "t.csv").write_text("id,name\nN1,Anna Karlson\nN2,Anna Karlsson\n", "utf-8")
    vocabulary.load(library.catalogue, tmp_path / "t.csv", "people")
    again(library)
    with pytest.raises(UsageError, match="people"):
        merge(library.catalogue, "Anna Karlson", "Anna Karlsson", "me")


def test_pairs_in_doubt_are_shown_once_and_not_after_a_decision(library: Library) -> None:
    """Singular and plural of one name are a pair until somebody decides."""
    _put(
        library,
        1,
        "The Reading Circle met here. Other Reading Circles met there, and the Reading Circle stayed.",
    )
    (pair,) = [
        p
        for p in doubtful(library.catalogue)
        if {p["entity"], p["into"]} == {"e:reading circle", "e:reading circles"}
    ]
    assert pair["why"] == "singular and plural"
    merge(library.catalogue, "reading circles", "reading circle", "me")
    assert not [p for p in doubtful(library.catalogue) if "e:reading circles" in (p["entity"], p["into"])]


@pytest.mark.parametrize(
    "text",
    [
        '{"@context": "http://127.0.0.1:1/context.jsonld", "@id": "http://v/1"}',
        '{"@context": [{}, "file:///etc/passwd"], "@id": "http://v/1"}',
        '{"@graph": [{"@context": "context.jsonld"}]}',
        '{"@context": {"@import": "http://127.0.0.1:1/x"}, "@id": "http://v/1"}',
    ],
)
def test_nothing_is_fetched_for_a_vocabulary(tmp_path: Path, text: str) -> None:
    """A context that lies elsewhere is refused, wherever it stands."""
    path = tmp_path / "terms.jsonld"
    path.write_text(text, "utf-8")
    with pytest.raises(ReadError, match="Nothing is fetched"):
        list(read_vocabulary(path))
