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

from tests.benchmarks.measure import (
    GREETING,
    cpu_seconds,
    percentile,
    resident_megabytes,
    show,
    timed_upstream,
)
from tests.grows.visitor import Visitor, visitor
from tests.site import Site

PER_SECOND = 50
SECONDS = 20
TOKEN = re.compile(r"\b1\d{15}\b")


async def lateness(visitor: Visitor, site: Site, together: asyncio.Barrier) -> list[float]:
    """Milliseconds from the upstream's sending of each token to its arrival at the tab."""
    conversation = await visitor.begin(site, GREETING)
    async with visitor.tab(site, conversation) as tab:
        await tab.until('data-status="complete"', 60)
        await together.wait()
        await tab.send(action="ask", text="Go", model="replayed", turn_id=str(uuid.uuid4()))
        await tab.until('data-status="streaming"', 60)
        seen: set[str] = set()
        late: list[float] = []
        while True:
            frame = await tab.socket.receive_str()
            now = time.time() * 1000
            new = set(TOKEN.findall(frame)) - seen
            seen |= new
            late += [now - int(token) / 1000 for token in new]
            if 'data-status="complete"' in frame:
                return late


@contextmanager
def site_of(tokens: int, wait: float = 0) -> Iterator[Site]:
    with (
        timed_upstream(tokens, PER_SECOND, wait) as base_url,
        tempfile.TemporaryDirectory() as data,
        Site(Path(data), COMPATIBLE_BASE_URL=base_url) as site,
    ):
        yield site


async def first_token(wait: float) -> None:
    first = []
    with site_of(1, wait) as site:
        async with visitor(site) as who:
            for _ in range(20):
                first += await lateness(who, site, asyncio.Barrier(1))
                await asyncio.sleep(0.3)
    show(f"first token, {wait * 1000:.0f} ms after the question, to its frame", first, "ms")


async def many_streams(count: int) -> None:
    together = asyncio.Barrier(count)
    with site_of(PER_SECOND * SECONDS) as site:
        async with visitor(site) as who:
            used = cpu_seconds(site.process.pid)
            late = await asyncio.gather(*(lateness(who, site, together) for _ in range(count)))
            used = cpu_seconds(site.process.pid) - used
            memory = resident_megabytes(site.process.pid)
    every = [value for values in late for value in values]
    shares = "  ".join(
        f"p{share * 100:.0f} {percentile(every, share):6.0f} ms" for share in (0.5, 0.95, 0.99)
    )
    print(f"{count} streams at {PER_SECOND} tokens/s: a token arrives after {shares}  n={len(every)}")
    cores, each = used / SECONDS, used / len(every) * 1e6
    print(f"  of the site's process: {cores:.2f} cores, {each:.0f} µs a token, {memory:.0f} MB", flush=True)


async def main() -> None:
    for wait in (0, 0.3):
        await first_token(wait)
    for count in map(int, sys.argv[1:] or (1, 20, 100)):
        await many_streams(count)


if __name__ == "__main__":
    asyncio.run(main())
