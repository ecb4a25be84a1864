"""How much a person, a group or a key may use: a rate, and money."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q

from .money import MoneyField, amount, in_words
from .period import Period

if TYPE_CHECKING:
    from .api_key import ApiKey
    from .user import User

MINUTE = timedelta(minutes=1)


class LimitField(models.PositiveIntegerField):  # type: ignore[type-arg]
    def __init__(self, *args: object, **options: object) -> None:
        options |= {"null": True, "blank": True}
        options["validators"] = [MinValueValidator(1), MaxValueValidator(1_000_000_000)]
        super().__init__(*args, **options)  # type: ignore[arg-type]


class BudgetField(MoneyField):
    def __init__(self, *args: object, **options: object) -> None:
        options |= {"null": True, "blank": True}
        super().__init__(*args, **options)  # type: ignore[arg-type]


class AllowanceQuerySet(models.QuerySet["Allowance"]):
    def holding_for(self, user: User, key: ApiKey | None) -> AllowanceQuerySet:
        """Those that one request has to keep within: of the person, of their groups, and of the key."""
        return self.filter(Allowance.applies(user.pk, key.pk if key else None))

    def holding_for_any(self, users: Collection[User], keys: Collection[ApiKey]) -> AllowanceQuerySet:
        return self.filter(Q(user__in=users) | Q(group__user__in=users) | Q(key__in=keys))


class BalanceQuerySet(models.QuerySet["Balance"]):
    def running_at(self, moment: datetime) -> BalanceQuerySet:
        """Of all periods those that the moment lies in."""
        current = [Q(period=period, starts_at=period.start(moment)) for period in Period]
        return self.filter(reduce(or_, current))

    def reserve(self, money: Decimal) -> None:
        self.update(reserved=F("reserved") + amount(money))

    def settle(self, reserved: Decimal, cost: Decimal) -> None:
        """Let go of what was reserved, and take what it cost."""
        self.update(reserved=F("reserved") - amount(reserved), spent=F("spent") + amount(cost))


class Allowance(models.Model):
    """Every limit that is set holds, also beside those of the others; an empty one is no limit.

    A group shares what it has: all requests of its members count.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="allowance"
    )
    group = models.OneToOneField("auth.Group", null=True, on_delete=models.CASCADE, related_name="allowance")
    key = models.OneToOneField("chat.ApiKey", null=True, on_delete=models.CASCADE, related_name="allowance")
    requests_per_minute = LimitField()
    tokens_per_minute = LimitField(help_text="Of the questions and the answers.")
    parallel_requests = LimitField(help_text="Answers that are written at the same time.")
    daily_budget = BudgetField(help_text="US dollars a day.")
    weekly_budget = BudgetField(help_text="US dollars a week, from Monday.")
    monthly_budget = BudgetField(help_text="US dollars a calendar month.")
    total_budget = BudgetField(help_text="US dollars in all.")

    objects = AllowanceQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(user__isnull=False, group=None, key=None)
                | Q(user=None, group__isnull=False, key=None)
                | Q(user=None, group=None, key__isnull=False),
                name="allowance_of_one",
            ),
        )

    def __str__(self) -> str:
        return f"Limits of {self.holder}"

    @staticmethod
    def applies(user: int | OuterRef, key: int | OuterRef | None) -> Q:
        of_person = Q(user=user) | Q(group__user=user)
        return of_person | Q(key=key) if key else of_person

    @property
    def holder(self) -> str:
        """Whose it is, as a person would say it to whom it applies."""
        if self.key_id:
            return "this key"
        return f"the group {self.group}" if self.group else "your account"

    @property
    def has_rates(self) -> bool:
        return bool(self.requests_per_minute or self.tokens_per_minute or self.parallel_requests)

    @property
    def budgets(self) -> dict[Period, Decimal]:
        """The money that is set, by what it is for."""
        fields = {
            Period.DAY: self.daily_budget,
            Period.WEEK: self.weekly_budget,
            Period.MONTH: self.monthly_budget,
            Period.TOTAL: self.total_budget,
        }
        return {period: budget for period, budget in fields.items() if budget is not None}

    @property
    def limits(self) -> list[str]:
        """Those that are set, in words."""
        rates = {
            "requests a minute": self.requests_per_minute,
            "tokens a minute": self.tokens_per_minute,
            "at the same time": self.parallel_requests,
        }
        money = [f"{in_words(budget)} {period.label}" for period, budget in self.budgets.items()]
        return money + [f"{limit:,} {what}" for what, limit in rates.items() if limit is not None]

    def balances(self, now: datetime) -> list[Balance]:
        """One for each period that runs, opened with what was spent before there was this allowance."""
        found = {each.period: each for each in self.balance_set.running_at(now)}
        return [found.get(period) or self._open(period, period.start(now)) for period in Period]

    def pace(self, now: datetime) -> Pace:
        """What came in the last minute, and what is running."""
        recent = self.charges.filter(created_at__gt=now - MINUTE, created_at__lte=now)
        return Pace(
            [(each.created_at, each.tokens) for each in recent.order_by("created_at")],
            self.charges.filter(settled_at=None).count(),
        )

    @property
    def counts(self) -> Q:
        """Which requests count for it, and days of them that are added up."""
        if self.key_id:
            return Q(key=self.key_id)
        return Q(user=self.user_id) if self.user_id else Q(user__groups=self.group_id)

    def _open(self, period: Period, starts_at: datetime) -> Balance:
        # Nothing is charged in a period before its balance is there: all that counts is from before the allowance.
        from .spending import spent_since

        before = spent_since(starts_at, self.counts)
        opening: dict[str, Any] = {"opening": before, "spent": before}
        balance, _ = self.balance_set.get_or_create(period=period, starts_at=starts_at, defaults=opening)
        return balance


class Pace:
    """`recent` are the moments and tokens of the last minute's requests, the oldest first."""

    def __init__(self, recent: list[tuple[datetime, int]], running: int) -> None:
        self._recent = recent
        self.running = running

    @property
    def requests(self) -> int:
        return len(self._recent)

    @property
    def tokens(self) -> int:
        return sum(tokens for _, tokens in self._recent)

    def until_empty(self, now: datetime) -> float:
        """In how many seconds the last of them will be a minute ago."""
        return _seconds_left(self._recent[-1][0], now) if self._recent else 0

    def until_requests(self, fewer_than: int, now: datetime) -> float:
        """In how many seconds fewer requests than these will lie within a minute."""
        return _seconds_left(self._recent[self.requests - fewer_than][0], now)

    def until_tokens(self, at_most: int, now: datetime) -> float:
        """In how many seconds no more tokens than these will lie within a minute."""
        left = self.tokens
        for at, tokens in self._recent:
            left -= tokens
            if left <= at_most:
                return _seconds_left(at, now)
        return 0


def _seconds_left(at: datetime, now: datetime) -> float:
    return max((at + MINUTE - now).total_seconds(), 0)


class Balance(models.Model):
    """What an allowance was used in one period. `reserved` is for the requests that run.

    `spent` is `opening`, from before there was the allowance, and every settled charge since.
    """

    allowance = models.ForeignKey(Allowance, on_delete=models.CASCADE)
    period = models.CharField(max_length=5, choices=Period)
    starts_at = models.DateTimeField()
    opening = MoneyField(default=Decimal(0))
    spent = MoneyField(default=Decimal(0))
    reserved = MoneyField(default=Decimal(0))

    objects = BalanceQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["allowance", "period", "starts_at"], name="one_balance_a_period"),
        )

    def __str__(self) -> str:
        return f"{self.get_period_display()} from {self.starts_at:%Y-%m-%d}"

    def left(self, budget: Decimal) -> Decimal:
        return budget - self.spent - self.reserved
