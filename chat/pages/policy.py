"""The Content-Security-Policy: nothing from anyone else, and no script but ours.

Source: https://www.w3.org/TR/CSP3/
"""

import secrets
from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


def content_security_policy(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.csp_nonce = secrets.token_urlsafe(16)  # type: ignore[attr-defined]
        response = get_response(request)
        response.setdefault("Content-Security-Policy", policy(request.csp_nonce, request))  # type: ignore[attr-defined]
        return response

    return middleware


def policy(nonce: str, request: HttpRequest) -> str:
    # Django's administration has files of script, without nonces and without any script inside its pages.
    scripts = "'self'" if request.path.startswith("/admin/") else f"'nonce-{nonce}'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            f"style-src 'self' 'nonce-{nonce}'",
            # Pictures that an answer refers to come from elsewhere, but only when the reader asks for them.
            "img-src 'self' data: https: http:",
            "font-src 'self'",
            f"connect-src 'self' {socket(request)}".rstrip(),
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "manifest-src 'self'",
        )
    )


def socket(request: HttpRequest) -> str:
    """Where the page's websockets are, because Safari does not take 'self' for them; of no host, nowhere."""
    try:
        return f"{'wss' if request.is_secure() else 'ws'}://{request.get_host()}"
    except DisallowedHost:
        return ""


def csp_nonce(request: HttpRequest) -> dict[str, str]:
    return {"csp_nonce": getattr(request, "csp_nonce", "")}
