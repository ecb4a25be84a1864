from django.conf import settings
from django.http.request import validate_host

EVERY_INTERFACE = {"", "0.0.0.0", "::"}  # noqa: S104


def public_address(host: str, port: int) -> str:
    """Where a browser reaches the site that listens there, without a slash at the end."""
    shown = "localhost" if host in EVERY_INTERFACE else f"[{host}]" if ":" in host else host
    named = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    if validate_host(shown, settings.ALLOWED_HOSTS) or not named:
        return f"http://{shown}:{port}"
    return f"https://{named[0]}" if settings.BEHIND_HTTPS else f"http://{named[0]}:{port}"
