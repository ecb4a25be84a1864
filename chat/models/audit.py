"""Whether the ledger adds up: every balance is what its requests cost, and every charge what its request did."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from .allowance import Balance
from .charge import Charge
from .model_request import ModelRequest
from .money import MoneyField, amount
from .period import Period


def mismatches() -> Iterator[str]:
    """In words, one after the other; none if all is well."""
    yield from _charges()
    for balance in Balance.objects.select_related(
        "allowance__user", "allowance__group", "allowance__key"
    ).iterator():
        yield from _of_balance(balance)


def _charges() -> Iterator[str]:
    settled = Charge.objects.exclude(settled_at=None).select_related("request")
    cost = Coalesce(F("request__cost"), amount(Decimal(0)), output_field=MoneyField())
    for wrong in settled.annotate(cost=cost).exclude(amount=F("cost")).iterator():
        yield f"Request {wrong.request} is charged {wrong.amount}, and cost {wrong.request.cost or 0}."
    running = ModelRequest.Status.RUNNING
    for charge in (
        Charge.objects.filter(settled_at=None).exclude(request__status=running).select_related("request")
    ):
        yield f"Request {charge.request} has ended, and {charge.amount} is still set aside for it."


def _of_balance(balance: Balance) -> Iterator[str]:
    charges = balance.allowance.charges.filter(created_at__gte=balance.starts_at)
    if end := Period(balance.period).end(balance.starts_at):
        charges = charges.filter(created_at__lt=end)
    spent = balance.opening + _sum(charges.exclude(settled_at=None))
    reserved = _sum(charges.filter(settled_at=None))
    name = f"The balance of {balance.allowance}, {balance},"
    if balance.spent != spent:
        yield f"{name} says that {balance.spent} was spent; its requests cost {spent}."
    if balance.reserved != reserved:
        yield f"{name} says that {balance.reserved} is set aside; for its running requests it is {reserved}."


def _sum(charges: QuerySet[Charge]) -> Decimal:
    return charges.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
