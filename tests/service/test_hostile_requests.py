"""What strangers, curious readers and guessers send, over HTTP and real sockets: each is refused in words, in
time, and without cost to the others.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from kgrag.catalogue.audit import read_log
from kgrag.library import Library
from kgrag.people.rights import Rights
from kgrag.people.users import MAX_FAILED, Users
from kgrag.search.follow_up import names_in
from kgrag.settings import Settings
from kgrag.testing import NAMES, random_parcel
from tests.browser.conftest import served
from ui.door import connections

# event loops that Gradio makes while it builds its pages, and leaves to the collector
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PASSWORD = "a long enough password"
PDF = Path(__file__).parents[2] / "kgrag" / "demo" / "papers" / "10.21105.jose.00070.pdf"
ONE, HIDDEN = "doi:10.1000/0.1", "doi:10.1000/0.2"
AT_ONCE_S = 5.0
"""Far more than any refusal takes on a busy machine, and far less than what was asked for would."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve documents, one with pages, one hidden; an admin and two readers."""
    folder = tmp_path_factory.mktemp("hostile") / "library"
    with Library(Settings(library=folder, embedder="hash"), create=True) as library:
        for number in range(12):
            parcel = random_parcel(number)
            record = parcel.document.record
            path = PDF if parcel.document.id == ONE else Path(f"/papers/{number}.xml")
            record = replace(record, source=replace(record.source, path=str(path)))
            library.catalogue.put(replace(parcel, document=replace(parcel.document, record=record)))
        library.catch_up()
        Rights(library.catalogue).set_collection("Secret", documents=[HIDDEN], groups=["staff"])
        for name, role in (("ada", "admin"), ("rita", "reader"), ("rob", "reader"), ("resi", "researcher")):
            Users(library.catalogue).add(name, role, PASSWORD)
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """The running service; a head of a request may take half a second."""
    before, connections.HEAD_S = connections.HEAD_S, 0.5
    settings = Settings(library=folder, embedder="hash", rate_ask="", rate_login="", upload_mb=3)
    with served(settings) as found:
        yield found
    connections.HEAD_S = before


@contextmanager
def visitor(address: str, name: str = "", source: str = "127.0.0.1") -> Iterator[httpx.Client]:
    """A browser of one's own, from an address of this machine; with a name it has logged in."""
    transport = httpx.HTTPTransport(local_address=source)
    with httpx.Client(
        base_url=address, transport=transport, timeout=60, headers={"Origin": address}
    ) as client:
        if name:
            assert log_in(client, name, PASSWORD) == 303
        yield client


def log_in(client: httpx.Client, name: str, password: str) -> int:
    """The status of one attempt."""
    page = client.get("/login")
    token = re.search(r"name='csrf' value='([^']+)'", page.text)
    assert token is not None, page.text
    form = {"csrf": token[1], "name": name, "password": password}
    return client.post("/login", data=form).status_code


def raw(address: str, content: bytes, wait_s: float = AT_ONCE_S) -> tuple[bytes, float]:
    """What comes back for bytes on a socket, and after how long the connection ended or answered."""
    host, _, port = address.removeprefix("http://").partition(":")
    began = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=wait_s) as connection:
        connection.sendall(content)
        try:
            return connection.recv(65_536), time.monotonic() - began
        except (TimeoutError, ConnectionError):
            return b"", time.monotonic() - began


def page_call(client: httpx.Client, name: str, data: list[Any], session: str = "s1") -> str:
    """What a function of the pages answers, called as a program would call it."""
    calls = client.get("/config").json()["dependencies"]
    number = next(each["id"] for each in calls if each["api_name"] == name)
    body = {"data": data, "fn_index": number, "session_hash": session}
    joined = client.post("/gradio_api/queue/join", json=body)
    if joined.status_code != 200:
        return f"{joined.status_code} {joined.text}"
    with client.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as stream:
        return "".join(stream.iter_text())


# -- 1: one budget ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/v1/ask", "/api/v1/jobs/upload", "/login", "/gradio_api/queue/join"])
def test_a_large_body_is_refused_before_it_is_sent(address: str, path: str) -> None:
    """Without a login, by its length alone."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 400000000\r\n\r\n"
    answer, took = raw(address, head.encode())
    assert answer.startswith(b"HTTP/1.1 413")
    assert took < AT_ONCE_S


def test_a_body_without_a_length_is_counted(address: str) -> None:
    """A person's too: the stream ends at the route's limit, and the service goes on."""

    def endless() -> Iterator[bytes]:
        for _ in range(60):
            yield b"[" * 100_000

    with visitor(address, "rita") as client:
        try:
            status = client.post("/api/v1/ask", content=endless()).status_code
        except httpx.HTTPError:  # the service stopped reading
            status = 413
        assert status == 413
        assert client.get("/healthz").status_code == 200


def test_who_may_not_upload_sends_nothing(address: str) -> None:
    """A reader's file is refused by their role, not after it was kept; nobody's by the login."""
    head = "POST /api/v1/jobs/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3000000\r\n{}\r\n"
    with visitor(address, "rita") as client:
        cookie = f"Cookie: kgrag_session={client.cookies['kgrag_session']}\r\n"
        cookie += f"Origin: {address}\r\n"
        host = address.removeprefix("http://")
        told = raw(address, head.format(cookie).replace("127.0.0.1\r", f"{host}\r").encode())[0]
    assert told.startswith(b"HTTP/1.1 403")
    assert raw(address, head.format("").encode())[0].startswith(b"HTTP/1.1 401")


def test_the_login_takes_no_files(address: str) -> None:
    """It is a small form."""
    with visitor(address) as client:
        assert client.post("/login", files={"file": b"x"}).status_code == 415


@pytest.mark.parametrize("name", ["answer", "of_claims", "of_references"])
def test_texts_are_measured_by_the_service(address: str, name: str) -> None:
    """What the page's fields would not let through, a program cannot send either."""
    limits = [None, None, [], [], [], [], []]
    text = "word " * 5_000
    data = [text, None, "en", None, *limits] if name == "answer" else [text, "en"]
    with visitor(address, "rita") as client:
        began = time.monotonic()
        assert "at most" in page_call(client, name, data)
        assert time.monotonic() - began < 2 * AT_ONCE_S
        assert page_call(client, name, ["x" * 3_000_000, *data[1:]], "s2").startswith("413")


@pytest.mark.parametrize(
    ("boxes", "status"),
    [
        ([[-1.4e9, -1.4e9, 1.4e9, 1.4e9]] * 100, 200),
        ([[5, 5, 1, 1]], 200),
        ([[0, 0, 1, 1]] * 500, 400),
        ("[[Infinity,0,1,1]]", 400),
        ("[" * 5_000, 400),
        ("{}", 200),
    ],
)
def test_absurd_boxes(address: str, boxes: Any, status: int) -> None:
    """They are drawn on the page or refused, at once."""
    text = boxes if isinstance(boxes, str) else json.dumps(boxes)
    with visitor(address, "rita") as client:
        began = time.monotonic()
        answer = client.get("/pages/1.png", params={"document": ONE, "boxes": text})
        assert answer.status_code == status
        assert time.monotonic() - began < 2 * AT_ONCE_S


def test_a_head_that_does_not_come_costs_nothing(address: str) -> None:
    """Half a line is waited for, not for ever; and one that does not end is cut."""
    answer, took = raw(address, b"GET /login HTT")
    assert answer == b""
    assert took < AT_ONCE_S
    assert raw(address, b"GET / HTTP/1.1\r\nA: " + b"a" * 200_000)[0][:12] in (b"", b"HTTP/1.1 400")


def test_idle_connections_shut_nobody_out(address: str) -> None:
    """More than one address may have: the oldest without a request make room."""
    host, _, port = address.removeprefix("http://").partition(":")
    held = [socket.create_connection((host, int(port))) for _ in range(260)]
    try:
        with visitor(address) as client:
            began = time.monotonic()
            assert client.get("/login").status_code == 200
            assert time.monotonic() - began < AT_ONCE_S
    finally:
        for one in held:
            one.close()


# -- 3: what is open -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/proxy=http://127.0.0.1/"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/openapi.json"),
        ("GET", "/gradio_api/runs"),
        ("POST", "/gradio_api/run/answer"),
        ("POST", "/gradio_api/call/answer"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/vibe-edit"),
        ("GET", "/gradio_api/deep_link"),
        ("GET", "/gradio_api/dev/reload"),
        ("GET", "/monitoring"),
    ],
)
def test_of_gradio_only_what_the_pages_use(address: str, method: str, path: str) -> None:
    """A reader finds no other route, and no place to leave a file."""
    with visitor(address, "rita") as client:
        answer = client.request(method, path, headers={"Origin": address})
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/", "/login", "/answers/a-1", "/admin", "/api/v1/formats", "/nowhere", "/healthz"]
)
def test_headers_stand_on_every_answer(address: str, path: str) -> None:
    """No frame, no sniffing, no referrer elsewhere, no other origin, a policy, nothing kept."""
    with visitor(address, "ada") as client:
        headers = client.get(path, headers={"Origin": "http://other.example"}).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "no-store" in headers["cache-control"] or path.startswith("/api/")
    assert not [name for name in headers if name.startswith("access-control-") or name == "server"]


@pytest.mark.parametrize(
    "origin",
    [
        "file://",
        "null",
        "about:blank",
        "data:text/html,x",
        "http://evil.example",
        "https://127.0.0.1",
        "http://",
    ],
)
def test_other_origins_change_nothing(address: str, origin: str) -> None:
    """Scheme, host and port must be the service's own."""
    with visitor(address, "rita") as client:
        del client.headers["Origin"]
        for header in ("Origin", "Referer"):
            answer = client.post("/gradio_api/queue/join", json={}, headers={header: origin})
            assert answer.status_code == 403, (header, origin)


def test_a_rebound_name_reads_nothing(folder: Path) -> None:
    """With auth off, the service answers to its own names alone."""
    with served(Settings(library=folder, embedder="hash", auth="off")) as found, visitor(found) as client:
        for host, status in (("evil.example", 421), ("kgrag.evil.example:80", 421), ("localhost", 200)):
            assert client.get("/api/v1/documents", headers={"Host": host}).status_code == status
        assert client.get("/api/v1/documents").status_code == 200


# -- 6, 8, 9: what is told --------------------------------------------------------------------------


def test_paths_times_and_formulas(address: str, folder: Path) -> None:
    """A reader is told a file's name and the day; an admin where it lies; no file runs a formula."""
    question = '=HYPERLINK("http://evil.example") What was studied with Radium?'
    with (
        visitor(address, "ada") as admin,
        visitor(address, "rita") as reader,
        visitor(address, "resi") as other,
    ):
        asked = admin.post("/api/v1/ask", json={"question": question}).json()
        again = other.post("/api/v1/ask", json={"question": question}).json()
        paths = [d["source"]["path"] for d in reader.get("/api/v1/documents").json()["documents"]]
        assert paths
        assert not [path for path in paths if "/" in path]
        assert [d for d in admin.get("/api/v1/documents").json()["documents"] if "/" in d["source"]["path"]]
        assert not [d for d in again["documents"] if "/" in d["source"]["path"]]
        told = reader.get(f"/api/v1/answers/{again['id']}/status")
        own = other.get(f"/api/v1/answers/{again['id']}/status").json()["created"]
        table = other.get(f"/api/v1/answers/{again['id']}/exports/search-csv").text
    assert told.json()["created"].endswith("T00:00:00+00:00")
    assert not own.endswith("T00:00:00+00:00")
    assert asked["question"] == question
    assert ",=" not in table
    assert ',"=' not in table


def test_names_of_hidden_papers_are_no_names(folder: Path) -> None:
    """What a follow-up may stand for is looked for as everything is: among what the person sees."""
    with Library(Settings(library=folder, embedder="hash")) as library:
        name, rights = NAMES[0], Rights(library.catalogue)
        holders = [d.id for d in library.catalogue.documents() if name in d.text]
        key = rights.set_collection("Named", documents=holders, groups=["staff"]).key
        asked = f"tell me about {name} please"
        assert name in names_in(library, ())(asked)
        assert name not in names_in(library, (key,))(asked)
        rights.delete_collection("Named")


# -- 7, 10: attempts and the log --------------------------------------------------------------------


def test_many_guesses_at_once_are_not_many(address: str) -> None:
    """Counted before they are judged; and who has been here before still comes in."""
    with visitor(address, "rob") as known:
        with ThreadPoolExecutor(12) as pool:
            told = list(pool.map(lambda _: _guess(address, "rob"), range(24)))
        assert told.count(401) == MAX_FAILED
        assert told.count(429) == 24 - MAX_FAILED
        known.post("/logout", data={"csrf": _csrf(known)})
        assert log_in(known, "rob", PASSWORD) == 303
    with visitor(address, source="127.0.0.2") as elsewhere:
        assert log_in(elsewhere, "rob", PASSWORD) == 303


def test_noise_is_counted_and_not_written_down(address: str, folder: Path) -> None:
    """Sixty refusals are a few lines, and the reason stands in them without a word of what was sent."""
    with Library(Settings(library=folder, embedder="hash")) as library:
        before = len(read_log(library.catalogue, "security", limit=1000))
        with visitor(address, "rita") as client:
            for _ in range(20):
                client.post("/gradio_api/queue/join", json={}, headers={"Origin": "http://evil.example"})
                client.get("/api/v1/jobs")
                client.post("/login", files={"file": b"a secret question"})
        lines = read_log(library.catalogue, "security", limit=1000)
        fresh = lines[: len(lines) - before]
    assert len(fresh) <= 6
    told = " ".join(line["target"] for line in fresh)
    assert "403 GET /jobs" in told or "403 GET /api/v1" in told or "audit" in told
    assert "secret" not in json.dumps(fresh)


def _guess(address: str, name: str) -> int:
    with visitor(address) as client:
        return log_in(client, name, "not the password at all")


def _csrf(client: httpx.Client) -> str:
    bar = page_call(client, "who", ["en"], "bar")
    found = re.search(r"name='csrf' value='([^']+)'", bar.replace("\\", ""))
    assert found is not None, bar
    return found[1]
