from collections.abc import Awaitable, Callable
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response


class ApiHandler(ASGIHandler):
    """Django without the middleware of the pages: a program has no session, no cookie and no form.

    Going through it would also cost each request a thread for as long as the model is silent.
    """

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002
        self._view_middleware: list[object] = []
        self._template_response_middleware: list[object] = []
        self._exception_middleware: list[object] = []
        self._middleware_chain = convert_exception_to_response(self._get_response_async)  # type: ignore[attr-defined]

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Awaitable[None]]
    ) -> None:
        # All requests share one thread, and with it one connection to the database: Django's own gives each a
        # new thread, whose connection takes longer to open than all the lookups of a request.
        await self.handle(scope, receive, send)
