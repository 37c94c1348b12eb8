"""Holds connections to a budget that the server keeps before a request is read: how long its head may take,
how large it may be, how many connections one address and all together may have, and how long a body may go on
that nobody reads any more.

Knows uvicorn's protocol and sockets; nothing of requests. Where there are too many connections, the oldest
that has no request in hand makes room: who only holds connections open shuts nobody out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 10.0
"""How long a connection may take until the head of its request is whole."""
HEAD_BYTES = 65_536
MOST = 2_000
"""Connections at a time; fewer where the system gives the process fewer files."""
LINGER_S, LINGER_BYTES = 1.0, 1_000_000
"""How much of a body that was refused is still taken, so that who sends it can read why."""
FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\nconnection: close\r\n"
    b"retry-after: 5\r\ncontent-length: 21\r\n\r\nToo many connections."
)


class Connections:
    """Which connections are open, oldest first.

    Args:
        an_address: how many one address may have; 0 for no limit.
        proxies: addresses that speak for many, to which that limit does not apply.
    """

    def __init__(self, an_address: int, proxies: Collection[str] = ()) -> None:
        self.an_address, self.proxies = an_address, proxies
        self._by_address: dict[str, dict[Any, None]] = {}
        self._all: dict[Any, None] = {}

    def enter(self, one: Any, address: str) -> bool:
        """Take a connection in, if need be in the place of one without a request; whether there was room."""
        same = self._by_address.setdefault(address, {})
        limited = self.an_address and address not in self.proxies
        room = not (limited and len(same) >= self.an_address) or self._shed(same)
        room = room and (len(self._all) < _most() or self._shed(self._all))
        if room:
            self._by_address.setdefault(address, {})[one] = self._all[one] = None
        elif not same:
            self._by_address.pop(address, None)
        return room

    def leave(self, one: Any, address: str) -> None:
        """Forget a connection."""
        self._all.pop(one, None)
        same = self._by_address.get(address, {})
        same.pop(one, None)
        if not same:
            self._by_address.pop(address, None)

    def __len__(self) -> int:
        return len(self._all)

    def _shed(self, among: dict[Any, None]) -> bool:
        idle = next((one for one in among if one.is_idle), None)
        if idle is None:
            return False
        self.leave(idle, idle.address)
        idle.drop()
        return True


class Budgeted(HttpToolsProtocol):
    """uvicorn's protocol, within the budget of ``held``."""

    held: Connections
    address = ""
    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _left_bytes: int | None = None
    """What is still taken of a body that nobody reads; None while all of it is wanted."""

    @property
    def is_idle(self) -> bool:
        """Whether no request is in hand."""
        return self.cycle is None or self.cycle.response_complete

    def drop(self) -> None:
        """End the connection at once."""
        self._unset_timer()
        self.transport.abort()

    def connection_made(  # type: ignore[override]  # uvicorn narrows asyncio's BaseTransport, and so must we
        self, transport: asyncio.Transport
    ) -> None:
        """Take the connection in, or say that there is no room."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        if not self.held.enter(self, self.address):
            transport.write(FULL)
            transport.close()
            return
        self._wait(HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._unset_timer()
        self.held.leave(self, self.address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as far as the budget goes."""
        if self.transport.is_closing() or self.parser is None:
            return
        if self._left_bytes is not None:
            self._left_bytes -= len(data)
            if self._left_bytes < 0:
                self.drop()
                return
        elif self.is_idle:
            self._head_bytes += len(data)
            if self._timer is None:
                self._wait(HEAD_S)
        super().data_received(data)
        if self.is_idle and self._left_bytes is None and self._head_bytes > HEAD_BYTES:
            self.drop()

    def on_headers_complete(self) -> None:
        """The head is whole; the body has its own budget, which the door keeps."""
        self._unset_timer()
        self._head_bytes = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole."""
        if self._left_bytes is not None:
            self._left_bytes = None
            self._unset_timer()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """What is left of a body that was answered before it was whole is taken for a short while only."""
        if self.cycle.more_body and not self.transport.is_closing():
            self._left_bytes = LINGER_BYTES
            self._wait(LINGER_S)
        super().on_response_complete()

    def _wait(self, seconds: float) -> None:
        self._unset_timer()
        self._timer = self.loop.call_later(seconds, self.drop)

    def _unset_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def budgeted(held: Connections) -> type[Budgeted]:
    """The protocol of one server."""
    return type("Held", (Budgeted,), {"held": held})


def allow_many_files() -> None:
    """Ask the system for as many open files as it gives."""
    try:
        import resource
    except ModuleNotFoundError:  # not on Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * MOST if hard == resource.RLIM_INFINITY else min(hard, 4 * MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _most() -> int:
    """Connections at a time; half of the open files that the process may have just now, at most."""
    try:
        import resource
    except ModuleNotFoundError:  # not on Windows
        return MOST
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST if soft == resource.RLIM_INFINITY else min(MOST, max(16, soft // 2))
