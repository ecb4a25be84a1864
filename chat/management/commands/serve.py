import asyncio
import errno
import gc
import sys
from argparse import ArgumentParser
from itertools import chain, repeat
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import resolve

from chat.management.address import public_address
from chat.management.database import alone, migrate
from chat.management.first_administrator import first_administrator
from chat.models import PriceList, Upstream, User
from chat.models.sign_in_link import sign_in_path
from chat.models.upstream import Finding, servers_here

PATIENCE_SECONDS = 1.0
PAUSES = (1, 2, 5, 10, 30, 60)


class Command(BaseCommand):
    help = "Bring the database up to date, make the first administrator, and serve until stopped."
    # The checks load every page and form, which the start does not have to wait for.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 for every interface (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="(8000)")

    def handle(self, *, host: str, port: int, **_: Any) -> None:
        use_uvloop()
        leave_out("OpenSSL", "click")
        collect_garbage_from_now_on()
        with alone():
            migrate()
            Upstream.objects.keep_built_in()
            Upstream.objects.take_over_environment(settings.ENVIRONMENT_UPSTREAMS)
            PriceList.objects.load_packaged()
            newcomer = first_administrator()
        from chat.management.server import SiteServer, loop

        asyncio.set_event_loop(loop)
        loop.run_until_complete(self._prepare(port))
        gc.freeze()
        server = SiteServer(host, port, lambda port: self._welcome(public_address(host, port), newcomer))
        server.run()
        if server.failure:
            raise CommandError(why_not(host, port, server.failure))

    async def _prepare(self, port: int) -> None:
        """Know what there is to ask; what answers slowly is waited for while the site already serves."""
        from chat.live.keeper import keeper

        found = await servers_here(except_ports=[port])
        await sync_to_async(Upstream.objects.take_over_detected)(found)
        await keeper.start()
        upstreams = [upstream async for upstream in Upstream.objects.filter(enabled=True)]
        self._waits: list[asyncio.Task[None]] = []
        self._checks = [asyncio.create_task(self._check(upstream)) for upstream in upstreams]
        await asyncio.wait([*self._checks, asyncio.create_task(asyncio.sleep(0))], timeout=PATIENCE_SECONDS)

    async def _check(self, upstream: Upstream) -> None:
        finding = await upstream.test()
        if not upstream.is_built_in:
            self._say(str(finding))
        if finding.may_pass:
            self._waits.append(asyncio.create_task(self._wait_for(upstream, finding)))

    async def _wait_for(self, upstream: Upstream, told: Finding) -> None:
        """Ask it again and again: it may start beside the site, and take longer."""
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            await asyncio.sleep(pause)
            failing = await Upstream.objects.failing().filter(pk=upstream.pk).afirst()
            if failing is None:
                return
            finding = await failing.test()
            if finding != told:
                self._say(str(finding))
            if not finding.may_pass:
                return
            told = finding

    def _welcome(self, address: str, newcomer: User | None) -> None:
        if newcomer:
            self._say(f"Sign in as {newcomer.username}, once: {address}{sign_in_path(newcomer)}")
        self._say(f"Serving on {address}")
        asyncio.get_event_loop().call_soon(load_pages)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def load_pages() -> None:
    """Which the first visitor would otherwise wait for."""
    resolve("/")


def leave_out(*modules: str) -> None:
    """Have the server do without what it uses only if it is there: TLS, which a proxy in front takes care of,
    and colours in its log. 0.15 s and 7 MB less.
    """
    for module in modules:
        sys.modules[module] = None  # type: ignore[assignment]


def collect_garbage_from_now_on() -> None:
    """Of what is made from now on, by migrations above all; what is loaded stays anyway."""
    gc.freeze()
    gc.enable()


def why_not(host: str, port: int, failure: BaseException) -> str:
    reason = getattr(failure, "socketError", failure)
    if getattr(reason, "errno", None) == errno.EADDRINUSE:
        return f"{host}:{port} is taken. Choose another port with --port."
    return f"The site cannot listen on {host}:{port}: {reason}"


def use_uvloop() -> None:
    """Set the policy that daphne makes its event loop by. There is no uvloop on Windows."""
    try:
        import uvloop
    except ImportError:
        return
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
