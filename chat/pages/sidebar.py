"""A person's conversations, the latest first, in pages, under the days of their last turn."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from chat.models import Conversation

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
    """`last` is where the next page begins, None at the end."""

    entries: list[Entry]
    last: Conversation | None


def page(request: HttpRequest, current: str, after: Conversation | None = None) -> Page:
    """`current` is the path of the page that the sidebar stands on."""
    conversations = Conversation.objects.filter(owner=request.user.pk).latest_first()
    if after:
        older = Q(updated_at__lt=after.updated_at) | Q(updated_at=after.updated_at, id__lt=after.pk)
        conversations = conversations.filter(older)
    found = list(conversations.only("public_id", "title", "updated_at")[: PAGE_LENGTH + 1])
    shown = found[:PAGE_LENGTH]
    last = shown[-1] if len(found) > PAGE_LENGTH else None
    return Page(_entries(request, shown, after, current), last)


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
