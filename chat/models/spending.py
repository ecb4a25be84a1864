"""What people and keys spent: of the days that are added up, and of the requests since then."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from .model_request import ModelRequest
from .money import MoneyField, amount
from .usage_day import DailyUsage, UsageDay


def spent_by(holder: str, since: datetime | None = None) -> tuple[ExpressionWrapper[Any], Q]:
    """For each `user` or `key` of a query: what it spent, and whether there were prices that are unknown.

    `since` is the beginning of a day; the log may have forgotten the requests of then.
    """
    mine = {holder: OuterRef("pk")}
    days = DailyUsage.objects.filter(**mine)
    requests = ModelRequest.objects.filter(**mine).order_by()
    if since:
        days = days.filter(day__gte=timezone.localdate(since))
    if begins := max((each for each in (since, UsageDay.objects.open_since()) if each), default=None):
        requests = requests.filter(created_at__gte=begins)
    spent = ExpressionWrapper(_sum(days, holder) + _sum(requests, holder), output_field=MoneyField())
    return spent, Q(Exists(days.filter(unknown__gt=0))) | Q(Exists(requests.unpriced()))


def spent_since(beginning: datetime, whose: Q) -> Decimal:
    """Of all requests that the condition is true of, those of the days that are added up too."""
    begins = max(each for each in (beginning, UsageDay.objects.open_since()) if each)
    days = DailyUsage.objects.filter(whose, day__gte=timezone.localdate(beginning))
    return _total(days) + _total(ModelRequest.objects.filter(whose, created_at__gte=begins))


def _total(rows: QuerySet[Any]) -> Decimal:
    return rows.aggregate(sum=Sum("cost"))["sum"] or Decimal(0)


def _sum(rows: QuerySet[Any], holder: str) -> Coalesce:
    total = rows.order_by().values(holder).annotate(sum=Sum("cost")).values("sum")
    return Coalesce(Subquery(total), amount(Decimal(0)), output_field=MoneyField())
