"""Daphne, with what this site needs of it. To be imported after the event loop's policy is set."""

import asyncio
from collections.abc import Callable
from typing import Any

from channels.routing import get_default_application
from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server, twisted_loop
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from chat.live.keeper import keeper

from .body import KEY, Flow, Withheld, read_in_pieces
from .connection import Connection

MEBIBYTE = 1024 * 1024
DRAIN_SECONDS = 6.0
loop: asyncio.AbstractEventLoop = twisted_loop


class SiteServer(Server):  # type: ignore[misc]
    """Serves until SIGTERM or SIGINT. `failure` says why it could not listen."""

    def __init__(self, host: str, port: int, on_listening: Callable[[int], None]) -> None:
        """`on_listening` is told the port, once connections are accepted."""
        super().__init__(
            read_in_pieces(get_default_application()),
            endpoints=build_endpoint_description_strings(host=host, port=port),
            http_timeout=None,
            websocket_max_message_size=4 * MEBIBYTE,
            websocket_max_frame_size=4 * MEBIBYTE,
            application_close_timeout=10,
            verbosity=0,
            server_name="chatsite",
        )
        self.failure: BaseException | None = None
        self._on_listening = on_listening

    def protocol_connected(self, protocol: Any) -> None:
        # Django reads forms itself; Twisted would parse each of them, and every content type, before it.
        protocol._parsePOSTFormSubmission = False  # noqa: SLF001
        super().protocol_connected(protocol)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] == "http":
            scope[KEY], protocol.content = protocol.content, Withheld(protocol.content)
            flow = self.connections[protocol]["flow"] = Flow()
            protocol.registerProducer(flow, True)
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        flow = self.connections.get(protocol, {}).get("flow")
        is_last = message["type"] == "http.response.body" and not message.get("more_body")
        # Without a channel, the reader has left.
        if flow and is_last and protocol.channel:
            protocol.unregisterProducer()
        await super().handle_reply(protocol, message)
        if flow:
            await flow.wait()

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        port.transport = Connection
        # Twisted's line about each request, for a log that is kept nowhere.
        self.http_factory.log = lambda _request: None
        # Not yet: only a running reactor minds SIGTERM, and whoever is told may send it at once.
        reactor.callWhenRunning(self._on_listening, port.getHost().port)

    def listen_error(self, failure: Failure) -> None:
        self.failure = failure.value
        self.stop()

    def kill_all_applications(self) -> Deferred[None]:
        """Save the answers that are being written while their sockets are still open, then close."""
        return Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await keeper.drain()
        finally:
            await self._cancel_applications()

    async def _cancel_applications(self) -> None:
        connections = self.connections.values()
        tasks = [task for task in (each.get("application_instance") for each in connections) if task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1)
