"""What models cost. The catalogue is read from `prices.csv`; what an administrator enters is preferred to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from chat.completions import Usage

from .money import exactly
from .upstream import Upstream, families

if TYPE_CHECKING:
    from .language_model import Route

MILLION = 1_000_000
HIGHEST = 100_000
LONGEST = 100_000_000
# What a price is for, and what it says.
PLACE = ("family", "model_id", "effective_from", "above")
FIGURES = ("input", "cached_input", "cache_write", "output", "reasoning", "per_image", "per_second")


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


@dataclass(frozen=True, slots=True)
class Media:
    """What is in a prompt besides text: pictures, and seconds of audio and video."""

    images: int = 0
    seconds: Decimal = Decimal(0)


NO_MEDIA = Media()


class PriceQuerySet(models.QuerySet["Price"]):
    def at(self, upstream: Upstream, model_id: str, on: date) -> Prices:
        """What the upstream's answers cost."""
        return Prices.free() if upstream.is_free else self.of(upstream.family, model_id, on)

    def of(self, family: str, model_id: str, on: date) -> Prices:
        """Those that hold for a model on a day: by its own id, or by that of which it is a dated snapshot."""
        return self.of_each([(family, model_id)], on)[family, model_id]

    def of_each(self, models: Collection[tuple[str, str]], on: date) -> dict[tuple[str, str], Prices]:
        """Those of several, each a family and an id, by one query."""
        names = {model_id: names_of(model_id) for _, model_id in models}
        found = self.filter(model_id__in=set().union(*names.values()), effective_from__lte=on)
        by_name: dict[str, list[Price]] = {}
        for price in found.order_by():
            by_name.setdefault(price.model_id, []).append(price)
        return {
            (family, model_id): Prices.holding(
                price
                for name in names[model_id]
                for price in by_name.get(name, ())
                if price.family in ("", family)
            )
            for family, model_id in models
        }

    def of_routes(self, routes: Collection[Route], on: date) -> dict[int, Prices]:
        """Those of several routes, by one query and by their keys. What an upstream gives away costs nothing."""
        paid = {(route.upstream.family, route.model.model_id) for route in routes}
        prices = self.of_each(paid, on)
        return {
            route.pk: Prices.free()
            if route.upstream.is_free
            else prices[route.upstream.family, route.model.model_id]
            for route in routes
        }

    def take_over(self, prices: Collection[Price]) -> Changes:
        """Make the catalogue say exactly this of the models and days that it speaks of."""
        mine = self.filter(origin=Origin.CATALOGUE)
        known = {price.place: price for price in mine}
        given = {price.place: price for price in prices}
        days = {place[:3] for place in given}
        changes = Changes(
            new=[price for price in prices if price.place not in known],
            changed=[p for p in prices if p.place in known and p.figures != known[p.place].figures],
            gone=[price for place, price in known.items() if place not in given and place[:3] in days],
        )
        mine.filter(pk__in=[price.pk for price in changes.gone]).delete()
        self.bulk_create(
            [*changes.new, *changes.changed],
            update_conflicts=True,
            unique_fields=[*PLACE, "origin"],
            update_fields=FIGURES,
        )
        return changes


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
        validators=[MaxValueValidator(LONGEST)],
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

    def clean(self) -> None:
        self.model_id = self.model_id.strip().lower()
        if not self.model_id.isprintable():
            raise ValidationError({"model_id": "It holds a character that cannot be seen."})

    @property
    def place(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in PLACE)

    @property
    def figures(self) -> tuple[Decimal | None, ...]:
        return tuple(getattr(self, name) for name in FIGURES)

    @property
    def in_words(self) -> str:
        """`$2.50 in, $10.00 out`, for a million tokens."""
        long = f" above {self.above:,} tokens" if self.above else ""
        return f"{exactly(self.input)} in, {exactly(self.output)} out{long}"

    @property
    def dearest_input(self) -> Decimal:
        return max(self.input, _or(self.cache_write, self.input))

    @property
    def dearest_output(self) -> Decimal:
        return max(self.output, _or(self.reasoning, self.output))

    def of_media(self, media: Media) -> Decimal:
        return media.images * (self.per_image or 0) + media.seconds * (self.per_second or Decimal(0))

    def cost(self, usage: Usage, media: Media = NO_MEDIA) -> Decimal:
        """A usage that does not add up costs no less than nothing, and no token twice."""
        usage = usage.added_up()
        cached, written = usage.cached_tokens or 0, usage.cache_write_tokens or 0
        reasoned = usage.reasoning_tokens or 0
        tokens = (
            (usage.prompt_tokens - cached - written) * self.input
            + cached * _or(self.cached_input, self.input)
            + written * _or(self.cache_write, self.input)
            + (usage.completion_tokens - reasoned) * self.output
            + reasoned * _or(self.reasoning, self.output)
        )
        return tokens / MILLION + self.of_media(media)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a list of prices has changed in the catalogue."""

    new: Sequence[Price]
    changed: Sequence[Price]
    gone: Sequence[Price]


class Prices:
    """All that hold for one model at one time, by the length of the prompt. None at all: the price is unknown."""

    def __init__(self, prices: Iterable[Price] = ()) -> None:
        self._prices = sorted(prices, key=lambda price: -price.above)

    @classmethod
    def free(cls) -> Prices:
        return cls([Price(input=Decimal(0), output=Decimal(0))])

    @classmethod
    def holding(cls, found: Iterable[Price]) -> Prices:
        """What the admin entered first, then the longest name, then what is for this family, then the latest.

        A price for long prompts does not hold without one for short prompts from the same day.
        """
        by_rank: dict[tuple[object, ...], list[Price]] = {}
        for price in found:
            by_rank.setdefault(_rank(price), []).append(price)
        whole = [rank for rank, prices in by_rank.items() if any(price.above == 0 for price in prices)]
        return cls(by_rank[max(whole)]) if whole else cls()

    def __bool__(self) -> bool:
        return bool(self._prices)

    def __iter__(self) -> Iterator[Price]:
        """That of a short prompt first."""
        return reversed(self._prices)

    @property
    def base(self) -> Price | None:
        """That of a short prompt."""
        return self._prices[-1] if self._prices else None

    def most(self, prompt_tokens: int, output_tokens: int, media: Media) -> Decimal:
        """The most that so many tokens can cost, where it is known what they cost."""
        price = self.of_prompt(prompt_tokens)
        assert price is not None
        tokens = prompt_tokens * price.dearest_input + output_tokens * price.dearest_output
        return tokens / MILLION + price.of_media(media)

    def affordable(self, money: Decimal, prompt_tokens: int, media: Media) -> int:
        """How many output tokens the money is enough for after the prompt; below zero if not even for that."""
        price = self.of_prompt(prompt_tokens)
        assert price is not None
        left = (money - price.of_media(media)) * MILLION - prompt_tokens * price.dearest_input
        if left < 0:
            return -1
        return int(left / price.dearest_output) if price.dearest_output else MILLION

    def cost(self, usage: Usage, media: Media = NO_MEDIA) -> Decimal | None:
        price = self.of_prompt(usage.prompt_tokens)
        return price.cost(usage, media) if price else None

    def of_prompt(self, prompt_tokens: int) -> Price | None:
        return next((each for each in self._prices if prompt_tokens > each.above), self.base)


def names_of(model_id: str) -> set[str]:
    """By which its price may be kept: its id, without what stands before a slash, without the date of a snapshot.

    One that was fine-tuned, `ft:gpt-4o-2024-08-06:acme::9Xy`, goes by `ft:` and what it was made of.
    """
    whole = model_id.lower()
    if whole.startswith("ft:"):
        whole = ":".join(whole.split(":")[:2])
    own = {whole, whole.rpartition("/")[2]}
    return own | {name[:end] for name in own for end in range(1, len(name)) if _is_date(name[end:])}


def _rank(price: Price) -> tuple[object, ...]:
    return (
        price.origin == Origin.ADMIN,
        len(price.model_id),
        price.model_id,
        price.family,
        price.effective_from,
    )


def _or(price: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if price is None else price


def _is_date(end: str) -> bool:
    """`-2026-11-05`, `-20261105`, `@20261105`, `-1105`, `-001`, `-latest`, `-preview`, `-preview-11-05`."""
    rest = end.lstrip("-@").removeprefix("preview").lstrip("-")
    return end[:1] in ("-", "@") and (
        rest in ("", "latest") or (rest.replace("-", "").isdigit() and len(rest) >= 3)
    )
