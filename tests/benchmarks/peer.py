"""The site beside LiteLLM's proxy: the first word and a relayed chunk, in the same minutes.

    uv run --group dev python -m tests.benchmarks.peer PATH_TO_LITELLM

What a busy machine makes slow, it makes slow for both: the ratio stays. The site looks up a key and keeps a log; the
proxy knows one key and no database. Each relays as many streams as it can read in time, 100 and 10: a chunk is the
cheaper the more come together. The proxy is installed with `pip install "litellm[proxy]"` in an environment
of its own, whose `bin/litellm` this is given.
"""

import asyncio
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.benchmarks.measure import show, timed_upstream
from tests.benchmarks.relay import (
    PER_SECOND,
    SECONDS,
    WARMING,
    Arrived,
    ask,
    caller,
    each_in_the_middle,
    waits_for,
)
from tests.site import free_port, plain_environment

ROUNDS = 8
QUESTIONS_A_ROUND = 25
STREAMS = 100
# More than that at 50 tokens a second each would measure how the proxy falls behind.
STREAMS_OF_THE_PROXY = 10
START_SECONDS = 120
KEY = f"sk-{secrets.token_urlsafe(32)}"


@dataclass(frozen=True)
class Gateway:
    name: str
    url: str
    headers: dict[str, str]
    streams: int
    process: subprocess.Popen[Any]

    async def first_words(self, questions: int) -> list[float]:
        """Milliseconds, of questions one after the other."""
        async with aiohttp.ClientSession(headers=self.headers) as session:
            return await waits_for(session, self.url, questions)

    async def chunk(self) -> float:
        """Microseconds of the processor, while all streams come."""
        arrived, connector = Arrived(), aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(headers=self.headers, connector=connector) as session:
            asked = [ask(session, self.url, arrived) for _ in range(self.streams)]
            seconds, *_ = await asyncio.gather(each_in_the_middle(self.process.pid, arrived), *asked)
        return seconds * 1e6


@contextmanager
def gateways(program: str, tokens: int) -> Iterator[tuple[Gateway, Gateway]]:
    """The site and the proxy, each with an upstream that has so much to say."""
    with caller("compatible", tokens) as (site, headers), proxy(program, tokens) as other:
        url = f"{site.url}/v1/chat/completions"
        yield Gateway("the site", url, headers, STREAMS, site.process), other


@contextmanager
def proxy(program: str, tokens: int) -> Iterator[Gateway]:
    with timed_upstream(tokens, PER_SECOND) as base_url, tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "config.json"
        settings.write_text(json.dumps(settings_for(base_url)))
        port = free_port()
        process = subprocess.Popen(
            [program, "--config", str(settings), "--host", "127.0.0.1", "--port", str(port)],
            env=plain_environment() | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}/v1/chat/completions"
            headers = {"authorization": f"Bearer {KEY}"}
            yield Gateway("LiteLLM", url, headers, STREAMS_OF_THE_PROXY, process)
        finally:
            process.terminate()
            process.wait()


def settings_for(base_url: str) -> dict[str, object]:
    upstream = {"model": "openai/replayed", "api_base": base_url, "api_key": "key"}
    return {
        "model_list": [{"model_name": "replayed", "litellm_params": upstream}],
        "general_settings": {"master_key": KEY},
    }


async def serves(gateway: Gateway) -> None:
    deadline = time.monotonic() + START_SECONDS
    models = gateway.url.removesuffix("/chat/completions") + "/models"
    async with aiohttp.ClientSession(headers=gateway.headers) as session:
        while True:
            try:
                async with session.get(models, raise_for_status=True):
                    return
            except aiohttp.ClientError:
                has_time = gateway.process.poll() is None and time.monotonic() < deadline
                assert has_time, f"{gateway.name} did not start."
                await asyncio.sleep(0.5)


async def compare_first_words(program: str) -> None:
    with gateways(program, 1) as both:
        waits: dict[str, list[float]] = {gateway.name: [] for gateway in both}
        for gateway in both:
            await serves(gateway)
            await gateway.first_words(WARMING)
        for _ in range(ROUNDS):
            for gateway in both:
                waits[gateway.name] += await gateway.first_words(QUESTIONS_A_ROUND)
    for name, took in waits.items():
        show(f"first word through {name}", took, "ms")
    ours, theirs = map(statistics.median, waits.values())
    print(f"  {ours / theirs:.2f} of the other", flush=True)


async def compare_chunks(program: str) -> None:
    with gateways(program, PER_SECOND * SECONDS) as both:
        costs = []
        for gateway in both:
            await serves(gateway)
            costs.append(await gateway.chunk())
            print(
                f"a chunk through {gateway.name}, {gateway.streams} streams at {PER_SECOND} a second: "
                f"{costs[-1]:.0f} µs",
                flush=True,
            )
    print(f"  {costs[0] / costs[1]:.2f} of the other", flush=True)


if __name__ == "__main__":
    assert len(sys.argv) == 2, __doc__
    assert os.access(sys.argv[1], os.X_OK), f"{sys.argv[1]} is no program."
    asyncio.run(compare_first_words(sys.argv[1]))
    asyncio.run(compare_chunks(sys.argv[1]))
