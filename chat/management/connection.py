"""The connections that the site has accepted."""

import asyncio
from typing import Any

from twisted.internet.tcp import Server


class Connection(Server):
    """Sends all that one turn of the event loop wrote with the next turn, and leaves the rest to the reactor.

    Twisted's own registers each time to be told that the socket can be written to, which it nearly always can:
    four more calls of the system, and one more turn of the event loop.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._loop = asyncio.get_running_loop()
        self._is_due = False

    def startWriting(self) -> None:  # noqa: N802  as Twisted calls it
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._send)

    def _send(self) -> None:
        self._is_due = False
        if not self.connected:
            return
        failure = self.doWrite()  # type: ignore[no-untyped-call]
        # The reactor finds a failure again, and knows what to do about it.
        if failure or self._is_behind():
            super().startWriting()  # type: ignore[no-untyped-call]

    def _is_behind(self) -> bool:
        return len(self.dataBuffer) > self.offset or self._tempDataLen > 0
