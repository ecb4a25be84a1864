from django.http import HttpRequest, HttpResponseBase

from .endpoint import endpoint
from .errors import UnknownAddress


@endpoint("GET", "POST", "PUT", "PATCH", "DELETE")
async def address(request: HttpRequest) -> HttpResponseBase:
    raise UnknownAddress(f"Unknown request URL: {request.method} {request.path}. See /v1/openapi.json.")
