"""Reviews in the browser and by the API: from a file to a flow, two people blind, acts taken back."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import lxml.html
import pytest
from fastapi.testclient import TestClient

from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from ui.app import create_base
from ui.html.reviews import highlights
from ui.service.service import Service

RIS = "".join(
    f"TY  - JOUR\nTI  - Bisoprolol in heart failure, study {n}\nAB  - <b>Trial</b> {n} of beta blockers.\n"
    f"PY  - {2000 + n}\nDO  - 10.1/{n}\nER  - \n\n"
    for n in range(4)
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A small library, reached as at its own machine."""
    settings = Settings(library=tmp_path_factory.mktemp("reviews") / "library", embedder="hash")
    with Library(settings, create=True) as library:
        library.catalogue.put(random_parcel(0))
        library.catch_up()
    service = Service(settings)
    with TestClient(create_base(service), base_url="http://127.0.0.1") as made:
        yield made
    service.close()


def page(client: TestClient, path: str) -> Any:
    """A page, parsed."""
    found = client.get(path)
    assert found.status_code == 200, found.text
    return lxml.html.fromstring(found.text)


def send(client: TestClient, path: str, shown: Any, files: Any = None, **data: str) -> Any:
    """A form of a page, sent; the page that it leads to."""
    token = shown.xpath("//input[@name='csrf']/@value")[0]
    sent = client.post(path, data={"csrf": token, **data}, files=files)
    assert sent.status_code == 200, sent.text
    return lxml.html.fromstring(sent.text)


def test_a_review_goes_from_a_file_to_its_flow(client: TestClient) -> None:
    """Begun, filled, screened with a reason, taken back, decided by full text, exported and opened."""
    shown = send(
        client,
        "/reviews",
        page(client, "/reviews"),
        question="Do beta blockers help?",
        kind="pico",
        population="adults",
        criteria="animals\nno trial",
    )
    home = shown.xpath("//form[contains(@action, '/sets')]/@action")[0].removesuffix("/sets")
    shown = send(client, f"{home}/sets", shown, {"files": ("PubMed.ris", RIS.encode(), "text/plain")})
    assert shown.xpath("//table//th[@scope='row']/text()") == ["PubMed"]
    for number, (do, reason) in enumerate([("include", ""), ("exclude", "animals"), ("maybe", "")]):
        shown = page(client, f"{home}/screen")
        assert f"{4 - number} left" in shown.xpath("//*[@role='status']")[0].text_content()
        assert shown.xpath("//input[@name='reason']/@value") == ["animals", "no trial"]
        assert not shown.xpath("//article//b")
        form = {name: shown.xpath(f"//input[@name='{name}']/@value")[0] for name in ("record", "token")}
        for _ in range(2):  # the same tab twice is one act
            send(client, f"{home}/decide", shown, stage="abstract", do=do, reason=reason, **form)
    shown = page(client, f"{home}/screen")
    last = shown.xpath("//input[@name='seq']/@value")[0]
    shown = send(client, f"{home}/undo", shown, seq=last, stage="abstract", record=form["record"])
    assert shown.xpath("//input[@name='record']/@value")[0] == form["record"]
    flow = client.get(f"{home}/flow.json").json()
    assert (flow["identified"], flow["screened"], flow["excluded"]) == ({"PubMed": 4}, 2, 1)
    assert client.get(f"{home}/flow.svg").headers["content-type"].startswith("image/svg+xml")
    full = page(client, f"{home}/screen?stage=full")
    record = full.xpath("//input[@name='record']/@value")[0]
    send(client, f"{home}/decide", full, stage="full", do="not-retrieved", record=record)
    assert client.get(f"{home}/flow.json").json()["not_retrieved"] == 1
    listed = page(client, f"{home}/records?outcome=exclude")
    assert "animals" in listed.xpath("//ol/li")[0].text_content()
    packed = client.get(f"{home}/export.zip").content
    assert "trail.jsonl" in zipfile.ZipFile(io.BytesIO(packed)).namelist()
    again = client.post(
        "/reviews/open",
        data={"csrf": shown.xpath("//input[@name='csrf']/@value")[0]},
        files={"file": ("r.zip", packed, "application/zip")},
    )
    assert again.status_code == 400
    assert "already" in again.text
    assert client.post(f"{home}/decide", data={"do": "include"}).status_code == 403
    assert client.get("/reviews/review-none").status_code == 404
    assert client.get(f"{home}/screen?stage=no").status_code == 400
    chinese = client.get(home, headers={"accept-language": "zh-CN"}).text
    assert "系统综述" in chinese
    assert "PRISMA 流程图" in chinese


def test_the_api_does_the_same(client: TestClient) -> None:
    """Two must agree; a record that both decided otherwise is a conflict that the lead settles."""
    api = "/api/v1/reviews"
    made = client.post(api, json={"question": "Do they help?", "screeners": 1}).json()
    one = f"{api}/{made['id']}"
    told = client.post(
        f"{one}/sets", files={"file": ("a.ris", RIS.encode(), "text/plain")}, data={"name": "Embase"}
    )
    assert told.json() == {"records": 4, "duplicates": 0, "new": 4}
    row = client.get(f"{one}/next").json()
    body = {"record": row["record"], "verdict": "include", "token": "12345678"}
    act = client.post(f"{one}/decisions", json=body).json()["act"]
    assert client.post(f"{one}/decisions", json=body).json()["act"] == act
    assert len(client.get(f"{one}/records", params={"outcome": "include"}).json()["records"]) == 1
    assert client.delete(f"{one}/acts/{act}").status_code == 204
    assert client.get(one).json()["stages"]["abstract"]["included"] == 0
    settled = {"record": "r2", "verdict": "exclude", "reason": "animals"}
    assert client.post(f"{one}/settlements", json=settled).status_code == 200
    assert client.get(f"{one}/flow").json()["excluded"] == 1
    assert client.get(f"{one}/export").content[:2] == b"PK"
    assert made["id"] in json.dumps(client.get(api).json())
    assert client.post(f"{one}/members", json={"person": "nobody", "role": "reader"}).status_code == 404
    assert client.post(f"{one}/searches", json={"query": "radium[ti]"}).status_code == 200
    assert client.post(f"{one}/refresh").status_code == 200
    assert client.get(f"{api}/review-none").status_code == 404


def test_words_of_the_question_are_marked() -> None:
    """In any ending, from a word's beginning; Chinese by its words."""
    text = "Blocking beta receptors; nonblocking."
    assert [text[a:b] for a, b in highlights(text, "Do beta blockers help?")] == ["Blocking", "beta"]
    assert highlights(text, "") == []
