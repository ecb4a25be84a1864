"""Which key a request carries, and whom it lets in."""

from functools import partial

from django.conf import settings
from django.http import HttpRequest

from chat.gateway import FindPayer, Payer
from chat.gateway.database import in_database_thread
from chat.models import ApiKey

from .client_address import client_address
from .errors import AddressNotAuthorized, NotAuthenticated

_HEADERS = ("x-api-key", "api-key")


async def authenticated(request: HttpRequest) -> Payer:
    """Raises NotAuthenticated. A key is looked up for every request, so that a revoked one opens nothing any more."""
    return await in_database_thread(payer_of(request))


def payer_of(request: HttpRequest) -> FindPayer:
    """How to find whose key the request carries. Raises NotAuthenticated without one."""
    secret = _secret(request)
    if not secret:
        source = (
            "the page “Your keys” of this site makes" if settings.USER_KEYS else "an administrator issues"
        )
        raise NotAuthenticated(
            f"You didn't provide an API key. Send it as `Authorization: Bearer sk-…`; {source} keys."
        )
    return partial(_payer, secret, request)


def _secret(request: HttpRequest) -> str:
    scheme, _, credentials = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    return next((value.strip() for name in _HEADERS if (value := request.headers.get(name, ""))), "")


def _payer(secret: str, request: HttpRequest) -> Payer:
    key = ApiKey.objects.find(secret)
    if key is None or key.is_revoked or not key.owner.is_active:
        raise NotAuthenticated("This API key is not valid.", code="invalid_api_key")
    if key.has_expired():
        raise NotAuthenticated("This API key has expired. Ask for a new one.", code="expired_api_key")
    if key.networks and not key.opens_from(address := client_address(request)):
        raise AddressNotAuthorized(
            f"This API key may not be used from {address or 'an unknown address'}. "
            "An administrator can change from where."
        )
    return Payer(key.owner, key)
