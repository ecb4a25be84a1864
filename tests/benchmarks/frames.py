"""How far the page is behind the upstream: one stream, and a hundred at 50 tokens a second, in one process.

    uv run --group dev python -m tests.benchmarks.frames [STREAMS …]

Each token is the time at which the upstream sent it, so how late it is can be read where it arrives.
"""

import asyncio
import re
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from tests.benchmarks.measure import cpu_seconds, percentile, resident_megabytes, show, timed_upstream
from tests.grows.visitor import Visitor, visitor
from tests.site import Site

PER_SECOND = 50
SECONDS = 20
TOKEN = re.compile(r"\b1\d{15}\b")


async def lateness(visitor: Visitor, site: Site, *, first_only: bool = False) -> list[float]:
    """Milliseconds from the upstream's sending of each token to its arrival at the tab."""
    conversation = await visitor.begin(site, "A page to ask on, whose answer is not measured")
    async with visitor.tab(site, conversation) as tab:
        await tab.until('data-status="complete"', 60)
        await tab.send(action="ask", text="Go", model="replayed", turn_id=str(uuid.uuid4()))
        seen: set[str] = set()
        late: list[float] = []
        while True:
            message = await tab.socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise ConnectionError(message)
            now = time.time() * 1000
            if 'data-status="complete"' in message.data:
                return late
            new = set(TOKEN.findall(message.data)) - seen
            seen |= new
            late += [now - int(token) / 1000 for token in new]
            if first_only and late:
                return late[:1]


@contextmanager
def site_of(tokens: int) -> Iterator[Site]:
    with (
        timed_upstream(tokens, PER_SECOND) as base_url,
        tempfile.TemporaryDirectory() as data,
        Site(Path(data), COMPATIBLE_BASE_URL=base_url) as site,
    ):
        yield site


async def one_stream() -> None:
    first = []
    with site_of(5) as site:
        async with visitor(site) as who:
            for _ in range(20):
                first += await lateness(who, site, first_only=True)
                await asyncio.sleep(0.3)
    show("first token to the frame on the socket", first, "ms")


async def many_streams(count: int) -> None:
    with site_of(PER_SECOND * SECONDS) as site:
        async with visitor(site) as who:
            used = cpu_seconds(site.process.pid)
            late = await asyncio.gather(*(follow(who, site) for _ in range(count)))
            used = cpu_seconds(site.process.pid) - used
            memory = resident_megabytes(site.process.pid)
    every = [value for values in late for value in values]
    shares = "  ".join(
        f"p{share * 100:.0f} {percentile(every, share):6.0f} ms" for share in (0.5, 0.95, 0.99)
    )
    print(f"{count} streams at {PER_SECOND} tokens/s: a token arrives after {shares}  n={len(every)}")
    cores, each = used / SECONDS, used / len(every) * 1e6
    print(f"  of the site's process: {cores:.2f} cores, {each:.0f} µs a token, {memory:.0f} MB")


async def follow(who: Visitor, site: Site) -> list[float]:
    """Lateness of the tokens that were sent after the tab was there."""
    late: list[float] = []
    conversation = await who.begin(site, "Go")
    async with who.tab(site, conversation) as tab:
        seen = set(TOKEN.findall(await tab.until('outerHTML.*data-status="streaming"', 60)))
        while True:
            frame = await tab.socket.receive_str()
            now = time.time() * 1000
            if 'data-status="complete"' in frame:
                return late
            new = set(TOKEN.findall(frame)) - seen
            seen |= new
            if "data-status" not in frame:
                late += [now - int(token) / 1000 for token in new]


async def main() -> None:
    await one_stream()
    for count in map(int, sys.argv[1:] or (1, 20, 100)):
        await many_streams(count)


if __name__ == "__main__":
    asyncio.run(main())
