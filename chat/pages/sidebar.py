"""A person's conversations: the pinned ones, those in folders, and the others under the days of their last turn."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from chat.models import Conversation, Folder
from chat.models.shelf import ConversationQuerySet

from .days import day_label, reader_zone

PAGE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """`day` is the heading that stands above it, empty for what stands under that of the entry before."""

    conversation: Conversation
    day: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Page:
    """`last` is where the next page begins, None at the end; `folder` is whose page it is."""

    entries: list[Entry]
    last: Conversation | None
    folder: Folder | None = None


@dataclass(frozen=True, slots=True)
class Sidebar:
    """`opened` is the folder of the conversation that is shown; the others are loaded when they are opened."""

    pinned: list[Entry]
    folders: list[Folder]
    opened: Page | None
    latest: Page


def whole(request: HttpRequest, current: str) -> Sidebar:
    """`current` is the path of the page that the sidebar stands on."""
    own = Conversation.objects.owned_by(request.user)
    pinned = own.pinned().only("public_id", "title", "pinned_at")
    folders: list[Folder] = list(Folder.objects.owned_by(request.user))  # type: ignore[arg-type]
    return Sidebar(
        pinned=[Entry(each, "", each.get_absolute_url() == current) for each in pinned],
        folders=folders,
        opened=_opened(request, folders, current),
        latest=latest(request, current),
    )


def latest(request: HttpRequest, current: str, after: Conversation | None = None) -> Page:
    shown, last = _piece(Conversation.objects.owned_by(request.user).at_hand(), after)
    return Page(_entries(request, shown, after, current), last)


def in_folder(request: HttpRequest, folder: Folder, current: str, after: Conversation | None = None) -> Page:
    shown, last = _piece(Conversation.objects.owned_by(request.user).in_folder(folder), after)
    return Page([Entry(each, "", each.get_absolute_url() == current) for each in shown], last, folder)


def _opened(request: HttpRequest, folders: Iterable[Folder], current: str) -> Page | None:
    own = Conversation.objects.owned_by(request.user).filter(pinned_at=None, archived_at=None)
    public_id = current.removeprefix("/c/")
    found = own.filter(public_id=public_id).values_list("folder", flat=True) if public_id != current else ()
    folder = next((each for each in folders if each.pk in found), None)
    return in_folder(request, folder, current) if folder else None


def _piece(
    conversations: ConversationQuerySet, after: Conversation | None
) -> tuple[list[Conversation], Conversation | None]:
    listed = conversations.after(after) if after else conversations.latest_first()
    found = list(listed.only("public_id", "title", "updated_at")[: PAGE_LENGTH + 1])
    shown = found[:PAGE_LENGTH]
    return shown, shown[-1] if len(found) > PAGE_LENGTH else None


def _entries(
    request: HttpRequest, shown: list[Conversation], after: Conversation | None, current: str
) -> list[Entry]:
    zone = reader_zone(request)
    today = timezone.now().astimezone(zone).date()

    def day(conversation: Conversation) -> str:
        return day_label(conversation.updated_at.astimezone(zone).date(), today)

    above = [day(after) if after else "", *map(day, shown)]
    return [
        Entry(each, "" if day(each) == day_above else day(each), each.get_absolute_url() == current)
        for each, day_above in zip(shown, above, strict=False)
    ]
