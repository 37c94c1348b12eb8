"""The door: who is let in, by what, and what foreign pages, wrong forms and wrong roles get; the same on
every surface.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from kgrag.catalogue.audit import read_log
from kgrag.errors import UsageError
from kgrag.library import Library
from kgrag.people.feedback import read_feedback
from kgrag.people.rights import Rights
from kgrag.people.users import MAX_FAILED, Users
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from kgrag.types import Filters
from ui.app import create_base
from ui.door.door import COOKIE, Auth
from ui.service.service import Service

PASSWORD = "a long enough password"
HOST = "http://127.0.0.1:7860"
Visit = Callable[..., TestClient]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve documents, every third in a collection for staff; and the same with a user of each role, of whom
    the librarian is staff.
    """
    folder = tmp_path_factory.mktemp("auth") / "empty"
    with Library(Settings(library=folder, embedder="hash"), create=True) as opened:
        Rights(opened.catalogue).set_collection("Licensed", ["/licensed"], groups=["staff"])
        for number in range(12):
            parcel = random_parcel(number)
            record = parcel.document.record
            path = f"/licensed/{number}.xml" if number % 3 == 0 else f"/open/{number}.xml"
            opened.catalogue.put(
                replace(
                    parcel,
                    document=replace(
                        parcel.document, record=replace(record, source=replace(record.source, path=path))
                    ),
                )
            )
        opened.catch_up()
    shutil.copytree(folder, folder.parent / "users")
    with Library(Settings(library=folder.parent / "users", embedder="hash")) as opened:
        for name, role in (
            ("ada", "admin"),
            ("lily", "librarian"),
            ("rick", "researcher"),
            ("rita", "reader"),
        ):
            Users(opened.catalogue).add(name, role, PASSWORD, groups=["staff"] if name == "lily" else [])
    return folder.parent


@pytest.fixture
def library(made: Path, tmp_path: Path) -> Path:
    """A library of one's own, without users."""
    shutil.copytree(made / "empty", tmp_path / "library")
    return tmp_path / "library"


@pytest.fixture
def service(made: Path, tmp_path: Path) -> Iterator[Service]:
    """Over a library with users."""
    shutil.copytree(made / "users", tmp_path / "people")
    opened = Service(Settings(library=tmp_path / "people", embedder="hash"))
    yield opened
    opened.close()


@pytest.fixture
def visit(service: Service) -> Iterator[Visit]:
    """A browser of its own for each visitor; with a name it has logged in."""
    opened: list[TestClient] = []

    def new(name: str = "", **options: Any) -> TestClient:
        client = TestClient(create_base(service), base_url=HOST, follow_redirects=False, **options)
        client.headers["origin"] = HOST
        opened.append(client)
        if name:
            assert log_in(client, name).status_code == 303
        return client

    yield new
    for client in opened:
        client.close()


def token_of(page: str) -> str:
    """The form's token against forged requests."""
    return re.findall(r"name='csrf' value='([^']+)'", page)[0]


def log_in(client: TestClient, name: str, password: str = PASSWORD, **more: str) -> Response:
    """Open the page, fill in the form, send it."""
    page = client.get("/login", headers={"accept": "text/html"}).text
    return client.post("/login", data={"csrf": token_of(page), "name": name, "password": password, **more})


def test_nobody_sees_anything_without_logging_in(visit: Visit) -> None:
    """Pages go to the login, everything else is 401; only health and the login itself are open."""
    client = visit()
    page = client.get("/answers/a-1", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/answers/a-1")
    for path in (
        "/",
        "/config",
        "/gradio_api/info",
        "/answers/a-1/export/ris",
        "/api/v1/documents",
        "/api/v1/formats",
        "/api/v1/jobs",
        "/setup",
    ):
        response = client.get(path)
        assert response.status_code == 401, path
        assert response.headers["content-type"] == "application/problem+json"
    assert client.post("/gradio_api/queue/join", json={}).status_code == 401
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok", "waiting_for": []}
    assert client.get("/api/v1/documents", headers={"authorization": "Bearer " + "x" * 20}).status_code in (
        401,
        403,
    )


def test_a_login_opens_a_session_that_ends(visit: Visit, service: Service) -> None:
    """HttpOnly, SameSite; after logout the same cookie opens nothing; the log has both and no name."""
    client = visit()
    response = log_in(client, "rita", next="/answers/a-1")
    assert response.headers["location"] == "/answers/a-1"
    cookie = next(value for value in response.headers.get_list("set-cookie") if value.startswith(COOKIE))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert client.get("/api/v1/documents").status_code == 200
    token = client.cookies[COOKIE]
    csrf = service_session(service, token)
    assert client.post("/logout", data={"csrf": "wrong"}).status_code == 403
    assert client.post("/logout", data={"csrf": csrf}).status_code == 303
    assert client.get("/api/v1/documents", headers={"cookie": f"{COOKIE}={token}"}).status_code == 401
    lines = read_log(service.library.catalogue, "security")
    assert [line["action"] for line in lines] == ["logout", "refused", "login"]
    assert lines[1]["target"] == "403 POST /logout"
    assert "rita" not in str(lines)


def service_session(service: Service, token: str) -> str:
    """The form token of a session."""
    found = Auth(service.library).sessions.find(token)
    assert found
    return found.csrf


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_login_leads_nowhere_else(visit: Visit, target: str) -> None:
    """Only to places of this service."""
    assert log_in(visit(), "rita", next=target).headers["location"] == "/"


def test_https_makes_the_cookie_secure(visit: Visit) -> None:
    """Behind https the cookie never travels without it."""
    client = visit()
    client.base_url = client._merge_url("https://127.0.0.1:7860")
    client.headers["origin"] = "https://127.0.0.1:7860"
    assert "Secure" in str(log_in(client, "rita").headers)


def test_guessing_is_stopped(visit: Visit, service: Service) -> None:
    """Wrong name and wrong password look alike; then 429 with Retry-After, also for the right password."""
    client = visit()
    wrong = [log_in(client, name, "wrong password") for name in ("rita", "nobody")]
    assert [r.status_code for r in wrong] == [401, 401]
    texts = [re.findall(r"role='alert'>([^<]+)<", r.text)[0] for r in wrong]
    assert texts[0] == texts[1]
    for _ in range(MAX_FAILED - 1):
        log_in(client, "rita", "wrong password")
    locked = log_in(client, "rita")
    assert locked.status_code == 429
    assert int(locked.headers["retry-after"]) > 60
    assert "login-refused" in [line["action"] for line in read_log(service.library.catalogue, "security")]


def test_one_address_may_not_try_for_ever(visit: Visit) -> None:
    """Many names from one address run into the limit of the address."""
    client = visit()
    said = {log_in(client, f"name{number}", "wrong password").status_code for number in range(22)}
    assert said == {401, 429}


def test_foreign_pages_cannot_act(visit: Visit) -> None:
    """With the visitor's cookie, but from another origin, none, or without the form's token: 403 and nothing
    is done.
    """
    client = visit("lily")
    body = {"question": "What is radium?"}
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:7861"},
    ):
        assert client.post("/api/v1/ask", json=body, headers=headers).status_code == 403
        assert client.post("/gradio_api/queue/join", json={}, headers=headers).status_code == 403
    del client.headers["origin"]
    assert client.post("/api/v1/ask", json=body).status_code == 403
    assert client.post("/api/v1/ask", json=body, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post("/api/v1/ask", json=body, headers={"referer": f"{HOST}/"}).status_code == 200
    assert visit().post("/login", data={"name": "lily", "password": PASSWORD}).status_code == 403


def test_each_role_may_what_the_matrix_says(visit: Visit, service: Service) -> None:
    """Over the API and the permanent addresses alike; a refusal names the roles that may."""
    answer = service.of(Users(service.library.catalogue).get("rita").person).ask(
        "What does paper 4 say?", Filters()
    )
    assert answer.claims
    wanted = {
        "reader": [200, 403, 403, 403, 403],
        "researcher": [200, 200, 201, 403, 403],
        "librarian": [200, 200, 201, 403, 403],
        "admin": [200, 200, 201, 200, 200],
    }
    claim = {"kind": "claim", "claim_id": "c1", "right": True}
    for name in ("rita", "rick", "lily", "ada"):
        client = visit(name)
        got = [
            client.get(f"/answers/{answer.id}"),
            client.get(f"/answers/{answer.id}/export/ris"),
            client.post(f"/api/v1/answers/{answer.id}/feedback", json=claim),
            client.get("/api/v1/answers"),
            client.get("/api/v1/jobs"),
        ]
        role = Users(service.library.catalogue).get(name).role
        assert [response.status_code for response in got] == wanted[role], role
        assert client.post("/api/v1/ask", json={"question": "What is radium?"}).status_code == 200
        for response in got:
            if response.status_code == 403:
                assert "these may:" in response.json()["detail"]
    raters = {entry["rater"] for entry in read_feedback(service.library.catalogue, "claim")}
    assert len(raters) == 3
    assert all(re.fullmatch(r"p-[0-9a-f]{24}", rater) for rater in raters)


def test_what_is_hidden_is_not_found_anywhere(visit: Visit, service: Service) -> None:
    """Unknown, deleted and forbidden ids get one answer, on each surface; lists and searches do not count
    them.
    """
    catalogue = service.library.catalogue
    hidden, deleted = "doi:10.1000/0.3", "doi:10.1000/0.6"
    ours = service.of(Users(catalogue).get("lily").person).ask(
        "What was studied with Radium?", Filters(documents=(hidden,))
    )
    catalogue.delete(deleted)
    service.library.catch_up()
    staff, reader = visit("lily"), visit("rick")
    assert staff.get(f"/api/v1/documents/{hidden}").status_code == 200
    assert staff.get(f"/answers/{ours.id}").status_code == 200
    paths = {
        "/api/v1/documents/{}": (hidden, deleted, "doi:none"),
        "/api/v1/answers/{}": (ours.id, "a-none"),
        "/api/v1/answers/{}/status": (ours.id, "a-none"),
        "/api/v1/answers/{}/exports/prov": (ours.id, "a-none"),
        "/answers/{}": (ours.id, "a-none"),
        "/answers/{}/export/ris": (ours.id, "a-none"),
    }
    for path, ids in paths.items():
        answers = [(reader.get(path.format(each)), each) for each in ids]
        assert {response.status_code for response, _ in answers} == {404}, path
        assert len({response.text.replace(each, "ID") for response, each in answers}) == 1, path
    claim = {"kind": "claim", "claim_id": "c1", "right": True}
    assert {
        reader.post(f"/api/v1/answers/{each}/feedback", json=claim).status_code
        for each in (ours.id, "a-none")
    } == {404}
    listed = [document["id"] for document in reader.get("/api/v1/documents").json()["documents"]]
    assert len(listed) == 8
    assert hidden not in listed
    hits = reader.get("/api/v1/search", params={"question": "Paper 3 Radium", "limit": 100}).json()["hits"]
    assert {hit["document_id"] for hit in hits} <= set(listed)
    assert (
        reader.post("/api/v1/ask", json={"question": "Radium?", "filters": {"documents": [hidden]}}).json()[
            "status"
        ]
        == "abstained"
    )


def test_answers_turned_off_leave_a_search_interface(visit: Visit, service: Service) -> None:
    """Asking is refused with the way to search, for that role alone; searching works."""
    Rights(service.library.catalogue).set_switch("answers", "reader", False)
    reader = visit("rita")
    refused = reader.post("/api/v1/ask", json={"question": "What is radium?"})
    assert (refused.status_code, "Search instead" in refused.json()["detail"]) == (403, True)
    assert reader.post("/api/v1/ask/events", json={"question": "What is radium?"}).status_code == 403
    assert reader.get("/api/v1/search", params={"question": "radium"}).json()["hits"]
    assert visit("rick").post("/api/v1/ask", json={"question": "What is radium?"}).status_code == 200


def test_too_many_questions_are_told_when_to_come_again(visit: Visit, service: Service) -> None:
    """429 as a problem with Retry-After; another person is not held up."""
    from ui.limits import Limits

    service.limits = Limits(
        service.library.settings.model_copy(update={"rate_ask": "3/minute", "rate_api": "8/minute"})
    )
    client = visit("rita")
    codes = [client.get("/api/v1/search", params={"question": "radium"}) for _ in range(5)]
    assert [response.status_code for response in codes] == [200, 200, 200, 429, 429]
    plain = codes[-1].json()
    assert (plain["title"], plain["retryable"]) == ("TooMany", True)
    assert 1 <= int(codes[-1].headers["retry-after"]) <= 61
    assert [client.get("/api/v1/formats").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert visit("rick").get("/api/v1/search", params={"question": "radium"}).status_code == 200
    with pytest.raises(UsageError, match="rate_ask is 'often'"):
        Limits(service.library.settings.model_copy(update={"rate_ask": "often"}))
