from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone


class Period(models.TextChoices):
    """What a budget is for. Days, weeks and months begin at midnight in the site's time zone."""

    DAY = "day", "a day"
    WEEK = "week", "a week"
    MONTH = "month", "a month"
    TOTAL = "total", "in all"

    def start(self, now: datetime) -> datetime:
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        match self:
            case Period.DAY:
                return midnight
            case Period.WEEK:
                return _midnight(midnight - timedelta(days=midnight.weekday()))
            case Period.MONTH:
                return _midnight(midnight.replace(day=1))
            case _:
                return datetime(2000, 1, 1, tzinfo=timezone.get_default_timezone())

    def end(self, now: datetime) -> datetime | None:
        """When it begins anew; None for what never does."""
        start = self.start(now)
        match self:
            case Period.DAY:
                return _midnight(start + timedelta(days=1))
            case Period.WEEK:
                return _midnight(start + timedelta(days=7))
            case Period.MONTH:
                return _midnight((start + timedelta(days=32)).replace(day=1))
            case _:
                return None


def _midnight(moment: datetime) -> datetime:
    """Of that day, with the offset that holds then."""
    return timezone.make_aware(moment.replace(tzinfo=None))
