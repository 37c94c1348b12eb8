"""A server that speaks the OpenAI chat protocol over real HTTP, with the faults that real ones have.

``mode`` says what it does: answer with what ``reply`` computes from the prompt (streamed where the request
asks for it), or fail in one of several ways; ``breaks`` ends a stream in the middle, ``drips`` lets every
word wait, ``dies`` closes the connection in the middle, ``hangs`` says no more, ``no-structure`` refuses
structured output. ``context`` is the longest prompt taken, in tokens of four characters. Every prompt is
kept, and every request's body.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import Any

import pytest

Reply = Callable[[str], str]


def _client_installed() -> bool:
    """Looked up, not imported: each worker collects every file, and the import takes seconds."""
    try:
        return find_spec("llama_index.llms.openai_like") is not None
    except ModuleNotFoundError:
        return False


# the extra is the user's choice: without it there is no client to speak to this server; the full install of
# `make test` has it, so nothing is skipped there
needs_llama_index = pytest.mark.skipif(not _client_installed(), reason="the extra `llm` is not installed")


def replaying(recorded: Mapping[str, str]) -> Reply:
    """A reply that says what a real model once answered to the prompt's question, faults and all; no answer
    where nothing is recorded.
    """
    answers = {" ".join(question.split()): text for question, text in recorded.items()}

    def reply(prompt: str) -> str:
        return answers.get(" ".join(prompt.rsplit("Question: ", 1)[-1].split()), "NO ANSWER")

    return reply


@dataclass
class FakeOpenAI:
    """See the module. Start with ``with``; ``url`` is what goes into ``llm_url``."""

    reply: Reply = lambda prompt: "NO ANSWER"
    mode: str = "answer"
    stall_s: float = 3.0
    drip_s: float = 0.2
    context: int = 0
    prompts: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> FakeOpenAI:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.prompts.append("\n".join(str(message["content"]) for message in body["messages"]))
                fake.bodies.append(body)
                fake.respond(self, body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def respond(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        """One response in the current mode."""
        if self.mode == "stall":
            time.sleep(self.stall_s)
        if self.context and len(self.prompts[-1]) // 4 > self.context:
            told = f"request exceeds the available context size ({self.context} tokens), try increasing it"
            error = {"error": {"code": 400, "message": told, "type": "exceed_context_size_error"}}
            _send(handler, 400, json.dumps(error).encode())
        elif self.mode in ("429", "500"):
            error = {
                "error": {"message": "try later" if self.mode == "429" else "broken", "type": "server_error"}
            }
            _send(handler, int(self.mode), json.dumps(error).encode())
        elif self.mode == "no-structure" and "response_format" in body:
            _send(
                handler,
                400,
                json.dumps(
                    {
                        "error": {
                            "message": "response_format is not supported",
                            "type": "invalid_request_error",
                        }
                    }
                ).encode(),
            )
        elif self.mode == "broken":
            _send(handler, 200, b'{"choices": [{"message": {"content": "half')
        elif self.mode == "empty":
            _send(
                handler,
                200,
                json.dumps(
                    {
                        "id": "x",
                        "object": "chat.completion",
                        "created": 1,
                        "model": body["model"],
                        "choices": [],
                    }
                ).encode(),
            )
        elif body.get("stream"):
            self._stream(handler, body["model"], self.reply(self.prompts[-1]))
        else:
            text = self.reply(self.prompts[-1])
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            _send(
                handler,
                200,
                json.dumps(
                    {
                        "id": "x",
                        "object": "chat.completion",
                        "created": 1,
                        "model": body["model"],
                        "choices": [choice],
                        "usage": usage,
                    }
                ).encode(),
            )

    def _stream(self, handler: BaseHTTPRequestHandler, model: str, text: str) -> None:
        """Server-sent events, a word each."""
        words = re.findall(r"\S+\s*", text)
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        for number, word in enumerate(words):
            if self.mode == "breaks" and number > len(words) // 2:
                handler.wfile.write(b"data: {broken\n\n")
                return
            if self.mode in ("dies", "hangs") and number > len(words) // 2:
                time.sleep(self.stall_s if self.mode == "hangs" else 0)
                handler.wfile.write(b"data: ")
                handler.close_connection = True
                return
            time.sleep(self.drip_s if self.mode == "drips" else 0)
            chunk = {
                "id": "x",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": model,
                "choices": [
                    {"index": 0, "delta": {"role": "assistant", "content": word}, "finish_reason": None}
                ],
            }
            try:
                handler.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            except (BrokenPipeError, ConnectionResetError):
                return  # the client had enough
        handler.wfile.write(b"data: [DONE]\n\n")


def _send(handler: BaseHTTPRequestHandler, status: int, content: bytes) -> None:
    try:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
    except (BrokenPipeError, ConnectionResetError):
        return  # the client gave up waiting, which is what some tests want
