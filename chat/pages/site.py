from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(_request: HttpRequest) -> dict[str, Any]:
    """What every page knows about the site."""
    return {
        "site_name": settings.SITE_NAME,
        "site_accent": settings.SITE_ACCENT,
        "sign_up": settings.SIGN_UP,
        "sends_mail": settings.SENDS_MAIL,
    }
