"""What the API adds to a provider: the wait for the first word, and the processor time of each chunk.

    uv run --group dev python -m tests.benchmarks.relay [STREAMS …]

An OpenAI-compatible upstream and one that speaks Claude's API, each asked through `/v1/chat/completions` with a key.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.benchmarks.measure import cpu_seconds, resident_megabytes, show, timed_upstream
from tests.site import Site

PER_SECOND = 50
SECONDS = 15
QUESTIONS = 200
WARMING = 20
# The log of a request is written half a second after it: from then on the next one asks the database again.
PAUSE = 0.8
RARE_QUESTIONS = 25
FAMILIES = ("compatible", "anthropic")


@contextmanager
def caller(family: str, tokens: int) -> Iterator[tuple[Site, dict[str, str]]]:
    """The site with a model of this family, and the headers of a program."""
    with timed_upstream(tokens, PER_SECOND) as base_url, tempfile.TemporaryDirectory() as data:
        address = base_url if family == "compatible" else base_url.removesuffix("/v1")
        named = {f"{family.upper()}_BASE_URL": address, f"{family.upper()}_API_KEY": "key"}
        with Site(Path(data), **named) as site:
            site.wait_for_output("1 model")
            site.manage("create_user", "program")
            key = site.manage("create_key", "program").strip()
            yield site, {"authorization": f"Bearer {key}"}


@dataclass
class Arrived:
    chunks: int = 0


async def ask(session: aiohttp.ClientSession, url: str, arrived: Arrived) -> float:
    """Seconds to the first word. What comes is counted in `arrived`."""
    body = {"model": "replayed", "messages": [{"role": "user", "content": "Go"}], "stream": True}
    began, first = time.perf_counter(), 0.0
    async with session.post(url, json=body) as response:
        assert response.status == 200, await response.text()
        async for piece in response.content.iter_any():
            first = first or time.perf_counter() - began
            arrived.chunks += piece.count(b"data: ")
    return first


async def first_word(family: str) -> None:
    with timed_upstream(1, PER_SECOND) as base_url, caller(family, 1) as (site, headers):
        async with aiohttp.ClientSession(headers=headers) as session:
            direct = await waits_for(session, f"{base_url}/chat/completions")
            await waits_for(session, f"{site.url}/v1/chat/completions", WARMING)
            used = cpu_seconds(site.process.pid)
            waits = await waits_for(session, f"{site.url}/v1/chat/completions")
            used = cpu_seconds(site.process.pid) - used
            rare = await waits_for(session, f"{site.url}/v1/chat/completions", RARE_QUESTIONS, PAUSE)
    show("first word of an upstream that answers at once", direct, "ms")
    show(f"{family}: the same through the site", waits, "ms")
    added = statistics.median(waits) - statistics.median(direct)
    print(
        f"  the site adds {added:.2f} ms; {used / QUESTIONS * 1000:.1f} ms of its process a request",
        flush=True,
    )
    show(f"{family}: the same with {PAUSE} s in between", rare, "ms")


async def waits_for(
    session: aiohttp.ClientSession, url: str, questions: int = QUESTIONS, pause: float = 0
) -> list[float]:
    """Milliseconds to the first word of each."""
    waits = []
    for _ in range(questions):
        await asyncio.sleep(pause)
        waits.append(await ask(session, url, Arrived()) * 1000)
    return waits


async def many(family: str, count: int) -> None:
    arrived = Arrived()
    with caller(family, PER_SECOND * SECONDS) as (site, headers):
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
            url = f"{site.url}/v1/chat/completions"
            used = cpu_seconds(site.process.pid)
            asked = [ask(session, url, arrived) for _ in range(count)]
            in_the_middle, *firsts = await asyncio.gather(
                each_in_the_middle(site.process.pid, arrived), *asked
            )
            used = cpu_seconds(site.process.pid) - used
            memory = resident_megabytes(site.process.pid)
    show(
        f"{family}: first word, {count} streams that begin together",
        [first * 1000 for first in firsts],
        "ms",
    )
    print(
        f"  {arrived.chunks} chunks at {PER_SECOND} a second: {in_the_middle * 1e6:.0f} µs each while they come, "
        f"{used / arrived.chunks * 1e6:.0f} with beginning and end, {memory:.0f} MB",
        flush=True,
    )


async def each_in_the_middle(pid: int, arrived: Arrived) -> float:
    """Seconds of the processor a chunk, when all have begun and none has ended."""
    await asyncio.sleep(SECONDS / 4)
    used, chunks = cpu_seconds(pid), arrived.chunks
    await asyncio.sleep(SECONDS / 2)
    return (cpu_seconds(pid) - used) / (arrived.chunks - chunks)


async def main() -> None:
    for family in FAMILIES:
        await first_word(family)
        for count in map(int, sys.argv[1:] or (1, 100)):
            await many(family, count)


if __name__ == "__main__":
    asyncio.run(main())
