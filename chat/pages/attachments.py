"""Files that are sent with a question: taken while it is written, and shown to their owner."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat.models import Attachment, Message, SharedFile
from chat.models.attachment import MOST_PER_MESSAGE
from chat.models.file_type import TEXT
from chat.models.offer import Offer

from .access import Request, one_of, signed_in
from .settings import chosen_model

A_DAY = 60 * 60 * 24
INERT = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}


@signed_in
@require_http_methods(["GET", "POST"])
def attachments(request: Request) -> HttpResponse:
    """POST takes files, as many as there is room for beside those that the form names; GET shows some again."""
    return _take(request) if request.method == "POST" else _show(request)


@signed_in
@require_POST
def remove(request: Request, public_id: str) -> HttpResponse:
    """One that was sent belongs to its message, and stays."""
    drafts = Attachment.objects.owned_by(request.user).drafts()
    get_object_or_404(drafts, public_id=public_id).delete()
    return HttpResponse()


@signed_in
@require_safe
@cache_control(private=True, max_age=A_DAY)
def file(request: Request, public_id: str) -> HttpResponse:
    """To anyone but its owner it does not exist. Nothing in it runs, whatever it is taken for."""
    attachment = get_object_or_404(Attachment.objects.owned_by(request.user), public_id=public_id)
    return served(attachment)


def served(attachment: Attachment | SharedFile) -> HttpResponse:
    """Raises Http404 if the file is gone."""
    try:
        content = attachment.read()
    except FileNotFoundError as error:
        raise Http404 from error
    headers = {
        "Content-Disposition": content_disposition_header(not attachment.is_image, attachment.name) or "",
        **INERT,
    }
    if attachment.media_type == TEXT:
        return HttpResponse(content, content_type=f"{TEXT}; charset=utf-8", headers=headers)
    # Compressed already: doing it again for the way would take time and save nothing.
    headers["Content-Encoding"] = "identity"
    return HttpResponse(content, content_type=attachment.media_type, headers=headers)


@signed_in
@require_safe
@cache_control(private=True, max_age=A_DAY)
def thumbnail(request: Request, public_id: str) -> HttpResponse:
    """A small picture is its own."""
    attachment = get_object_or_404(Attachment.objects.owned_by(request.user), public_id=public_id)
    if not attachment.thumbnail:
        return redirect("attachment", public_id)
    try:
        with attachment.thumbnail.open("rb") as kept:
            return HttpResponse(kept.read(), content_type="image/webp", headers=INERT)
    except FileNotFoundError as error:
        raise Http404 from error


@signed_in
@require_safe
def note(request: Request) -> HttpResponse:
    """What of these files the chosen model cannot take, or takes as text: said before they are sent."""
    model = chosen_model(request)
    own = Attachment.objects.owned_by(request.user)
    found = own.in_order(request.GET.getlist("attachments")[:MOST_PER_MESSAGE])
    offer = Offer.of(model)
    context = {
        "model": model,
        "refused": [each for each in found if model and not each.can_be_given_to(offer)],
        "as_text": [each for each in found if model and each.goes_as_text_to(offer)],
    }
    return render(request, "chat/_attachment_note.html", context)


def _take(request: Request) -> HttpResponse:
    room = MOST_PER_MESSAGE - len(request.POST.getlist("attachments"))
    files = request.FILES.getlist("files")
    taken, problems = [], []
    for uploaded in files[: max(0, room)]:
        try:
            taken.append(Attachment.take(request.user, uploaded))  # type: ignore[arg-type]
        except ValidationError as error:
            problems += error.messages
    if len(files) > room:
        problems.append(f"A message takes {MOST_PER_MESSAGE} files at most. Send the others with the next.")
    context = {"attachments": taken, "problems": problems}
    return render(request, "chat/_attached.html", context, status=200 if taken else 422)


def _show(request: Request) -> HttpResponse:
    """The drafts that a page had before it was loaded anew, or what a message has that is asked anew."""
    own = Attachment.objects.owned_by(request.user)
    if "message" in request.GET:
        message = one_of(Message.objects.owned_by(request.user), request.GET["message"])
        found = own.in_order(message.attachment_ids)
    else:
        found = own.drafts().in_order(request.GET.getlist("attachments")[:MOST_PER_MESSAGE])
    return render(request, "chat/_chips.html", {"attachments": found})
