from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from .money import MoneyField, amount
from .period import Period


class ChargeQuerySet(models.QuerySet["Charge"]):
    def fold(self) -> None:
        """Delete settled charges, and have the balances that they are in begin with them instead.

        A balance stays the sum of its opening and its charges. To be called in a transaction, in which they are
        locked: another process may be about to do the same.
        """
        from .allowance import Balance

        folded: dict[tuple[int, Period, datetime], Decimal] = defaultdict(Decimal)
        for charge in self.select_for_update().order_by("pk"):
            for period in Period:
                folded[charge.allowance_id, period, period.start(charge.created_at)] += charge.amount
        for (allowance, period, starts_at), spent in folded.items():
            balance = Balance.objects.filter(allowance=allowance, period=period, starts_at=starts_at)
            balance.update(opening=F("opening") + amount(spent))
        self.delete()


if TYPE_CHECKING:
    from .allowance import Allowance
    from .model_request import ModelRequest


class Charge(models.Model):
    """A request on the account of one allowance: reserved while it runs, then settled at what it cost."""

    request = models.ForeignKey("chat.ModelRequest", on_delete=models.CASCADE, related_name="charges")
    allowance = models.ForeignKey("chat.Allowance", on_delete=models.CASCADE, related_name="charges")
    created_at = models.DateTimeField(help_text="As of its request: the period that it counts for.")
    settled_at = models.DateTimeField(null=True)
    tokens = models.PositiveIntegerField(default=0)
    amount = MoneyField(default=Decimal(0))

    objects = ChargeQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["request", "allowance"], name="charged_once"),)
        indexes = (
            models.Index(fields=["allowance", "created_at"], name="charges_by_time"),
            models.Index(fields=["allowance"], condition=Q(settled_at=None), name="running_charges"),
        )

    def __str__(self) -> str:
        return f"{self.amount} for {self.request_id}"

    @classmethod
    def of(
        cls, request: ModelRequest, allowance: Allowance, tokens: int, money: Decimal, **fields: Any
    ) -> Charge:
        return cls(
            request=request,
            allowance=allowance,
            created_at=request.created_at,
            tokens=tokens,
            amount=money,  # type: ignore[misc]
            **fields,
        )
