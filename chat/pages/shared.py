"""A shared conversation as its readers get it: whole, without script, and without a word to anybody else.

Whoever may not see one gets the same page as for a link that never was.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from chat.models import Share, continue_as
from chat.models.continuation import path_to

from . import shared_download
from .access import Request
from .attachments import served
from .attempts import is_one_too_many
from .preview_image import preview_image
from .shared_page import branches_of
from .site import site
from .visit import is_inside, let_in

Reading = Callable[..., HttpResponseBase]

POLICY = (
    "default-src 'none'; style-src 'self' 'nonce-{nonce}'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# Those that look at a link when it is sent to somebody, and those that look at all there are.
ROBOT = re.compile(r"bot\b|crawl|spider|preview|facebookexternalhit|whatsapp|embedly|skype", re.IGNORECASE)
DESCRIPTION_LENGTH = 160


def for_readers(view: Reading) -> Reading:
    """With the share that the token in the address opens to whoever asks, and with the headers of such pages."""

    @wraps(view)
    def guarded(request: Request, token: str, **rest: Any) -> HttpResponseBase:
        share = Share.objects.find(token)
        try:
            response = _refused(request, share) or view(request, share, **rest)
        except Http404:
            response = render(request, "share/gone.html", status=404)
        return _discreet(response, share)

    return guarded


@sensitive_post_parameters("passphrase")
@csrf_exempt  # The page sends no referrer, and browsers then send no origin; all it can do is to open itself.
@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def show(request: Request, share: Share) -> HttpResponseBase:
    if request.method == "POST":
        return _open(request, share)
    if is_inside(request, share):
        return _page(request, share)
    if share.passphrase:
        return _locked(request, share)
    return _enter(request, share)


@require_safe
@for_readers
def file(request: Request, share: Share, number: int) -> HttpResponseBase:
    _refuse_outside(request, share)
    return served(get_object_or_404(share.files, number=number))


@require_safe
@for_readers
def picture(request: Request, share: Share) -> HttpResponse:
    """For programs that preview links, which say nothing of themselves and are let in nowhere."""
    if not share.tells_of_itself:
        raise Http404
    return HttpResponse(preview_image(share.title, site(request)["site_name"]), content_type="image/png")


@require_safe
@for_readers
def download(request: Request, share: Share, kind: str) -> HttpResponse:
    _refuse_outside(request, share)
    return shared_download.response(request, share, kind)


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def go_on(request: Request, share: Share, number: int) -> HttpResponseBase:
    """GET asks back. POST makes a conversation of the reader's own, of what that reader was asked about."""
    _refuse_outside(request, share)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    messages = path_to(share.snapshot, number)
    if not messages:
        raise Http404
    context = {"share": share, "length": len(messages)}
    if request.method == "POST":
        try:
            return redirect(continue_as(request.user, share, number, request.POST.get("revision", "")))
        except ValidationError as error:
            context["problem"] = " ".join(error.messages)
    response = render(request, "share/continue.html", context, status=409 if "problem" in context else 200)
    # With the policy of the other pages the form on this one would come without an origin, and be refused.
    response["Referrer-Policy"] = "same-origin"
    return response


def _refused(request: Request, share: Share | None) -> HttpResponseBase | None:
    if share is not None and share.admits(request.user):
        return None
    if share is None or request.user.is_authenticated:
        raise Http404
    return redirect_to_login(request.get_full_path())


def _discreet(response: HttpResponseBase, share: Share | None) -> HttpResponseBase:
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response["Cache-Control"] = "private, no-store"
    if not (share and share.is_listed and share.tells_of_itself and response.status_code == 200):
        response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _refuse_outside(request: Request, share: Share) -> None:
    if share.is_guarded and not is_inside(request, share):
        raise Http404


def _open(request: Request, share: Share) -> HttpResponseBase:
    if not share.passphrase:
        return redirect(share)
    if is_one_too_many(request, share):
        return _locked(request, share, "Too many attempts. Wait five minutes, then try again.", status=429)
    if not share.unlocks(request.POST.get("passphrase", "")):
        return _locked(
            request, share, "That is not the passphrase. Ask whoever sent you the link.", status=403
        )
    if not share.count_view():
        raise Http404
    return let_in(redirect(share), request, share)


def _locked(request: Request, share: Share, problem: str = "", status: int = 200) -> HttpResponse:
    """Nothing of what is behind it, not even to somebody who could still open it: a used up one is gone."""
    if share.state != "Open":
        raise Http404
    return _own_policy(request, render(request, "share/locked.html", {"problem": problem}, status=status))


def _enter(request: Request, share: Share) -> HttpResponseBase:
    """A robot is shown what is open to all, and uses up nothing; neither does whoever asks for headers only."""
    is_robot = bool(ROBOT.search(request.headers.get("User-Agent", "")))
    if share.state != "Open" or (is_robot and share.is_guarded):
        raise Http404
    if is_robot or request.method == "HEAD":
        return _page(request, share)
    if not share.count_view():
        raise Http404
    return let_in(_page(request, share), request, share)


def _page(request: Request, share: Share) -> HttpResponse:
    first, *others = branches_of(
        share.snapshot, share.markup, lambda number: f"{share.get_absolute_url()}/f/{number}"
    )
    context: dict[str, Any] = {
        "share": share,
        "branch": first,
        "others": others,
        "system_prompt": share.snapshot.get("system_prompt"),
        "description": _description(share),
        "address": request.build_absolute_uri(share.get_absolute_url()),
    }
    return _own_policy(request, render(request, "share/conversation.html", context))


def _description(share: Share) -> str:
    words = " ".join(share.snapshot["branches"][0]["messages"][0]["text"][: 2 * DESCRIPTION_LENGTH].split())
    return words if len(words) <= DESCRIPTION_LENGTH else f"{words[: DESCRIPTION_LENGTH - 1]}…"


def _own_policy(request: Request, response: HttpResponse) -> HttpResponse:
    response["Content-Security-Policy"] = POLICY.format(nonce=request.csp_nonce)  # type: ignore[attr-defined]
    return response
