from typing import Any
from urllib.parse import SplitResult, urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings

DEFAULT_PORTS = {"http": 80, "https": 443}


class SameHostOriginValidator:
    """Lets only pages of the host that a socket is opened to open it: a site of another name is another's.

    What the site may be called is for AllowedHostsOriginValidator. A proxy in front may speak https, but has to
    pass the host on; where it leaves the port out, CSRF_TRUSTED_ORIGINS names the whole origin.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin1").lower()
        host = headers.get(b"host", b"").decode("latin1").lower()
        application = self.application if is_of_host(origin, host) else WebsocketDenier()
        await application(scope, receive, send)


def is_of_host(origin: str, host: str) -> bool:
    try:
        page, site = urlsplit(origin), urlsplit(f"//{host}")
        if not page.hostname or page.hostname != site.hostname:
            return False
        return _port(page, page.scheme) == _port(site, page.scheme) or origin in settings.CSRF_TRUSTED_ORIGINS
    except ValueError:
        return False


def _port(address: SplitResult, scheme: str) -> int | None:
    return address.port or DEFAULT_PORTS.get(scheme)
