"""Folders and tags, and where a conversation stands among them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat.models import Folder, Label, Tag

from . import sidebar
from .access import Request, own_conversation, own_folder, own_tag, signed_in


@never_cache
@signed_in
@require_safe
def index(request: Request) -> HttpResponse:
    context = {
        "folders": Folder.objects.owned_by(request.user).counted(),
        "tags": Tag.objects.owned_by(request.user).counted(),
    }
    return render(request, "library/labels.html", context)


@signed_in
@require_POST
def create_folder(request: Request) -> HttpResponse:
    return _create(request, Folder)


@signed_in
@require_POST
def create_tag(request: Request) -> HttpResponse:
    return _create(request, Tag)


@signed_in
@require_POST
def rename_folder(request: Request, public_id: str) -> HttpResponse:
    return _rename(request, own_folder(request, public_id))


@signed_in
@require_POST
def rename_tag(request: Request, public_id: str) -> HttpResponse:
    return _rename(request, own_tag(request, public_id))


@never_cache
@signed_in
@require_http_methods(["GET", "POST"])
def delete_folder(request: Request, public_id: str) -> HttpResponse:
    return _delete(request, own_folder(request, public_id))


@never_cache
@signed_in
@require_http_methods(["GET", "POST"])
def delete_tag(request: Request, public_id: str) -> HttpResponse:
    return _delete(request, own_tag(request, public_id))


@signed_in
@require_http_methods(["GET", "POST"])
def where(request: Request, public_id: str) -> HttpResponse:
    """GET asks which folder a conversation is to stand in, and which tags it is to have."""
    conversation = own_conversation(request, public_id)
    if request.method == "GET":
        context = {
            "conversation": conversation,
            "folders": Folder.objects.owned_by(request.user),
            "tags": Tag.objects.owned_by(request.user),
            "tagged": set(conversation.tags.values_list("public_id", flat=True)),
        }
        return render(request, "library/_where.html", context)
    try:
        with transaction.atomic():
            conversation.sort(chosen_folder(request), _tags(request))
    except ValidationError as error:
        return render(request, "chat/_refused.html", {"text": " ".join(error.messages)}, status=422)
    here = request.htmx.current_url_abs_path or ""
    context = {"text": "Sorted.", "sidebar": sidebar.whole(request, here)}
    return render(request, "library/_done.html", context)


def chosen_folder(request: Request) -> Folder | None:
    """The one that is named anew, or else chosen; none if neither is."""
    if new := request.POST.get("new_folder", "").strip():
        return Folder.named(request.user, new)  # type: ignore[arg-type]
    public_id = request.POST.get("folder", "")
    return own_folder(request, public_id) if public_id else None


def _tags(request: Request) -> list[Tag]:
    chosen = [own_tag(request, public_id) for public_id in request.POST.getlist("tags")]
    if new := request.POST.get("new_tag", "").strip():
        chosen.append(Tag.named(request.user, new))  # type: ignore[arg-type]
    return chosen


def _create(request: Request, kind: type[Label]) -> HttpResponse:
    try:
        label = kind.named(request.user, request.POST.get("name", ""))  # type: ignore[arg-type]
        messages.success(request, f"“{label}” is there now.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("labels")


def _rename(request: Request, label: Label) -> HttpResponse:
    try:
        label.rename(request.POST.get("name", ""))
        messages.success(request, f"It is called “{label}” now.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("labels")


def _delete(request: Request, label: Folder | Tag) -> HttpResponse:
    """GET asks back."""
    if request.method == "GET":
        held = label.conversations.filter(deleted_at=None).count()
        context = {"label": label, "kind": label._meta.verbose_name, "held": held}  # noqa: SLF001
        return render(request, "library/labels_delete.html", context)
    label.delete()
    kept = "The conversations in it are kept." if isinstance(label, Folder) else ""
    messages.success(request, f"“{label}” is deleted. {kept}".strip())
    return redirect("labels")
