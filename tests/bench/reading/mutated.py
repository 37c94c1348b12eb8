"""Issue B: mutated files through every reader: no crash, no hang, no file read outside, no network.

Run: ``python -m tests.bench.reading.mutated [N] [FOLDER…]`` (default 10,000; more folders of seeds, for
example ../shared/data/papers). Seeds are tests/data, the folders given, a Word file made on the spot, and
archives of them. Each file is read, normalised, split and extracted in a process that is watched from
outside: an exception that is no ReadError, an end of the process, or more than ten seconds count. The
processes note every file that Python opens outside the file's folder and every connection; hostile XML points
to a canary file, whose words must not come back, and to a listening port, which must stay silent. Prints one
JSON object.
"""

from __future__ import annotations

import io
import json
import random
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.readers.base import BrokenRecord
from ingest.run import prepare_file
from kgrag.errors import ReadError

DATA = Path(__file__).parents[2] / "data"
LIMIT_S = 10.0
PATIENCE_S = 60.0
N_PROCESSES = 2
CANARY = "kestrel-canary-words"
BIG = 150_000
SHARE_OF_BIG = 0.06
Bytes = tuple[str, bytes]


def seeds(folders: list[Path]) -> list[Path]:
    """Files to mutate."""
    places = [DATA / "formats", DATA / "exports", DATA / "papers", *folders]
    return sorted(
        path
        for place in places
        for path in place.rglob("*")
        if path.is_file() and path.name != "README.md" and path.stat().st_size < 3_000_000
    )


def mutated(chance: random.Random, files: list[Path], canary: Path, port: int) -> Bytes:
    """A name and bytes."""
    big = chance.random() < SHARE_OF_BIG
    path = chance.choice([file for file in files if (file.stat().st_size > BIG) == big] or files)
    name, content = path.name, path.read_bytes()
    if chance.random() < 0.04:
        name, content = "made.docx", docx(content.decode("utf-8", "replace"))
    for _ in range(chance.randint(1, 2)):
        content = chance.choice(WAYS)(chance, content, canary, port)
    if chance.random() < 0.15:
        name, content = wrapped(chance, name, content)
    if chance.random() < 0.15:
        name = "file" + chance.choice(
            (".pdf", ".xml", ".ris", ".csv", ".json", ".mrc", ".docx", ".zip", ".gz", ".txt", ".html", "")
        )
    return name, content


def flipped(chance: random.Random, content: bytes, *_: Any) -> bytes:
    """Some bytes changed."""
    out = bytearray(content)
    for _number in range(chance.choice((1, 10, 200))):
        if out:
            out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def cut(chance: random.Random, content: bytes, *_: Any) -> bytes:
    """The end missing."""
    return content[: chance.randrange(len(content) + 1)]


def shuffled(chance: random.Random, content: bytes, *_: Any) -> bytes:
    """A part taken out, doubled, or put elsewhere."""
    if len(content) < 4:
        return content
    start, end, to = (
        sorted((chance.randrange(len(content)), chance.randrange(len(content))))[0],
        chance.randrange(len(content)),
        chance.randrange(len(content)),
    )
    part = content[min(start, end) : max(start, end)][:20_000]
    return chance.choice(
        (
            content[:to] + part + content[to:],
            content.replace(part, b"", 1) if part else content,
            content[:to] + part * 20 + content[to:],
        )
    )


def hostile(chance: random.Random, content: bytes, canary: Path, port: int) -> bytes:
    """XML that asks for other files, for the network, or for all memory; signs that break parsers."""
    head = chance.choice(
        (
            f'<!DOCTYPE x [<!ENTITY c SYSTEM "{canary.as_uri()}">]>',
            f'<!DOCTYPE x SYSTEM "http://127.0.0.1:{port}/evil.dtd">',
            f'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:{port}/p"> %p;]>',
            '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
            + "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9))
            + "]>",
            (
                f'<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{canary.as_uri()}"'
                ' parse="text"/></x>'
            ),
            f'<?xml-stylesheet href="{canary.as_uri()}"?>',
            "\ufeff",
            "\x00" * 64,
            "\ud7ff\u202e" * 50,
            "<a>" * 5000,
            "[" * 50_000,
            '{"a":' * 5000,
            "(" * 3000,
            "TY  - \n" * 3000,
            "\n" * 100_000,
            "A" * 1_000_000,
        )
    ).encode()
    declaration = content.find(b"?>") + 2 if content.lstrip()[:5] == b"<?xml" else 0
    text = content.replace(b"</", b"&c;</", 3) if b"ENTITY c" in head or b"ENTITY a" in head else content
    return text[:declaration] + head + text[declaration:]


WAYS: tuple[Callable[..., bytes], ...] = (flipped, flipped, cut, shuffled, hostile)


def wrapped(chance: random.Random, name: str, content: bytes) -> Bytes:
    """In archives, up to six deep, with names that climb, links, and sizes that lie."""
    for _ in range(chance.randint(1, 6)):
        inner = chance.choice(
            (name, name, "../../../climbing.xml", "/absolute.xml", "a/" * 200 + "deep.xml", "con\x00trol.xml")
        )
        buffer = io.BytesIO()
        if chance.random() < 0.5:
            with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(inner, content)
                if chance.random() < 0.1:
                    archive.writestr("zeros.xml", b"\x00" * 30_000_000)
            name, content = "wrapped.zip", buffer.getvalue()
        else:
            with tarfile.open(fileobj=buffer, mode=chance.choice(("w", "w:gz"))) as tar:
                info = tarfile.TarInfo(inner.replace("\x00", ""))
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
                link = tarfile.TarInfo("link.xml")
                link.type, link.linkname = chance.choice((tarfile.SYMTYPE, tarfile.LNKTYPE)), "/etc/passwd"
                tar.addfile(link)
            name, content = "wrapped.tar", buffer.getvalue()
    return name, flipped(chance, content) if chance.random() < 0.3 else content


def _ascii(line: str) -> str:
    return line.encode("ascii", "xmlcharrefreplace").decode().replace("<", "").replace("&", "")


def docx(text: str) -> bytes:
    """A small Word file."""
    paragraphs = "".join(
        f"<w:p><w:r><w:t>{_ascii(line[:200])}</w:t></w:r></w:p>" for line in text.split("\n")[:40]
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            "<w:document"
            f' xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
            f"<w:body>{paragraphs}</w:body></w:document>",
        )
    return buffer.getvalue()


def child() -> None:
    """Read the files whose paths come in; a line of JSON goes out for each."""
    place = ""
    allowed = (
        sys.prefix,
        sys.base_prefix,
        str(Path(__file__).parents[3]),
        "/proc",
        "/dev/null",
        "/usr/share/zoneinfo",
        "/usr/lib",
        "/sys",
        tempfile.gettempdir(),
    )
    seen: list[str] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if (
            event == "open"
            and isinstance(arguments[0], str)
            and not arguments[0].startswith((place, *allowed))
        ):
            seen.append(arguments[0])
        if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"):
            seen.append(f"{event} {arguments!r:.100}")

    sys.addaudithook(hook)
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        place = str(path.parent)
        seen.clear()
        started, cpu = time.perf_counter(), time.process_time()
        print(
            json.dumps(
                {
                    **_outcome(path),
                    "seconds": time.perf_counter() - started,
                    "cpu": time.process_time() - cpu,
                    "outside": seen[:3],
                }
            ),
            flush=True,
        )


def _outcome(path: Path) -> dict[str, Any]:
    try:
        text = [
            item.reason if isinstance(item, BrokenRecord) else item.document.text
            for item in prepare_file(path)
        ]
    except ReadError as error:
        return {"outcome": "refused", "leak": CANARY in str(error)}
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        return {"outcome": f"{type(error).__name__}: {error}"[:200], "leak": False}
    return {"outcome": "read", "leak": any(CANARY in part for part in text)}


class Watched:
    """A reading process that is started again when it ends or is silent for too long."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def read(self, path: Path) -> dict[str, Any]:
        """What came of the file."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.reading.mutated", "--child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        timer = threading.Timer(PATIENCE_S, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(f"{path}\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        timer.cancel()
        if line:
            found: dict[str, Any] = json.loads(line)
            return found
        self.process.wait()
        self.process = None
        return {"outcome": "the process ended", "seconds": 0.0, "cpu": 0.0, "leak": False, "outside": []}


def main() -> None:
    """Make, read, count."""
    if sys.argv[1:] == ["--child"]:
        child()
        return
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    files = seeds([Path(name) for name in sys.argv[2:]])
    listener = socket.create_server(("127.0.0.1", 0))
    calls: list[Any] = []
    threading.Thread(
        target=lambda: [calls.append(listener.accept()) for _ in iter(int, 1)], daemon=True
    ).start()
    found: list[tuple[int, dict[str, Any]]] = []
    with tempfile.TemporaryDirectory() as place:
        canary = Path(place) / "canary.txt"
        canary.write_text(CANARY)
        port = listener.getsockname()[1]

        def some(first: int) -> None:
            reader = Watched()
            for number in range(first, n, N_PROCESSES):
                name, content = mutated(random.Random(number), files, canary, port)
                path = Path(place) / str(first) / name
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
                found.append((number, reader.read(path)))
                path.unlink()

        threads = [threading.Thread(target=some, args=(first,)) for first in range(N_PROCESSES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    bad = [
        (number, result)
        for number, result in sorted(found, key=lambda pair: pair[0])
        if result["outcome"] not in ("read", "refused")
        or result["cpu"] > LIMIT_S
        or result["leak"]
        or result["outside"]
    ]
    print(
        json.dumps(
            {
                "files": len(found),
                "seeds": len(files),
                "outcomes": Counter(
                    result["outcome"] if result["outcome"] in ("read", "refused") else "failed"
                    for _, result in found
                ),
                "slowest_s": round(max(result["seconds"] for _, result in found), 2),
                "slowest_cpu_s": round(max(result["cpu"] for _, result in found), 2),
                "over_10_cpu_s": sum(result["cpu"] > LIMIT_S for _, result in found),
                "over_10_s": sum(result["seconds"] > LIMIT_S for _, result in found),
                "leaks": sum(result["leak"] for _, result in found),
                "connections": len(calls),
                "opened_outside": sum(bool(result["outside"]) for _, result in found),
                "bad": bad[:20],
            }
        )
    )


if __name__ == "__main__":
    main()
