"""Sets: what is gathered is taken away whole, by those alone who may see it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from kgrag.catalogue.answers import store_answer
from kgrag.cli.main import app
from kgrag.desk import Desk
from kgrag.errors import Forbidden, NotFound, UsageError
from kgrag.library import Library
from kgrag.people.history import forget, remember
from kgrag.people.rights import Person, Rights
from kgrag.settings import Settings
from kgrag.testing import random_parcel

ANNA, BEN = Person("u-anna", "anna", "researcher", ("arts",)), Person("u-ben", "ben", "researcher")
D1, D2, D3 = (f"doi:10.1000/0.{number}" for number in (1, 2, 3))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Four small papers."""
    folder = tmp_path_factory.mktemp("sets") / "library"
    with Library(Settings(library=folder, embedder="hash"), create=True) as opened:
        for number in range(4):
            opened.catalogue.put(random_parcel(number))
        opened.catch_up()
        yield opened


def test_what_is_in_a_set_goes_out_in_one_go(library: Library) -> None:
    """Two documents and a passage: RIS, BibTeX, Word and the evidence table; the passage is a row with its
    words; a document put in twice is there once.
    """
    anna = Desk(library, ANNA)
    passage = library.catalogue.passages_of(D2)[0]
    made = anna.make_set("Radium", "for the review", items=[D1, passage.id])
    assert anna.add_to_set(made, [D1, D3]) == 1
    assert anna.set_documents(made) == [D1, D2, D3]
    with zipfile.ZipFile(io.BytesIO(anna.export_set(made))) as archive:
        assert archive.namelist() == ["references.ris", "references.bib", "set.docx", "evidence.csv"]
        assert archive.read("references.ris").count(b"\r\nER") == 3
        assert passage.text[:30] in archive.read("evidence.csv").decode()
    with pytest.raises(UsageError, match="found: zip"):
        anna.export_set(made, "prov")


def test_a_set_is_whose_it_is(library: Library) -> None:
    """Unshared it is not there for others; shared they read it and may not change it; what they may not see
    is not in it for them.
    """
    anna, ben = Desk(library, ANNA), Desk(library, BEN)
    made = anna.make_set("Mine", items=[D1, D2])
    with pytest.raises(NotFound):
        ben.open_set(made)
    anna.change_set(made, shared=True)
    assert [item.id for item in ben.open_set(made).items] == [D1, D2]
    for act in (lambda: ben.add_to_set(made, [D3]), lambda: ben.delete_set(made)):
        with pytest.raises(Forbidden):
            act()
    Rights(library.catalogue).set_collection("arts", documents=[D2], groups=["arts"])
    assert ben.set_documents(made) == [D1]
    assert anna.set_documents(made) == [D1, D2]
    assert D2 not in ben.export_set(made, "csl").decode()
    with pytest.raises(NotFound):
        ben.make_set("No", items=[D2])
    Rights(library.catalogue).delete_collection("arts")


def test_a_forgotten_answer_leaves_the_sets(library: Library) -> None:
    """Who forgets a question finds it in no set of theirs; the rest of the set stays."""
    anna = Desk(library, ANNA)
    answer = json.loads(json.dumps(anna.answer(anna.ask("What does paper 1 say of radium?").id)))
    store_answer(library.catalogue, answer | {"id": "a-mine"})
    remember(library, ANNA, "a-mine")
    made = anna.make_set("Asked", items=["a-mine", D1])
    forget(library, ANNA, ["a-mine"])
    assert [item.id for item in anna.open_set(made).items] == [D1]


def test_an_empty_set_limits_to_nothing(library: Library) -> None:
    """To ask an empty set alone is not to ask the whole library."""
    anna = Desk(library, ANNA)
    assert anna.within_set(anna.make_set("Empty")).documents == ("-",)


def test_the_command_line_and_the_api_do_the_same(library: Library) -> None:
    """Made by one, shown by the other; bad names and unknown ids are told."""
    folder = ["--library", str(library.folder)]
    run = CliRunner().invoke
    made = json.loads(run(app, ["sets", "make", "By hand", D1, "--note", "two", "--json", *folder]).stdout)[
        "id"
    ]
    assert run(app, ["sets", "add", made, D2, *folder]).stdout == "1 added.\n"
    shown = json.loads(run(app, ["sets", "show", made, "--json", *folder]).stdout)
    assert shown["documents"] == [D1, D2]
    assert run(app, ["sets", "export", made, "--format", "bibtex", *folder]).stdout.count("@") == 2
    assert isinstance(run(app, ["sets", "show", "s-none", *folder]).exception, NotFound)
    from ui.app import create_base
    from ui.service.service import Service

    service = Service(library.settings)
    try:
        client = TestClient(create_base(service), base_url="http://127.0.0.1")
        assert client.get(f"/api/v1/sets/{made}").json() == shown
        assert client.post("/api/v1/sets", json={"name": ""}).status_code == 422
        assert client.post(f"/api/v1/sets/{made}/items", json={"items": ["x"]}).status_code == 404
        number = shown["items"][0]["number"]
        assert client.delete(f"/api/v1/sets/{made}/items/{number}").status_code == 204
        assert client.get(f"/api/v1/sets/{made}/exports/ris").text.count("TY  -") == 1
        asked = {"question": "What does paper 2 say of radium?", "filters": {"set": made}}
        answer = client.post("/api/v1/ask", json=asked).json()
        assert {document["id"] for document in answer["documents"]} <= {D2}
        assert (
            client.get("/api/v1/references", params={"document": [D1], "style": "plain"}).status_code == 200
        )
    finally:
        service.close()
    assert "deleted" in run(app, ["sets", "delete", made, *folder]).stdout
