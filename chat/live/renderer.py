"""Rendering a long text takes long, and has threads of its own: the event loop has every socket to serve, and the
one thread of the database everybody's turns, stops and checkpoints.

All that a template asks of a message is loaded before, or such a thread would open a connection of its own.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec

P = ParamSpec("P")

THREADS = ThreadPoolExecutor(2, thread_name_prefix="rendering")


async def in_thread(render: Callable[P, str], *arguments: P.args, **_: P.kwargs) -> str:
    return await asyncio.get_running_loop().run_in_executor(THREADS, render, *arguments)


class Leisure:
    """Renders what no reader waits for, one after the other.

    It rests for as long as it worked: answers that end together would otherwise take the interpreter from the
    event loop for seconds.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rendering at leisure")
        self._rests_until = 0.0

    async def render(self, render: Callable[P, str], *arguments: P.args, **_: P.kwargs) -> str:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._render, render, *arguments
        )

    def _render(self, render: Callable[..., str], *arguments: object) -> str:
        time.sleep(max(0.0, self._rests_until - time.monotonic()))
        began = time.monotonic()
        try:
            return render(*arguments)
        finally:
            ended = time.monotonic()
            self._rests_until = ended + (ended - began)


leisure = Leisure()
