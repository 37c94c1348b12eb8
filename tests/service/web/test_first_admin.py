"""Who may do what before an admin is set, with the door off, and with a token."""

# ruff: noqa: F811 - fixtures of another module are handed in by name
from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from kgrag.errors import UsageError
from kgrag.people.users import Users
from kgrag.settings import Settings
from tests.service.web.test_auth import HOST, PASSWORD, library, made, token_of  # noqa: F401 - fixtures
from ui.app import create_base
from ui.door.door import Auth
from ui.service.service import Service


def test_until_an_admin_is_set_this_computer_is_admin(library: Path) -> None:
    """Open by loopback names only; another name (a page that points its own name here) is refused; setting
    the password closes it.
    """
    service = Service(Settings(library=library, embedder="hash"))
    with TestClient(create_base(service), base_url=HOST, follow_redirects=False) as client:
        assert client.get("/api/v1/documents").status_code == 200
        assert client.post("/api/v1/ask", json={"question": "What is radium?"}).status_code == 200
        assert client.get("/api/v1/documents", headers={"host": "evil.example"}).status_code == 403
        assert (
            client.post(
                "/api/v1/ask", json={"question": "x"}, headers={"origin": "https://evil.example"}
            ).status_code
            == 403
        )
        with pytest.raises(UsageError, match="kgrag users add --role admin NAME"):
            Auth(service.library).check_host("0.0.0.0")
        for host in ("127.0.0.1", "localhost", "::1"):
            Auth(service.library).check_host(host)
        page = client.get("/setup").text
        form = {"csrf": token_of(page), "name": "ada", "password": PASSWORD, "again": PASSWORD}
        assert client.post("/setup", data={**form, "again": "other"}).status_code == 400
        assert client.post("/setup", data={**form, "csrf": "other"}).status_code == 403
        done = client.post("/setup", data=form, headers={"origin": HOST})
        assert (done.status_code, done.headers["location"]) == (303, "/")
        assert client.get("/api/v1/jobs").status_code == 200
        client.cookies.clear()
        assert client.get("/api/v1/documents").status_code == 401
        assert client.get("/setup", headers={"accept": "text/html"}).headers["location"].startswith("/login")
        Auth(service.library).check_host("0.0.0.0")
    service.close()


def test_the_environment_may_make_the_first_admin(library: Path) -> None:
    """KGRAG_ADMIN_PASSWORD makes `admin` once, and never changes it."""
    service = Service(Settings(library=library, embedder="hash", admin_password=SecretStr(PASSWORD)))
    auth = Auth(service.library)
    auth.make_first_admin()
    auth.make_first_admin()
    auth.check_host("0.0.0.0")
    assert auth.users.verify("admin", PASSWORD).role == "admin"
    service.close()


def test_off_lets_everybody_in_as_one_role(library: Path) -> None:
    """Without a name: a reader by default, with no history and no export; an admin for all is for loopback
    only.
    """
    service = Service(Settings(library=library, embedder="hash", auth="off", hosts=("library.example",)))
    with TestClient(
        create_base(service), base_url="http://library.example", follow_redirects=False
    ) as client:
        answer = client.post("/api/v1/ask", json={"question": "What was studied with Radium?"}).json()
        assert client.get(f"/answers/{answer['id']}").status_code == 200
        assert client.get(f"/answers/{answer['id']}/export/ris").status_code == 403
        assert client.get("/api/v1/jobs").status_code == 403
        from kgrag.catalogue import schema_people as people

        assert service.library.catalogue.count(people.history) == 0
    Auth(service.library).check_host("0.0.0.0")
    service.close()
    wide = Service(Settings(library=library, embedder="hash", auth="off", open_role="admin"))
    with pytest.raises(UsageError, match="everybody who reaches"):
        Auth(wide.library).check_host("0.0.0.0")
    wide.close()


def test_a_token_sees_what_is_open_to_everybody(library: Path) -> None:
    """A token of scope read sees no collection of staff; one of admin does."""
    service = Service(
        Settings(library=library, embedder="hash", api_tokens=SecretStr(f"{'r' * 16}:read, {'a' * 16}:admin"))
    )
    Users(service.library.catalogue).add("ada", "admin", PASSWORD)
    with TestClient(create_base(service), base_url="http://library.example") as client:
        for token, n in (("r" * 16, 8), ("a" * 16, 12)):
            headers = {"authorization": f"Bearer {token}"}
            assert len(client.get("/api/v1/documents", headers=headers).json()["documents"]) == n
        assert client.get("/api/v1/documents").status_code == 401
        assert client.get("/answers/a-1", headers={"authorization": f"Bearer {'a' * 16}"}).status_code == 401
    service.close()
