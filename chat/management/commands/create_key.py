import re
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from chat.management.database import alone, migrate
from chat.models import ApiKey, LanguageModel, User

UNITS = {"h": "hours", "d": "days", "w": "weeks"}
SPAN = re.compile(r"(\d{1,4})([hdw])")


class Command(BaseCommand):
    help = "Issue an API key, and print it: it is not shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="What it is for.")
        parser.add_argument("--models", default="", help="The ids of those that it may use: a,b (all)")
        parser.add_argument(
            "--expires", default="", help="How long it is good for: 12h, 30d, 8w (without an end)"
        )

    def handle(self, *, username: str, name: str, models: str, expires: str, **_: Any) -> None:
        with alone():
            migrate()
        owner = User.objects.filter(username=username).first()
        if owner is None:
            raise CommandError(f"There is no user {username}. `create_user` makes one.")
        allowed = chosen(models)
        key = ApiKey(owner=owner, name=name, expires_at=moment(expires))
        secret = key.issue()
        key.allowed_models.set(allowed)
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
