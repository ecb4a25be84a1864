"""What is old is forgotten; what was spent stays counted, to the last billionth."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db.models import Sum
from django.utils import timezone

from chat.live.keeper import tidy
from chat.models import (
    Allowance,
    ApiKey,
    Balance,
    Charge,
    ModelRequest,
    Period,
    RequestBody,
    UsageReport,
    User,
)
from chat.models.spending import spent_by
from tests.traffic import asked


def ago(**time):
    return timezone.now() - timedelta(**time)


def charged(allowance: Allowance, at, cost: str, **charge) -> ModelRequest:
    request = asked(allowance.user, created_at=at, cost=Decimal(cost))
    fields = {"settled_at": at, "amount": Decimal(cost)} | charge
    Charge.objects.create(request=request, allowance=allowance, created_at=at, **fields)
    return request


def test_old_requests_go_and_young_ones_stay(owner, settings):
    settings.REQUEST_LOG_DAYS = 10
    asked(owner, created_at=ago(days=10, minutes=1))
    young = asked(owner, created_at=ago(days=9, hours=23))
    assert ModelRequest.objects.forget_old() == 1
    assert ModelRequest.objects.get() == young


def test_none_is_for_ever(owner, settings):
    settings.REQUEST_LOG_DAYS = settings.REQUEST_BODY_DAYS = 0
    RequestBody.objects.create(request=asked(owner, created_at=ago(days=4000)), created_at=ago(days=4000))
    assert ModelRequest.objects.forget_old() == 0
    assert RequestBody.objects.exists()


def test_bodies_go_before_their_requests(owner, settings):
    request = asked(owner, created_at=ago(days=8))
    RequestBody.objects.create(request=request, created_at=ago(days=8))
    RequestBody.objects.create(request=asked(owner), created_at=ago(days=6))
    ModelRequest.objects.forget_old()
    assert RequestBody.objects.count() == 1
    assert ModelRequest.objects.count() == 2


def test_a_balance_stays_the_sum_of_its_opening_and_its_charges(owner, settings):
    settings.REQUEST_LOG_DAYS = 5
    allowance = Allowance.objects.create(user=owner, total_budget=Decimal(100))
    charges = [
        (ago(days=20), "0.000000001"),
        (ago(days=6), "1.5"),
        (ago(days=6), "2.25"),
        (ago(days=1), "4"),
    ]
    opened = {}
    for at, cost in charges:
        for balance in allowance.balances(at):
            opened.setdefault(balance.pk, Decimal(0))
            opened[balance.pk] += Decimal(cost)
        charged(allowance, at, cost)
    for pk, spent in opened.items():
        Balance.objects.filter(pk=pk).update(spent=spent, opening=0)
    assert ModelRequest.objects.forget_old() == 3
    for balance in Balance.objects.all():
        ends_at = Period(balance.period).end(balance.starts_at)
        kept = allowance.charges.filter(created_at__gte=balance.starts_at)
        kept = kept.filter(created_at__lt=ends_at) if ends_at else kept
        assert balance.spent == balance.opening + (kept.aggregate(sum=Sum("amount"))["sum"] or 0)
        assert balance.spent == opened[balance.pk]


@pytest.mark.parametrize("left", [{"settled_at": None}, None])
def test_what_runs_or_is_not_settled_stays(owner, settings, left):
    settings.REQUEST_LOG_DAYS = 5
    allowance = Allowance.objects.create(user=owner)
    request = charged(allowance, ago(days=9), "1", **(left or {}))
    if left is None:
        ModelRequest.objects.update(status="running")
    assert ModelRequest.objects.forget_old() == 0
    assert ModelRequest.objects.get() == request


def test_many_go_a_few_at_a_time(owner, settings, monkeypatch):
    monkeypatch.setattr("chat.models.model_request.BATCH", 3)
    settings.REQUEST_LOG_DAYS = 1
    for _ in range(8):
        asked(owner, created_at=ago(days=2))
    assert ModelRequest.objects.forget_old() == 8


def test_what_was_spent_is_still_told_when_its_requests_are_forgotten(owner, settings):
    settings.REQUEST_LOG_DAYS = 5
    asked(owner, created_at=ago(days=9), cost=Decimal(3))
    tidy()
    assert not ModelRequest.objects.exists()
    assert UsageReport(30).total.spent == "$3.00"


def test_what_a_key_and_a_person_spent_outlives_the_log(owner, settings):
    settings.REQUEST_LOG_DAYS = 10
    key = ApiKey(owner=owner, name="Mine")
    key.issue()
    asked(owner, key=key, created_at=ago(days=20), cost=Decimal("1.5"))
    asked(owner, key=key, created_at=ago(days=5), cost=Decimal("0.25"))
    asked(owner, key=key, cost=Decimal("0.125"))
    tidy()
    assert ModelRequest.objects.count() == 2
    found = ApiKey.objects.with_use().get()
    assert (found.spent, found.has_unpriced) == (Decimal("1.875"), False)
    assert User.objects.annotate(spent=spent_by("user")[0]).get().spent == Decimal("1.875")


def test_that_a_price_was_unknown_outlives_the_log(owner, settings):
    settings.REQUEST_LOG_DAYS = 10
    ApiKey(owner=owner).issue()
    asked(owner, key=ApiKey.objects.get(), created_at=ago(days=40), cost=None)
    tidy()
    found = ApiKey.objects.with_use().get()
    assert (found.has_unpriced, found.has_unpriced_this_month) == (True, False)


def test_a_request_that_was_refused_has_no_unknown_price(owner):
    ApiKey(owner=owner).issue()
    refused = {"status": "refused", "cost": None, "prompt_tokens": 0, "completion_tokens": 0}
    asked(owner, key=ApiKey.objects.get(), **refused)
    assert not ApiKey.objects.with_use().get().has_unpriced


def test_what_is_not_added_up_yet_is_not_forgotten(owner, settings, monkeypatch):
    settings.REQUEST_LOG_DAYS = 1
    half_past_midnight = timezone.localtime().replace(hour=0, minute=30)
    monkeypatch.setattr(timezone, "now", lambda: half_past_midnight)
    asked(owner, created_at=ago(days=1, minutes=10), cost=Decimal(1))
    tidy()
    assert UsageReport(7, owner).total.cost == 1


@pytest.mark.parametrize("holder", ["user", "group"])
def test_a_budget_that_is_set_later_counts_what_the_log_has_forgotten(owner, settings, holder):
    settings.REQUEST_LOG_DAYS = 10
    asked(owner, created_at=ago(days=40), cost=Decimal("2.5"))
    asked(owner, cost=Decimal("0.25"))
    tidy()
    assert ModelRequest.objects.count() == 1
    group = Group.objects.create(name="Friends")
    owner.groups.add(group)
    allowance = Allowance.objects.create(**{holder: {"user": owner, "group": group}[holder]}, total_budget=5)
    opened = {balance.period: balance.opening for balance in allowance.balances(timezone.now())}
    assert (opened["total"], opened["day"]) == (Decimal("2.75"), Decimal("0.25"))
