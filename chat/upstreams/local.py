"""The model servers that people run on their own machine, found by asking at their usual ports."""

import asyncio
from collections.abc import Collection

from chat.completions import CompletionError

from .compatible import Compatible
from .upstream import Timeouts

USUAL_PORTS = {11434: "Ollama", 1234: "LM Studio", 8080: "llama.cpp", 8000: "vLLM"}
SECONDS = 0.3


async def find_local_servers(except_ports: Collection[int] = ()) -> dict[str, str]:
    """Those that list their models now, as {base URL: name}. Takes at most 0.3 s."""
    ports = [port for port in USUAL_PORTS if port not in except_ports]
    answers = await asyncio.gather(*(_lists_models(port) for port in ports))
    there = [port for port, answered in zip(ports, answers, strict=True) if answered]
    return {base_url(port): USUAL_PORTS[port] for port in there}


def base_url(port: int) -> str:
    return f"http://127.0.0.1:{port}/v1"


async def _lists_models(port: int) -> bool:
    server = Compatible(base_url(port), timeouts=Timeouts(connect=SECONDS, silence=SECONDS, total=SECONDS))
    try:
        async with asyncio.timeout(SECONDS):
            return await _listens(port) and bool(await server.models())
    except (TimeoutError, CompletionError):
        return False


async def _listens(port: int) -> bool:
    """Whether anything is there at all: asking costs nothing, and an HTTP client a part of the start."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
