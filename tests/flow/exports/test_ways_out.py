"""What came in with a record goes out with it, in every format for reference managers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import bibtexparser
import pytest
import rispy

from ingest.run import ingest
from kgrag.export import write
from kgrag.export.material import Material
from kgrag.export.records.bibtex import citation_keys
from kgrag.export.records.csl import csl_type
from kgrag.library import Library
from kgrag.render.as_json import document_to_json
from kgrag.settings import Settings

NEWS = "article-newspaper"
FIELD = Path(__file__).parents[2] / "data" / "field"


@pytest.fixture
def material(tmp_path: Path) -> Material:
    """The records of a chapter, a newspaper article and an edited book, as an answer cites them."""
    settings = Settings(library=tmp_path / "library", embedder="hash", extractors=())
    with Library(settings, create=True) as library:
        ingest(library, [FIELD / "on_the_way_out.ris"])
        documents = {d.id: dict(document_to_json(d)) for d in library.catalogue.documents()}
    in_order = sorted(documents.values(), key=lambda document: document["title"])
    return Material({"claims": []}, "", "", "x", {d["id"]: d for d in in_order}, {}, {}, {})


def test_csl(material: Material) -> None:
    """Editors, place, address, date and kind."""
    chapter, news, book = json.loads(write(material, "csl"))
    assert (chapter["type"], chapter["publisher-place"]) == ("chapter", "Bergen")
    assert chapter["editor"] == [{"family": "Ruud", "given": "Per"}, {"family": "Moe", "given": "Anne"}]
    assert chapter["URL"] == "https://example.org/ice-road"
    assert (news["type"], news["issued"]) == ("article-newspaper", {"date-parts": [[1998, 2, 3]]})
    assert (book["type"], book["editor"][0]["family"]) == ("book", "Ruud")


def test_kinds_by_other_names() -> None:
    """Services call one kind by several names."""
    called = {"edited-book": "book", "monograph": "book", "book-chapter": "chapter", "newspaperArticle": NEWS}
    document = {"venue": None}
    assert {kind: csl_type({**document, "kind": kind}) for kind in called} == called


def test_ris(material: Material) -> None:
    """As ``rispy`` reads it."""
    chapter, news, book = rispy.loads(write(material, "ris").decode())
    assert (chapter["type_of_reference"], chapter["place_published"]) == ("CHAP", "Bergen")
    assert chapter["secondary_authors"] == ["Ruud, Per", "Moe, Anne"]
    assert chapter["urls"] == ["https://example.org/ice-road"]
    assert (news["type_of_reference"], news["date"]) == ("NEWS", "1998/02/03")
    assert (book["type_of_reference"], book["secondary_authors"]) == ("EDBOOK", ["Ruud, Per"])


def test_bibtex(material: Material) -> None:
    """As ``bibtexparser`` reads it; a work without authors has its editor's name as its key."""
    parsed = bibtexparser.parse_string(write(material, "bibtex").decode())
    assert not parsed.failed_blocks
    chapter, news, book = parsed.entries
    assert (chapter["editor"], chapter["address"]) == ("Ruud, Per and Moe, Anne", "Bergen")
    assert chapter["url"] == "https://example.org/ice-road"
    assert (news.entry_type, news["entrysubtype"], news["month"], news["day"]) == (
        "article",
        "newspaper",
        "feb",
        "3",
    )
    assert (book.key, book["editor"]) == ("ruud2001", "Ruud, Per")


def test_what_goes_out_comes_in_again(material: Material, tmp_path: Path) -> None:
    """A library fed with our own RIS holds the same fields."""
    (tmp_path / "own.ris").write_bytes(write(material, "ris"))
    settings = Settings(library=tmp_path / "second", embedder="hash", extractors=())
    with Library(settings, create=True) as library:
        ingest(library, [tmp_path / "own.ris"])
        again = {d.title: document_to_json(d) for d in library.catalogue.documents()}
    for document in material.documents.values():
        for name in ("editors", "place", "date", "url", "kind", "publisher"):
            assert again[document["title"]].get(name) == document.get(name)


def test_bibliographies(material: Material) -> None:
    """The chapter's editors and the newspaper's day are written."""
    chapter, news, book = write(material, "apa").decode().splitlines()
    assert re.search(r"Ruud.*Moe", chapter)
    assert "February 3" in news
    assert "Ruud" in book


def test_keys_of_a_batch(material: Material) -> None:
    """Over several answers each work has one key, and no key names two works."""
    documents = list(material.documents.values())
    keys = citation_keys([*documents, *reversed(documents)])
    assert len(set(keys.values())) == len(documents)
    assert {keys[documents[0]["id"]], keys[documents[1]["id"]]} == {"halvorsen1998", "halvorsen1998-2"}
