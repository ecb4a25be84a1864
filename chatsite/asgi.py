import os
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
# Before anything that imports models.
pages = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from chat.api.handler import ApiHandler  # noqa: E402
from chat.live.origin import SameHostOriginValidator  # noqa: E402
from chat.live.routing import websocket  # noqa: E402

api = ApiHandler()


async def http(
    scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Awaitable[None]]
) -> None:
    handler = api if f"{scope['path']}/".startswith("/v1/") else pages
    await handler(scope, receive, send)


sockets = AllowedHostsOriginValidator(SameHostOriginValidator(AuthMiddlewareStack(websocket)))
application = ProtocolTypeRouter({"http": http, "websocket": sockets})
