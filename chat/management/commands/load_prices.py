from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.management.database import alone, migrate
from chat.models import Price, PriceList
from chat.models.price_file import InvalidPrices
from chat.models.price_list import PACKAGED


class Command(BaseCommand):
    help = "Load prices of models from a CSV file, beside those entered in the admin, and say what changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default=PACKAGED, type=Path, help="(the one that comes along)")

    def handle(self, *, file: Path, **_: Any) -> None:
        with alone():
            migrate()
            try:
                changes = PriceList.objects.load(file.read_bytes())
            except OSError as error:
                raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
            except InvalidPrices as error:
                raise CommandError(f"{file}: {error} Nothing was loaded.") from error
        self._tell("New", changes.new)
        self._tell("Changed", changes.changed)
        self._tell("Gone", changes.gone)
        counts = f"{len(changes.new)} new, {len(changes.changed)} changed, {len(changes.gone)} gone"
        self.stdout.write(f"Prices: {counts}.")

    def _tell(self, word: str, prices: Iterable[Price]) -> None:
        for price in prices:
            at = f" at {price.get_family_display()}" if price.family else ""
            self.stdout.write(f"{word}: {price}{at}, {price.in_words}")
