"""How the price of one request comes about, by the catalogue as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from chat.completions import Usage

from .model_request import ModelRequest
from .money import in_words
from .price import Price


@dataclass(frozen=True, slots=True)
class Item:
    what: str
    tokens: int
    amount: Decimal

    @property
    def a_million(self) -> str:
        return in_words(self.amount * 1_000_000 / self.tokens)

    def __str__(self) -> str:
        return f"{self.tokens:,} tokens {self.what} at {self.a_million} a million: {in_words(self.amount)}"


@dataclass(frozen=True, slots=True)
class Bill:
    items: tuple[Item, ...]
    remark: str = ""

    @classmethod
    def of(cls, request: ModelRequest) -> Bill:
        if request.upstream and request.upstream.is_free:
            return cls((), "Its upstream costs nothing.")
        price = _price_of(request)
        if price is None:
            return cls((), "" if request.cost is not None else "The catalogue has no price for this model.")
        items = tuple(_items(request, price))
        charged = sum((item.amount for item in items), Decimal(0))
        # The ledger keeps billionths; a division may have left more.
        is_as_charged = request.cost is not None and abs(charged - request.cost) < Decimal("1e-8")
        return cls(items) if is_as_charged else cls((), _other(request))


def _price_of(request: ModelRequest) -> Price | None:
    family = request.upstream.family if request.upstream else ""
    found = Price.objects.of(family, request.model_name, timezone.localdate(request.created_at))
    return found.of_prompt(request.prompt_tokens or 0)


def _items(request: ModelRequest, price: Price) -> Iterator[Item]:
    """Each counted by itself, by the same price."""
    cached, written = request.cached_tokens or 0, request.cache_write_tokens or 0
    reasoned = min(request.reasoning_tokens or 0, request.completion_tokens or 0)
    read = max((request.prompt_tokens or 0) - cached - written, 0)
    said = (request.completion_tokens or 0) - reasoned
    parts = (
        ("read", Usage(read, 0, read)),
        ("read from a cache", Usage(cached, 0, cached, cached_tokens=cached)),
        ("written to a cache", Usage(written, 0, written, cache_write_tokens=written)),
        ("written", Usage(0, said, said)),
        ("thought", Usage(0, reasoned, reasoned, reasoning_tokens=reasoned)),
    )
    for what, usage in parts:
        if usage.total_tokens:
            yield Item(what, usage.total_tokens, price.cost(usage))


def _other(request: ModelRequest) -> str:
    if request.cost is None:
        return "The catalogue had no price for this model then."
    return "The catalogue says otherwise by now, or more than tokens was paid for."
