"""What the measurements share: an upstream in a process of its own, readings of a process, and a table."""

import asyncio
import multiprocessing
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from aiohttp import ClientConnectionResetError, web

DELTA = b'data: {"choices":[{"index":0,"delta":{"content":"%d%s"}}]}\n\n'
END = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
# The same in the words of Claude's API.
CLAUDE_BEGIN = (
    b'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant",'
    b'"content":[],"model":"replayed","usage":{"input_tokens":10,"output_tokens":1}}}\n\n'
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,'
    b'"content_block":{"type":"text","text":""}}\n\n'
)
CLAUDE_DELTA = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
    b'"delta":{"type":"text_delta","text":"%d%s"}}\n\n'
)
CLAUDE_END = (
    b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
    b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},'
    b'"usage":{"output_tokens":9}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n'
)
GREETING = "Good morning"
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def show(name: str, values: Sequence[float], unit: str) -> None:
    middle = statistics.median(values)
    spread = f"min {min(values):9.2f} max {max(values):9.2f}"
    print(f"{name:<44} median {middle:9.2f} {unit:<3} {spread}  n={len(values)}", flush=True)


@contextmanager
def timed_upstream(tokens: int, per_second: float, wait: float = 0) -> Iterator[str]:
    """An upstream each of whose tokens is the time of its sending, in microseconds. Yields its base URL.

    It speaks OpenAI's API, and Claude's at the same address without `/v1`.

    The first token comes `wait` seconds after the question. To whoever asks for a greeting it sends one token.
    """
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(there, tokens, per_second, wait), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/v1"
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, tokens: int, per_second: float, wait: float) -> None:
    async def complete(request: web.Request) -> web.StreamResponse:
        is_claude = request.path == "/v1/messages"
        question = (await request.json())["messages"][-1]["content"]
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        if is_claude:
            await response.write(CLAUDE_BEGIN)
        began = time.monotonic() + wait
        with suppress(ClientConnectionResetError):
            for number in range(1 if question == GREETING else tokens):
                await asyncio.sleep(began + number / per_second - time.monotonic())
                end = b". " if number % 12 else b".\\n\\n"
                delta = CLAUDE_DELTA if is_claude else DELTA
                await response.write(delta % (time.time_ns() // 1000, end))
            await response.write(CLAUDE_END if is_claude else END)
        return response

    async def models(_: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "replayed"}]})

    async def run() -> None:
        application: Any = web.Application()
        application.add_routes(
            [
                web.post("/v1/chat/completions", complete),
                web.post("/v1/messages", complete),
                web.get("/v1/models", models),
            ]
        )
        runner = web.AppRunner(application)
        await runner.setup()
        listener = web.TCPSite(runner, "127.0.0.1", 0)
        await listener.start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())
