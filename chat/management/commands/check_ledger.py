from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.models import Balance, ModelRequest
from chat.models.audit import mismatches


class Command(BaseCommand):
    help = "Check that every balance is the sum of what its requests cost; name what does not add up."

    def handle(self, **_: Any) -> None:
        found = list(mismatches())
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"The ledger does not add up in {len(found)} places.")
        requests, balances = ModelRequest.objects.count(), Balance.objects.count()
        self.stdout.write(f"The ledger adds up: {requests:,} requests, {balances:,} balances.")
