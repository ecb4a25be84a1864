import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.management.database import alone, migrate
from chat.models import Upstream
from chat.models.upstream import Finding
from chat.upstreams import close_clients


class Command(BaseCommand):
    help = "Ask every upstream that is on for its list of models."

    def handle(self, **_: Any) -> None:
        with alone():
            migrate()
        findings = asyncio.run(self._check_all())
        if findings and all(finding.error for finding in findings):
            raise CommandError("None of the upstreams could be asked.")

    async def _check_all(self) -> list[Finding]:
        upstreams = [upstream async for upstream in Upstream.objects.filter(enabled=True)]
        try:
            return await asyncio.gather(*(self._check(upstream) for upstream in upstreams))
        finally:
            await close_clients()

    async def _check(self, upstream: Upstream) -> Finding:
        finding = await upstream.test()
        self.stdout.write(str(finding))
        return finding
