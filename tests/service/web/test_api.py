"""The API keeps its description: real answers, problems in our own words, cursors, ETags, tokens, and no
request that breaks it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from pydantic import SecretStr
from schemathesis.specs.openapi.checks import positive_data_acceptance

from kgrag.catalogue.answers import stored_text
from kgrag.errors import UsageError
from kgrag.export import FORMATS
from kgrag.library import Library
from kgrag.people.record_access import answer_unplaced
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from ui.api.routes import create_api
from ui.api.tokens import Tokens
from ui.service.service import Service

QUESTION = "What is blue marble health?"
CASES = int(os.environ.get("KGRAG_API_CASES", "20"))
"""Cases an operation; the whole bench is KGRAG_API_CASES=200."""


@pytest.fixture(scope="module")
def service(own_papers: Library) -> Iterator[Service]:
    """The service over the papers."""
    opened = Service(own_papers.settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[TestClient]:
    """A client of the API at its place (without the pages, whose framework leaves event loops open;
    tests/browser asks both together).
    """
    app = FastAPI()
    app.mount("/api/v1", create_api(service))
    with TestClient(app, base_url="http://127.0.0.1") as opened:
        yield opened


@pytest.fixture(scope="module")
def answer(client: TestClient) -> dict[str, Any]:
    """One answer, asked over the API."""
    response = client.post("/api/v1/ask", json={"question": QUESTION, "candidates": 2})
    assert response.status_code == 200
    plain: dict[str, Any] = response.json()
    return plain


def test_an_answer_is_the_stored_one(client: TestClient, service: Service, answer: dict[str, Any]) -> None:
    """Asked and read again it is the same bytes, but that only admins are told where files lie; its status
    tells when it was given.
    """
    again = client.get(f"/api/v1/answers/{answer['id']}")
    stored = stored_text(service.library.catalogue, answer["id"])
    assert again.text == answer_unplaced(stored)
    assert service.answer_text(answer["id"]) == stored
    assert again.json() == answer
    assert answer["claims"]
    standing = client.get(f"/api/v1/answers/{answer['id']}/status").json()
    assert standing["retracted_since"] == {}
    assert standing["created"].endswith("+00:00")


def test_steps_come_as_events(client: TestClient, answer: dict[str, Any]) -> None:
    """Server-sent events: each step's name, then the same answer."""
    with client.stream(
        "POST", "/api/v1/ask/events", json={"question": QUESTION, "candidates": 2}
    ) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = [
            dict(line.split(": ", 1) for line in block.splitlines())
            for block in "".join(response.iter_text()).strip().split("\n\n")
        ]
    assert [json.loads(e["data"]) for e in events if e["event"] == "step"][:3] == [
        "understand",
        "retrieve",
        "evidence",
    ]
    assert [json.loads(e["data"])["id"] for e in events if e["event"] == "answer"] == [answer["id"]]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_served(client: TestClient, answer: dict[str, Any], format: str) -> None:
    """With its media type and a file's name."""
    response = client.get(f"/api/v1/answers/{answer['id']}/exports/{format}")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(FORMATS[format].media_type)
    assert f"{answer['id']}{FORMATS[format].suffix}" in response.headers["content-disposition"]
    assert {
        "name": format,
        "media_type": FORMATS[format].media_type,
        "suffix": FORMATS[format].suffix,
    } in client.get("/api/v1/formats").json()["formats"]


def test_an_etag_saves_the_body(client: TestClient, answer: dict[str, Any]) -> None:
    """The second request with the ETag gets 304 and nothing else."""
    for path in (
        f"answers/{answer['id']}",
        f"answers/{answer['id']}/exports/prov",
        "documents",
        f"documents/{answer['documents'][0]['id']}",
    ):
        tag = client.get(f"/api/v1/{path}").headers["etag"]
        response = client.get(f"/api/v1/{path}", headers={"If-None-Match": f'"other", {tag}'})
        assert (response.status_code, response.content) == (304, b"")


def test_lists_are_read_by_cursor(client: TestClient, service: Service) -> None:
    """Pages of one give every document once, in order."""
    seen, cursor = [], None
    while True:
        page = client.get(
            "/api/v1/documents", params={"limit": 3, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [document["id"] for document in page["documents"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == [document.id for document in service.library.catalogue.documents()]
    whole = client.get(f"/api/v1/documents/{seen[0]}", params={"full": True}).json()
    assert whole["text"]
    assert len(client.get("/api/v1/search", params={"question": QUESTION, "limit": 3}).json()["hits"]) == 3


def test_feedback_is_kept(client: TestClient, service: Service, answer: dict[str, Any]) -> None:
    """A ranking and a verdict are kept as the chat keeps them; one of what is not there is refused."""
    from kgrag.people.feedback import read_feedback

    path, n = f"/api/v1/answers/{answer['id']}/feedback", len(answer["candidates"])
    assert client.post(path, json={"kind": "ranking", "ranks": list(range(1, n + 1))}).status_code == 201
    assert client.post(path, json={"kind": "claim", "claim_id": "c1", "right": True}).status_code == 201
    kept = [list(read_feedback(service.library.catalogue, kind)) for kind in ("ranking", "claim")]
    assert [entries[-1]["rater"] for entries in kept] == ["anonymous"] * 2
    assert kept[0][-1]["ranking"] == list(range(n))
    for body, status in (
        ({"kind": "ranking", "ranks": [1, 2] + [3] * (n - 1)}, 400),
        ({"kind": "claim", "claim_id": "c99", "right": True}, 404),
        ({"kind": "rating"}, 422),
    ):
        assert client.post(path, json=body).status_code == status


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("answers/a-none", 404, "No answer 'a-none' in this library. Ask first: kgrag ask QUESTION"),
        (
            "answers/a-none/exports/prov",
            404,
            "No answer 'a-none' in this library. Ask first: kgrag ask QUESTION",
        ),
        ("answers/a-none/exports/odt", 400, "No format 'odt' (found: json, prov,"),
        (
            "documents/doi:10.1/none",
            404,
            "No document 'doi:10.1/none' in this library. List them: kgrag documents list",
        ),
        ("search?question=x&mode=best", 400, "No mode 'best' (found: full"),
        ("search?question=", 422, "The request is not valid: query.question"),
        ("answers", 403, "KGRAG_API_TOKENS"),
        ("nothing", 404, "/api/v1/openapi.json"),
    ],
)
def test_errors_are_problems_in_our_words(client: TestClient, path: str, status: int, words: str) -> None:
    """RFC 9457, with the command line's text; nothing else is told."""
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == response.json()["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert words in response.json()["detail"]
    assert "Traceback" not in response.text


def test_tokens_open_only_their_scopes(service: Service, answer: dict[str, Any]) -> None:
    """Without a token 401, without the scope 403, with it 200; admin may everything; the list of questions is
    admin's.
    """
    reader, admin = "r" * 16, "a" * 20
    guarded = Service(
        service.library.settings.model_copy(update={"api_tokens": SecretStr(f"{reader}:read, {admin}:admin")})
    )
    with TestClient(create_api(guarded), base_url="http://127.0.0.1") as client:

        def status(path: str, token: str | None) -> int:
            return client.get(path, headers={"Authorization": f"Bearer {token}"} if token else {}).status_code

        assert [status("/documents", token) for token in (None, "x" * 16, reader, admin)] == [
            401,
            401,
            200,
            200,
        ]
        assert [status("/answers", token) for token in (None, reader, admin)] == [401, 403, 200]
        assert [status(f"/answers/{answer['id']}", token) for token in (None, reader)] == [401, 200]
        assert (
            client.post(
                "/ask", json={"question": "x"}, headers={"Authorization": f"Bearer {reader}"}
            ).status_code
            == 403
        )
        assert client.get("/documents").headers["www-authenticate"] == "Bearer"
        assert answer["id"] in [
            line["id"]
            for line in client.get("/answers", headers={"Authorization": f"Bearer {admin}"}).json()["answers"]
        ]
    guarded.close()
    for wrong in ("short:read", f"{reader}:write", reader):
        with pytest.raises(UsageError, match="KGRAG_API_TOKENS is not valid") as caught:
            Tokens(wrong)
        assert reader not in str(caught.value)


def test_the_description_has_examples(client: TestClient) -> None:
    """Every operation has a name, a sentence, and problems; the answer is described by its published
    schema.
    """
    plain = client.get("/api/v1/openapi.json").json()
    operations = [operation for path in plain["paths"].values() for operation in path.values()]
    assert len(operations) == len(OPERATIONS)
    assert all(o["operationId"] and o["description"] and "422" in o["responses"] for o in operations)
    assert plain["components"]["schemas"]["Question"]["examples"]
    assert (
        "claims"
        in plain["paths"]["/ask"]["post"]["responses"]["200"]["content"]["application/json"]["schema"][
            "properties"
        ]
    )


@pytest.fixture(scope="module")
def api_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The description, read by schemathesis, over random documents and the hash embedder (so that a case
    costs milliseconds).
    """
    folder: Path = tmp_path_factory.mktemp("api") / "library"
    with Library(Settings(library=folder, embedder="hash"), create=True) as library:
        for number in range(8):
            library.catalogue.put(random_parcel(number))
        library.catch_up()
    opened = Service(Settings(library=folder, embedder="hash", rate_api="", rate_ask=""))
    yield schemathesis.openapi.from_asgi("/openapi.json", create_api(opened))
    opened.close()


OPERATIONS = (
    "POST /ask",
    "POST /ask/events",
    "GET /search",
    "GET /documents",
    "GET /documents/{document_id}",
    "GET /answers",
    "GET /answers/{answer_id}",
    "GET /answers/{answer_id}/status",
    "GET /jobs",
    "POST /jobs",
    "POST /jobs/upload",
    "GET /jobs/{job_id}",
    "POST /jobs/{job_id}/{act}",
    "GET /answers/{answer_id}/exports/{format}",
    "POST /answers/{answer_id}/feedback",
    "POST /extraction",
    "GET /metrics",
    "GET /formats",
    "GET /concepts",
    "GET /concepts/said",
    "GET /concepts/paths",
    "GET /sets",
    "POST /sets",
    "GET /sets/{set_id}",
    "PATCH /sets/{set_id}",
    "DELETE /sets/{set_id}",
    "POST /sets/{set_id}/items",
    "DELETE /sets/{set_id}/items/{number}",
    "GET /sets/{set_id}/exports/{format}",
    "GET /references",
    "GET /reviews",
    "POST /reviews",
    "POST /reviews/open",
    "GET /reviews/{review_id}",
    "GET /reviews/{review_id}/next",
    "GET /reviews/{review_id}/records",
    "GET /reviews/{review_id}/flow",
    "GET /reviews/{review_id}/export",
    "POST /reviews/{review_id}/members",
    "POST /reviews/{review_id}/sets",
    "POST /reviews/{review_id}/searches",
    "POST /reviews/{review_id}/refresh",
    "POST /reviews/{review_id}/decisions",
    "POST /reviews/{review_id}/settlements",
    "DELETE /reviews/{review_id}/acts/{act}",
)


FILES = ("POST /reviews/open", "POST /reviews/{review_id}/sets")
"""What takes files of a kind: the description cannot say which bytes are one, and others are refused."""


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_request_breaks_it(api_schema: Any, operation: str) -> None:
    """Whatever is sent, valid or not: no 500, and every response is as described."""
    method, path = operation.split()
    strategy = api_schema[path][method].as_strategy()

    @settings(
        max_examples=CASES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def run(case: Any) -> None:
        case.call_and_validate(excluded_checks=[positive_data_acceptance] if operation in FILES else [])

    run()


def test_all_operations_are_tried(api_schema: Any) -> None:
    """The list above is the description's."""
    assert sorted(OPERATIONS) == sorted(operation.ok().label for operation in api_schema.get_all_operations())
