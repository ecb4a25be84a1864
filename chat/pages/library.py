"""All conversations, the archive, a folder or a tag as a list of its own; and the trash."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.models import Conversation, Folder, Tag
from chat.models.shelf import TRASH_IS_KEPT_FOR, ConversationQuerySet

from .access import Request, one_of, own_folder, own_tag, signed_in

PAGE_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a list shows: `query` leads to it, and `nothing` stands there when it is empty."""

    name: str
    query: str
    conversations: ConversationQuerySet
    nothing: str


@never_cache
@signed_in
@require_safe
def library(request: Request) -> HttpResponse:
    shelf = _shelf(request)
    context = _page(request, shelf.conversations) | {
        "shelf": shelf,
        "folders": Folder.objects.owned_by(request.user),
        "tags": Tag.objects.owned_by(request.user),
    }
    return render(request, "library/library.html", context)


@never_cache
@signed_in
@require_safe
def trash(request: Request) -> HttpResponse:
    context = _page(request, Conversation.objects.trashed_by(request.user))
    return render(request, "library/trash.html", context | {"kept_for": TRASH_IS_KEPT_FOR.days})


def _shelf(request: Request) -> Shelf:
    own = Conversation.objects.owned_by(request.user)
    if public_id := request.GET.get("folder"):
        folder = own_folder(request, public_id)
        found = own.unarchived().filter(folder=folder)
        return Shelf(folder.name, f"folder={folder.public_id}", found, "This folder is empty.")
    if public_id := request.GET.get("tag"):
        tag = own_tag(request, public_id)
        return Shelf(tag.name, f"tag={tag.public_id}", own.filter(tags=tag), "Nothing has this tag.")
    if "archived" in request.GET:
        return Shelf("Archive", "archived=yes", own.archived(), "What you archive is listed here.")
    return Shelf("All conversations", "", own.unarchived(), "Your conversations will be listed here.")


def _page(request: Request, conversations: ConversationQuerySet) -> dict[str, object]:
    listed = conversations.latest_first()
    if public_id := request.GET.get("after"):
        listed = conversations.after(one_of(conversations, public_id))
    found = list(listed.select_related("folder").prefetch_related("tags")[: PAGE_LENGTH + 1])
    is_more = len(found) > PAGE_LENGTH
    return {"listed": found[:PAGE_LENGTH], "last": found[PAGE_LENGTH - 1] if is_more else None}
