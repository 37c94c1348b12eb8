"""A server that speaks the OpenAI chat protocol over real HTTP, with the faults that real ones have.

``mode`` says what it does: answer with what ``reply`` computes from the prompt, or fail in one of several ways. Every prompt is kept.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[str], str]


def replaying(recorded: Mapping[str, str]) -> Reply:
    """A reply that says what a real model once answered to the prompt's question, faults and all; no answer where nothing is recorded."""
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
    prompts: list[str] = field(default_factory=list)

    def __enter__(self) -> FakeOpenAI:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.prompts.append("\n".join(str(message["content"]) for message in body["messages"]))
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
        if self.mode in ("429", "500"):
            error = {"error": {"message": "try later" if self.mode == "429" else "broken", "type": "server_error"}}
            _send(handler, int(self.mode), json.dumps(error).encode())
        elif self.mode == "broken":
            _send(handler, 200, b'{"choices": [{"message": {"content": "half')
        elif self.mode == "empty":
            _send(handler, 200, json.dumps({"id": "x", "object": "chat.completion", "created": 1, "model": body["model"], "choices": []}).encode())
        else:
            text = self.reply(self.prompts[-1])
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            _send(handler, 200, json.dumps({"id": "x", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice], "usage": usage}).encode())


def _send(handler: BaseHTTPRequestHandler, status: int, content: bytes) -> None:
    try:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
    except (BrokenPipeError, ConnectionResetError):
        return  # the client gave up waiting, which is what some tests want
