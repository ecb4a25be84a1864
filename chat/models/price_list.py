from __future__ import annotations

import hashlib
from pathlib import Path

from django.db import models, transaction

from .price import Changes, Price
from .price_file import read_prices

PACKAGED = Path(__file__).with_name("prices.csv")


class PriceListQuerySet(models.QuerySet["PriceList"]):
    def load(self, content: bytes) -> Changes:
        """Take its prices into the catalogue: all of them, or none and InvalidPrices."""
        prices = read_prices(content)
        with transaction.atomic():
            changes = Price.objects.take_over(prices)
            self.update_or_create(digest=digest_of(content))
        return changes

    def load_packaged(self) -> None:
        """Only once, so that a newer file that an administrator has loaded since stays."""
        content = PACKAGED.read_bytes()
        if not self.filter(digest=digest_of(content)).exists():
            self.load(content)


class PriceList(models.Model):
    """A file of prices that was loaded, known by what it says."""

    digest = models.CharField(max_length=64, unique=True)
    loaded_at = models.DateTimeField(auto_now=True)

    objects = PriceListQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Prices loaded at {self.loaded_at}"


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
