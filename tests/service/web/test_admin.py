"""The administration: for admins alone, every act by a form with its token, each noted, each refusal in
words; whatever is typed is text.
"""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from fastapi.testclient import TestClient

from kgrag.catalogue.audit import read_log, verify_log
from kgrag.library import Library
from kgrag.people.rights import Rights
from kgrag.people.users import Users
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from tests.conftest import PAPERS
from tests.unit.ui.test_html import HOSTILE
from ui.app import create_base
from ui.service.service import Service

HOST, PASSWORD = "http://127.0.0.1:7860", "a long enough password"
PAGES = ("/admin", "/admin/batches", "/admin/people", "/admin/logs", "/admin/logs?log=provenance")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Six documents, nobody yet: whoever is here is the local admin."""
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as library:
        for number in range(6):
            library.catalogue.put(random_parcel(number))
        library.catch_up()
    opened = Service(Settings(library=tmp_path / "library", embedder="hash", ingest_paths=(str(PAPERS),)))
    yield opened
    opened.close()


class Visitor:
    """A browser: opens pages, sends their forms."""

    def __init__(self, service: Service) -> None:
        self.client = TestClient(create_base(service), base_url=HOST, follow_redirects=False)
        self.client.headers["origin"] = HOST

    def page(self, path: str = "/admin") -> Any:
        """A page, parsed."""
        response = self.client.get(path, headers={"accept": "text/html"})
        assert response.status_code == 200, response.text[:300]
        return lxml.html.fromstring(response.text)

    def token(self) -> str:
        """Of a form of the administration."""
        return str(self.page().xpath("//input[@name='csrf']/@value")[0])

    def send(self, to: str, files: Any = None, **fields: Any) -> str:
        """Send a form; what the page then says."""
        response = self.client.post(
            f"/admin/{to}",
            data={"csrf": self.token(), **fields},
            files=files,
            headers={"referer": f"{HOST}/admin/people"},
        )
        assert response.status_code == 303, response.text
        assert response.headers["location"] == "/admin/people"
        return str(self.page("/admin/people").xpath("string(//*[@role='status' or @role='alert'])"))

    def log_in(self, name: str) -> None:
        """As somebody."""
        found = re.search(r"name='csrf' value='([^']+)'", self.client.get("/login").text)
        assert found
        assert (
            self.client.post(
                "/login", data={"csrf": found[1], "name": name, "password": PASSWORD}
            ).status_code
            == 303
        )


@pytest.fixture
def visitor(service: Service) -> Iterator[Visitor]:
    """The local admin."""
    made = Visitor(service)
    yield made
    made.client.close()


def wait_for(what: Any) -> None:
    """Until it is so."""
    for _ in range(400):
        if what():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def test_the_pages_show_the_library(visitor: Visitor, service: Service) -> None:
    """Counts, indexes, models and storage as they are; both languages; no script but our own, nothing from
    elsewhere.
    """
    text = visitor.page().text_content()
    for shown in (
        "Documents",
        "6",
        "up to date",
        "hash-64",
        "extractive",
        "kgrag-verifier",
        "in the library's own files",
        str(service.library.folder.resolve()),
    ):
        assert shown in text
    for path in PAGES:
        response = visitor.client.get(path)
        nonce = re.search(r"script-src 'nonce-([^']+)'", response.headers["content-security-policy"])
        assert nonce
        assert re.findall(r"<script[^>]*>", response.text) == [f"<script nonce='{nonce[1]}'>"]
        assert response.headers["cache-control"] == "no-store"
        assert not re.findall(r"(?:src|href)=['\"]https?:", response.text)
    assert (
        visitor.client.get("/admin/language/zh", headers={"referer": f"{HOST}/admin/people"}).headers[
            "location"
        ]
        == "/admin/people"
    )
    assert "用户与权限" in visitor.page("/admin/people").text_content()


def test_users_are_kept_here(visitor: Visitor, service: Service) -> None:
    """Added, changed, shut out, deleted; the first admin closes the open door; errors are the command
    line's.
    """
    users = Users(service.library.catalogue)
    assert "10 to 1024 characters" in visitor.send("users", name="ada", role="admin", password="short")
    visitor.client.post(
        "/admin/users", data={"csrf": visitor.token(), "name": "ada", "role": "admin", "password": PASSWORD}
    )
    assert (
        visitor.client.get("/admin", headers={"accept": "text/html"}).headers["location"].startswith("/login")
    )
    visitor.log_in("ada")
    assert (
        visitor.send("users", name="rosa", role="reader", password=PASSWORD, groups="arts biology") == "Done."
    )
    rosa = users.get("rosa")
    for act, fields in (
        ("role", {"role": "librarian"}),
        ("groups", {"groups": "staff"}),
        ("password", {"password": PASSWORD + "!"}),
        ("disable", {}),
    ):
        assert visitor.send(f"users/{rosa.id}/{act}", **fields) == "Done."
    after = users.get("rosa")
    assert (after.role, after.groups, after.disabled) == ("librarian", ("staff",), True)
    assert "only admin" in visitor.send(f"users/{users.get('ada').id}/role", role="reader")
    assert visitor.send(f"users/{rosa.id}/delete") == "Done."
    assert "No such user" in visitor.send(f"users/{rosa.id}/enable")
    assert [user.name for user in users.list()] == ["ada"]
    actions = [line["action"] for line in reversed(read_log(service.library.catalogue, "security"))]
    assert actions == [
        "user-added",
        "login",
        "user-added",
        "role-librarian",
        "groups-changed",
        "password-changed",
        "user-disabled",
        "user-deleted",
    ]
    shown = visitor.page("/admin/logs").text_content()
    assert "deleted user" in shown
    assert "The chain is whole. Lines: 8" in shown


def test_each_role_but_admin_is_refused(visitor: Visitor, service: Service) -> None:
    """Pages say so with 403, acts change nothing; nobody at all is sent to the login."""
    for name, role in (("ada", "admin"), ("lily", "librarian"), ("rick", "researcher"), ("rita", "reader")):
        Users(service.library.catalogue).add(name, role, PASSWORD)
    for path in PAGES:
        assert visitor.client.get(path, headers={"accept": "text/html"}).status_code == 303
    assert visitor.client.post("/admin/backup").status_code == 401
    for name in ("lily", "rick", "rita"):
        other = Visitor(service)
        other.log_in(name)
        for path in (*PAGES, "/admin/batches/live"):
            assert other.client.get(path, headers={"accept": "text/html"}).status_code == 403, path
        assert "these may: admin" in other.client.get("/admin").text
        for path in (
            "backup",
            "users",
            "switches",
            "start",
            "rebuild/words",
            "collections",
            "jobs/1/cancel",
            "upload",
        ):
            assert "these may: admin" in _said(other, path)
        assert other.client.get("/admin/backups/x").status_code == 303
        other.client.close()
    assert service.chores.backups() == []
    assert len(Users(service.library.catalogue).list()) == 4


def _said(visitor: Visitor, path: str) -> str:
    response = visitor.client.post(f"/admin/{path}", data={"csrf": "x"})
    return bytes.fromhex(response.cookies["kgrag_said"]).decode()


def test_forms_without_their_token_do_nothing(visitor: Visitor, service: Service) -> None:
    """Neither without the token, nor with another, nor from another page."""
    for data in ({}, {"csrf": "another"}):
        assert (
            visitor.client.post(
                "/admin/users", data={"name": "eve", "role": "admin", "password": PASSWORD, **data}
            ).status_code
            == 403
        )
    good = {"csrf": visitor.token(), "name": "eve", "role": "admin", "password": PASSWORD}
    assert (
        visitor.client.post("/admin/users", data=good, headers={"origin": "https://evil.example"}).status_code
        == 403
    )
    assert Users(service.library.catalogue).list() == []


def test_switches_and_collections(visitor: Visitor, service: Service) -> None:
    """A box that is not ticked is off; a collection hides, is changed and removed."""
    rights = Rights(service.library.catalogue)
    all_on = [
        f"{what} {role}"
        for what in ("answers", "extraction", "feedback")
        for role in ("reader", "researcher", "librarian", "admin")
    ]
    assert visitor.send("switches", on=[each for each in all_on if each != "answers reader"]) == "Done."
    assert [each for each in all_on if rights.is_off(*each.split())] == ["answers reader"]
    page = visitor.page("/admin/people")
    assert [
        box.get("value")
        for box in page.xpath("//form[@action='/admin/switches']//input[@type='checkbox'][not(@checked)]")
    ] == ["answers reader"]
    assert (
        visitor.send(
            "collections",
            name="Licensed",
            patterns="/papers/a\n\n/papers/b",
            documents="doi:10.1000/0.1",
            groups="staff",
            shows_records="1",
        )
        == "Done."
    )
    found = rights.collections()[0]
    assert found.shows_records
    assert (found.patterns, found.documents, found.groups, found.n_documents) == (
        ("/papers/a", "/papers/b"),
        ("doi:10.1000/0.1",),
        ("staff",),
        1,
    )
    assert visitor.send("collections/roles", name="Licensed", on=["admin", "librarian"]) == "Done."
    assert rights.collections()[0].off_for == ("reader", "researcher")
    assert "at least one path pattern" in visitor.send("collections", name="Empty")
    assert visitor.send("collections/remove", name="Licensed") == "Done."
    assert "No collection 'Licensed'" in visitor.send("collections/remove", name="Licensed")


def test_papers_are_uploaded_and_folders_read(visitor: Visitor, service: Service) -> None:
    """Batches appear with what was not read and can be read again; other folders are refused."""
    files = [
        ("files", ("paper.xml", (PAPERS / "journal.pone.0067380.xml").read_bytes())),
        ("files", ("broken.pdf", b"%PDF-1.4 nothing")),
    ]
    assert visitor.send("upload", files=files).startswith("2 files accepted; batch 1")
    wait_for(lambda: service.batches.jobs.overview(1).state == "done")
    listed = visitor.client.get("/admin/batches/live").text
    assert "1 not read" in listed
    assert "broken.pdf" in listed
    assert visitor.send("jobs/1/retry") == "Done."
    assert "Batches may not be started from '/etc'" in visitor.send("start", path="/etc")
    assert "is done; only a job" in visitor.send("jobs/1/pause") or service.batches.jobs.state(1) != "done"
    for wrong in ("jobs/99/pause", "jobs/x/pause"):
        assert "No job" in visitor.send(wrong)
    assert service.search("thresher sharks", filters=service.filters())


def test_indexes_are_made_anew_and_backups_taken(visitor: Visitor, service: Service) -> None:
    """Both in the background; a backup is downloaded whole and removed; names of others are refused."""
    assert visitor.send("rebuild/words").startswith("It has begun")
    assert "No follower 'none'" in visitor.send("rebuild/none")
    assert visitor.send("backup").startswith("It has begun")
    wait_for(lambda: not service.chores.states() and service.chores.backups())
    name = service.chores.backups()[0].name
    assert name in visitor.page().text_content()
    response = visitor.client.get(f"/admin/backups/{name}")
    target = service.library.folder.parent / "got.zip"
    target.write_bytes(response.content)
    with zipfile.ZipFile(target) as archive:
        assert "manifest.json" in archive.namelist()
        assert not [part for part in archive.namelist() if part.startswith("backups/")]
    assert visitor.client.get("/admin/backups/..%2Fcatalogue.sqlite").status_code in (303, 404)
    assert visitor.send(f"backups/{name}/remove") == "Done."
    assert "No backup" in visitor.send(f"backups/{name}/remove")
    actions = [line["action"] for line in reversed(read_log(service.library.catalogue, "security"))]
    assert actions == ["rebuild", "backup", "backup-downloaded", "backup-removed"]
    assert verify_log(service.library.catalogue, "security").problems == ()


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_typed_is_text(visitor: Visitor, service: Service, text: str) -> None:
    """Names of collections, groups, paths, questions, file names and what is said after an act never become
    markup.
    """
    plain = visitor.page("/admin/people")
    visitor.send("collections", name=text, patterns=text, groups="staff", may_be_empty="1")
    visitor.send("collections/remove", name=text + "x")
    service.ask(f"What is {text}?", service.filters())
    visitor.send("upload", files=[("files", (text.replace("/", "_") + ".pdf", b"%PDF-1.4 x"))])
    visitor.send("start", path=text)
    for path in PAGES:
        page = visitor.page(path)
        assert len(page.xpath("//script")) == 1
        assert not page.xpath(
            "//img | //svg | //@onerror | //@onload | //*[starts-with(@href, 'javascript')]"
        )
    assert text in visitor.page("/admin/people").text_content()
    assert len(plain.xpath("//script")) == 1
