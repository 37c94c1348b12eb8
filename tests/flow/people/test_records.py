"""A document whose text a person may not read is shown as its record with a link, and never with a word of
its text.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import kgrag
from kgrag.errors import NotFound
from kgrag.library import Library
from kgrag.people.record_access import Records
from kgrag.people.rights import Person, Rights
from kgrag.people.users import Users
from kgrag.search import MODES, Retriever
from kgrag.search.understand import understand
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from kgrag.types import Filters

SECRET = "zymurgy"
RITA = Person("u-r", "rita", "reader")
PATTERN = "https://resolver.example.org/?{openurl}"
CLOSED, HIDDEN, OPEN = (f"doi:10.1000/0.{number}" for number in (1, 2, 3))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three documents about paper-making: one that all read, one of which others see the record, one that
    others do not see.
    """
    place: Path = tmp_path_factory.mktemp("records") / "library"
    with Library(Settings(library=place, embedder="hash"), create=True) as library:
        (place / "kgrag.toml").write_text(f'embedder = "hash"\nopenurl = "{PATTERN}"\n')
        for number in (1, 2, 3):
            parcel = random_parcel(number)
            word = SECRET if number < 3 else "open"
            text = parcel.document.text.replace("was studied", f"{word} studied")
            assert len(text) <= len(parcel.document.text) + 100
            passages = tuple(
                replace(p, text=p.text.replace("was studied", f"{word} studied")) for p in parcel.passages
            )
            shift, moved = 0, []
            for passage in passages:
                start = text.index(passage.text, shift)
                moved.append(replace(passage, start=start, end=start + len(passage.text), sentences=()))
                shift = start + 1
            record = replace(
                parcel.document.record, title=f"Handmade paper number {number}", abstract=f"All about {word}."
            )
            library.catalogue.put(
                replace(
                    parcel,
                    document=replace(parcel.document, text=text, record=record),
                    passages=tuple(moved),
                    extraction=type(parcel.extraction)(),
                )
            )
        rights = Rights(library.catalogue)
        rights.set_collection("Licensed", documents=[CLOSED], groups=["staff"], shows_records=True)
        rights.set_collection("Secret", documents=[HIDDEN], groups=["staff"])
        users = Users(library.catalogue)
        users.add("rita", "researcher", "a long enough password", groups=[])
        users.add("lily", "librarian", "a long enough password", groups=["staff"])
        library.catch_up()
    return place


@pytest.fixture
def library(folder: Path) -> Iterator[Library]:
    """That library, open."""
    with Library.open(folder) as opened:
        yield opened


def test_the_record_is_shown_and_the_text_is_not(library: Library) -> None:
    """Who may not read gets record, link and no text; a wholly hidden one stays not found; staff get all."""
    records = Records(Rights(library.catalogue), RITA, PATTERN)
    shown = records.as_json(records.document(CLOSED), full=True)
    assert (shown["access"], shown["title"]) == ("record", "Handmade paper number 1")
    assert "rft_id=info%3Adoi%2F10.1000%2F0.1" in shown["link"]
    assert shown["text"] == ""
    assert shown["abstract"] is None
    assert SECRET not in json.dumps(shown)
    with pytest.raises(NotFound, match="No document"):
        records.document(HIDDEN)
    assert [d.id for d in records.listed()] == [CLOSED, OPEN]
    assert SECRET not in "".join(d.text for d in records.listed())
    staff = Records(Rights(library.catalogue), Person("u-l", "lily", "librarian", ("staff",)), PATTERN)
    assert staff.as_json(staff.document(CLOSED), full=True)["access"] == "text"


def test_only_records_are_searched_for_who_may_not_read(library: Library) -> None:
    """A title finds the record; a word of the text finds nothing, in any channel."""
    rights = Rights(library.catalogue)
    records = Records(rights, RITA, PATTERN)
    assert [d.id for d in records.matching("handmade paper")] == [CLOSED]
    assert records.matching("handmade paper", Filters(year_from=2020)) == []
    assert records.matching(SECRET) == []
    assert records.matching("") == []
    for mode in MODES:
        hits = Retriever(library).search(
            understand(f"handmade paper {SECRET}", library), 50, mode, rights.filters(RITA)
        )
        assert {hit.document.id for hit in hits} <= {OPEN}


def test_every_surface_for_programs_keeps_to_it(folder: Path) -> None:
    """Python and assistants: hits with links, records beside them, and no word of a text that is not for
    them, nor from an export.
    """
    with kgrag.open(folder, as_user="rita") as mine, kgrag.open(folder, as_user="lily") as staff:
        found = mine.search("handmade paper")
        assert {hit.document_id for hit in found} == {OPEN}
        assert all(hit.link and hit.link.startswith("https://resolver.example.org/?") for hit in found)
        assert [record["id"] for record in found.records] == [CLOSED]
        assert SECRET not in str(found) + str(found.records)
        assert not staff.search("handmade paper").records
        theirs = staff.ask(f"What is {SECRET} studied with?")
        for call in (mine.answer, lambda name: mine.export(name, "ris")):
            with pytest.raises(NotFound):
                call(theirs.id)
        told = asyncio.run(_told(mine, "handmade paper"))
        assert "resolver.example.org" in told
        assert CLOSED in told
        assert SECRET not in told
        assert HIDDEN not in told


async def _told(library: Any, question: str) -> str:
    from mcp import Client

    from kgrag.integrations.mcp import make_server

    async with Client(make_server(library)) as client:
        return " ".join(
            part.text for part in (await client.call_tool("search", {"question": question})).content
        )


def test_the_library_page_shows_it(folder: Path) -> None:
    """The list, a search and the paper's page: record, badge and link in both languages; no passages, objects
    or pages.
    """
    from ui.html import library as render_library
    from ui.service import finding, papers
    from ui.service import library as reading
    from ui.service.service import Service

    service = Service(Settings(library=folder, embedder="hash", openurl=PATTERN)).of(RITA)
    try:
        listed = render_library.results_html(finding.find(service, "", {}), "en")
        sought = render_library.results_html(finding.find(service, "handmade paper", {}), "zh")
        paper = papers.paper(service, CLOSED)
        page = render_library.paper_html(paper, "en")
        assert "You may read the record" in listed
        assert "馆藏另有下列文献" in sought
        assert "resolver.example.org" in page
        assert paper["passages"] == []
        assert paper["pages"] == 0
        assert SECRET not in listed + sought + page
        assert HIDDEN not in listed + sought
        with pytest.raises(NotFound):
            papers.paper(service, HIDDEN)
        with pytest.raises(NotFound):
            reading.tree(service, CLOSED, [])
        assert service.link(OPEN)
        assert service.link(HIDDEN) is None
    finally:
        service.close()


def test_the_api_keeps_to_it(folder: Path) -> None:
    """A token that sees what is open to everybody: list, document, search; the record with its link, an ETag
    of what was shown, no text; the hidden one is not found.
    """
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from ui.api.routes import create_api
    from ui.service.service import Service

    service = Service(
        Settings(
            library=folder, embedder="hash", openurl=PATTERN, api_tokens=SecretStr("a-token-for-reading:read")
        )
    )
    app = FastAPI()
    app.mount("/api/v1", create_api(service))
    try:
        with TestClient(app, headers={"Authorization": "Bearer a-token-for-reading"}) as client:
            listed = client.get("/api/v1/documents").json()["documents"]
            assert [(d["id"], d["access"]) for d in listed] == [(CLOSED, "record"), (OPEN, "text")]
            one = client.get(f"/api/v1/documents/{CLOSED}?full=true")
            assert one.json()["text"] == ""
            assert one.json()["link"].startswith("https://resolver.example.org/?")
            assert client.get(f"/api/v1/documents/{OPEN}?full=true").json()["text"]
            assert client.get(f"/api/v1/documents/{HIDDEN}").status_code == 404
            found = client.get("/api/v1/search", params={"question": "handmade paper"}).json()
            assert {hit["document_id"] for hit in found["hits"]} == {OPEN}
            assert all(hit["link"] for hit in found["hits"])
            assert [record["id"] for record in found["records"]] == [CLOSED]
            assert SECRET not in json.dumps([listed, one.json(), found])
    finally:
        service.close()
