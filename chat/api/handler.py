import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from typing import IO, Any

from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.urls import set_script_prefix

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class ApiHandler(ASGIHandler):
    """Django without the middleware of the pages: a program has no session, no cookie and no form.

    Going through it would also cost each request a thread for as long as the model is silent.
    """

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002
        self._view_middleware: list[object] = []
        self._template_response_middleware: list[object] = []
        self._exception_middleware: list[object] = []
        self._middleware_chain = convert_exception_to_response(self._get_response_async)  # type: ignore[attr-defined]

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """All requests share one thread, and with it one connection to the database.

        Django's own gives each a new thread, whose connection takes longer to open than all the lookups of a
        request, and goes there also to tell that it begins and ends; `in_database_thread` tidies the connection.
        """
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with closing(body):
            set_script_prefix(get_script_prefix(scope))
            await self._answer_until_left(scope, body, receive, send)

    async def _answer_until_left(
        self, scope: dict[str, Any], body: IO[bytes], receive: Receive, send: Send
    ) -> None:
        answering = asyncio.current_task()
        assert answering is not None
        leaving = asyncio.create_task(left(receive))
        leaving.add_done_callback(lambda _: leaving.cancelled() or answering.cancel())
        try:
            await self._answer(scope, body, send)
        except asyncio.CancelledError:
            if leaving.done():
                answering.uncancel()
            else:
                raise
        finally:
            leaving.cancel()

    async def _answer(self, scope: dict[str, Any], body: IO[bytes], send: Send) -> None:
        request, refusal = self.create_request(scope, body)
        response = await self.run_get_response(request) if request else refusal
        assert response
        await self.send_response(response, send)


async def left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
