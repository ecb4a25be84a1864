"""Amounts of US dollars, kept to the billionth, so that the price of one token is exact and sums stay so."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Value
from django.forms import DecimalField
from django.utils.text import capfirst

PLACES = 9
MOST = Decimal(1_000_000)


class MoneyField(models.BigIntegerField):  # type: ignore[type-arg]
    """A Decimal in Python, a whole number of billionths in the database: SQLite has no exact decimals."""

    def from_db_value(self, value: Any, *_: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-PLACES)

    def to_python(self, value: Any) -> Decimal | None:
        return None if value is None else Decimal(value)

    def get_prep_value(self, value: Any) -> int | None:
        return None if value is None else round(Decimal(value).scaleb(PLACES))

    def formfield(self, **options: Any) -> DecimalField:
        shown = {
            "required": not self.blank,
            "label": capfirst(self.verbose_name),
            "help_text": self.help_text,
        }
        fitting = {"max_digits": 16, "decimal_places": PLACES, "min_value": 0, "max_value": MOST}
        every: dict[str, Any] = shown | fitting | options
        return DecimalField(**every)


def amount(value: Decimal) -> Value:
    """For arithmetic in the database, which would otherwise take dollars for billionths."""
    return Value(value, output_field=MoneyField())


def in_words(value: Decimal) -> str:
    """`$20.00`; of what is less than a cent two digits that count: `$0.00042`."""
    if value == 0 or abs(value) >= Decimal("0.01"):
        return f"${value:,.2f}"
    digits = -value.adjusted() + 1
    return f"${value:.{min(digits, PLACES)}f}"


def exactly(value: Decimal) -> str:
    """With all its digits, for what is paid a million times: `$20.00`, `$0.0028`."""
    plain = f"{value.normalize():,f}"
    whole, _, digits = plain.partition(".")
    return f"${whole}.{digits:0<2}"


def spent_in_words(value: Decimal | None, has_unpriced: bool) -> str:
    """What some requests cost, of which those without a known price are not counted as nothing."""
    if not has_unpriced:
        return in_words(value or Decimal(0))
    return "unknown" if not value else f"{in_words(value)}, and requests of unknown price"
