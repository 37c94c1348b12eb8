"""What strangers and curious readers cost the others: ordinary questions and pages are timed undisturbed,
then beside each attack, and after it; memory of the service's process is watched.

Run: ``python -m tests.bench.running.strangers LIBRARY`` (of a copy; two people are added to it). Prints
figures, asserts nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from kgrag.library import Library
from kgrag.people.users import Users

PASSWORD = "a long enough password"
WINDOW_S, CONNECTIONS, BODIES = 20.0, 1_000, 6
MB = 1_000_000


def main() -> None:
    """Serve a copy, attack it, print."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "library"
        shutil.copytree(sys.argv[1], folder)
        with Library.open(folder) as library:
            for name, role in (("ada", "admin"), ("rita", "reader")):
                Users(library.catalogue).add(name, role, PASSWORD)
        with running(folder) as (address, pid):
            measure(address, pid, a_pdf(folder))


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, int]]:
    """The service, as its command starts it, with the usual limit of open files."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("kgrag")),
            "serve",
            "--library",
            str(folder),
            "--port",
            str(port),
        ],
        env={**os.environ, "KGRAG_RATE_ASK": "", "KGRAG_RATE_LOGIN": ""},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with suppress(httpx.HTTPError):
                if httpx.get(f"{address}/healthz").status_code == 200:
                    break
            time.sleep(0.2)
        yield address, server.pid
    finally:
        server.terminate()
        began = time.monotonic()
        server.wait(60)
        print(json.dumps({"seconds to end": round(time.monotonic() - began, 1)}))


def a_pdf(folder: Path) -> str:
    """The id of a document with pages."""
    with Library.open(folder) as library:
        return next(
            (d.id for d in library.catalogue.documents() if d.record.source.path.endswith(".pdf")), ""
        )


def measure(address: str, pid: int, pdf: str) -> None:
    """Each attack beside ordinary use."""
    ask(address, 0)  # models are warm
    print(json.dumps({"undisturbed": timed(address, pid, lambda stop: stop.wait())}))
    attacks: dict[str, Callable[[threading.Event], object]] = {
        "200 MB of JSON without login": lambda stop: bodies(address, stop),
        "bodies that trickle": lambda stop: trickle(address, stop),
        "1,000 idle connections": lambda stop: idle(address, stop),
        "questions of 3 MB": lambda stop: long_texts(address, stop),
        "boxes far outside the page": lambda stop: boxes(address, pdf, stop),
        "guesses at passwords": lambda stop: guesses(address, stop),
    }
    for name, attack in attacks.items():
        print(json.dumps({name: timed(address, pid, attack)}), flush=True)
    print(json.dumps({"afterwards": timed(address, pid, lambda stop: stop.wait())}))


def timed(address: str, pid: int, attack: Callable[[threading.Event], object]) -> dict[str, float]:
    """Seconds (median and 95th of a hundred) of ordinary requests during an attack, and the memory."""
    stop, before = threading.Event(), resident_mb(pid)
    thread = threading.Thread(target=attack, args=(stop,), daemon=True)
    thread.start()
    health, answers, peak, until = [], [], before, time.monotonic() + WINDOW_S
    failed = 0
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            httpx.get(f"{address}/login", timeout=30).raise_for_status()
            health.append(time.monotonic() - began)
            answers.append(ask(address, len(answers) + 1))
        except (httpx.HTTPError, KeyError):
            failed += 1
        peak = max(peak, resident_mb(pid))
        time.sleep(0.1)
    stop.set()
    thread.join(10)
    return {
        "pages p95 s": p95(health),
        "answers p50 s": round(statistics.median(answers or [0]), 2),
        "answers p95 s": p95(answers),
        "answers": len(answers),
        "failed": failed,
        "memory + MB": round(peak - before),
    }


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return round(sorted(values)[int(0.95 * (len(values) - 1))], 2) if values else 0.0


_CLIENTS: dict[str, httpx.Client] = {}


def person(address: str, name: str) -> httpx.Client:
    """A browser that has logged in, once."""
    if name not in _CLIENTS:
        client = httpx.Client(base_url=address, headers={"Origin": address}, timeout=60)
        token = re.search(r"name='csrf' value='([^']+)'", client.get("/login").text)
        form = {"csrf": token[1] if token else "", "name": name, "password": PASSWORD}
        client.post("/login", data=form)
        _CLIENTS[name] = client
    return _CLIENTS[name]


def ask(address: str, number: int) -> float:
    """Seconds of one ordinary question."""
    began = time.monotonic()
    body = {"question": f"What is known about treatment number {number}?"}
    person(address, "ada").post("/api/v1/ask", json=body).json()["id"]
    return time.monotonic() - began


def resident_mb(pid: int) -> float:
    """Memory of the service's own process."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1000


def bodies(address: str, stop: threading.Event) -> None:
    """Several at a time, with a length and without."""

    def one(chunked: bool) -> None:
        block = b"[" * MB
        while not stop.is_set():
            content = (block for _ in range(200))
            headers = {} if chunked else {"Content-Length": str(200 * MB)}
            with suppress(httpx.HTTPError, OSError):
                httpx.post(f"{address}/api/v1/ask", content=content, headers=headers, timeout=30)

    each(one, [number % 2 == 0 for number in range(BODIES)])


def trickle(address: str, stop: threading.Event) -> None:
    """A byte a second after a head that promises more."""
    with many(address, 100) as held:
        for one in held:
            one.sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\n")
            one.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n\r\n")
        while not stop.wait(1):
            for one in held:
                with suppress(OSError):
                    one.sendall(b"a")


def idle(address: str, stop: threading.Event) -> None:
    """Half a line on each, and nothing more; what is closed is opened again."""
    while not stop.is_set():
        with many(address, CONNECTIONS) as held:
            for one in held:
                with suppress(OSError):
                    one.sendall(b"GET /login HTT")
            stop.wait(8)


@contextmanager
def many(address: str, n: int) -> Iterator[list[socket.socket]]:
    """Open sockets."""
    host, _, port = address.removeprefix("http://").partition(":")
    held = []
    try:
        for _ in range(n):
            with suppress(OSError):
                held.append(socket.create_connection((host, int(port)), timeout=5))
        yield held
    finally:
        for one in held:
            one.close()


def long_texts(address: str, stop: threading.Event) -> None:
    """Through the pages' own functions and the API."""
    client = person(address, "rita")
    calls = {each["api_name"]: each["id"] for each in client.get("/config").json()["dependencies"]}
    while not stop.is_set():
        for size in (3 * MB, 900_000):
            data = ["word " * (size // 5), None, "en", None, None, [], [], [], [], []]
            body = {"data": data, "fn_index": calls["answer"], "session_hash": "long"}
            with suppress(httpx.HTTPError):
                client.post("/gradio_api/queue/join", json=body)
                client.post("/api/v1/ask", json={"question": "word " * (size // 5)})
        stop.wait(0.5)


def boxes(address: str, pdf: str, stop: threading.Event) -> None:
    """As in the attack that froze the service."""
    far = json.dumps([[-1.4e9, -1.4e9, 1.4e9, 1.4e9]] * 100)
    while not stop.is_set():
        with suppress(httpx.HTTPError):
            person(address, "rita").get("/pages/1.png", params={"document": pdf, "boxes": far})
        stop.wait(0.1)


def guesses(address: str, stop: threading.Event) -> None:
    """Twelve at a time at one name."""

    def one(number: int) -> None:
        client = httpx.Client(base_url=address, headers={"Origin": address}, timeout=60)
        while not stop.is_set():
            with suppress(httpx.HTTPError):
                token = re.search(r"name='csrf' value='([^']+)'", client.get("/login").text)
                form = {"csrf": token[1] if token else "", "name": "rita", "password": f"guess {number}"}
                client.post("/login", data=form)

    each(one, list(range(12)))


def each(work: Callable[..., None], values: list[object]) -> None:
    """Threads that end with the attack."""
    threads = [threading.Thread(target=work, args=(value,), daemon=True) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
