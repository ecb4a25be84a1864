"""How long ago something was, in the words of a list."""

from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest
from django.utils import timezone

ZONE_COOKIE = "time_zone"


def reader_zone(request: HttpRequest) -> ZoneInfo:
    """The time zone that the browser told, or the site's own."""
    try:
        return ZoneInfo(request.COOKIES[ZONE_COOKIE])
    except (KeyError, ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(timezone.get_default_timezone_name())


def day_label(day: date, today: date) -> str:
    age = (today - day).days
    if age <= 0:
        return "Today"
    if age == 1:
        return "Yesterday"
    if age <= 7:
        return "Previous 7 days"
    if age <= 30:
        return "Previous 30 days"
    return f"{day:%B}" if day.year == today.year else f"{day:%B %Y}"
