"""How each route has done lately, from the log of requests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max
from django.utils import timezone

from .first_token import FirstTokens
from .model_request import ModelRequest
from .tally import Tally
from .usage_day import ROUTE, RouteName, routes

LATELY = timedelta(hours=24)
LONGEST_LIST = 100


@dataclass(frozen=True, slots=True)
class RouteHealth:
    model: str
    upstream: str
    tally: Tally
    first_tokens: FirstTokens
    running: int = 0
    last_error: ModelRequest | None = None

    @property
    def success(self) -> float | None:
        """The share that an upstream did not fail; None while nothing has ended."""
        ended = self.tally.requests - self.running
        return 1 - self.tally.failed / ended if ended > 0 else None

    @classmethod
    def of_all(cls, now: datetime | None = None) -> list[RouteHealth]:
        """Those that were asked lately, or are being asked: what fails most first."""
        since = (now or timezone.now()) - LATELY
        measured = routes(ModelRequest.objects.filter(created_at__gte=since))
        running, errors = _running(), _last_errors(since)
        nothing = (Tally(), FirstTokens())
        found = [
            cls(*name, *measured.get(name, nothing), running.get(name, 0), errors.get(name))
            for name in measured.keys() | running.keys()
        ]
        found.sort(key=lambda each: (-each.tally.failed, -each.tally.requests, each.model, each.upstream))
        return found[:LONGEST_LIST]


def _running() -> dict[RouteName, int]:
    asked = ModelRequest.objects.filter(status=ModelRequest.Status.RUNNING).exclude(upstream_name="")
    groups = asked.order_by().values_list(*ROUTE).annotate(asked=Count("pk"))
    return {(model, upstream): asked for model, upstream, asked in groups}


def _last_errors(since: datetime) -> dict[RouteName, ModelRequest]:
    failed = ModelRequest.objects.filter(created_at__gte=since, status=ModelRequest.Status.FAILED)
    latest: Iterable[int] = (
        failed.order_by().values(*ROUTE).annotate(last=Max("pk")).values_list("last", flat=True)
    )
    found = ModelRequest.objects.filter(pk__in=list(latest)).defer("attempts")
    return {(each.model_name, each.upstream_name): each for each in found}
