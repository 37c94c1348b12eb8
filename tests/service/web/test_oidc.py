"""Coming in through a real OpenID provider: who is let in and as what, and every token that must not be
believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from kgrag.catalogue.audit import read_log
from kgrag.errors import UsageError
from kgrag.people.users import Users
from kgrag.settings import Settings
from tests.service.openid import CLIENT, SECRET, OpenId, running_provider
from ui.app import create_base
from ui.door.oidc import Provider, role_of
from ui.service.service import Service

HOST = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenId]:
    """One provider for the module."""
    with running_provider() as running:
        yield running


@pytest.fixture
def service(provider: OpenId, tmp_path: Path) -> Iterator[Service]:
    """A library whose admin has a password, and whose others come through the provider."""
    provider.wrong, provider.claims = (
        "",
        {
            "sub": "person-1",
            "preferred_username": "olga",
            "groups": ["staff", "a/b"],
        },
    )
    settings = Settings(
        library=tmp_path / "library",
        embedder="hash",
        auth="oidc",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SecretStr(SECRET),
        oidc_roles=("staff=librarian", "heads=admin"),
    )
    opened = Service(settings)
    Users(opened.library.catalogue).add("ada", "admin", "a long enough password")
    yield opened
    opened.close()


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    """A visitor's browser."""
    with TestClient(create_base(service), base_url=HOST, follow_redirects=False) as opened:
        yield opened


def come_in(client: TestClient) -> httpx.Response:
    """To the provider and back."""
    there = client.get("/oidc/start")
    assert there.status_code == 303, there.text
    back = httpx.get(there.headers["location"])
    assert back.status_code == 303
    address = urlsplit(back.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{HOST}/oidc/callback"
    return client.get(f"{address.path}?{address.query}")


def test_who_is_known_comes_in(client: TestClient, service: Service, provider: OpenId) -> None:
    """With role and groups of the provider; again as the same user; the log says login and no name."""
    assert "/oidc/start" in client.get("/login").text
    assert come_in(client).headers["location"] == "/"
    assert client.get("/api/v1/formats").status_code == 200
    user = Users(service.library.catalogue).get("olga")
    assert (user.role, user.groups, user.by_password, user.issuer) == (
        "librarian",
        ("staff",),
        False,
        provider.issuer,
    )
    provider.claims = {**provider.claims, "groups": ["heads"], "preferred_username": "renamed"}
    come_in(client)
    again = Users(service.library.catalogue).get("olga")
    assert (again.id, again.role, again.groups) == (user.id, "admin", ("heads",))
    assert client.get("/api/v1/jobs").status_code == 200
    assert "olga" not in str(read_log(service.library.catalogue, "security"))


def test_a_name_is_nobodys_property(client: TestClient, service: Service, provider: OpenId) -> None:
    """Somebody whom the provider calls like our admin is another user, with their own role."""
    provider.claims = {**provider.claims, "preferred_username": "ada"}
    assert come_in(client).status_code == 303
    users = Users(service.library.catalogue)
    assert [(user.name, user.role) for user in users.list()] == [("ada", "admin"), ("ada 2", "librarian")]
    assert client.get("/api/v1/jobs").status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        "key",
        "nonce",
        "audience",
        "azp",
        "expired",
        "token issuer",
        "unsigned",
        "shared secret",
        "state",
        "denied",
        "issuer",
    ],
)
def test_what_must_not_be_believed(
    client: TestClient, service: Service, provider: OpenId, wrong: str
) -> None:
    """Each fault of the provider's answer: no session, no user, a page that says so."""
    provider.wrong = wrong
    refused = client.get("/oidc/start") if wrong == "issuer" else come_in(client)
    assert refused.status_code == 403
    assert "role='alert'" in refused.text
    assert client.get("/api/v1/formats").status_code == 401
    assert [user.name for user in Users(service.library.catalogue).list()] == ["ada"]


def test_who_is_in_no_group_is_not_let_in(client: TestClient, service: Service, provider: OpenId) -> None:
    """Unless there is a default role; who was disabled here stays out."""
    provider.claims = {"sub": "person-2", "preferred_username": "otto", "groups": "visitors"}
    assert come_in(client).status_code == 403
    assert (
        role_of(service.library.settings.model_copy(update={"oidc_default_role": "reader"}), ["visitors"])
        == "reader"
    )
    provider.claims = {**provider.claims, "groups": ["staff"]}
    assert come_in(client).status_code == 303
    Users(service.library.catalogue).set_disabled("otto", True)
    assert come_in(client).status_code == 403


def test_a_code_is_taken_once_and_only_where_it_was_begun(client: TestClient) -> None:
    """The same answer a second time, or in another browser, opens nothing."""
    there = client.get("/oidc/start")
    address = urlsplit(httpx.get(there.headers["location"]).headers["location"])
    back = f"{address.path}?{address.query}"
    flow = dict(client.cookies)
    client.cookies.clear()
    assert client.get(back).status_code == 403
    for name, value in flow.items():
        client.cookies.set(name, value)
    assert client.get(back).status_code == 303
    for name, value in flow.items():
        client.cookies.set(name, value)
    assert client.get(back).status_code == 403


def test_a_provider_that_is_away_or_not_set_up(service: Service) -> None:
    """503 with the password beside it; missing or unsafe settings are refused at the start."""
    away = service.library.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    service.library.settings = away
    with TestClient(create_base(service), base_url=HOST, follow_redirects=False) as client:
        page = client.get("/oidc/start")
        assert page.status_code == 503
        assert "name='password'" in page.text
    with pytest.raises(UsageError, match="oidc_issuer or oidc_client_id"):
        Provider(away.model_copy(update={"oidc_issuer": None}))
    with pytest.raises(UsageError, match="reached by https"):
        Provider(away.model_copy(update={"oidc_issuer": "http://id.example"}))
    with pytest.raises(UsageError, match="GROUP=ROLE"):
        role_of(away.model_copy(update={"oidc_roles": ("staff=king",)}), [])
