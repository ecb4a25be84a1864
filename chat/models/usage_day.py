"""Requests of past days, added up: a month of them is looked at in no time, also when the log has forgotten them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from .first_token import FirstTokens, place_of
from .model_request import ModelRequest, ModelRequestQuerySet
from .money import MoneyField
from .period import Period
from .tally import OF_REQUESTS, SUMS, Tally, named

BY = ("user_id", "key_id", "model_name", "upstream_name")
ROUTE = ("model_name", "upstream_name")
# On top of the longest that a request may take: until then those of the day before may still run.
LATENESS = timedelta(hours=1)

RouteName = tuple[str, str]
Routes = dict[RouteName, tuple[Tally, FirstTokens]]


class UsageDayQuerySet(models.QuerySet["UsageDay"]):
    def close_past(self) -> None:
        """Add up every day that is over for good. Meant to be called now and then."""
        for day in self.open_days(last_day_over()):
            self._close(day)

    def open_days(self, last: date, first: date | None = None) -> Iterator[date]:
        """The days with requests that are not added up yet."""
        closed = self._last()
        start = max((each for each in (closed and closed + timedelta(days=1), first) if each), default=None)
        while day := self._next_day(start, last):
            yield day
            start = day + timedelta(days=1)

    def open_since(self) -> datetime | None:
        """When the first day begins that is not added up yet; None while none is."""
        last = self._last()
        return end_of(last) if last else None

    def _last(self) -> date | None:
        found: date | None = self.aggregate(last=Max("day"))["last"]
        return found

    def _next_day(self, start: date | None, last: date) -> date | None:
        rows = ModelRequest.objects.filter(created_at__lt=end_of(last))
        if start:
            rows = rows.filter(created_at__gte=start_of(start))
        found = rows.order_by("created_at").values_list("created_at", flat=True).first()
        return timezone.localdate(found) if found else None

    def _close(self, day: date) -> None:
        # Before the transaction: nobody could write while a busy day is looked through.
        usage, measured = list(tallies(requests_of(day))), routes(requests_of(day))
        with transaction.atomic():
            # Of several processes one is the first, and the others find it done.
            closed, is_new = self.get_or_create(day=day)
            if is_new:
                closed.take_in(usage, measured)


class UsageDay(models.Model):
    """A day of the site's time zone whose requests are added up; none of them changes any more."""

    day = models.DateField(primary_key=True)

    objects = UsageDayQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.day)

    def take_in(self, usage: list[tuple[tuple[Any, ...], Tally]], measured: Routes) -> None:
        DailyUsage.objects.bulk_create(
            DailyUsage(day=self, **dict(zip(BY, group, strict=True)), **asdict(tally))
            for group, tally in usage
        )
        DailyRoute.objects.bulk_create(
            DailyRoute(
                day=self,
                model_name=model_name,
                upstream_name=upstream_name,
                requests=tally.requests,
                failed=tally.failed,
                first_tokens=times.counts,
            )
            for (model_name, upstream_name), (tally, times) in measured.items()
        )


class DailyUsage(models.Model):
    """What one person asked of one route on one day, on the page (without a key) or with one key."""

    day = models.ForeignKey(UsageDay, on_delete=models.CASCADE, related_name="usage")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    key = models.ForeignKey("chat.ApiKey", null=True, on_delete=models.SET_NULL, related_name="+")
    model_name = models.CharField(max_length=200)
    upstream_name = models.CharField(max_length=100, blank=True)
    requests = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    unknown = models.PositiveIntegerField("without a price")
    prompt_tokens = models.BigIntegerField()
    completion_tokens = models.BigIntegerField()
    cost = MoneyField(default=Decimal(0))

    class Meta:
        indexes = (models.Index(fields=["user", "day"], name="usage_of_user"),)

    def __str__(self) -> str:
        return f"{self.model_name} on {self.day_id}"


class DailyRoute(models.Model):
    """How one route did on one day. `first_tokens` are the counts of FirstTokens."""

    day = models.ForeignKey(UsageDay, on_delete=models.CASCADE, related_name="routes")
    model_name = models.CharField(max_length=200)
    upstream_name = models.CharField(max_length=100)
    requests = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    first_tokens = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.model_name} at {self.upstream_name} on {self.day_id}"


def last_day_over() -> date:
    """The latest of which no request runs any more."""
    longest = timedelta(seconds=settings.UPSTREAM_TOTAL_TIMEOUT) + LATENESS
    return timezone.localdate(timezone.now() - longest) - timedelta(days=1)


def start_of(day: date) -> datetime:
    return Period.DAY.start(timezone.make_aware(datetime.combine(day, time(12))))


def end_of(day: date) -> datetime:
    return start_of(day + timedelta(days=1))


def requests_of(day: date) -> ModelRequestQuerySet:
    return ModelRequest.objects.filter(created_at__gte=start_of(day), created_at__lt=end_of(day))


def tallies(requests: ModelRequestQuerySet) -> Iterator[tuple[tuple[Any, ...], Tally]]:
    """By user, key, model and upstream."""
    groups = requests.order_by().values_list(*BY).annotate(**named(OF_REQUESTS))
    for row in groups.values_list(*BY, *SUMS):
        yield row[: len(BY)], Tally(*row[len(BY) :])


def routes(requests: ModelRequestQuerySet) -> Routes:
    """How each did, without what was refused before any was chosen."""
    found: Routes = defaultdict(lambda: (Tally(), FirstTokens()))
    groups = (
        requests.exclude(upstream_name="")
        .order_by()
        .annotate(place=place_of("first_token_seconds"))
        .values_list(*ROUTE, "place")
        .annotate(asked=Count("pk"), failures=Count("pk", filter=Q(status=ModelRequest.Status.FAILED)))
    )
    for model_name, upstream_name, place, asked, failures in groups:
        tally, times = found[model_name, upstream_name]
        tally.add(Tally(requests=asked, failed=failures))
        if place is not None:
            times.add_to(place, asked)
    return found
