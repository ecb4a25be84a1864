"""Bringing conversations here from elsewhere, and taking them along."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from chat.models import Conversation, Intake
from chat.models.public_id import is_public_id
from chat.models.shelf import ConversationQuerySet
from chat.transfer import exports, importing

from .access import Request, own_conversation, signed_in

SHOWN_IMPORTS = 5
SHOWN_CONVERSATIONS = 200
PIECE = 64 * 1024


@never_cache
@signed_in
@require_safe
def index(request: Request) -> HttpResponse:
    return _page(request)


@signed_in
@require_POST
def take_in(request: Request) -> HttpResponse:
    """Keeps the file; it is read in the background, and the page shows how far."""
    file = request.FILES.get("file")
    if file is None:
        return _page(request, "Choose a file first.")
    try:
        importing.take_in(request.user, file)  # type: ignore[arg-type]
    except ValidationError as error:
        return _page(request, " ".join(error.messages))
    return redirect("transfer")


@never_cache
@signed_in
@require_safe
def progress(request: Request, pk: int) -> HttpResponse:
    intake = get_object_or_404(Intake.objects.owned_by(request.user), pk=pk)
    response = render(request, "transfer/_import.html", {"import": intake})
    return response if intake.is_unfinished else trigger_client_event(response, "imported")


@signed_in
@require_safe
def choose(request: Request, public_id: str) -> HttpResponse:
    return render(request, "transfer/_export.html", {"conversation": own_conversation(request, public_id)})


@never_cache
@signed_in
@require_safe
def export(request: Request) -> HttpResponseBase:
    """The conversations that the address names, or all."""
    form = request.GET.get("form", "")
    if form not in exports.FORMS:
        raise Http404
    found = exports.export(_chosen(request), form)
    headers = {
        "Content-Disposition": content_disposition_header(True, found.name) or "",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        # What is packed already, or is sent while it is written, is not packed once more.
        "Content-Encoding": "identity",
    }
    return StreamingHttpResponse(_in_thread(found.pieces), content_type=found.media_type, headers=headers)


def _chosen(request: Request) -> ConversationQuerySet:
    """One that is not the asker's does not exist: then there is no export of any."""
    own = Conversation.objects.owned_by(request.user)
    public_ids = set(request.GET.getlist("conversation"))
    if not public_ids:
        return own
    if not all(map(is_public_id, public_ids)):
        raise Http404
    chosen = own.filter(public_id__in=public_ids)
    if chosen.count() < len(public_ids):
        raise Http404
    return chosen


async def _in_thread(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Collected to a size that is worth the way: the database is asked on the thread of the request."""
    while piece := await sync_to_async(_next)(pieces):
        yield piece


def _next(pieces: Iterator[bytes]) -> bytes:
    collected, length = [], 0
    for piece in pieces:
        collected.append(piece)
        length += len(piece)
        if length >= PIECE:
            break
    return b"".join(collected)


def _page(request: Request, problem: str = "") -> HttpResponse:
    # Before the conversations: one that ends in between is still asked after, and then brings its own.
    imports = list(Intake.objects.owned_by(request.user)[:SHOWN_IMPORTS])
    own = Conversation.objects.owned_by(request.user).latest_first()
    conversations = list(own.only("public_id", "title", "updated_at")[: SHOWN_CONVERSATIONS + 1])
    context = {
        "imports": imports,
        "problem": problem,
        "largest": settings.IMPORT_MAX_SIZE,
        "conversations": conversations[:SHOWN_CONVERSATIONS],
        "has_more": len(conversations) > SHOWN_CONVERSATIONS,
    }
    return render(request, "transfer/index.html", context, status=422 if problem else 200)
