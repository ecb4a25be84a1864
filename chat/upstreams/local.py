"""The model servers that people run on their own machine, found by asking at their usual ports."""

import asyncio
from collections.abc import Collection

from chat.completions import CompletionError

from . import connect
from .upstream import Timeouts

USUAL_PORTS = {11434: "Ollama", 1234: "LM Studio", 8080: "llama.cpp", 8000: "vLLM"}
SECONDS = 0.3


async def find_local_servers(except_ports: Collection[int] = ()) -> dict[str, str]:
    """Those that list their models now, as {base URL: name}. Waits at most 0.3 s for each."""
    ports = [port for port in USUAL_PORTS if port not in except_ports]
    answers = await asyncio.gather(*(_lists_models(port) for port in ports))
    there = [port for port, answered in zip(ports, answers, strict=True) if answered]
    return {base_url(port): USUAL_PORTS[port] for port in there}


def base_url(port: int) -> str:
    return f"http://127.0.0.1:{port}/v1"


async def _lists_models(port: int) -> bool:
    timeouts = Timeouts(connect=SECONDS, silence=SECONDS, total=SECONDS)
    try:
        if not await _listens(port):
            return False
        return bool(await connect("compatible", base_url(port), "", timeouts).models())
    except CompletionError:
        return False


async def _listens(port: int) -> bool:
    """Whether anything is there at all: asking costs nothing, and an HTTP client a part of the start."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), SECONDS)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
