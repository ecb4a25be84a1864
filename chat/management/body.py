"""Bodies of requests and answers, a piece at a time.

Daphne hands a whole request to the application at once, and takes from it whatever it writes: both stand in
memory however large they are. Source: daphne/http_protocol.py and daphne/server.py of daphne 4.2
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import IO, Any

PIECE = 64 * 1024
KEY = "chatsite.body"
Receive = Callable[[], Awaitable[dict[str, Any]]]
Application = Callable[..., Awaitable[None]]


class Withheld:
    """Stands in for the content of a request while daphne reads it: it seems empty."""

    def __init__(self, content: IO[bytes]) -> None:
        self.content = content

    def read(self, _size: int = -1) -> bytes:
        return b""

    def seek(self, *where: int) -> int:
        return self.content.seek(*where)

    def close(self) -> None:
        self.content.close()

    @property
    def closed(self) -> bool:
        return self.content.closed


def read_in_pieces(application: Application) -> Application:
    """The application is given the body that the scope holds when it asks for more of it."""

    async def reading(scope: dict[str, Any], receive: Receive, send: Callable[..., Awaitable[None]]) -> None:
        content = scope.pop(KEY, None)
        await application(scope, receive if content is None else _pieces(content, receive), send)

    return reading


def _pieces(content: IO[bytes], receive: Receive) -> Receive:
    is_over = False

    async def next_piece() -> dict[str, Any]:
        nonlocal is_over
        if is_over or content.closed:
            return await receive()
        raw = content.read(PIECE)
        is_over = len(raw) < PIECE
        if is_over:
            # Daphne's own message, which says that an empty body has ended.
            await receive()
        return {"type": "http.request", "body": raw, "more_body": not is_over}

    return next_piece


class Flow:
    """Lets whoever writes to a connection wait while the reader is behind."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    def pauseProducing(self) -> None:  # noqa: N802  as Twisted calls it
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._open.set()

    def stopProducing(self) -> None:  # noqa: N802
        self._open.set()

    async def wait(self) -> None:
        await self._open.wait()
