"""Rendering a long text takes long, and has threads of its own: the event loop has every socket to serve, and the
one thread of the database everybody's turns, stops and checkpoints.

All that a template asks of a message is loaded before, or such a thread would open a connection of its own.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec

P = ParamSpec("P")

THREADS = ThreadPoolExecutor(2, thread_name_prefix="rendering")


async def in_thread(render: Callable[P, str], *arguments: P.args, **_: P.kwargs) -> str:
    return await asyncio.get_running_loop().run_in_executor(THREADS, render, *arguments)
