"""Python, llama-index and assistants within a user's rights: unknown, deleted and hidden look alike; what the
role may not is refused in words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import kgrag
from kgrag.errors import Forbidden, NotFound
from kgrag.export import FORMATS
from kgrag.integrations.notebook import OpenLibrary
from kgrag.library import Library
from kgrag.people.history import asked
from kgrag.people.rights import Rights
from kgrag.people.users import Users
from kgrag.settings import Settings
from kgrag.testing import random_parcel

HIDDEN, DELETED, OPEN = (f"doi:10.1000/0.{number}" for number in (3, 5, 4))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten documents, one for staff, one deleted; a librarian of staff, a researcher, a reader without
    answers, and one who is shut out.
    """
    place: Path = tmp_path_factory.mktemp("surfaces") / "library"
    with Library(Settings(library=place, embedder="hash"), create=True) as library:
        (place / "kgrag.toml").write_text('embedder = "hash"\n')
        for number in range(10):
            library.catalogue.put(random_parcel(number))
        rights, users = Rights(library.catalogue), Users(library.catalogue)
        rights.set_collection("Staff's", documents=[HIDDEN], groups=["staff"])
        rights.set_switch("answers", "reader", False)
        for name, role in (
            ("ada", "admin"),
            ("lily", "librarian"),
            ("rick", "researcher"),
            ("rita", "reader"),
            ("gone", "reader"),
        ):
            users.add(name, role, "a long enough password", groups=["staff"] if name == "lily" else [])
        users.set_disabled("gone", True)
        library.catalogue.delete(DELETED)
        library.catch_up()
    return place


@pytest.fixture
def staff(folder: Path) -> Iterator[OpenLibrary]:
    """As the librarian sees it."""
    with kgrag.open(folder, as_user="lily") as opened:
        yield opened


@pytest.fixture
def researcher(folder: Path) -> Iterator[OpenLibrary]:
    """As the researcher sees it."""
    with kgrag.open(folder, as_user="rick") as opened:
        yield opened


def _refusal(library: OpenLibrary, answer_id: str) -> str:
    with pytest.raises(NotFound) as error:
        library.answer(answer_id)
    for name in FORMATS:
        with pytest.raises(NotFound):
            library.export(answer_id, name)
    return str(error.value).replace(answer_id, "ID")


def test_python_keeps_to_a_users_rights(staff: OpenLibrary, researcher: OpenLibrary, folder: Path) -> None:
    """Staff's answer is for others one that never was; searches leave out what is hidden; without a user
    everything is there.
    """
    answer = staff.ask("What does paper 3 say?")
    assert answer.claims[0].quotes[0].document_id == HIDDEN
    assert _refusal(researcher, answer.id) == _refusal(researcher, "a-none")
    assert HIDDEN in {hit.document_id for hit in staff.search("paper 3", top_k=50)}
    assert not {HIDDEN, DELETED} & {hit.document_id for hit in researcher.search("paper 3", top_k=50)}
    assert HIDDEN not in str(researcher.ask("What does paper 3 say?").json)
    with kgrag.open(folder) as whole:
        assert whole.answer(answer.id).id == answer.id
    assert [
        item.answer_id for item in asked(staff.library, Users(staff.library.catalogue).get("lily").person)
    ] == [answer.id]


def test_roles_hold_in_python_too(folder: Path, researcher: OpenLibrary) -> None:
    """No export for readers, no answers where they are off; nobody by a name that is not, or is let in no
    more.
    """
    answer = researcher.ask("What does paper 4 say?")
    assert researcher.export(answer.id, "ris").startswith(b"TY")
    with kgrag.open(folder, as_user="rita") as reader:
        assert reader.answer(answer.id).id == answer.id
        assert reader.search("paper 4")
        with pytest.raises(Forbidden, match=r"'reader' may not do this \(export\)"):
            reader.export(answer.id, "ris")
        with pytest.raises(Forbidden, match="Search instead"):
            reader.ask("What does paper 4 say?")
    for name, kind in (("gone", Forbidden), ("nobody", NotFound)):
        with pytest.raises(kind):
            kgrag.open(folder, as_user=name)


def test_rights_are_as_they_are_now(folder: Path) -> None:
    """A library that is open follows what an admin changes."""
    with kgrag.open(folder, as_user="rick") as opened:
        users = Users(opened.library.catalogue)
        users.set_groups("rick", ["staff"])
        assert HIDDEN in {hit.document_id for hit in opened.search("paper 3", top_k=50)}
        users.set_groups("rick", [])
        assert HIDDEN not in {hit.document_id for hit in opened.search("paper 3", top_k=50)}
        users.set_disabled("rick", True)
        with pytest.raises(Forbidden, match="let in no more"):
            opened.search("paper 3")
        users.set_disabled("rick", False)


def test_llama_index_keeps_to_them(researcher: OpenLibrary, staff: OpenLibrary) -> None:
    """Neither nodes nor sources of what is hidden."""
    from kgrag.integrations.llama_index import KgragQueryEngine, KgragRetriever

    assert HIDDEN in {
        node.metadata["document_id"] for node in KgragRetriever(staff, top_k=50).retrieve("paper 3")
    }
    assert HIDDEN not in {
        node.metadata["document_id"] for node in KgragRetriever(researcher, top_k=50).retrieve("paper 3")
    }
    assert HIDDEN not in {
        node.metadata["document_id"]
        for node in KgragQueryEngine(researcher).query("What does paper 3 say?").source_nodes
    }


def test_assistants_keep_to_them(folder: Path, staff: OpenLibrary) -> None:
    """Every tool of the MCP server over ``--as``: hidden and unknown answers are told alike, a reader's
    export and question are refused.
    """
    answer_id = staff.ask("What does paper 3 say?").id
    with kgrag.open(folder, as_user="rick") as opened:
        for tool, arguments in (("evidence", {}), ("export", {"format": "markdown"})):
            told = [
                asyncio.run(_told(opened, tool, answer_id=each, **arguments)).replace(each, "ID")
                for each in (answer_id, "a-none")
            ]
            assert told[0] == told[1]
            assert "No answer 'ID' in this library" in told[0]
        assert HIDDEN not in asyncio.run(_told(opened, "search", question="paper 3", top_k=50))
        assert HIDDEN not in asyncio.run(_told(opened, "ask", question="What does paper 3 say?"))
        assert HIDDEN not in asyncio.run(_told(opened, "check", text="Paper 3 says something about itself."))
        mine = opened.ask("What does paper 4 say?").id
    with kgrag.open(folder, as_user="rita") as reader:
        assert "may not do this (export)" in asyncio.run(
            _told(reader, "export", answer_id=mine, format="markdown")
        )
        assert "Search instead" in asyncio.run(_told(reader, "ask", question="What does paper 4 say?"))
        assert OPEN in asyncio.run(_told(reader, "search", question="paper 4"))


async def _told(library: OpenLibrary, tool: str, **arguments: Any) -> str:
    from mcp import Client

    from kgrag.integrations.mcp import make_server

    async with Client(make_server(library)) as client:
        return " ".join(part.text for part in (await client.call_tool(tool, arguments)).content)


def test_an_answer_outlives_its_document_and_stays_hidden(folder: Path, tmp_path: Path) -> None:
    """A document that was deleted: staff read the answer as it was given, others still find nothing."""
    import shutil

    shutil.copytree(folder, tmp_path / "library")
    with (
        kgrag.open(tmp_path / "library", as_user="lily") as staff,
        kgrag.open(tmp_path / "library", as_user="rick") as other,
    ):
        answer = staff.ask("What does paper 3 say?")
        staff.library.catalogue.delete(HIDDEN)
        staff.library.catch_up()
        assert replace(staff.answer(answer.id), _library=answer._library) == answer
        assert staff.export(answer.id, "html")
        assert _refusal(other, answer.id) == _refusal(other, "a-none")
