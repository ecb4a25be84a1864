"""Static files under addresses that change with their content, without a build or a copy.

The style sheets and the behaviours are kept one to a file, and each kind is served as one: a page asks for
few things, and nothing has to be built.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe

P = ParamSpec("P")
T = TypeVar("T")

OF_SHARED = ("tokens", "reset", "base", "button", "markup", "share")
LAYERS = b"@layer reset, tokens, base, components, utilities;\n"
FOREVER = "public, max-age=31536000, immutable"


def made_once(make: Callable[P, T]) -> Callable[P, T]:
    """Make it once; again and again while the files are being worked on."""
    return make if settings.DEBUG else cache(make)  # type: ignore[return-value]


class VersionedStorage(StaticFilesStorage):
    """`static("a.css")` is `/static/a.css?v=<hash of the content>`, which browsers may keep for a year."""

    def url(self, name: str | None) -> str:
        version = version_of(name) if name else None
        return f"{super().url(name)}?v={version}" if version else super().url(name)


@require_safe
def stylesheet(request: HttpRequest) -> HttpResponse:
    return _to_keep(request, HttpResponse(css(), content_type="text/css; charset=utf-8"))


@require_safe
def shared_stylesheet(request: HttpRequest) -> HttpResponse:
    return _to_keep(request, HttpResponse(css_of_shared(), content_type="text/css; charset=utf-8"))


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    return _to_keep(request, HttpResponse(javascript(), content_type="text/javascript; charset=utf-8"))


@made_once
def stylesheet_url() -> str:
    return f"/site.css?v={digest(css())}"


@made_once
def shared_stylesheet_url() -> str:
    return f"/share.css?v={digest(css_of_shared())}"


@made_once
def script_url() -> str:
    return f"/site.js?v={digest(javascript())}"


@made_once
def icon_url(name: str) -> str:
    return f"{static('icons.svg')}#{name}"


@made_once
def css() -> bytes:
    return LAYERS + b"".join(path.read_bytes() for path in _sources("css"))


@made_once
def css_of_shared() -> bytes:
    """What a shared conversation needs of it, which is to be a small page."""
    return LAYERS + b"".join(path.read_bytes() for name in OF_SHARED for path in _sources("css", name))


@made_once
def javascript() -> bytes:
    # One behaviour is one block: what it declares is its own, as it would be in a module of its own.
    return b"".join(b"{\n%b}\n" % path.read_bytes() for path in _sources("js"))


@made_once
def version_of(name: str) -> str | None:
    path = finders.find(name)
    return digest(Path(path).read_bytes()) if path else None


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _sources(kind: str, name: str = "*") -> list[Path]:
    return sorted((settings.BASE_DIR / "static" / kind).glob(f"{name}.{kind}"))


def _to_keep(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """An answer to keep for a year if it was asked for by its version."""
    response["Cache-Control"] = FOREVER if "v" in request.GET else "no-cache"
    return response


@require_safe
def icon(_request: HttpRequest) -> HttpResponse:
    """Browsers ask here for pages, such as those of the admin, that name no icon."""
    return redirect(static("favicon.svg"))
