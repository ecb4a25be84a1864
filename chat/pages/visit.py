"""A visit to a shared conversation: for an hour a browser comes back to it, with its files, as the same reader."""

from django.conf import settings
from django.http import HttpResponseBase

from chat.models import Share
from chat.models.digest import digest

from .access import Request

COOKIE = "visit"
AN_HOUR = 60 * 60


def is_inside(request: Request, share: Share) -> bool:
    if request.user.pk == share.owner_id:
        return True
    given = request.get_signed_cookie(COOKIE, None, salt=_salt(share), max_age=AN_HOUR)
    return given == _pass_for(share)


def let_in(response: HttpResponseBase, request: Request, share: Share) -> HttpResponseBase:
    if request.user.pk != share.owner_id:
        response.set_signed_cookie(
            COOKIE,
            _pass_for(share),
            salt=_salt(share),
            max_age=AN_HOUR,
            path=share.get_absolute_url(),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def _salt(share: Share) -> str:
    return f"chat.pages.visit {share.public_id}"


def _pass_for(share: Share) -> str:
    """It is good as long as the passphrase is the same."""
    return digest(share.passphrase)[:16]
