"""Holds the body of each request to a budget, by route and before it is read: how many bytes, and how fast
they must come; and tells those who work for a request when its sender has gone.

Knows ASGI messages. Who may send what is the door's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from threading import Event
from typing import Any

from starlette.exceptions import HTTPException

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

FORM_BYTES, JSON_BYTES = 65_536, 300_000
"""Of a form, and of JSON: the longest text to check (20,000 characters) with every character escaped."""
SLACK_BYTES = 1_000_000
"""What a form may hold beside the files of an upload."""
PAUSE_S = 20.0
"""Longest wait for the next bytes of a body."""
GRACE_S, BYTES_A_SECOND = 30.0, 2_000
"""After the grace a body must have come at this rate, on the whole."""
UPLOADS = ("/api/v1/jobs/upload", "/admin/upload")


def most_bytes(path: str, upload_bytes: int) -> int:
    """How large the body of a request to a path may be."""
    if path in UPLOADS:
        return upload_bytes + SLACK_BYTES
    return JSON_BYTES if path.startswith(("/api/v1/", "/gradio_api/", "/admin")) else FORM_BYTES


def too_large(most: int) -> str:
    """What is said of a larger one."""
    return f"The request is larger than {most / 1e6:g} MB, the most that is taken here."


class Body:
    """The body of one request, as the application receives it.

    Args:
        receive: of the server.
        most: bytes that it may have.

    Attributes:
        gone: set when the sender has left before the answer was whole.
    """

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self.most = receive, most
        self.gone = Event()
        self._bytes, self._began, self._whole = 0, time.monotonic(), False
        self._watch: asyncio.Task[None] | None = None
        self._left: asyncio.Event | None = None

    async def receive(self) -> Message:
        """The next message.

        Raises:
            HTTPException: 413 where the body is too large, 408 where it does not come.
        """
        if self._whole:
            return await self._until_gone()
        try:
            message = await asyncio.wait_for(self._receive(), PAUSE_S)
        except TimeoutError as error:
            raise self._slow() from error
        if message["type"] == "http.disconnect":
            self.gone.set()
            self._whole = True
            return message
        self._bytes += len(message.get("body", b""))
        if self._bytes > self.most:
            raise HTTPException(413, too_large(self.most), {"Connection": "close"})
        late = time.monotonic() - self._began - GRACE_S
        if late > 0 and self._bytes < late * BYTES_A_SECOND:
            raise self._slow()
        if not message.get("more_body", False):
            self._whole = True
            self._left = asyncio.Event()
            self._watch = asyncio.create_task(self._look())
        return message

    def close(self) -> None:
        """The request is answered; nobody is waited for any more."""
        if self._watch is not None:
            self._watch.cancel()

    async def _until_gone(self) -> Message:
        if self._left is not None:
            await self._left.wait()
        return {"type": "http.disconnect"}

    async def _look(self) -> None:
        """Nothing comes after the body but that the sender leaves."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone.set()
        if self._left is not None:
            self._left.set()

    def _slow(self) -> HTTPException:
        return HTTPException(408, "The request came too slowly. Send it again.", {"Connection": "close"})
