"""Calls from the pages of other sites, where the operator allows them. A call carries its key, never a cookie.

Source: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_ALLOWED = {
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "*, authorization",
    "access-control-max-age": "600",
}
_EXPOSED = "x-request-id, x-gateway-dropped-params, x-gateway-adjusted-params, retry-after, retry-after-ms"


def allow_origin(request: HttpRequest, response: HttpResponseBase) -> None:
    origin = request.headers.get("origin")
    if not origin or not {"*", origin} & set(settings.CORS_ALLOWED_ORIGINS):
        return
    response["access-control-allow-origin"] = origin
    response["vary"] = "origin"
    response["access-control-expose-headers"] = _EXPOSED
    if request.method == "OPTIONS":
        for name, value in _ALLOWED.items():
            response[name] = value
