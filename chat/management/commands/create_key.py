import re
from argparse import ArgumentParser
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from chat.management.database import alone, migrate
from chat.models import Allowance, ApiKey, LanguageModel, User
from chat.models.money import MOST, PLACES

UNITS = {"h": "hours", "d": "days", "w": "weeks"}
SPAN = re.compile(r"(\d{1,4})([hdw])")


class Command(BaseCommand):
    help = "Issue an API key, and print it: it is not shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="What it is for.")
        parser.add_argument("--models", default="", help="The ids of those that it may use: a,b (all)")
        parser.add_argument("--budget", default="", help="US dollars that it may spend in all: 5 (no budget)")
        parser.add_argument("--rpm", default="", help="Requests a minute: 60 (no limit of its own)")
        parser.add_argument(
            "--expires", default="", help="How long it is good for: 12h, 30d, 8w (without an end)"
        )

    def handle(
        self, *, username: str, name: str, models: str, budget: str, rpm: str, expires: str, **_: Any
    ) -> None:
        with alone():
            migrate()
        owner = User.objects.filter(username=username).first()
        if owner is None:
            raise CommandError(f"There is no user {username}. `create_user` makes one.")
        allowed = chosen(models)
        key = ApiKey(owner=owner, name=name, expires_at=moment(expires))
        limits: dict[str, Any] = {"total_budget": money(budget), "requests_per_minute": number(rpm)}
        allowance = Allowance(key=key, **limits)
        check(key, "name")
        check(allowance, "requests_per_minute")
        with transaction.atomic():
            secret = key.issue()
            key.allowed_models.set(allowed)
            if budget or rpm:
                allowance.key = key
                allowance.save()
        self.stdout.write(secret)


def chosen(ids: str) -> list[LanguageModel]:
    wanted = [each.strip() for each in ids.split(",") if each.strip()]
    found = LanguageModel.objects.in_bulk(wanted, field_name="model_id")
    if missing := [each for each in wanted if each not in found]:
        raise CommandError(f"There is no model {', '.join(missing)}. `sync_models` fetches the lists.")
    return list(found.values())


def moment(span: str) -> datetime | None:
    if not span:
        return None
    found = SPAN.fullmatch(span)
    if not found or found[1].strip("0") == "":
        raise CommandError(f"{span} is not a time such as 12h, 30d or 8w.")
    return timezone.now() + timedelta(**{UNITS[found[2]]: int(found[1])})


def money(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= MOST or amount != round(amount, PLACES):
        raise CommandError(f"{text} is not an amount of US dollars from 0 to {MOST:,}, such as 5 or 0.50.")
    return amount


def number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise CommandError(f"{text} is not a number of requests a minute, such as 60.")
    return int(text[:20])


def check(thing: ApiKey | Allowance, field: str) -> None:
    """Raises CommandError in the words of the field."""
    others = {each.name for each in thing._meta.fields} - {field}  # noqa: SLF001
    try:
        thing.clean_fields(exclude=others)
    except ValidationError as error:
        raise CommandError(f"{field}: {' '.join(error.messages)}") from error
