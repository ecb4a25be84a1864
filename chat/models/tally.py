from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from .money import amount, in_words


@dataclass(slots=True)
class Tally:
    """What some requests came to. Those whose price is `unknown` are not in `cost`."""

    requests: int = 0
    failed: int = 0
    unknown: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = Decimal(0)

    def add(self, other: Tally) -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    @property
    def spent(self) -> str:
        """In words; what is unknown is never taken for nothing."""
        if not self.unknown:
            return in_words(self.cost)
        unknown = f"unknown ({self.unknown:,} request{'' if self.unknown == 1 else 's'})"
        return f"{in_words(self.cost)} and {unknown}" if self.cost else unknown


# A refused request cost nothing, and one that runs is not done: only what was delivered can lack a price.
WITHOUT_PRICE = Q(cost=None) & ~Q(status="running") & (Q(prompt_tokens__gt=0) | Q(completion_tokens__gt=0))
NOTHING = amount(Decimal(0))
# Each in the order of the fields of Tally: of single requests, and of what is added up already.
OF_REQUESTS: tuple[Any, ...] = (
    Count("pk"),
    Count("pk", filter=Q(status="failed")),
    Count("pk", filter=WITHOUT_PRICE),
    Coalesce(Sum("prompt_tokens"), 0),
    Coalesce(Sum("completion_tokens"), 0),
    Coalesce(Sum("cost"), NOTHING),
)
OF_SUMS: tuple[Any, ...] = (
    Sum("requests"),
    Sum("failed"),
    Sum("unknown"),
    Sum("prompt_tokens"),
    Sum("completion_tokens"),
    Sum("cost"),
)


def named(sums: tuple[Any, ...]) -> dict[str, Any]:
    """For annotate(): under names that no field has."""
    return {f"sum_{field.name}": each for field, each in zip(fields(Tally), sums, strict=True)}


FIELDS = tuple(field.name for field in fields(Tally))
SUMS = tuple(f"sum_{name}" for name in FIELDS)
