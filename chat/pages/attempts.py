"""How often the passphrase of a shared conversation can be guessed, counted as attempts to sign in are."""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit

from chat.models import Share

from .access import Request


def is_one_too_many(request: Request, share: Share) -> bool:
    """From one address, or for one link from all addresses together; `ACCOUNT_RATE_LIMITS` says how many."""
    address = get_adapter().get_client_ip(request)
    return not (
        ratelimit.consume(request, action="share_by_address", key=f"{share.public_id} {address}")
        and ratelimit.consume(request, action="share", key=share.public_id)
    )
