"""Issue E: how soon an answer is seen, fifty people asking at once, and the memory of the service over two
thousand questions.

Run: ``python -m tests.bench.running.load LIBRARY [--people 50] [--many 2000]``. The service is a process of
its own; every question goes through Gradio's real endpoint (join the queue, read the events) by a visitor who
has opened the pages before, and each question is asked once. Prints figures; asserts nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import func, select

from kgrag.catalogue import schema as t
from kgrag.library import Library

FORMS = ("What is known about {}?", "What is {}?", "How does {} matter?", "Why is {} studied?")
AT_ONCE, EACH = 4, 10
"""Visitors at a time while memory is watched, and how much each of them asks before the next comes."""


@dataclass(frozen=True)
class Seen:
    """One question: seconds to the first step and to the answer's text, and what went wrong."""

    step_s: float
    text_s: float
    error: str | None = None


def main() -> None:
    """Parse, serve, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--many", type=int, default=2000)
    options = parser.parse_args()
    questions = asked(options.library, options.many + 2 * options.people + 40)
    server, address = started(options.library)
    try:
        for name, value in asyncio.run(
            measured(address, server.pid, questions, options.people, options.many)
        ).items():
            print(json.dumps({name: value}), flush=True)
    finally:
        server.terminate()
        server.wait(20)


def asked(folder: Path, n: int) -> list[str]:
    """Different questions about names that the library mentions, the most telling names first."""
    with Library.open(folder) as library:
        f = t.forms.c
        query = (
            select(f.form)
            .where(f.is_name == 1, func.length(f.form).between(4, 60))
            .group_by(f.form)
            .order_by(func.length(f.form).desc(), f.form)
        )
        names = [row.form for row in library.catalogue.rows(query)]
    found = list(dict.fromkeys(form.format(name) for form in FORMS for name in names))
    step = max(1, len(found) // n)
    return found[::step][:n]


def started(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """The service on a free port, warm."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from kgrag.cli.main import main; main()",
            "serve",
            "--library",
            str(folder),
            "--port",
            str(port),
        ]
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            httpx.get(address + "/healthz")
            return server, address
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("The service did not start within a minute.")


async def measured(
    address: str, pid: int, questions: Sequence[str], people: int, many: int
) -> dict[str, Any]:
    """All three figures."""
    async with httpx.AsyncClient(
        base_url=address, timeout=120, limits=httpx.Limits(max_connections=4 * people)
    ) as client:
        ends = await endpoints(client)
        visitor = await visit(client, ends)
        for question in questions[:10]:
            await ask(client, ends, visitor, question)
        found: dict[str, Any] = {
            "one_person": figures(
                [
                    await ask(client, ends, await visit(client, ends), question)
                    for question in questions[10:40]
                ]
            )
        }
        visitors = [await visit(client, ends) for _ in range(people)]
        start, before = time.perf_counter(), cpu_s(pid)
        crowd = await asyncio.gather(
            *(
                ask(client, ends, who, question)
                for who, question in zip(visitors, questions[40 : 40 + people], strict=True)
            )
        )
        found["people_at_once"] = {
            "people": people,
            "all_answered_s": round(time.perf_counter() - start, 2),
            "cpu_s": round(cpu_s(pid) - before, 2),
            **figures(crowd),
        }
        found["memory"] = await watched(client, ends, pid, questions[40 + people : 40 + people + many])
    return found


async def watched(
    client: httpx.AsyncClient, ends: Endpoints, pid: int, questions: Sequence[str]
) -> dict[str, Any]:
    """Memory every 200 questions, a few visitors at a time, each asking ten questions."""
    sizes, seen = [memory_mb(pid)], []
    for start in range(0, len(questions), AT_ONCE * EACH):
        part = questions[start : start + AT_ONCE * EACH]
        talks = await asyncio.gather(
            *(talk(client, ends, part[number::AT_ONCE]) for number in range(AT_ONCE))
        )
        seen += [one for own in talks for one in own]
        if len(seen) % 200 == 0:
            sizes.append(memory_mb(pid))
    return {"own_memory_mb": sizes, **figures(seen)}


async def talk(client: httpx.AsyncClient, ends: Endpoints, questions: Sequence[str]) -> list[Seen]:
    """One visitor's conversation."""
    visitor = await visit(client, ends)
    return [await ask(client, ends, visitor, question) for question in questions]


@dataclass(frozen=True)
class Endpoints:
    """Numbers of Gradio's events: opening the pages, asking; and of the inputs of asking."""

    load: int
    ask: int
    inputs: int


async def endpoints(client: httpx.AsyncClient) -> Endpoints:
    """As the configuration that the browser gets tells them."""
    config = (await client.get("/config")).json()
    button = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "kg-ask")
    asks = next(
        d for d in config["dependencies"] if [button, "click"] in [list(target) for target in d["targets"]]
    )
    loads = next(d for d in config["dependencies"] if any(target[1] == "load" for target in d["targets"]))
    return Endpoints(loads["id"], asks["id"], len(asks["inputs"]))


async def visit(client: httpx.AsyncClient, ends: Endpoints) -> str:
    """Open the pages; the name of the session."""
    session = uuid4().hex[:12]
    await client.post(
        "/gradio_api/queue/join", json={"data": ["en"], "fn_index": ends.load, "session_hash": session}
    )
    async with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as events:
        async for line in events.aiter_lines():
            if "process_completed" in line:
                break
    return session


async def ask(client: httpx.AsyncClient, ends: Endpoints, session: str, question: str) -> Seen:
    """One question of a visitor."""
    start = time.perf_counter()
    data = [question, None, "en", None, None, *([[]] * (ends.inputs - 5))]
    step = text = 0.0
    try:
        joined = await client.post(
            "/gradio_api/queue/join", json={"data": data, "fn_index": ends.ask, "session_hash": session}
        )
        joined.raise_for_status()
        async with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as events:
            async for line in events.aiter_lines():
                if "process_generating" not in line and "process_completed" not in line:
                    continue
                now = time.perf_counter() - start
                step = step or now
                if not text and "kg-foot" in line:
                    text = now
                if "kg-error" in line or '"success":false' in line.replace(" ", ""):
                    return Seen(step, now, line[:300])
                if "process_completed" in line:
                    break
    except httpx.HTTPError as error:
        return Seen(step, time.perf_counter() - start, repr(error))
    return Seen(step, text, None if text else "no answer came")


def figures(seen: Sequence[Seen]) -> dict[str, Any]:
    """Medians and 95th percentiles in milliseconds, and the errors."""
    steps, texts = sorted(s.step_s for s in seen), sorted(s.text_s for s in seen)
    errors = [s.error for s in seen if s.error]
    return {
        "questions": len(seen),
        "first_step_ms": spread(steps),
        "answer_ms": spread(texts),
        "errors": len(errors),
        "first_error": errors[0] if errors else None,
    }


def spread(seconds: Sequence[float]) -> dict[str, int]:
    """p50, p95 and the slowest."""
    return {
        "p50": round(1000 * statistics.median(seconds)),
        "p95": round(1000 * seconds[min(len(seconds) - 1, int(0.95 * len(seconds)))]),
        "max": round(1000 * seconds[-1]),
    }


def processes(pid: int) -> list[Path]:
    """The service's process and those it started, as folders of /proc."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path(f"/proc/{pid}"), *(found for child in children for found in processes(int(child)))]


def cpu_s(pid: int) -> float:
    """Processor seconds that the service has used."""
    fields = [(folder / "stat").read_text().rpartition(")")[2].split() for folder in processes(pid)]
    return sum(int(own[11]) + int(own[12]) for own in fields) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> tuple[int, ...]:
    """Memory of the service's own, without pages of files that the system may take back: its first process's,
    then each other's.
    """
    held = [
        dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        for folder in processes(pid)
    ]
    return tuple(int(fields["RssAnon"].split()[0]) // 1024 for fields in held)


if __name__ == "__main__":
    main()
