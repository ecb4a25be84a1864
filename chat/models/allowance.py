"""How much a person, a group or a key may use: a rate, and money."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Sum

from .money import MoneyField, in_words
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
        return self.filter(self.applies(user.pk, key.pk if key else None))

    @staticmethod
    def applies(user_id: int, key_id: int | None) -> Q:
        of_person = Q(user=user_id) | Q(group__user=user_id)
        return of_person | Q(key=key_id) if key_id else of_person


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

    @property
    def holder(self) -> str:
        """Whose it is, as a person would say it to whom it applies."""
        if self.key_id:
            return "this key"
        return f"the group {self.group}" if self.group else "your account"

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
        current = {period: period.start(now) for period in Period}
        found = {
            (each.period, each.starts_at): each
            for each in self.balance_set.filter(starts_at__in=current.values())
        }
        return [found.get(opened) or self._open(*opened) for opened in current.items()]

    def pace(self, now: datetime) -> Pace:
        """What came in the last minute, and what is running."""
        recent = self.charges.filter(created_at__gt=now - MINUTE, created_at__lte=now)
        return Pace(
            [(each.created_at, each.tokens) for each in recent.order_by("created_at")],
            self.charges.filter(settled_at=None).count(),
        )

    def _open(self, period: Period, starts_at: datetime) -> Balance:
        from .model_request import ModelRequest

        before = ModelRequest.objects.of(self).filter(created_at__gte=starts_at)
        uncharged = before.exclude(charges__allowance=self).aggregate(spent=Sum("cost"))["spent"]
        balance, _ = self.balance_set.get_or_create(
            period=period, starts_at=starts_at, defaults={"opening": uncharged or 0, "spent": uncharged or 0}
        )
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

    def until_requests(self, fall_below: int) -> datetime | None:
        """When fewer requests than these will lie within a minute."""
        leaving = self.requests - fall_below
        return self._recent[leaving][0] + MINUTE if 0 <= leaving < self.requests else None

    def until_tokens(self, fall_to: int) -> datetime | None:
        """When no more tokens than these will lie within a minute."""
        return next((at for at, left in self._leaving() if left <= fall_to), None)

    def _leaving(self) -> Iterator[tuple[datetime, int]]:
        left = self.tokens
        for at, tokens in self._recent:
            left -= tokens
            yield at + MINUTE, left


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

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["allowance", "period", "starts_at"], name="one_balance_a_period"),
        )

    def __str__(self) -> str:
        return f"{self.get_period_display()} from {self.starts_at:%Y-%m-%d}"

    def left(self, budget: Decimal) -> Decimal:
        return budget - self.spent - self.reserved
