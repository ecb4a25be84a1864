"""What models cost. The catalogue is read from `prices.csv`; what an administrator enters is preferred to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from chat.completions import Usage

from .upstream import families

MILLION = 1_000_000
HIGHEST = 100_000


def today() -> date:
    return timezone.localdate()


class PriceField(models.DecimalField):  # type: ignore[type-arg]
    """US dollars, to a millionth."""

    def __init__(self, *args: object, **options: object) -> None:
        options |= {"max_digits": 12, "decimal_places": 6}
        options["validators"] = [MinValueValidator(0), MaxValueValidator(HIGHEST)]
        super().__init__(*args, **options)  # type: ignore[arg-type]


class Origin(models.TextChoices):
    CATALOGUE = "catalogue", "Catalogue"
    ADMIN = "admin", "Entered in the admin"


class PriceQuerySet(models.QuerySet["Price"]):
    def of(self, family: str, model_id: str, on: date) -> Prices:
        """Those that hold for a model on a day: by its own id, or by that of which it is a dated snapshot."""
        name = model_id.rpartition("/")[2].lower()
        beginnings = [name[:length] for length in range(1, len(name) + 1)]
        found = self.filter(
            Q(family=family) | Q(family=""),
            model_id__in=[model_id.lower(), *beginnings],
            effective_from__lte=on,
        )
        return Prices.holding([each for each in found if each.fits(model_id)])


class Price(models.Model):
    """In US dollars for a million tokens. An empty field costs what is said of the one that it belongs to.

    A model may have several that hold on the same day: the one `above` the most prompt tokens that a request
    exceeds is that request's.
    """

    Origin = Origin

    family = models.CharField(
        max_length=20, choices=families, blank=True, help_text="Empty for the model at any upstream."
    )
    model_id = models.CharField(
        "model id", max_length=200, help_text="Dated snapshots of it, such as -2026-11-05, cost the same."
    )
    effective_from = models.DateField("holds from", default=today)
    above = models.PositiveIntegerField(
        "for prompts above",
        default=0,
        help_text="Tokens of the prompt beyond which it holds; 0 for any prompt.",
    )
    input = PriceField("input")
    cached_input = PriceField("cached input", null=True, blank=True, help_text="Empty: as input.")
    cache_write = PriceField("cache write", null=True, blank=True, help_text="Empty: as input.")
    output = PriceField("output")
    reasoning = PriceField("reasoning", null=True, blank=True, help_text="Empty: as output.")
    per_image = PriceField("an image", null=True, blank=True, help_text="Of the prompt, besides its tokens.")
    per_second = PriceField(
        "a second of audio or video", null=True, blank=True, help_text="Of the prompt, besides its tokens."
    )
    origin = models.CharField(max_length=20, choices=Origin, default=Origin.ADMIN, editable=False)

    objects = PriceQuerySet.as_manager()

    class Meta:
        ordering = ("family", "model_id", "-effective_from", "above")
        constraints = (
            models.UniqueConstraint(
                fields=["family", "model_id", "effective_from", "above", "origin"], name="one_price_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.model_id} from {self.effective_from}"

    def fits(self, model_id: str) -> bool:
        """Whether it is the model's own, or that of the model which this is a snapshot of."""
        own = self.model_id.lower()
        return any(
            name == own or (name.startswith(own) and _is_date(name[len(own) :]))
            for name in (model_id.lower(), model_id.rpartition("/")[2].lower())
        )

    def cost(self, usage: Usage) -> Decimal:
        cached, written = usage.cached_tokens or 0, usage.cache_write_tokens or 0
        reasoned = min(usage.reasoning_tokens or 0, usage.completion_tokens)
        tokens = (
            max(usage.prompt_tokens - cached - written, 0) * self.input
            + cached * _or(self.cached_input, self.input)
            + written * _or(self.cache_write, self.input)
            + (usage.completion_tokens - reasoned) * self.output
            + reasoned * _or(self.reasoning, self.output)
        )
        return tokens / MILLION


class Prices:
    """All that hold for one model at one time, by the length of the prompt. None at all: the price is unknown."""

    def __init__(self, prices: Iterable[Price] = ()) -> None:
        self._prices = sorted(prices, key=lambda price: -price.above)

    @classmethod
    def holding(cls, found: Iterable[Price]) -> Prices:
        """What the admin entered first, then the longest name, then what is for this family, then the latest."""
        by_tier: dict[int, Price] = {}
        best = max(found, key=_precedence, default=None)
        if best is None:
            return cls()
        for price in sorted(found, key=_precedence):
            if (
                _precedence(price)[:3] == _precedence(best)[:3]
                and price.effective_from == best.effective_from
            ):
                by_tier[price.above] = price
        return cls(by_tier.values())

    def __bool__(self) -> bool:
        return bool(self._prices)

    @property
    def base(self) -> Price | None:
        """That of a short prompt."""
        return self._prices[-1] if self._prices else None

    def of_prompt(self, tokens: int) -> Price | None:
        return next((each for each in self._prices if tokens > each.above), self.base)

    def cost(self, usage: Usage) -> Decimal | None:
        price = self.of_prompt(usage.prompt_tokens)
        return price.cost(usage) if price else None


def _precedence(price: Price) -> tuple[bool, int, bool, date]:
    return price.origin == Origin.ADMIN, len(price.model_id), bool(price.family), price.effective_from


def _or(price: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if price is None else price


def _is_date(end: str) -> bool:
    """`-2026-11-05`, `-20261105`, `@20261105`, `-1105`, `-latest`, `-preview-11-05`."""
    rest = end.lstrip("-@").removeprefix("preview").lstrip("-")
    return end[:1] in ("-", "@") and (
        rest in ("", "latest") or (rest.replace("-", "").isdigit() and len(rest) >= 4)
    )
